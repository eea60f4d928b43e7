import { describe, expect, it } from "vitest";
import { testWarehouse } from "./warehouse.ts";

const { run, rows } = testWarehouse();

async function ledger(name: string): Promise<string> {
  await run(
    `create or replace table d.${name} (id int64, amount int64); insert into d.${name} values (1, 100)`,
  );
  return `d.${name}`;
}

describe("transactions", () => {
  it("replaces a day: delete, then insert from a staging table", async () => {
    const table = await ledger("day");
    await run(
      `create or replace table d.staging as select 1 as id, 7 as amount union all select 2, 8`,
    );
    await run(
      `begin transaction; delete from ${table} where id = 1; insert into ${table} select * from d.staging; commit transaction`,
    );
    expect(await rows(`select id, amount from ${table} order by id`)).toEqual([
      [1, 7],
      [2, 8],
    ]);
  });

  it("sees its own rows, and nobody else does before COMMIT", async () => {
    const table = await ledger("own");
    expect(
      await rows(
        `begin; insert into ${table} values (2, 5); update ${table} set amount = 6 where id = 2; delete from ${table} where id = 1; select * from ${table}; `,
      ),
    ).toEqual([[2, 6]]);
    expect(await rows(`select * from ${table}`)).toEqual([[1, 100]]);
  });

  it("loops over and merges into rows of its own", async () => {
    const table = await ledger("own_rows");
    expect(
      await rows(`
        declare total int64 default 0;
        begin transaction;
        insert into ${table} select x, x * 10 from unnest([2, 3, 4]) as x;
        merge ${table} as t using (select id, id * 2 as n from ${table} where id > 1) as src on t.id = src.id
          when matched and src.id = 2 then delete
          when matched then update set amount = src.n
          when not matched by source then update set amount = 0;
        for r in (select id, amount from ${table} order by id) do
          set total = total * 100 + r.id * 10 + r.amount;
        end for;
        commit transaction;
        select total`),
    ).toEqual([[10 * 10000 + 36 * 100 + 48]]);
    expect(await rows(`select id, amount from ${table} order by id`)).toEqual([
      [1, 0],
      [3, 6],
      [4, 8],
    ]);
  });

  it("rolls back on ROLLBACK, on an uncaught error and at the end without COMMIT", async () => {
    const table = await ledger("undone");
    await run(`begin; insert into ${table} values (2, 1); rollback`);
    await expect(
      run(`begin; insert into ${table} values (3, 1); select error('stop'); commit`),
    ).rejects.toThrow("stop");
    await run(`begin; insert into ${table} values (4, 1)`);
    expect(await rows(`select id from ${table}`)).toEqual([[1]]);
  });

  it("goes on after a caught error that DuckDB's transaction survives", async () => {
    const table = await ledger("survives");
    await run(
      `begin transaction; insert into ${table} values (2, 1); begin raise using message = 'no matter'; exception when error then select 1; end; insert into ${table} values (3, 1); commit transaction`,
    );
    expect(await rows(`select id from ${table} order by id`)).toEqual([[1], [2], [3]]);
  });

  it("rolls back in the handler of an error, and reports the error before", async () => {
    const table = await ledger("handled");
    expect(
      await rows(`
      begin
        begin transaction;
        insert into ${table} values (2, 1);
        select error('stop');
        commit transaction;
      exception when error then
        select @@error.message as m;
        rollback transaction;
      end`),
    ).toEqual([[expect.stringContaining("stop")]]);
    expect(await rows(`select id from ${table}`)).toEqual([[1]]);
  });

  it("keeps rows of literals when an error behind them is caught", async () => {
    const table = await ledger("kept");
    await run(`
      begin transaction;
      insert into ${table} values (2, 1);
      begin select error('stop'); exception when error then select 1; end;
      commit transaction`);
    expect(await rows(`select id from ${table} order by id`)).toEqual([[1], [2]]);
  });

  it("never reports a COMMIT that lost rows", async () => {
    const table = await ledger("lost");
    await expect(
      run(`
      begin transaction;
      insert into ${table} select 2, 1;
      begin select error('stop'); exception when error then select 1; end;
      commit transaction`),
    ).rejects.toMatchObject({
      reason: "notImplemented",
      message: expect.stringContaining("rolled back"),
    });
    expect(await rows(`select id from ${table}`)).toEqual([[1]]);
  });

  it("takes no nesting, no COMMIT without BEGIN, no DDL on permanent tables", async () => {
    await expect(run("begin transaction; begin transaction; commit")).rejects.toThrow(/nest/);
    await expect(run("commit transaction")).rejects.toThrow(/no open transaction/);
    await expect(run("begin transaction; create table d.inside (a int64); commit")).rejects.toThrow(
      /inside a transaction/,
    );
  });

  it("takes temporary tables, which a rollback removes", async () => {
    await expect(
      run("begin transaction; create temp table t as select 1 as a; rollback; select * from t"),
    ).rejects.toThrow(/t/);
    expect(
      await rows(
        "begin transaction; create temp table t as select 1 as a; commit; select * from t",
      ),
    ).toEqual([[1]]);
  });

  it("queues writers of one table", async () => {
    const table = await ledger("queue");
    const add = `begin transaction; update ${table} set amount = amount + 1 where id = 1; commit transaction`;
    await Promise.all(Array.from({ length: 8 }, () => run(add)));
    expect(await rows(`select amount from ${table}`)).toEqual([[108]]);
  });

  it("lets two transactions write two tables in opposite order", async () => {
    const [a, b] = [await ledger("first"), await ledger("second")];
    const swap = (x: string, y: string) =>
      run(
        `begin transaction; update ${x} set amount = amount + 1 where true; update ${y} set amount = amount + 1 where true; commit transaction`,
      );
    await Promise.all([swap(a, b), swap(b, a), swap(a, b), swap(b, a)]);
    expect(await rows(`select a.amount, b.amount from ${a} as a cross join ${b} as b`)).toEqual([
      [104, 104],
    ]);
  });
});
