/** The analyzer cannot run here: no executable for this platform, or the package cannot be had. The message says which. */
export class AnalyzerUnavailable extends Error {
  override readonly name = "AnalyzerUnavailable";
}

/** Line and column, both counted from 1; columns count characters. */
export interface Place {
  readonly line: number;
  readonly column: number;
}

/**
 * What GoogleSQL says of a statement. `INVALID_ARGUMENT`: it is not valid. `OUT_OF_RANGE`: it fails when it is evaluated.
 * `UNIMPLEMENTED`: the reference implementation lacks it. Other codes of gRPC tell of the server itself.
 */
export class GoogleSqlError extends Error {
  override readonly name = "GoogleSqlError";
  readonly code: string;
  /** Where in the statement; undefined for errors of evaluation. */
  readonly place: Place | undefined;

  constructor(code: string, details: string) {
    // Below its first line, what is not implemented is a resolved tree.
    const [message = ""] = details.split("\n");
    const at = / ?\[at (\d+):(\d+)\]$/.exec(message);
    const said = at ? message.slice(0, at.index) : message;
    super(said.replace(/\b(?:EXTERNAL_FUNCTION|TEMPLATED_SQL_FUNCTION):/g, ""));
    this.code = message.includes("has no evaluator") ? "UNIMPLEMENTED" : code;
    this.place = at ? { line: Number(at[1]), column: Number(at[2]) } : undefined;
  }
}
