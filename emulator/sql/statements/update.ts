import { invalidQuery } from "../../errors.ts";
import type { Session } from "../../warehouse/session.ts";
import { compileQueryNode } from "../compile.ts";
import type { Node } from "../syntax/node.ts";
import { parseExpression } from "../syntax/parse.ts";
import { assignedValues, resolveAssignments, type WrittenAssignment } from "./assignments.ts";
import { applyDml, type Changes } from "./dml.ts";
import { readValue } from "./insert.ts";
import { lockTarget, type Target } from "./names.ts";
import { referencedTables } from "./query.ts";
import { keyword, type Path, type Reader, reader, type Source } from "./reader.ts";
import {
  aliased,
  changesSql,
  columnNode,
  MATCHED_TWICE,
  rowQuery,
  TARGET,
  TARGET_ROW,
  targetRows,
  updateSql,
  withTables,
} from "./rows.ts";
import type { Context, Outcome, Statement } from "./statement.ts";

interface Update {
  readonly path: Path;
  readonly alias: string;
  readonly set: readonly WrittenAssignment[];
  readonly from: Source | undefined;
  readonly where: Node;
}

const CHANGES = 'temp.main."_update"';

/** UPDATE t SET a = … [FROM …] WHERE …. */
export function parseUpdate(source: Source): Statement {
  const update = readUpdate(reader(source));
  return {
    type: "UPDATE",
    source,
    writes: [update.path],
    run: (context) => runUpdate(update, context),
  };
}

async function runUpdate(update: Update, context: Context): Promise<Outcome> {
  const target = await lockTarget(update.path, context);
  return applyDml(target, context, () => compileUpdate(update, target, context));
}

function compileUpdate(update: Update, target: Target, context: Context): Changes {
  const { session } = context;
  const assignments = resolveAssignments(update.set, target, update.alias);
  const env = withTables(context.env, { [TARGET]: targetRows(target) });
  const values = assignedValues(assignments, env, 1, update.alias);
  const items = [columnNode(TARGET_ROW), ...values.items];
  const from = aliased(TARGET, update.alias);
  const query = compileQueryNode(rowQuery(items, from, update.where, update.from), env);
  const changes = changesSql(query, values.sql(query));
  return {
    referencedTables: referencedTables(query, context),
    async apply() {
      await session.run(`CREATE OR REPLACE TEMP TABLE ${CHANGES} AS ${changes}`);
      if (update.from) await assertOnce(session);
      const columns = assignments.map(({ column }) => column);
      const { rowsChanged } = await session.run(updateSql(target, columns, CHANGES));
      await session.run(`DROP TABLE ${CHANGES}`);
      return { inserted: 0, updated: rowsChanged, deleted: 0 };
    },
  };
}

async function assertOnce(session: Session): Promise<void> {
  const twice = `SELECT 1 FROM ${CHANGES} GROUP BY row HAVING count(*) > 1 LIMIT 1`;
  if ((await session.rows(twice)).length > 0) throw invalidQuery(MATCHED_TWICE);
}

function readUpdate(input: Reader): Update {
  input.expect("UPDATE");
  const path = input.path();
  const alias = readAlias(input) ?? path.at(-1) ?? "";
  input.expect("SET");
  const set = readAssignments(input, ["FROM", "WHERE"]);
  const from = input.accept("FROM")
    ? input.until("a table", (token) => keyword(token) === "WHERE")
    : undefined;
  return { path, alias, set, from, where: readWhere(input, "UPDATE") };
}

/** Reads `[AS] alias`, if there is one. */
export function readAlias(input: Reader): string | undefined {
  if (input.accept("AS")) return input.name();
  const token = input.peek();
  const isAlias =
    token?.kind === "quoted" ||
    (token?.kind === "word" && !["SET", "WHERE", "USING", "ON"].includes(keyword(token)));
  return isAlias ? input.name() : undefined;
}

/** Reads `a = 1, b = DEFAULT`, up to one of the keywords. */
export function readAssignments(
  input: Reader,
  ends: readonly string[],
): readonly WrittenAssignment[] {
  const set: WrittenAssignment[] = [];
  do {
    const path = input.path();
    input.expect("=");
    set.push({ path, value: readValue(input, [",", ...ends]) });
  } while (input.accept(","));
  return set;
}

/** Reads `WHERE …` to the end. BigQuery wants it, so that no statement changes a whole table by mistake. */
export function readWhere(input: Reader, statement: string): Node {
  if (!input.peek()) throw invalidQuery(`${statement} must have a WHERE clause`);
  input.expect("WHERE");
  const { text, place } = input.rest("an expression");
  return parseExpression(text, place);
}
