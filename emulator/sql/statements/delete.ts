import { compileQueryNode } from "../compile.ts";
import { applyDml } from "./dml.ts";
import { lockTarget } from "./names.ts";
import { referencedTables } from "./query.ts";
import { reader, type Source } from "./reader.ts";
import {
  aliased,
  changesSql,
  columnNode,
  deleteSql,
  rowQuery,
  TARGET,
  TARGET_ROW,
  targetRows,
  withTables,
} from "./rows.ts";
import type { Statement } from "./statement.ts";
import { readAlias, readWhere } from "./update.ts";

/** DELETE [FROM] t WHERE …. */
export function parseDelete(source: Source): Statement {
  const input = reader(source);
  input.expect("DELETE");
  input.accept("FROM");
  const path = input.path();
  const alias = readAlias(input) ?? path.at(-1) ?? "";
  const where = readWhere(input, "DELETE");
  return {
    type: "DELETE",
    source,
    writes: [path],
    async run(context) {
      const target = await lockTarget(path, context);
      const env = withTables(context.env, { [TARGET]: targetRows(target) });
      return applyDml(target, context, () => {
        const query = compileQueryNode(
          rowQuery([columnNode(TARGET_ROW)], aliased(TARGET, alias), where),
          env,
        );
        return {
          referencedTables: referencedTables(query, context),
          async apply() {
            const sql = deleteSql(target, `(${changesSql(query, [])})`);
            const { rowsChanged } = await context.session.run(sql);
            return { inserted: 0, updated: 0, deleted: rowsChanged };
          },
        };
      });
    },
  };
}

/** TRUNCATE TABLE t. */
export function parseTruncate(source: Source): Statement {
  const input = reader(source);
  input.expect("TRUNCATE", "TABLE");
  const path = input.path();
  if (input.peek()) input.fail("end of statement");
  return {
    type: "TRUNCATE_TABLE",
    source,
    writes: [path],
    async run(context) {
      const target = await lockTarget(path, context);
      return applyDml(target, context, () => ({
        referencedTables: [],
        async apply() {
          const { rowsChanged } = await context.session.run(`DELETE FROM ${target.sql}`);
          return { inserted: 0, updated: 0, deleted: rowsChanged };
        },
      }));
    },
  };
}
