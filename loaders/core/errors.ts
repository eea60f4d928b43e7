/**
 * Errors of the loaders, named by who must act. Each says what happened (`message`), what to do about it (`remedy`) and
 * why it happened (`cause`). None of them ever holds a secret or a contact value.
 */
interface ErrorOptionsWithRemedy {
  readonly remedy?: string;
  readonly cause?: unknown;
}

export abstract class LoadError extends Error {
  /** One sentence: what the person who reads the report should do. */
  readonly remedy: string;

  constructor(message: string, fallbackRemedy: string, options: ErrorOptionsWithRemedy) {
    super(message, "cause" in options ? { cause: options.cause } : undefined);
    this.name = new.target.name;
    this.remedy = options.remedy ?? fallbackRemedy;
  }
}

/** A credential is missing, expired or lacks a permission: whoever administers the vendor's account must act. */
export class AuthError extends LoadError {
  constructor(message: string, options: ErrorOptionsWithRemedy = {}) {
    super(message, "renew the credential or give it the permission, then run again", options);
  }
}

/** The vendor or the network failed for a while: nobody must act, the next run tries again. */
export class RetryableError extends LoadError {
  /** What the server asked us to wait, in milliseconds, where it said so. */
  readonly retryAfterMs: number | undefined;

  constructor(message: string, options: ErrorOptionsWithRemedy & { retryAfterMs?: number } = {}) {
    super(message, "nothing to do: the next run continues where this one stopped", options);
    this.retryAfterMs = options.retryAfterMs;
  }
}

/** A limit of the vendor is used up for longer than this run can wait: the next run continues. */
export class QuotaError extends LoadError {
  constructor(message: string, options: ErrorOptionsWithRemedy = {}) {
    super(message, "wait until the vendor's limit is renewed; the next run continues", options);
  }
}

/** What was delivered is not what was agreed: whoever makes the data must act. */
export class DataError extends LoadError {
  /** A short code for the ledger and the dead letters, such as `control_total_differs`. */
  readonly reason: string;

  constructor(message: string, options: ErrorOptionsWithRemedy & { reason: string }) {
    super(message, "correct the data at its source and deliver it again", options);
    this.reason = options.reason;
  }
}

/** The command or the configuration is wrong: whoever typed it must act. Shown without a stack. */
export class CliError extends LoadError {
  /** Where the message itself says what is wrong with the command or the configuration. */
  static readonly REMEDY = "correct the command or the configuration";

  constructor(message: string, options: ErrorOptionsWithRemedy = {}) {
    super(message, CliError.REMEDY, options);
  }
}

const CLASSES = [AuthError, RetryableError, QuotaError, DataError, CliError] as const;

/** The class of an error as `ops.load_slices.error_class` names it: one of the above, whatever a source made of it. */
export function errorClass(error: unknown): string {
  return CLASSES.find((known) => error instanceof known)?.name ?? "Error";
}

/** What to do about an error, in one sentence. */
export function remedyOf(error: unknown): string {
  if (error instanceof LoadError) return error.remedy;
  return "this is a defect of the loader or of the warehouse: read the run's log";
}
