import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { ADDRESS_FILE } from "../../../emulator/owner.ts";
import { failure, useServer } from "./support.ts";

const server = useServer({ memoryLimit: "150MB", spillLimit: "10MB" });

const isLinux = process.platform === "linux";
/** Would take days. */
const ENDLESS =
  "select max(a * b - c) from unnest(generate_array(1, 1000000)) a, unnest(generate_array(1, 1000000)) b, unnest(generate_array(1, 1000)) c";

/** Starts a query and does not wait for it. */
async function start(query: string): Promise<string> {
  const { body } = await server().request("POST", "/projects/local/jobs", {
    configuration: { query: { query, useLegacySql: false } },
  });
  return body.jobReference.jobId;
}

async function cancel(job: string): Promise<void> {
  await server().request("POST", `/projects/local/jobs/${job}/cancel`);
}

/** The reason a job failed with, once it has ended; an empty text where it went well. */
async function reasonOf(job: string): Promise<string> {
  for (;;) {
    const { body } = await server().request("GET", `/projects/local/jobs/${job}`);
    if (body.status.state === "DONE") return body.status.errorResult?.reason ?? "";
  }
}

async function residentMB(): Promise<number> {
  const { pid } = JSON.parse(await readFile(join(server().dir, "data", ADDRESS_FILE), "utf8"));
  const status = await readFile(`/proc/${pid}/status`, "utf8");
  return Number(status.match(/VmRSS:\s+(\d+) kB/)?.[1]) / 1024;
}

async function value(query: string): Promise<unknown> {
  const [[row]] = await server().bigquery.query(query);
  return Object.values(row)[0];
}

describe("a job is cancelled", () => {
  test("while it runs: it ends at once, and so do those that wait behind it", async () => {
    const running = [await start(ENDLESS), await start(ENDLESS)];
    const waiting = await start("select 1 as a");
    await cancel(waiting);
    // Both places are taken for days: only one that has left the queue can end.
    expect(await reasonOf(waiting)).toBe("stopped");
    for (const job of running) await cancel(job);
    for (const job of running) expect(await reasonOf(job)).toBe("stopped");
    expect(await value("select 1")).toBe(1);
  });

  test("while it waits for another writer of its table", async () => {
    await server().bigquery.query("create schema w; create table w.t (n int64)");
    const holder = await start(`begin transaction; insert into w.t values (1); ${ENDLESS}; commit`);
    const waiting = await start("insert into w.t values (2)");
    await cancel(waiting);
    expect(await reasonOf(waiting)).toBe("stopped");
    await cancel(holder);
    expect(await reasonOf(holder)).toBe("stopped");
    await server().bigquery.query("insert into w.t values (3)");
    expect(await value("select string_agg(cast(n as string)) from w.t")).toBe("3");
  });

  test.runIf(isLinux)("and what it held in memory is free again", async () => {
    const before = await residentMB();
    // A hash table that grows until it is stopped.
    const job = await start(
      "select count(*) from (select a, b, count(*) as n from unnest(generate_array(1, 1000000)) a, unnest(generate_array(1, 1000)) b group by a, b)",
    );
    while ((await residentMB()) < before + 50) await pause(20);
    await cancel(job);
    expect(await reasonOf(job)).toBe("stopped");
    while ((await residentMB()) > before + 40) await pause(20);
  });
});

describe("a query that needs more than it may take", () => {
  test("fails with BigQuery's reason, and the server goes on", async () => {
    const error = await failure(
      server().bigquery.query(
        "select array_agg(x) as xs from unnest(generate_array(1, 12000000)) as x",
      ),
    );
    expect(error.errors?.[0]?.reason).toBe("resourcesExceeded");
    expect(error.message).toMatch(/^Resources exceeded during query execution: .*--memory/);
    expect(await value("select 1")).toBe(1);
  });

  test("on the disk, too, and leaves nothing there", async () => {
    const { bigquery, dir } = server();
    await bigquery.query("create schema s; create table s.kept as select 1 as n");
    const error = await failure(
      bigquery.query(
        "create or replace table s.kept as select x as n, repeat('x', 500) as s from unnest(generate_array(1, 600000)) as x order by mod(x * 7919, 1000003)",
      ),
    );
    expect(error.errors?.[0]?.reason).toBe("resourcesExceeded");
    expect(await value("select n from s.kept")).toBe(1);
    const spilled = await readdir(join(dir, "data", "tmp")).catch(() => []);
    expect(spilled).toEqual([]);
  });
});

describe("many at once", () => {
  const TABLES = ["a", "b", "c"];
  const TURNS = 6;

  test("writers lose no update and fail with no conflict, and readers see whole statements", async () => {
    const { bigquery } = server();
    await bigquery.query("create schema m");
    for (const table of TABLES)
      await bigquery.query(
        `create table m.${table} as select x as id, 0 as n from unnest(generate_array(1, 1000)) as x`,
      );
    let writing = TABLES.length * 4;
    const write = async (table: string, i: number) => {
      for (let turn = 0; turn < TURNS; turn++)
        await bigquery.query(
          [
            `update m.${table} set n = n + 1 where true`,
            `merge m.${table} t using (select 1) on true when matched then update set n = n + 1`,
            `insert into m.${table} select 1000 + ${i * 100 + turn}, max(n) from m.${table}; update m.${table} set n = n + 1 where true`,
            `begin transaction; update m.${table} set n = n + 1 where id <= 500; update m.${table} set n = n + 1 where id > 500; commit`,
          ][i] ?? "",
        );
      writing--;
    };
    const read = async (table: string) => {
      while (writing > 0) {
        const spread = await value(`select max(n) - min(n) from m.${table} where id <= 1000`);
        expect(spread).toBe(0);
      }
    };
    await Promise.all([
      ...TABLES.flatMap((table) => [0, 1, 2, 3].map((i) => write(table, i))),
      ...TABLES.map(read),
    ]);
    for (const table of TABLES) {
      expect(await value(`select max(n) from m.${table}`)).toBe(4 * TURNS);
      expect(await value(`select count(*) from m.${table}`)).toBe(1000 + TURNS);
    }
  });

  test("a dataset goes when nobody writes into it any more", async () => {
    const { bigquery } = server();
    await bigquery.query("create schema g");
    const outcomes = await Promise.all([
      start("create table g.t as select x from unnest(generate_array(1, 200000)) as x"),
      start("drop schema g cascade"),
    ]).then((jobs) => Promise.all(jobs.map(reasonOf)));
    // Whoever came first; the table's writer may find no dataset, and nothing else goes wrong.
    expect(["", "notFound"]).toContain(outcomes[0]);
    expect(outcomes[1]).toBe("");
    expect(await bigquery.dataset("g").exists()).toEqual([false]);
  });

  test("a reader does not wait for a writer, and sees what was there before", async () => {
    const { bigquery } = server();
    await bigquery.query("create schema r; create table r.t as select 1 as n");
    const writer = await start(
      `begin transaction; update r.t set n = 2 where true; ${ENDLESS}; commit`,
    );
    for (let i = 0; i < 5; i++) expect(await value("select n from r.t")).toBe(1);
    await cancel(writer);
    expect(await reasonOf(writer)).toBe("stopped");
    expect(await value("select n from r.t")).toBe(1);
  });
});
