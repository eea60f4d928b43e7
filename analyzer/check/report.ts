/** What is wrong, and where in the project. */
export interface Finding {
  /** From the project's folder. */
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly message: string;
  readonly remedy?: string;
}

/** What could not be checked, and why. */
export interface Skip {
  /** A construct, or what else is in the way. */
  readonly reason: string;
  readonly subject: string;
}

export interface Report {
  readonly findings: readonly Finding[];
  readonly skipped: readonly Skip[];
}
