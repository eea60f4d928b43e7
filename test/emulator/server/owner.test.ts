import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { pathToFileURL } from "node:url";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { ADDRESS_FILE, attachOrStart } from "../../../emulator/owner.ts";

let dir = "";
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), "filo-owner-"));
});
afterEach(() => rm(dir, { recursive: true, force: true }));

/** A process that attaches to the folder or starts its server, prints what it got, and stays until it is killed. */
async function starter(
  folder = dir,
): Promise<{ process: ChildProcess; url: string; started: boolean }> {
  const owner = new URL("../../../emulator/owner.ts", import.meta.url).href;
  const code = `import(${JSON.stringify(owner)})
    .then(({ attachOrStart }) => attachOrStart(${JSON.stringify(folder)}))
    .then(({ url, started }) => { console.log(JSON.stringify({ url, started })); setInterval(() => {}, 1e6); })`;
  const loader = pathToFileURL(createRequire(import.meta.url).resolve("tsx")).href;
  // Another working directory: the server must not depend on where its starter stands.
  const child = spawn(process.execPath, ["--import", loader, "-e", code], {
    cwd: tmpdir(),
    stdio: ["ignore", "pipe", "inherit"],
  });
  const [line] = await once(child.stdout, "data");
  return { process: child, ...JSON.parse(String(line)) };
}

const address = async () => JSON.parse(await readFile(join(dir, ADDRESS_FILE), "utf8"));

/** Waits until no process has the id; it is no child of ours, so nobody tells. */
async function gone(pid: number): Promise<void> {
  for (;;) {
    try {
      process.kill(pid, 0);
    } catch {
      return;
    }
    await pause(20);
  }
}

async function query(
  url: string,
  text: string,
): Promise<{ rows?: { f: { v: string }[] }[]; error?: unknown }> {
  const answer = await fetch(`${url}/projects/local/queries`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ query: text, useLegacySql: false, timeoutMs: 100_000 }),
  });
  return (await answer.json()) as { rows?: { f: { v: string }[] }[] };
}

describe("one folder, one owner", () => {
  test("of several that ask at once, one starts the server and the others attach to it", async () => {
    const all = await Promise.all([attachOrStart(dir), attachOrStart(dir), attachOrStart(dir)]);
    expect(all.filter((server) => server.started)).toHaveLength(1);
    expect(new Set(all.map((server) => server.url)).size).toBe(1);
    for (const server of all.filter((s) => !s.started)) await server.close();
    expect((await query(all[0].url, "select 1 as a")).rows).toEqual([{ f: [{ v: "1" }] }]);
    await all.find((server) => server.started)?.close();
    await expect(address()).rejects.toThrow();
  });

  test("what was written is there for the next server", async () => {
    const first = await attachOrStart(dir);
    await query(first.url, "create schema s");
    await query(first.url, "create table s.t partition by d as select date '2026-01-01' as d");
    await first.close();
    const second = await attachOrStart(dir);
    expect(second.started).toBe(true);
    expect((await query(second.url, "select d from s.t")).rows).toEqual([
      { f: [{ v: "2026-01-01" }] },
    ]);
    await second.close();
  });

  test("an address that a killed server left, or that somebody else answers, is not believed", async () => {
    await writeFile(
      join(dir, ADDRESS_FILE),
      JSON.stringify({ pid: 1, url: "http://127.0.0.1:9", token: "old" }),
    );
    const server = await attachOrStart(dir);
    expect(server.started).toBe(true);
    const real = await address();
    await writeFile(join(dir, ADDRESS_FILE), JSON.stringify({ ...real, token: "wrong" }));
    await expect(attachOrStart(dir, { timeoutMs: 1500 })).rejects.toThrow(
      "in use by a server that does not answer",
    );
    await server.close();
  });

  test("the server ends when the process that started it is killed", async () => {
    const { process: child, url, started } = await starter();
    expect(started).toBe(true);
    const { pid } = await address();
    expect((await attachOrStart(dir)).url).toBe(url);
    child.kill("SIGKILL");
    await gone(pid);
    await expect(address()).rejects.toThrow();
  });

  test("the server ends with its starter even while it is inside a JavaScript function", async () => {
    const { process: child, url } = await starter();
    const { pid } = await address();
    const busy = query(
      url,
      "create temp function f() returns int64 language js as 'for (;;);'; select f()",
    ).catch(() => undefined);
    // It has begun once a query that came after it has been answered.
    await query(url, "select 1");
    child.kill("SIGKILL");
    await gone(pid);
    await busy;
    await expect(address()).rejects.toThrow();
    const next = await attachOrStart(dir);
    expect(next.started).toBe(true);
    await next.close();
  }, 30_000);

  test("a server that is killed leaves every statement whole or absent", async () => {
    const { process: child, url } = await starter();
    await query(
      url,
      "create schema s; create table s.kept as select 1 as a; create table s.big (n int64)",
    );
    const insert = query(
      url,
      "insert into s.big select x from unnest(generate_array(1, 3000000)) as x",
    ).catch(() => undefined);
    const replace = query(
      url,
      "create or replace table s.kept as select x as a from unnest(generate_array(1, 3000000)) as x",
    ).catch(() => undefined);
    // Both are at work once a query behind them in the same pool has been answered.
    await query(url, "select 1");
    process.kill((await address()).pid, "SIGKILL");
    await Promise.all([insert, replace]);
    child.kill("SIGKILL");
    const server = await attachOrStart(dir);
    expect(server.started).toBe(true);
    const count = async (table: string) =>
      Number((await query(server.url, `select count(*) from s.${table}`)).rows?.[0]?.f[0]?.v);
    expect([0, 3_000_000]).toContain(await count("big"));
    expect([1, 3_000_000]).toContain(await count("kept"));
    await server.close();
  });
});
