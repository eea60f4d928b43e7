import { expect, test } from "vitest";
import { runScript } from "../../../emulator/script/run.ts";
import type { Session } from "../../../emulator/warehouse/session.ts";
import { PROJECT, testWarehouse } from "./warehouse.ts";

const warehouse = testWarehouse();

/** The session, which runs `meanwhile` once: after its statement was compiled, before its transaction begins. */
function interrupted(session: Session, meanwhile: () => Promise<unknown>): Session {
  let left = 1;
  return {
    ...session,
    async atomic(work) {
      if (left-- > 0) await meanwhile();
      return session.atomic(work);
    },
  };
}

async function runWhile(sql: string, meanwhile: string): Promise<void> {
  const session = await warehouse.openSession();
  const between = interrupted(session, () => warehouse.run(meanwhile));
  try {
    const { result, columns } = await runScript(sql, between, {});
    if (result) expect(result.columns).toEqual(columns);
  } finally {
    await session.close();
  }
}

const READERS = [
  "select * from d.seen",
  "create or replace table d.copy as select * from d.seen",
  "create temp table x as select * from d.seen; create or replace table d.copy as select * from x",
  "insert into d.sink select cast(a as string) from d.seen",
  "update d.sink set s = (select cast(a as string) from d.seen) where true",
  "delete from d.sink where s in (select cast(a as string) from d.seen)",
  "merge d.sink using d.seen on s = cast(a as string) when not matched then insert values (cast(a as string))",
];

test.each(READERS)(
  "%s: a table that becomes another before it runs is read as it is then",
  async (sql) => {
    await warehouse.run("create or replace table d.seen as select 1 as a, 2 as b");
    await warehouse.run("create or replace table d.sink as select 'old' as s");
    await runWhile(
      sql,
      "create or replace table d.seen as select 'x' as c, date '2026-01-02' as a",
    );
    if (sql.includes("d.copy")) {
      expect(await warehouse.rows("select * from d.copy")).toEqual([["x", "2026-01-02"]]);
    }
    if (/insert/.test(sql)) {
      expect(await warehouse.rows("select s from d.sink order by s")).toEqual([
        ["2026-01-02"],
        ["old"],
      ]);
    }
    if (/update/.test(sql))
      expect(await warehouse.rows("select s from d.sink")).toEqual([["2026-01-02"]]);
  },
);

test("a view or a function that becomes another before the statement runs is used as it is then", async () => {
  await warehouse.run("create view d.v as select 1 as a; create function d.f(x int64) as (x + 1)");
  const session = await warehouse.openSession();
  const between = interrupted(session, () =>
    warehouse.run(
      "create or replace view d.v as select 'one' as a; create or replace function d.f(x int64) as (x + 2)",
    ),
  );
  const { result } = await runScript("select a, d.f(1) from d.v", between, {});
  expect(await session.rows(`SELECT * FROM ${result?.table}`)).toEqual([["one", 3n]]);
  await session.close();
});

test("a statement whose columns are gone when it runs fails as if it had come then", async () => {
  await warehouse.run("create or replace table d.seen as select 1 as a");
  await expect(
    runWhile("select a from d.seen", "create or replace table d.seen as select 1 as b"),
  ).rejects.toThrow("Unrecognized name: a at [1:8]");
});

test("a transaction reads tables as they were when it began, columns and rows", async () => {
  await warehouse.run("create or replace table d.seen as select 1 as a");
  const session = await warehouse.openSession();
  await session.begin();
  await warehouse.run("create or replace table d.seen as select 'x' as a");
  await warehouse.run("create table d.later as select 1 as a");
  const before = session.catalogue.table({ project: PROJECT, dataset: "d", name: "seen" });
  expect(before?.columns.map(({ type }) => type.kind)).toEqual(["INT64"]);
  expect(await session.rows("SELECT a FROM d.seen")).toEqual([[1n]]);
  expect(
    session.catalogue.table({ project: PROJECT, dataset: "d", name: "later" }),
  ).toBeUndefined();
  await session.commit();
  await session.close();
  expect(await warehouse.rows("select a from d.seen")).toEqual([["x"]]);
});
