import { type Analysis, namedColumns, readAnalysis, type TypedName } from "./analysis.ts";
import { type Catalog, type Column, catalogProto } from "./catalog.ts";
import { GoogleSqlError } from "./errors.ts";
import { installAnalyzer } from "./install.ts";
import { LACKING_FUNCTIONS } from "./lacking.ts";
import { bigQueryLanguage, SYSTEM_VARIABLES } from "./language.ts";
import { startServer } from "./server.ts";
import { type Cell, readCell, type Value } from "./values.ts";

/** GoogleSQL's own analyzer and reference implementation. */
export interface Analyzer {
  /**
   * Checks one statement as BigQuery's dry run does.
   * @throws GoogleSqlError
   */
  analyze(sql: string, catalog: Catalog): Promise<Analysis>;
  /**
   * Answers one query that reads no table (`with t as (select …)` brings rows along).
   * @throws GoogleSqlError
   */
  evaluate(sql: string, catalog: Catalog): Promise<Answer>;
  /**
   * The syntax tree of a script (zetasql.ASTScriptProto); its places count bytes.
   * @throws GoogleSqlError
   */
  parseScript(sql: string): Promise<unknown>;
  close(): Promise<void>;
}

export interface Answer {
  /** Columns without a name are called `f0_`, `f1_` …, as in BigQuery. */
  readonly columns: readonly Column[];
  /** In the order of the query where it gives one. */
  readonly rows: readonly (readonly Value[])[];
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

  async function call(method: string, request: (language: object) => object): Promise<unknown> {
    const current = running;
    const { server, languageOptions } = await current;
    try {
      return await server.call(method, request(languageOptions));
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
      const response = await call("Analyze", (language) => ({
        sqlStatement: sql,
        options: { ...analyzerOptions(language), systemVariables: SYSTEM_VARIABLES },
        simpleCatalog: catalogProto(catalog, sql, language, LACKING_FUNCTIONS),
      }));
      return readAnalysis((response as { resolvedStatement: object }).resolvedStatement);
    },
    async evaluate(sql, catalog) {
      const { prepared, content } = (await call("EvaluateQuery", (language) => ({
        sql,
        options: analyzerOptions(language),
        simpleCatalog: catalogProto(catalog, sql, language),
      }))) as {
        prepared: { columns?: readonly TypedName[] };
        content?: { tableData?: { row?: readonly { cell?: readonly Cell[] }[] } };
      };
      const columns = prepared.columns ?? [];
      const rows = content?.tableData?.row ?? [];
      return {
        columns: namedColumns(columns),
        rows: rows.map(({ cell }) => columns.map(({ type }, i) => readCell(cell?.[i] ?? {}, type))),
      };
    },
    async parseScript(sql) {
      const response = await call("Parse", (options) => ({
        sqlStatement: sql,
        allowScript: true,
        options,
      }));
      return (response as { parsedScript: unknown }).parsedScript;
    },
    close: async () => (await running).server.close(),
  };
}

/** The server's own zone would be that of Los Angeles. */
const analyzerOptions = (languageOptions: object) => ({
  languageOptions,
  defaultTimezone: "UTC",
  errorMessageMode: "ERROR_MESSAGE_ONE_LINE",
});

/** How gRPC says that the server is not there any more, or busy for ever. */
const GONE = new Set(["UNAVAILABLE", "DEADLINE_EXCEEDED"]);

const toStderr = (line: string): void => void process.stderr.write(`${line}\n`);
