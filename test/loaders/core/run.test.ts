import { afterAll, beforeAll, expect, it } from "vitest";
import { z } from "zod";
import type { ApiStream, DateSlice, Outcome } from "../../../loaders/core/define-stream.ts";
import type { Http } from "../../../loaders/core/http.ts";
import { runStream } from "../../../loaders/core/run.ts";
import { column } from "../../../loaders/core/schema.ts";
import type { RunContext } from "../../../loaders/core/stream-run.ts";
import { createMissingTables, rawTable } from "../../../loaders/core/tables.ts";
import { ensureTables } from "../../../loaders/index.ts";
import { type Bench, lawHolds, openBench } from "../harness.ts";

/** A vendor that keeps contacts: the newest state of each is what counts. */
const table = rawTable({
  name: "raw_test_contacts",
  description: "One row per contact.",
  key: ["id"],
  columns: z.object({
    id: column.string(),
    stage: column.string().nullish(),
    updated_at: column.timestamp(),
    contact_key: column.string().nullish(),
  }),
});

interface Contact {
  readonly id: string;
  readonly stage: string;
  readonly updatedAt: string;
  readonly email?: string;
}

function toOutcome({ id, stage, updatedAt, email }: Contact): Outcome {
  const row = { id, stage, updated_at: updatedAt, _row_hash: `${stage}${updatedAt}`, _payload: {} };
  return { table, row, contact: email === undefined ? undefined : { email } };
}

const http: Http = {
  bytes: () => 0,
  quota: () => undefined,
  wait: async () => {},
  request: () => Promise.reject(new Error("no requests here")),
};

/** Answers each slice with the contacts of its first day. */
function stream(delivered: Readonly<Record<string, readonly Contact[] | Error>>): ApiStream {
  return {
    kind: "api",
    name: "contacts",
    tables: [table],
    settings: [],
    write: { mode: "merge", updatedAt: "updated_at" },
    startDate: "2026-01-01",
    rereadDays: 1,
    sliceDays: 1,
    sliceMinutes: 1,
    http: () => http,
    account: async () => ({ id: "a1", timeZone: "UTC" }),
    async open({ from }: DateSlice) {
      const answer = delivered[from] ?? [];
      return {
        batches: (async function* () {
          if (answer instanceof Error) throw answer;
          yield (answer as readonly Contact[]).map(toOutcome);
        })(),
        facts: () => ({ dataUntil: from }),
      };
    },
  };
}

let bench: Bench;
let runs = 0;
beforeAll(async () => {
  bench = await openBench();
  await ensureTables(bench.warehouse);
  await createMissingTables(bench.warehouse.bigquery, [table], bench.warehouse.datasets);
});
afterAll(() => bench.close());

function context(asOf: string): RunContext {
  return {
    warehouse: bench.warehouse,
    runId: `run_${++runs}`,
    asOf,
    backfill: undefined,
    directory: bench.dir,
    clock: Date.now,
    sleep: async () => {},
    log: () => {},
    progress: () => {},
    oneAtATime: (work) => work(),
  };
}

const loaded = () =>
  bench.query(`select id, stage, email from raw.raw_test_contacts
    left join pii.contacts using (contact_key) order by id`);

it("merged rows are the newest of each key; an unchanged or older row changes nothing", async () => {
  const first = await runStream(
    "crm",
    stream({
      "2026-01-01": [
        { id: "1", stage: "lead", updatedAt: "2026-01-01T10:00:00Z", email: "one@a.example" },
        { id: "1", stage: "customer", updatedAt: "2026-01-01T12:00:00Z", email: "one@b.example" },
        { id: "2", stage: "lead", updatedAt: "2026-01-01T11:00:00Z" },
      ],
    }),
    context("2026-01-01"),
  );
  expect(first).toMatchObject({ status: "ok", rows: { read: 3, loaded: 2, duplicate: 1 } });

  const second = await runStream(
    "crm",
    stream({
      "2026-01-01": [
        { id: "1", stage: "customer", updatedAt: "2026-01-01T12:00:00Z", email: "one@b.example" },
        { id: "2", stage: "spam", updatedAt: "2026-01-01T09:00:00Z", email: "old@c.example" },
      ],
      "2026-01-02": [
        { id: "2", stage: "customer", updatedAt: "2026-01-02T09:00:00Z", email: "two@c.example" },
      ],
    }),
    context("2026-01-02"),
  );
  expect(second).toMatchObject({ status: "ok", rows: { read: 3, loaded: 1, duplicate: 2 } });
  expect(lawHolds(second)).toBe(true);
  expect(await loaded()).toEqual([
    { id: "1", stage: "customer", email: "one@b.example" },
    { id: "2", stage: "customer", email: "two@c.example" },
  ]);

  const third = await runStream(
    "crm",
    stream({
      "2026-01-02": [{ id: "2", stage: "gone", updatedAt: "2026-01-03T00:00:00Z" }],
      "2026-01-03": [
        { id: "1", stage: "lead", updatedAt: "2026-01-01T10:00:00Z", email: "x@y.example" },
      ],
    }),
    context("2026-01-03"),
  );
  expect(third.rows).toMatchObject({ read: 2, loaded: 1, duplicate: 1 });
  expect(await loaded()).toEqual([
    { id: "1", stage: "customer", email: "one@b.example" },
    { id: "2", stage: "gone", email: null },
  ]);
  expect(await bench.query("select email from pii.contacts")).toEqual([{ email: "one@b.example" }]);
});

it("a slice that fails by a defect fails the stream, keeps the others and does not advance the cursor", async () => {
  const report = await runStream(
    "crm2",
    stream({
      "2026-01-01": [{ id: "7", stage: "lead", updatedAt: "2026-01-01T10:00:00Z" }],
      "2026-01-02": new TypeError("x is undefined"),
      "2026-01-03": [{ id: "8", stage: "lead", updatedAt: "2026-01-03T10:00:00Z" }],
    }),
    context("2026-01-03"),
  );
  expect(report).toMatchObject({ status: "failed", rows: { read: 2, loaded: 2 } });
  expect(report.problem).toBe("2026-01-02 to 2026-01-02: x is undefined");
  expect(
    await bench.query(`select slice_from, status, error_class from ops.load_slices
      where source = 'crm2' order by slice_from`),
  ).toEqual([
    { slice_from: "2026-01-01", status: "ok", error_class: null },
    { slice_from: "2026-01-02", status: "failed", error_class: "Error" },
    { slice_from: "2026-01-03", status: "ok", error_class: null },
  ]);
  expect(
    await bench.query("select cursor from ops.load_state where stream = 'crm2.contacts'"),
  ).toEqual([{ cursor: "2026-01-01" }]);
});

it("what the warehouse refuses is a failure with nothing loaded", async () => {
  const wrong = stream({
    "2026-01-01": [{ id: "9", stage: "lead", updatedAt: "no time at all" }],
  });
  const report = await runStream("crm3", wrong, context("2026-01-01"));
  expect(report).toMatchObject({ status: "failed", rows: { read: 0, loaded: 0 } });
  expect((await loaded()).some(({ id }) => id === "9")).toBe(false);
  expect(await bench.query("select status from ops.load_slices where source = 'crm3'")).toEqual([
    { status: "failed" },
  ]);
});

it("a table of an older version gets the columns it lacks, and keeps its rows", async () => {
  const { warehouse } = bench;
  await createMissingTables(
    warehouse.bigquery,
    [
      {
        ...table,
        name: "raw_test_older",
        columns: table.columns.filter(({ name }) => name !== "stage"),
      },
    ],
    warehouse.datasets,
  );
  await bench.query(
    "insert into raw.raw_test_older (id, updated_at, _run_id, _loaded_at, _source_account, _row_hash) values ('1', timestamp '2026-10-01', 'run_0', timestamp '2026-10-01', 'a', 'h')",
  );
  await createMissingTables(
    warehouse.bigquery,
    [{ ...table, name: "raw_test_older" }],
    warehouse.datasets,
  );
  expect(await bench.query("select id, stage from raw.raw_test_older")).toEqual([
    { id: "1", stage: null },
  ]);
});
