import type { Stream } from "./define-stream.ts";
import { remedyOf } from "./errors.ts";
import { discoverFiles } from "./files.ts";

/** What is wrong with a stream, or what was found, before anything is loaded. */
export type StreamCheck =
  | { readonly stream: string; readonly found: string }
  | { readonly stream: string; readonly problem: string; readonly remedy: string };

const ANSWER_MS = 60_000;

/** Looks at what a stream would read: its files, or its account with the credential it would use. Loads nothing. */
export async function checkStream(
  stream: Stream,
  sleep: (ms: number) => Promise<void>,
): Promise<StreamCheck> {
  try {
    return { stream: stream.name, ...(await look(stream, sleep)) };
  } catch (error) {
    const problem = error instanceof Error ? error.message : String(error);
    return { stream: stream.name, problem, remedy: remedyOf(error) };
  }
}

async function look(stream: Stream, sleep: (ms: number) => Promise<void>) {
  if (stream.kind === "api") {
    const http = stream.http(ANSWER_MS);
    const account = await stream.account(http);
    const found = `account ${account.id} answers, time zone ${account.timeZone}`;
    const quota = http.quota();
    return { found: quota === undefined ? found : `${found}; ${quota}` };
  }
  const { files } = await discoverFiles(stream.files, () => true, sleep);
  if (files.length > 0) return { found: `${files.length} files in ${stream.files.folder}` };
  return {
    problem: `no file in ${stream.files.folder} matches ${stream.files.patterns.join(", ")}`,
    remedy: "deliver the files, or correct `path` in filo.json or `files` in the mapping",
  };
}
