import { describe } from "vitest";
import { testWarehouse } from "../script/warehouse.ts";
import { type Cases, runCases } from "./cases.ts";

const cases: Cases = {
  "rows by arguments": [
    [
      "create or replace table d.sales as select * from unnest([struct(1 as id, 'a' as shop, 5 as n), (2, 'b', 7), (3, 'b', 9)])",
      [],
    ],
    [
      "create or replace table function d.of_shop(wanted string, least int64) as (select id, n, wanted as shop from d.sales where shop = wanted and n >= least)",
      [],
    ],
    ["select * from d.of_shop('b', 8)", [[3, 9, "b"]]],
    [
      "select sum(f.n) from `shop.d.of_shop`(lower('B'), 1 + 1) as f join d.sales using (id)",
      [[16]],
    ],
    ["declare least int64 default 9; select id from d.of_shop('b', least)", [[3]]],
    ["select count(*) from d.of_shop((select max(shop) from d.sales), 0)", [[2]]],
  ],
  "functions of functions, structs": [
    [
      "create or replace table function d.chained(least int64) returns table<row struct<id int64, n int64>, twice int64> as select struct(id, n) as row, n * 2 as twice from d.of_shop('b', least)",
      [],
    ],
    ["select row.id, twice from d.chained(8)", [[3, 18]]],
    ["create or replace table function d.any_of(x any type) as select x as v, x is null as e", []],
    ["select v, e from d.any_of('q')", [["q", false]]],
  ],
  "tables as arguments": [
    [
      "create or replace table function d.doubled(t table<n int64, id int64>, times int64) as (select id, n * times as n from t)",
      [],
    ],
    ["select * from d.doubled(table d.sales, 2) where id = 3", [[3, 18]]],
    ["select * from d.doubled((select 1 as id, 2 as n), 3)", [[1, 6]]],
    ["with x as (select 4 as id, 1 as n) select * from d.doubled(table x, 5)", [[4, 5]]],
    ["select * from d.doubled(5, 3)", /Argument t must be a table/],
    [
      "select * from d.doubled((select 1 as id), 3)",
      /Argument t has no such column for column (n|id)/,
    ],
  ],
  "what is wrong": [
    ["select * from d.of_shop('b')", /expected 2, found 1 at \[1:15\]/],
    ["select * from d.of_shop(1, 2)", /argument wanted cannot be of type INT64/],
    ["select * from d.nothing(1)", /Table-valued function not found: d\.nothing at \[1:15\]/],
    ["select d.of_shop('b', 1)", /is a table function/],
    ["create table function d.of_shop() as select 1 as x", /Already Exists: Routine/],
    ["create table function d.bad() as select nothing from d.sales", /Unrecognized name: nothing/],
    ["create table function d.bad() as select 1", /must be named/],
    [
      "create table function d.bad() returns table<y int64> as select 1 as x",
      /has the columns x, RETURNS TABLE the columns y/,
    ],
    ["create temp table function f() as select 1 as x", /CREATE TEMP TABLE FUNCTION/],
  ],
  "kept and dropped": [
    [
      "select routine_name, routine_type from d.INFORMATION_SCHEMA.ROUTINES where routine_name = 'chained'",
      [["chained", "TABLE FUNCTION"]],
    ],
    ["drop function d.of_shop", /Not found: Routine/],
    ["drop table function d.of_shop", []],
    ["drop table function if exists d.of_shop", []],
    ["select * from d.of_shop('b', 1)", /Table-valued function not found/],
  ],
};

describe("table functions", () => runCases(cases, testWarehouse()));
