import { startAnalyzer } from "../../../analyzer/analyzer.ts";
import { EMPTY_CATALOG } from "../../../analyzer/catalog.ts";
import { GoogleSqlError } from "../../../analyzer/errors.ts";
import type { Answer } from "./answer.ts";

/** GoogleSQL's reference implementation. */
export async function startReference() {
  const analyzer = await startAnalyzer();
  return {
    async evaluate(sql: string): Promise<Answer> {
      try {
        const { columns, rows } = await analyzer.evaluate(sql, EMPTY_CATALOG);
        return { kind: "rows", types: columns.map(({ type }) => type), rows };
      } catch (error) {
        return failure(error);
      }
    },
    close: () => analyzer.close(),
  };
}

/** How it says besides UNIMPLEMENTED that it does not evaluate something. */
const LACKING = /Unsupported argument type for/;

function failure(error: unknown): Answer {
  if (!(error instanceof GoogleSqlError)) throw error;
  const { code, message } = error;
  if (LACKING.test(message)) return { kind: "unknown", message };
  if (code === "INVALID_ARGUMENT" || code === "OUT_OF_RANGE") return { kind: "error", message };
  return { kind: "unknown", message: `${code} ${message}` };
}
