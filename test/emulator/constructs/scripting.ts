import type { Cases } from "./cases.ts";

/** Scripts, by their line in the list of what is supported. */
export const SCRIPT_CASES: Cases = {
  "DECLARE, SET": [
    [
      "declare a, b int64 default 2; declare c default 'x'; set a = a + 1; set (a, b) = (b, a); select a, b, c",
      [[2, 3, "x"]],
    ],
    ["declare s struct<x int64, y string>; set s = (1, 'q'); select s.y", [["q"]]],
    ["declare x int64; set x = (select 1 from (select 1) where false); select x is null", [[true]]],
    ["declare x int64; declare X int64", /redeclaration is not allowed/],
    ["set nothing = 1", /Undeclared variable: nothing/],
  ],
  "BEGIN … END": [
    ["declare x int64 default 1; begin declare y int64 default 5; set x = y; end; select x", [[5]]],
    ["begin declare y int64; end; select y", /Unrecognized name: y/],
  ],
  "IF, CASE": [
    ["if false then select 1; elseif null then select 2; else select 3; end if", [[3]]],
    [
      "declare i int64 default 2; case i when 1 then select 'one'; when 2 then select 'two'; end case",
      [["two"]],
    ],
    ["case when false then select 1; end case; select 'after'", [["after"]]],
  ],
  "LOOP, WHILE, REPEAT, FOR": [
    [
      "declare i int64 default 0; loop set i = i + 1; if i > 3 then break; end if; end loop; select i",
      [[4]],
    ],
    [
      "declare i int64 default 0; while i < 3 do set i = i + 1; end while; repeat set i = i + 10; until i > 20 end repeat; select i",
      [[23]],
    ],
    [
      "declare t string default ''; for r in (select x, x * 2 as y from unnest([2, 1]) as x order by x) do set t = t || r.x || ':' || r.y || ' '; end for; select t",
      /No matching signature|\|\|/,
    ],
    [
      "declare t int64 default 0; for r in (select x, x * 2 as y from unnest([2, 1]) as x order by x) do set t = t * 10 + r.x * r.y; end for; select t",
      [[28]],
    ],
  ],
  "BREAK, CONTINUE, labels": [
    [
      "declare i int64 default 0; outside: loop set i = i + 1; while true do if i > 4 then leave outside; end if; continue outside; end while; end loop; select i",
      [[5]],
    ],
    ["break", /only allowed inside of a loop body/],
    ["loop leave nowhere; end loop", /Cannot find enclosing label nowhere/],
  ],
  "CALL, RETURN": [
    [
      "create or replace procedure d.show(n int64) begin if n = 0 then return; end if; select n; end; call d.show(7)",
      [[7]],
    ],
    ["select 1; return; select 2", [[1]]],
    ["call d.missing()", /Not found: Routine/],
  ],
  "EXECUTE IMMEDIATE": [
    [
      "declare r int64; execute immediate 'select ? + @@row_count' into r using 1; select r is null",
      [[true]],
    ],
    [
      "declare a, b int64; execute immediate concat('select @x * 2, ', '@y') into a, b using 4 as x, 5 as y; select a, b",
      [[8, 5]],
    ],
    ["execute immediate 'create temp table made as select 3 as x'; select x from made", [[3]]],
    ["execute immediate 'select 1; select 2'", /exactly one statement/],
  ],
  "EXCEPTION, RAISE": [
    [
      "begin select 1 / 0; exception when error then select @@error.message, @@error.statement_text; end",
      [["division by zero", "select 1 / 0"]],
    ],
    [
      "begin begin raise using message = 'in'; exception when error then raise using message = concat('out ', @@error.message); end; exception when error then select @@error.message; end",
      [["out in"]],
    ],
    ["begin raise using message = 'boo'; exception when error then raise; end", /boo/],
    ["raise", /outside of an exception handler/],
  ],
  ASSERT: [
    ["assert 1 = 1 as 'fine'; select 1", [[1]]],
    ["assert (select false) as 'too few'", /too few/],
    ["assert null", /Assertion failed/],
  ],
  "BEGIN TRANSACTION, COMMIT, ROLLBACK": [
    [
      "create or replace table d.paid (x int64); begin transaction; insert d.paid values (1); rollback transaction; select count(*) from d.paid",
      [[0]],
    ],
    ["begin; insert d.paid values (1); commit; select count(*) from d.paid", [[1]]],
    [
      "create or replace table d.paid (x int64); begin; insert d.paid values (1); begin insert d.paid values (2); select 1 / 0; exception when error then insert d.paid (x) values (3); end; commit; select count(*), sum(x) from d.paid",
      [[3, 6]],
    ],
    [
      "begin; insert d.paid values (7); begin select 1 / 0; exception when error then rollback; end; select count(*) from d.paid",
      [[3]],
    ],
    [
      "begin; update d.paid set x = 0 where true; begin select 1 / 0; exception when error then select 2; end; commit",
      /Not supported by the emulator: a transaction that goes on after an error/,
    ],
    ["select count(*), sum(x) from d.paid", [[3, 6]]],
    ["commit", /no open transaction/],
    ["begin; create table d.inside (x int64)", /not supported inside a transaction/],
  ],
  "Temporary objects": [
    ["create temp table t as select 1 as x; insert t values (2); select sum(x) from t; ", [[3]]],
    ["create temp function f(x int64) as (x + 1); select f(1)", [[2]]],
    ["select x from t", /must be qualified with a dataset/],
    ["create temp table alone (x int64)", /requires a script or session/],
  ],
  "System variables": [
    [
      "create or replace table d.n (x int64); insert d.n values (1), (2); select @@row_count",
      [[2]],
    ],
    ["set @@dataset_id = 'd'; select count(*) from n", [[2]]],
    ["select @@project_id, @@time_zone", [["shop", "UTC"]]],
    ["set @@time_zone = 'Europe/Kyiv'", /Not supported by the emulator: SET @@time_zone; use/],
  ],
};
