import type { z } from "zod";
import type { Stream } from "./define-stream.ts";
import type { Log } from "./log.ts";
import type { Table } from "./tables.ts";

/** What a source needs to reach its data: everything that is not the same in a test and in the night is passed in. */
export interface SourceContext {
  /** The source's name in filo.json. */
  readonly name: string;
  /** Relative paths start here. */
  readonly dir: string;
  /** The retailer's IANA zone. */
  readonly timeZone: string;
  /** A secret by the name of its variable. @throws CliError when it is not set */
  readonly secret: (variable: string) => string;
  readonly fetch: typeof fetch;
  readonly clock: () => number;
  readonly sleep: (ms: number) => Promise<void>;
  readonly random: () => number;
  readonly log: Log;
}

/** One kind of source: a value, not a class. */
export interface Source<Config, Input = unknown> {
  readonly type: string;
  readonly config: z.ZodType<Config, Input>;
  /** An entry of filo.json to begin with: `filo init` writes it. Secrets are names of variables. */
  readonly example: NoInfer<Input>;
  /** All raw tables it can write, whatever the configuration. */
  readonly tables: readonly Table[];
  /** Checks the configuration against files and variables, and says which streams to run. @throws CliError */
  streams(config: Config, context: SourceContext): readonly Stream[];
}

/** Declares a source. */
export function defineSource<Config, Input>(source: Source<Config, Input>): Source<Config, Input> {
  return source;
}
