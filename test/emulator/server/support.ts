import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { BigQuery } from "@google-cloud/bigquery";
import { afterAll, beforeAll } from "vitest";
import { type AttachedServer, attachOrStart, type OwnerOptions } from "../../../emulator/owner.ts";

/** Parsed JSON that a test looks into. */
// biome-ignore lint/suspicious/noExplicitAny: the answers have no types of their own here
type Json = any;

/** A server process of its own on a folder of its own, with the real client in front of it. */
export interface TestServer {
  readonly bigquery: BigQuery;
  readonly url: string;
  /** A folder for the test's files. */
  readonly dir: string;
  /** Writes a file and gives its path. */
  file(name: string, content: string | Buffer): Promise<string>;
  /** A plain request, for what the client does not send. */
  request(method: string, path: string, body?: unknown): Promise<{ status: number; body: Json }>;
}

/** Starts one server for the file's tests. */
export function useServer(options: OwnerOptions = {}): () => TestServer {
  let server: AttachedServer | undefined;
  let test: TestServer | undefined;
  beforeAll(async () => {
    const dir = await mkdtemp(join(tmpdir(), "filo-server-"));
    server = await attachOrStart(join(dir, "data"), options);
    test = createTestServer(server, dir);
  });
  afterAll(async () => {
    await server?.close();
    if (test) await rm(test.dir, { recursive: true, force: true });
  });
  return () => {
    if (!test) throw new Error("the server has not started");
    return test;
  };
}

function createTestServer({ url, env }: AttachedServer, dir: string): TestServer {
  Object.assign(process.env, env);
  return {
    bigquery: new BigQuery({ projectId: "local", location: "EU" }),
    url,
    dir,
    async file(name, content) {
      await writeFile(join(dir, name), content);
      return join(dir, name);
    },
    async request(method, path, body) {
      const init = body === undefined ? {} : { body: JSON.stringify(body) };
      const headers = { "content-type": "application/json" };
      const response = await fetch(url + path, { method, headers, ...init });
      const text = await response.text();
      return { status: response.status, body: text === "" ? undefined : JSON.parse(text) };
    },
  };
}

/** The error a promise is rejected with. */
export async function failure(
  promise: Promise<unknown>,
): Promise<Error & { code?: number; errors?: { reason: string }[] }> {
  try {
    await promise;
  } catch (error) {
    if (error instanceof Error) return error;
    throw error;
  }
  throw new Error("it succeeded");
}
