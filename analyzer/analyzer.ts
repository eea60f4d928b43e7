import { type Catalog, type Column, catalogProto } from "./catalog.ts";
import { GoogleSqlError } from "./errors.ts";
import { installAnalyzer } from "./install.ts";
import { bigQueryLanguage } from "./language.ts";
import { startServer } from "./server.ts";
import { type TypeProto, typeText } from "./types.ts";
import { type Cell, readCell, type Value } from "./values.ts";

/** GoogleSQL's own analyzer and reference implementation. */
export interface Analyzer {
  /**
   * Checks one statement as BigQuery's dry run does.
   * @returns the columns of a query; none for other statements
   * @throws GoogleSqlError
   */
  analyze(sql: string, catalog: Catalog): Promise<Analysis>;
  /**
   * Answers one query that reads no table (`with t as (select …)` brings rows along).
   * @throws GoogleSqlError
   */
  evaluate(sql: string, catalog: Catalog): Promise<Answer>;
  close(): Promise<void>;
}

export interface Analysis {
  /** Kind of the statement, such as `QueryStmt`. */
  readonly statement: string;
  readonly columns: readonly Column[];
}

export interface Answer {
  /** Columns without a name are called `f0_`, `f1_` …, as in BigQuery. */
  readonly columns: readonly Column[];
  /** In the order of the query where it gives one. */
  readonly rows: readonly (readonly Value[])[];
}

interface OutputColumn {
  readonly name: string;
  readonly type: TypeProto;
}

/**
 * Starts the analyzer, and installs its package first where it is not there yet. It ends with this process, however
 * that ends. A statement that kills it is answered with an error, and the next one by a new server.
 * @throws AnalyzerUnavailable when it cannot run here
 */
export async function startAnalyzer(tell: (line: string) => void = toStderr): Promise<Analyzer> {
  const installation = await installAnalyzer(tell);
  const start = async () => {
    const server = await startServer(installation);
    return { server, languageOptions: await bigQueryLanguage(server) };
  };
  let running = start();
  await running;

  async function call(method: string, sql: string, catalog: Catalog, request: object) {
    const current = running;
    const { server, languageOptions } = await current;
    try {
      return await server.call(method, {
        ...request,
        options: {
          languageOptions,
          defaultTimezone: "UTC",
          errorMessageMode: "ERROR_MESSAGE_ONE_LINE",
        },
        simpleCatalog: catalogProto(catalog, sql, languageOptions),
      });
    } catch (error) {
      const gone = error instanceof GoogleSqlError && GONE.has(error.code);
      if (gone && running === current) {
        await server.close();
        running = start();
      }
      throw error;
    }
  }

  return {
    async analyze(sql, catalog) {
      const response = await call("Analyze", sql, catalog, { sqlStatement: sql });
      const { resolvedStatement = {} } = response as { resolvedStatement?: Resolved };
      const [node = ""] = Object.keys(resolvedStatement).filter((key) => key.endsWith("Node"));
      const columns = resolvedStatement[node]?.outputColumnList ?? [];
      return {
        statement: node.replace(/^resolved/, "").replace(/Node$/, ""),
        columns: named(columns.map(({ name, column }) => ({ name, type: column.type }))),
      };
    },
    async evaluate(sql, catalog) {
      const { prepared, content } = (await call("EvaluateQuery", sql, catalog, { sql })) as {
        prepared: { columns?: readonly OutputColumn[] };
        content?: { tableData?: { row?: readonly { cell?: readonly Cell[] }[] } };
      };
      const columns = prepared.columns ?? [];
      const rows = content?.tableData?.row ?? [];
      return {
        columns: named(columns),
        rows: rows.map(({ cell }) => columns.map(({ type }, i) => readCell(cell?.[i] ?? {}, type))),
      };
    },
    close: async () => (await running).server.close(),
  };
}

type Resolved = Readonly<
  Record<
    string,
    { outputColumnList?: readonly { name: string; column: { type: TypeProto } }[] } | undefined
  >
>;

/** How gRPC says that the server is not there any more, or busy for ever. */
const GONE = new Set(["UNAVAILABLE", "DEADLINE_EXCEEDED"]);

const toStderr = (line: string): void => void process.stderr.write(`${line}\n`);

function named(columns: readonly OutputColumn[]): readonly Column[] {
  let nameless = 0;
  return columns.map(({ name, type }) => ({
    name: name === "" || name.startsWith("$") ? `f${nameless++}_` : name,
    type: typeText(type),
  }));
}
