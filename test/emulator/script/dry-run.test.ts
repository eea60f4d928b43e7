import { beforeAll, expect, test } from "vitest";
import { testWarehouse } from "./warehouse.ts";

const { run, rows } = testWarehouse();

beforeAll(() =>
  run("create table d.sales (id int64, amount numeric); insert into d.sales values (1, 2)"),
);

const VALID = [
  "select 1; select 2",
  "declare x int64 default 1; set x = x + 1; select x, amount from d.sales",
  "declare day date; declare last int64 default (select max(id) from d.sales); select id + last, day from d.sales",
  "create temp table t as select id as a from d.sales; select a + 1 from t; drop table t; create temp table t as select 'x' as a; select upper(a) from t",
  "create temp function f(x int64) as (x * 2); create temp table t as select f(id) as a from d.sales; select f(a) from t",
  "create temp function g(x float64) returns float64 language js as 'return x'; select g(1.5); select 1",
  "create schema made; create table made.t as select 1 as a; alter table made.t add column b string; insert into made.t (a, b) values (1, 'x'); select b from made.t; drop table made.t; drop schema made",
  "create or replace table d.sales_2 partition by day as select current_date() as day; insert into d.sales_2 values (current_date()); alter table d.sales_2 rename to sales_3; select day from d.sales_3",
  "create or replace view d.v as select id as key from d.sales; select key from d.v; drop view d.v; create table d.v (b int64); select b from d.v",
  "create table d.by_load (a int64) partition by _partitiondate; select _partitiontime, a from d.by_load",
  "create function d.h(x int64) as (x + 1); select d.h(id) from d.sales; drop function d.h; select 1",
  "create table d.expiring (a int64) options(expiration_timestamp = timestamp_add(current_timestamp(), interval 1 day)); select a from d.expiring",
  "declare until timestamp default current_timestamp(); create table d.by_variable (a int64) options(expiration_timestamp = until); select a from d.by_variable",
  "set @@dataset_id = 'd'; select id from sales",
  "declare which string default 'd'; set @@dataset_id = which; select id from sales",
  "if exists (select 1 from d.sales where id = 5) then create temp table t as select 1 as a; else create temp table t as select 2 as a; end if; select a from t",
  "if false then select * from d.nowhere; end if; select 1",
  "begin create temp table t as select 1 as a; end; select a from t",
  "begin select * from d.nowhere; exception when error then select @@error.message; end; select 1",
  "execute immediate 'create temp table t as select 1 as a'; select a from t",
  "for r in (select id from d.sales) do insert into d.sales values (r.id, 1); end for; select id from d.sales",
  "create procedure d.p(out x int64) begin set x = 1; create temp table z as select 1 as a; end; begin declare y int64; call d.p(y); select a from z; end",
  "return; select * from d.nowhere",
  "begin transaction; insert into d.sales values (9, 9); rollback transaction; select id from d.sales",
  "create temp table t as select 1 as a; merge d.sales s using t on s.id = t.a when matched then update set amount = 3; update d.sales set amount = (select max(a) from t) where true; delete from d.sales where id in (select a from t)",
  "insert into d.sales values (1, 1); select @@row_count",
];

test.each(VALID)(
  "finds nothing wrong with a script that runs, and does nothing: %s",
  async (sql) => {
    expect(await run(sql, { dryRun: true })).toMatchObject({ statementType: "SCRIPT" });
    expect(await rows("select table_name from d.INFORMATION_SCHEMA.TABLES")).toEqual([["sales"]]);
    expect(await rows("select routine_name from d.INFORMATION_SCHEMA.ROUTINES")).toEqual([]);
    expect(await rows("select id from d.sales")).toEqual([[1]]);
  },
);

test.each([
  ["select 1; select nothing from d.sales", "Unrecognized name: nothing at [1:18]"],
  ["select 1;\ncreate or replace table d.u as select id from d.nowhere;\nselect 2", "d.nowhere"],
  ["create temp table t as select id as a from d.sales; select b from t", "Unrecognized name: b"],
  ["declare x int64 default 'a text'; select x", "[1:"],
  ["declare x int64; set x = (select missing from d.sales); select 1", "missing"],
  ["create temp function f(x int64) as (x * 2); select 1; select f('x')", "[1:"],
  ["create table d.u as select 1 as a; insert into d.u (b) values (1)", "Column b is not present"],
  ["drop table d.sales; select id from d.sales", "d.sales"],
  ["if (select missing from d.sales) then select 1; end if", "missing"],
  ["begin select missing from d.sales; end; select 1", "missing"],
  [
    "if true then insert into d.sales values (1, 1); end if; select missing from d.sales",
    "missing",
  ],
])("finds what is wrong: %s", async (sql, message) => {
  await expect(run(sql, { dryRun: true })).rejects.toThrow(message);
  await expect(run(sql, { dryRun: true })).rejects.toThrow(/\[\d+:\d+\]/);
});
