import type { ObjectName } from "../catalog.ts";
import { type CompiledQuery, compileQueryNode, compileRows } from "../compile.ts";
import { parseStatement } from "../syntax/parse.ts";
import { objectName, temporaryName } from "./names.ts";
import type { Source } from "./reader.ts";
import { type Context, current, type Statement } from "./statement.ts";

/** A query as part of another statement: read now, so that syntax errors come first, compiled when it runs. */
export interface Query {
  compile(context: Context): CompiledQuery;
  /** Of a query that is kept, not run: what reads it later may bring the condition that a table's partitions want. */
  describe(context: Context): CompiledQuery;
}

export function parseQuery(source: Source): Query {
  const node = parseStatement(source.text, source.place);
  return {
    compile: ({ env }) => compileQueryNode(node, env),
    describe: ({ env }) => compileRows(node, env),
  };
}

/** SELECT: the rows are kept as the result. */
export function parseSelect(source: Source): Statement {
  const query = parseQuery(source);
  return {
    type: "SELECT",
    source,
    writes: [],
    query,
    async run(context) {
      const { session } = context;
      const compile = () => query.compile(context);
      const describe = (compiled: CompiledQuery) => ({
        columns: compiled.columns,
        referencedTables: referencedTables(compiled, context),
      });
      const compiled = compile();
      if (context.dryRun) return describe(compiled);
      await context.prepare();
      return session.atomic(async () => {
        const { sql, columns, ...others } = await current(compiled, compile, context);
        const result = await session.store(sql, columns);
        return { ...describe({ sql, columns, ...others }), result };
      });
    },
  };
}

/** The permanent tables and views that a query reads, each once. The query itself is taken down. */
export function referencedTables(
  { sql, reads }: CompiledQuery,
  { session, env, reads: taken }: Context,
): readonly ObjectName[] {
  if (reads.length > 0) taken.add(sql);
  const names = reads
    // Names with # are our own: see rows.ts.
    .filter(([first, ...more]) => more.length > 0 || !first?.startsWith("#"))
    .filter((path) => temporaryName(path, session) === undefined)
    .filter((path) => !path.some((part) => part.toUpperCase() === "INFORMATION_SCHEMA"))
    .map((path) => objectName(path, env));
  return [...new Map(names.map((name) => [JSON.stringify(name), name])).values()];
}
