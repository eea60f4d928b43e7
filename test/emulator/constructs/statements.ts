import type { Cases } from "./cases.ts";

const ROWS =
  "create or replace table d.rows as select 1 as id, 'a' as k, struct(1 as x, struct('p' as z) as y) as s, [1, 2] as list union all select 2, 'b', struct(2, struct('q')), []";

/** Statements, by their line in the list of what is supported. */
export const STATEMENT_CASES: Cases = {
  "CREATE TABLE": [
    [
      "create or replace table d.made (id int64 not null, v string default 'x', at_time timestamp default current_timestamp(), list array<int64> default [1, 2])",
      [],
    ],
    [
      "insert d.made (id) values (1); insert d.made (id, v, list) values (2, default, default), (3, null, [])",
      [],
    ],
    [
      "select id, v, at_time is not null, list from d.made order by id",
      [
        [1, "x", true, [1, 2]],
        [2, "x", true, [1, 2]],
        [3, null, true, []],
      ],
    ],
    ["update d.made set v = default where id = 3; select v from d.made where id = 3", [["x"]]],
    ["insert d.made (v) values ('no id')", /NOT NULL|null/i],
    ["create table d.made (id int64)", /Already Exists: Table/],
    ["create table if not exists d.made (other int64); select count(*) from d.made", [[3]]],
    [
      "drop table d.made; create table d.made partition by day cluster by id as select 1 as id, date '2024-01-01' as day; select id from d.made",
      [[1]],
    ],
    [
      "create or replace table d.made (x int64 default (select 1))",
      /default value cannot be a subquery/,
    ],
    [
      "create or replace table d.made (x int64 default abs(1))",
      /default value cannot call the function ABS/,
    ],
    ["create or replace table d.made (at timestamp)", /Expected a name but got .*at/],
    [
      "create or replace table d.made (x string collate 'und:ci')",
      /Not supported by the emulator: COLLATE of a column/,
    ],
    [
      "create or replace table d.made (x int64, y int64 generated always as (x + 1))",
      /Not supported by the emulator: GENERATED of a column/,
    ],
    [
      "drop table d.made; create table d.made (id int64 primary key not enforced, k string, constraint c foreign key (k) references d.rows (k) not enforced); select * from d.made",
      [],
    ],
    [
      "create external table d.made options (uris = ['gs://x'])",
      /Not supported by the emulator: CREATE EXTERNAL TABLE/,
    ],
  ],
  "CREATE TABLE LIKE, COPY, CLONE": [
    [ROWS, []],
    ["create or replace table d.copied like d.rows; select count(*) from d.copied", [[0]]],
    [
      "create or replace table d.copied clone d.rows; update d.copied set k = 'z' where true; select k from d.rows order by id",
      [["a"], ["b"]],
    ],
    ["create snapshot table d.frozen copy d.rows", /Expected keyword CLONE/],
    [
      "create snapshot table d.frozen clone d.rows; select count(*) from d.frozen; drop snapshot table d.frozen",
      [],
    ],
    ["create or replace table d.rows clone d.rows", /Cannot replace .* with a copy of itself/],
  ],
  "CREATE VIEW": [
    [ROWS, []],
    [
      "create or replace view d.seen (number) as select id from d.rows where k = 'b'; select number from d.seen",
      [[2]],
    ],
    [
      "create or replace materialized view d.kept as select k, count(*) as n from d.rows group by k; insert d.rows (id, k) values (3, 'b'); select n from d.kept where k = 'b'",
      [[2]],
    ],
    ["create or replace view d.unnamed as select 1", /must be named/],
  ],
  "CREATE SCHEMA": [
    [
      "create schema if not exists other options (description = 'x'); create table other.t as select 1 as x; select x from other.t",
      [[1]],
    ],
    ["create schema other", /Already Exists: Dataset/],
    [
      "create schema ci options (is_case_insensitive = true)",
      /Not supported by the emulator: option is_case_insensitive of a dataset/,
    ],
    ["drop schema other", /still in use/],
    ["drop schema other cascade; drop schema if exists other", []],
  ],
  "CREATE FUNCTION": [
    ["create or replace function d.twice(x int64) as (x * 2); select d.twice(4)", [[8]]],
    [
      "create or replace function d.js(x float64) returns float64 language js as 'return x + 1'; select d.js(1)",
      [[2]],
    ],
    ["create temp function same(x any type) as (x); select same('q'), same(1)", [["q", 1]]],
    [
      "create or replace function d.py(x int64) returns int64 language python as 'x'",
      /Not supported by the emulator: functions in python/,
    ],
    [
      "create aggregate function d.agg(x int64) as (sum(x))",
      /Not supported by the emulator: CREATE AGGREGATE FUNCTION/,
    ],
  ],
  "CREATE TABLE FUNCTION": [
    [ROWS, []],
    [
      "create or replace table function d.from_id(least int64) as select id, k from d.rows where id >= least; select * from d.from_id(2)",
      [[2, "b"]],
    ],
  ],
  "CREATE PROCEDURE": [
    [
      "create or replace procedure d.add_up(in a int64, inout total int64, out twice int64) begin set total = total + a; set twice = total * 2; end",
      [],
    ],
    ["declare t int64 default 1; declare w int64; call d.add_up(4, t, w); select t, w", [[5, 10]]],
    ["call d.add_up(1)", /takes 3 arguments, got 1/],
  ],
  "ALTER TABLE": [
    [ROWS, []],
    [
      "alter table d.rows add column if not exists k string, add column extra int64, add column tags array<string>; select extra, tags from d.rows where id = 1",
      [[null, []]],
    ],
    [
      "alter table d.rows rename column extra to more, drop column tags; update d.rows set more = 5 where true; select max(more) from d.rows",
      [[5]],
    ],
    [
      "alter table d.rows alter column more set data type numeric; alter table d.rows alter column more set default 7; insert d.rows (id) values (3); select cast(more as int64) from d.rows where id = 3",
      [[7]],
    ],
    [
      "alter table d.rows alter column more drop default; insert d.rows (id) values (4); select more from d.rows where id = 4",
      [[null]],
    ],
    ["alter table d.rows add column y int64 default 1", /Cannot add column y with a default value/],
    [
      "alter table d.rows alter column k set data type int64",
      /requires that the existing column type \(STRING\)/,
    ],
    [
      "alter table d.rows add primary key (id) not enforced; alter table d.rows drop primary key; alter table d.rows set options (description = 'x')",
      [],
    ],
    ["alter table d.rows rename to renamed; select count(*) from d.renamed; ", [[4]]],
    ["alter table d.nothing add column x int64", /Not found: Table/],
    ["alter table if exists d.nothing add column x int64", []],
    [
      "alter table d.renamed set default collate 'und:ci'",
      /Not supported by the emulator: ALTER TABLE … set default/,
    ],
  ],
  "ALTER VIEW, ALTER SCHEMA": [
    [
      "create or replace view d.seen as select 1 as x; alter view d.seen set options (description = 'w'); alter schema d set options (description = 'x'); select x from d.seen",
      [[1]],
    ],
    ["alter table d.seen add column y int64", /currently a VIEW/],
  ],
  DROP: [
    [
      "create or replace table d.gone (x int64); drop table d.gone; drop table if exists d.gone",
      [],
    ],
    ["drop table d.gone", /Not found: Table/],
    ["create or replace view d.seen as select 1 as x; drop table d.seen", /currently a VIEW/],
    [
      "drop view d.seen; drop function if exists d.nothing; drop procedure if exists d.nothing; drop table function if exists d.nothing",
      [],
    ],
    ["drop search index i on d.t", /Not supported by the emulator: DROP search/],
  ],
  INSERT: [
    [ROWS, []],
    [
      "insert into d.rows (id, list) values (3, [9]), (4, null); select id, list from d.rows where id > 2 order by id",
      [
        [3, [9]],
        [4, []],
      ],
    ],
    ["insert d.rows (id, s) values (5, struct(8 as other, struct('r')))", []],
    [
      "insert d.rows (k, id) select 'c', max(id) + 1 from d.rows; select id from d.rows where k = 'c'",
      [[6]],
    ],
    ["insert d.rows (id) values (1, 2)", /wrong column count; Has 2, expected 1/],
    ["insert d.rows (nothing) values (1)", /Column nothing is not present/],
  ],
  UPDATE: [
    [ROWS, []],
    [
      "update d.rows set s.x = id * 10, s.y.z = 'new', k = 'c' where id = 1; select s.x, s.y.z, k from d.rows order by id",
      [
        [10, "new", "c"],
        [2, "q", "b"],
      ],
    ],
    [
      "update d.rows as t set t.s.x = u.id, list = [7] from d.rows as u where u.id = t.id and t.id = 2; select s.x, list from d.rows where id = 2",
      [[2, [7]]],
    ],
    [
      "update d.rows set k = (select max(k) from d.rows) where id in (select min(id) from d.rows); select k from d.rows order by id",
      [["c"], ["b"]],
    ],
    ["update d.rows set s.x = 1, s = null where true", /assigned more than once/],
    ["update d.rows set s.nothing = 1 where true", /Field name nothing does not exist/],
    ["update d.rows set k.x = 1 where true", /Cannot access field x on a value with type STRING/],
    [
      "update d.rows set s = null where id = 2; update d.rows set s.x = 1 where id = 2",
      /Cannot set field of NULL STRUCT/,
    ],
    ["update d.rows set k = u.k from d.rows as u where true", /at most one source row/],
    ["update d.rows set k = 'z'", /must have a WHERE clause/],
  ],
  "DELETE, TRUNCATE TABLE": [
    [ROWS, []],
    [
      "delete from d.rows as r where exists (select 1 from d.rows as o where o.id > r.id); select id from d.rows",
      [[2]],
    ],
    ["delete d.rows", /must have a WHERE clause/],
    ["truncate table d.rows; select count(*) from d.rows", [[0]]],
  ],
  MERGE: [
    [ROWS, []],
    [
      "merge d.rows as t using (select 1 as id, 'new' as k union all select 9, 'nine') as s on t.id = s.id when matched and s.k = 'old' then delete when matched then update set k = s.k, s.x = 0 when not matched and s.id > 100 then insert (id) values (0) when not matched then insert (id, k) values (id, upper(k)) when not matched by source then delete",
      [],
    ],
    [
      "select id, k, s.x from d.rows order by id",
      [
        [1, "new", 0],
        [9, "NINE", null],
      ],
    ],
    [
      "merge into d.rows using (select * from d.rows where id = 1) as s on false when not matched then insert row; select count(*) from d.rows",
      [[3]],
    ],
    [
      "merge d.rows as t using (select 9 as id union all select 9) as s on t.id = s.id when matched then delete",
      /at most one source row/,
    ],
  ],
  "GRANT, REVOKE": [["grant `roles/bigquery.dataViewer` on schema d to 'user:a@example.com'", []]],
};
