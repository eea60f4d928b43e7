import { invalidQuery } from "../../errors.ts";
import type { Node } from "../syntax/node.ts";
import { parseExpression } from "../syntax/parse.ts";
import type { WrittenAssignment } from "./assignments.ts";
import { applyDml } from "./dml.ts";
import { readNames, readRow, type Value } from "./insert.ts";
import { applyMerge, planMerge } from "./merge-plan.ts";
import { lockTarget } from "./names.ts";
import { parseQuery, type Query, referencedTables } from "./query.ts";
import { keyword, type Path, type Reader, reader, type Source } from "./reader.ts";
import type { Statement } from "./statement.ts";
import { readAlias, readAssignments } from "./update.ts";

export interface Merge {
  readonly path: Path;
  readonly alias: string;
  readonly source: Query;
  readonly sourceAlias: string;
  readonly on: Node;
  readonly clauses: readonly Clause[];
}

/** WHEN …: of the rows that its kind is about, those that meet the condition and no earlier clause took. */
export interface Clause {
  readonly rows: "matched" | "not_matched_by_target" | "not_matched_by_source";
  readonly condition?: Node;
  readonly action: Action;
}

export type Action =
  | { readonly kind: "delete" }
  | { readonly kind: "update"; readonly set: readonly WrittenAssignment[] }
  /** Without values: INSERT ROW, the source's columns in order. */
  | {
      readonly kind: "insert";
      readonly columns: readonly string[] | undefined;
      readonly values?: readonly Value[];
    };

/** MERGE [INTO] t USING s ON … WHEN …. */
export function parseMerge(source: Source): Statement {
  const merge = readMerge(reader(source));
  return {
    type: "MERGE",
    source,
    writes: [merge.path],
    async run(context) {
      const target = await lockTarget(merge.path, context);
      return applyDml(target, context, () => {
        const from = merge.source.compile(context);
        const plan = planMerge(merge, target, from, context.env);
        return {
          referencedTables: referencedTables(from, context),
          apply: () => applyMerge(plan, context.session),
        };
      });
    },
  };
}

function readMerge(input: Reader): Merge {
  input.expect("MERGE");
  input.accept("INTO");
  const path = input.path();
  const alias = readAlias(input) ?? path.at(-1) ?? "";
  input.expect("USING");
  const source = readSource(input);
  input.expect("ON");
  const on = readCondition(input, "WHEN");
  const clauses: Clause[] = [];
  while (input.peek()) clauses.push(readClause(input));
  if (clauses.length === 0) input.fail("keyword WHEN");
  return { path, alias, ...source, on, clauses };
}

function readSource(input: Reader): Pick<Merge, "source" | "sourceAlias"> {
  if (input.at("(")) {
    const source = parseQuery(input.parenthesised());
    return { source, sourceAlias: readAlias(input) ?? "#source" };
  }
  const start = input.position();
  const path = input.path();
  const { text, place } = input.since(start);
  const source = parseQuery({
    text: `SELECT * FROM\n${" ".repeat(place.column - 1)}${text}`,
    place: { line: place.line - 1, column: 1 },
  });
  return { source, sourceAlias: readAlias(input) ?? path.at(-1) ?? "" };
}

function readCondition(input: Reader, end: string): Node {
  const { text, place } = input.until("an expression", (token) => keyword(token) === end);
  return parseExpression(text, place);
}

function readClause(input: Reader): Clause {
  input.expect("WHEN");
  const rows = readRows(input);
  const condition = input.accept("AND") ? readCondition(input, "THEN") : undefined;
  input.expect("THEN");
  const place = input.peek()?.place;
  const action = readAction(input);
  if ((action.kind === "insert") !== (rows === "not_matched_by_target")) {
    throw invalidQuery(
      `${action.kind.toUpperCase()} is not allowed in WHEN ${rows.toUpperCase().replaceAll("_", " ")}`,
      place,
    );
  }
  return { rows, action, ...(condition ? { condition } : {}) };
}

function readRows(input: Reader): Clause["rows"] {
  if (input.accept("MATCHED")) return "matched";
  input.expect("NOT", "MATCHED");
  if (input.accept("BY", "SOURCE")) return "not_matched_by_source";
  input.accept("BY", "TARGET");
  return "not_matched_by_target";
}

function readAction(input: Reader): Action {
  if (input.accept("DELETE")) return { kind: "delete" };
  if (input.accept("UPDATE", "SET"))
    return { kind: "update", set: readAssignments(input, ["WHEN"]) };
  input.expect("INSERT");
  const columns = input.at("(") ? readNames(input) : undefined;
  if (input.accept("ROW")) return { kind: "insert", columns };
  input.expect("VALUES");
  return { kind: "insert", columns, values: readRow(input) };
}
