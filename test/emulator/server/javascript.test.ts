import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { BigQuery, type Job } from "@google-cloud/bigquery";
import { afterAll, beforeAll, expect, test } from "vitest";
import { serveEnv } from "../../../emulator/owner.ts";
import { runScript } from "../../../emulator/script/run.ts";
import { type Server, startServer } from "../../../emulator/server.ts";
import type { WorkerLimits } from "../../../emulator/udf/workers.ts";
import { failure } from "./support.ts";

/** A server whose functions may run for minutes but with little memory, and one where a call has little time. */
let patient: Server;
let strict: Server;
let dir = "";

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), "filo-javascript-"));
  const server = (name: string, javascript: Partial<WorkerLimits>) =>
    startServer({ dataDir: join(dir, name), runScript, javascript });
  patient = await server("patient", { heapMb: 64 });
  strict = await server("strict", { callMs: 200 });
});
afterAll(async () => {
  await patient.close();
  await strict.close();
  await rm(dir, { recursive: true, force: true });
});

function client({ url }: Server): BigQuery {
  Object.assign(process.env, serveEnv(url));
  return new BigQuery({ projectId: "local", location: "EU" });
}
const endless = (condition: string) =>
  `create temp function f(x float64) returns float64 language js as 'while (${condition}); return x * 2';`;

async function started(bigquery: BigQuery, query: string): Promise<Job> {
  const [job] = await bigquery.createQueryJob({ query });
  return job;
}

test("others are answered while a function never ends, and its job can be cancelled", async () => {
  const bigquery = client(patient);
  const job = await started(bigquery, `${endless("true")} select f(1)`);
  for (let i = 0; i < 5; i++) {
    const [rows] = await bigquery.query(`select ${i} as i`);
    expect(rows).toEqual([{ i }]);
  }
  const [other] = await bigquery.query(`${endless("false")} select f(21) as a`);
  expect(other).toEqual([{ a: 42 }]);
  await job.cancel();
  const error = await failure(job.getQueryResults());
  expect(error.errors?.[0]?.reason ?? error.message).toMatch(/stopped/);
});

test("however many functions never end, queries without one are answered", async () => {
  const bigquery = client(patient);
  const query = `${endless("true")} select f(1)`;
  const jobs = await Promise.all(Array.from({ length: 6 }, () => started(bigquery, query)));
  const [rows] = await bigquery.query("select 1 as one");
  expect(rows).toEqual([{ one: 1 }]);
  await bigquery.query("create schema busy; create table busy.t as select 1 as a");
  for (const job of jobs) await job.cancel();
  for (const job of jobs) await failure(job.getQueryResults());
  const [again] = await bigquery.query(`${endless("false")} select f(21) as a`);
  expect(again).toEqual([{ a: 42 }]);
});

test("a function that never ends leaves nothing behind when it is cancelled", async () => {
  const bigquery = client(patient);
  await bigquery.query("create schema s; create table s.t as select 0.5 as x");
  const insert = `${endless("x === 3")} insert into s.t select f(y) from unnest([1.0, 2.0, 3.0]) as y`;
  const script = `${insert}; insert into s.t select 7`;
  const jobs = [await started(bigquery, insert), await started(bigquery, script)];
  await bigquery.query("select 1");
  for (const job of jobs) await job.cancel();
  for (const job of jobs) await failure(job.getQueryResults());
  const [rows] = await bigquery.query("select x from s.t");
  expect(rows).toEqual([{ x: 0.5 }]);
});

test("a call that takes too long fails in BigQuery's words", async () => {
  const bigquery = client(strict);
  const query = `${endless("x === 3")} select f(y) from unnest([1.0, 3.0]) as y`;
  const error = await failure(bigquery.query(query));
  expect(error.message).toContain("UDF worker timed out during execution");
  expect(error.errors?.[0]?.reason).toBe("resourcesExceeded");
});

test("a function that takes too much memory fails in BigQuery's words, and the server goes on", async () => {
  const bigquery = client(patient);
  const greedy = `create temp function g() returns string language js as
    'const all = []; for (;;) all.push(new Array(100000).fill(1.5))'; select g()`;
  const error = await failure(bigquery.query(greedy));
  expect(error.message).toContain("UDF out of memory");
  const [rows] = await bigquery.query(`${endless("false")} select f(1) as a`);
  expect(rows).toEqual([{ a: 2 }]);
});
