import type { BigQueryError } from "../errors.ts";
import type { RunResult } from "../script/run.ts";
import type { ObjectName } from "../sql/catalog.ts";
import type { Bytes } from "../warehouse/bytes.ts";
import type { LoadOutcome } from "../warehouse/load.ts";
import type { JobConfiguration } from "./configuration.ts";

/** What a finished job answers. */
export type Outcome =
  | {
      readonly kind: "query";
      readonly run: RunResult;
      readonly bytes: Bytes;
      readonly sessionId?: string;
    }
  | { readonly kind: "load"; readonly load: LoadOutcome }
  | { readonly kind: "copy"; readonly destination: ObjectName };

export interface Job {
  readonly id: string;
  /** What the client calls its request: repeated after a lost answer, it must not do the work again. */
  readonly requestId?: string;
  readonly project: string;
  readonly location: string;
  readonly configuration: JobConfiguration;
  /** Milliseconds since 1970. */
  readonly createdAt: number;
  readonly endedAt?: number;
  readonly state: "RUNNING" | "DONE";
  /** Set when the job is done and did not fail. */
  readonly outcome?: Outcome;
  readonly error?: BigQueryError;
  /** Resolves when the job is done, failed or not. */
  readonly done: Promise<void>;
  /** @param why the message of the error that it ends with; by default, that a user asked for it */
  cancel(why?: string): void;
}

/** Waits until the job is done, but no longer than `ms`. */
export async function waitFor(job: Job, ms: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, ms);
  });
  await Promise.race([job.done, timeout]);
  clearTimeout(timer);
}
