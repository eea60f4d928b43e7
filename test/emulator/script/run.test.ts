import { describe, expect, it } from "vitest";
import { testWarehouse } from "./warehouse.ts";

const { run, rows } = testWarehouse();

describe("variables", () => {
  it("declares, assigns and reads them in queries", async () => {
    expect(await rows("declare a, b int64 default 2; set a = a * 10 + b; select a, b")).toEqual([
      [22, 2],
    ]);
    expect(await rows("declare s default concat('a', 'b'); select s")).toEqual([["ab"]]);
    expect(await rows("declare x string; select x is null")).toEqual([[true]]);
  });

  it("assigns several at once, from the values before", async () => {
    expect(
      await rows("declare a, b int64; set (a, b) = (1, 2); set (a, b) = (b, a); select a, b"),
    ).toEqual([[2, 1]]);
    expect(
      await rows(
        "declare a int64; declare b string; set (a, b) = (select as struct 7, 'x'); select a, b",
      ),
    ).toEqual([[7, "x"]]);
  });

  it("coerces what is assigned, and nothing else", async () => {
    expect(
      await rows("declare d date default '2024-02-29'; declare n numeric default 1; select d, n"),
    ).toEqual([["2024-02-29", "1.000000000"]]);
    await expect(run("declare a int64; set a = 'x'")).rejects.toThrow(/STRING.*INT64/);
  });

  it("gives NULL for a subquery without rows and fails for two rows", async () => {
    expect(
      await rows(
        "declare a int64 default 1; set a = (select 1 from unnest([1]) where false); select a",
      ),
    ).toEqual([[null]]);
    await expect(
      run("declare a int64; set a = (select x from unnest([1, 2]) as x)"),
    ).rejects.toThrow(/more than one/i);
  });

  it("sees outer variables inside a block, not inner ones outside", async () => {
    expect(
      await rows(
        "declare a int64 default 1; begin declare b int64 default a + 1; set a = b; end; select a",
      ),
    ).toEqual([[2]]);
    await expect(run("begin declare b int64; end; select b")).rejects.toThrow(/b/);
    await expect(run("declare a int64; begin declare a int64; end")).rejects.toThrow(
      /redeclaration/,
    );
  });

  it("lets a column win over a variable of the same name", async () => {
    expect(await rows("declare x int64 default 5; select x from unnest([1]) as x")).toEqual([[1]]);
  });

  it("holds arrays and structs", async () => {
    expect(
      await rows(
        "declare a array<int64> default [1, 2]; select array_length(a), a[offset(1)], 2 in unnest(a)",
      ),
    ).toEqual([[2, 2, true]]);
    expect(
      await rows("declare s struct<a int64, b string> default (1, 'x'); select s.a, s.b"),
    ).toEqual([[1, "x"]]);
  });
});

describe("control flow", () => {
  it("takes the first branch that holds; NULL does not", async () => {
    const script = (condition: string) =>
      `declare r string; if ${condition} then set r = 'a'; elseif true then set r = 'b'; else set r = 'c'; end if; select r`;
    expect(await rows(script("true"))).toEqual([["a"]]);
    expect(await rows(script("cast(null as bool)"))).toEqual([["b"]]);
  });

  it("has CASE with and without an operand", async () => {
    const script = (x: number) =>
      `declare r string default '-'; case ${x} when 1 then set r = 'one'; when 2 then set r = 'two'; end case; select r`;
    expect(await rows(script(2))).toEqual([["two"]]);
    expect(await rows(script(3))).toEqual([["-"]]);
    expect(
      await rows(
        "declare r int64; case when 1 > 2 then set r = 1; else set r = 2; end case; select r",
      ),
    ).toEqual([[2]]);
  });

  it("loops until a jump leaves, and goes on with the next turn", async () => {
    expect(
      await rows(`
      declare i, odd int64 default 0;
      loop
        set i = i + 1;
        if i > 10 then leave; end if;
        if mod(i, 2) = 0 then continue; end if;
        set odd = odd + i;
      end loop;
      select i, odd`),
    ).toEqual([[11, 25]]);
    expect(
      await rows("declare i int64 default 5; while i < 5 do set i = 0; end while; select i"),
    ).toEqual([[5]]);
    expect(
      await rows(
        "declare i int64 default 5; repeat set i = i + 1; until i > 5 end repeat; select i",
      ),
    ).toEqual([[6]]);
  });

  it("leaves and continues outer loops by their label", async () => {
    expect(
      await rows(`
      declare i, turns int64 default 0;
      days: while i < 5 do
        set i = i + 1;
        loop
          set turns = turns + 1;
          if i = 2 then iterate days; end if;
          if i = 4 then leave days; end if;
          break;
        end loop;
        set turns = turns + 100;
      end while days;
      select i, turns`),
    ).toEqual([[4, 204]]);
  });

  it("leaves a labelled block", async () => {
    expect(
      await rows(
        "declare a int64 default 1; done: begin leave done; set a = 2; end done; select a",
      ),
    ).toEqual([[1]]);
  });

  it("walks over the rows of a query in order", async () => {
    expect(
      await rows(`
      declare s string default '';
      for r in (select x, x * x as y from unnest([3, 1, 2]) as x order by x) do
        set s = concat(s, cast(r.x as string), ':', cast(r.y as string), ' ');
      end for;
      select s`),
    ).toEqual([["1:1 2:4 3:9 "]]);
    expect(
      await rows(
        "declare n int64 default 0; for r in (select 1 as a from unnest([1]) where false) do set n = 9; end for; select n",
      ),
    ).toEqual([[0]]);
  });

  it("ends the script at RETURN", async () => {
    expect(await rows("select 1 as a; return; select 2 as a")).toEqual([[1]]);
  });
});

describe("exceptions", () => {
  it("runs the handler for errors of statements, expressions and called procedures", async () => {
    expect(
      await rows(
        "declare m string; begin select 1 / 0; exception when error then set m = @@error.message; end; select m",
      ),
    ).toEqual([[expect.stringContaining("division by zero")]]);
    expect(
      await rows(
        "declare m string; begin select * from d.nothing_here; exception when error then set m = @@error.message; end; select m",
      ),
    ).toEqual([[expect.stringContaining("nothing_here")]]);
    expect(
      await rows(
        "begin raise using message = concat('a', 'b'); exception when error then select @@error.message as m; end",
      ),
    ).toEqual([["ab"]]);
  });

  it("keeps what was done before the error", async () => {
    await run("create or replace table d.kept (a int64)");
    await run(
      "begin insert into d.kept values (1); select 1 / 0; exception when error then insert into d.kept values (2); end",
    );
    expect(await rows("select a from d.kept order by a")).toEqual([[1], [2]]);
  });

  it("raises the same error again", async () => {
    await expect(
      run("begin raise using message = 'first'; exception when error then raise; end"),
    ).rejects.toThrow(/^first at \[1:7\]$/);
    await expect(
      run(
        "begin begin raise using message = 'first'; exception when error then raise using message = concat('second after ', @@error.message); end; exception when error then raise; end",
      ),
    ).rejects.toThrow(/^second after first/);
  });

  it("names the place of the failing statement", async () => {
    await expect(run("select 1;\n  raise using message = 'stop';")).rejects.toThrow(
      /^stop at \[2:3\]$/,
    );
    await expect(run("select 1;\n\nselect nothing_known")).rejects.toThrow(/at \[3:8\]$/);
  });

  it("ends the script at an uncaught error; what it did before stays", async () => {
    await run("create or replace table d.before (a int64)");
    await expect(
      run("insert into d.before values (1); select error('stop'); insert into d.before values (2)"),
    ).rejects.toThrow(/stop/);
    expect(await rows("select a from d.before")).toEqual([[1]]);
  });

  it("never hides a refusal", async () => {
    await expect(
      run(
        "begin execute immediate 'create external table d.x options()'; exception when error then select 1; end",
      ),
    ).rejects.toMatchObject({ reason: "notImplemented" });
  });

  it("asserts", async () => {
    expect((await run("assert 1 = 1 as 'all is well'")).statementType).toBe("SCRIPT");
    await expect(run("assert 1 = 2 as 'one is not two'")).rejects.toThrow(/^one is not two/);
    await expect(run("assert cast(null as bool) as 'unknown'")).rejects.toThrow(/^unknown/);
  });
});

describe("procedures and dynamic statements", () => {
  it("passes values in and out", async () => {
    await run(
      "create or replace procedure d.double(in x int64, out y int64, inout z string) begin set y = x * 2; set z = concat(z, '!'); end",
    );
    expect(
      await rows(
        "declare r int64; declare s string default 'a'; call d.double(21, r, s); select r, s",
      ),
    ).toEqual([[42, "a!"]]);
  });

  it("does not show the caller's variables inside", async () => {
    await run("create or replace procedure d.blind() begin select v; end");
    await expect(run("declare v int64 default 1; call d.blind()")).rejects.toThrow(/v/);
  });

  it("answers with the rows of the last query inside", async () => {
    await run("create or replace procedure d.answers() begin select 1 as a; select 2 as a; end");
    expect(await rows("call d.answers()")).toEqual([[2]]);
  });

  it("calls itself, up to a limit", async () => {
    await run(
      "create or replace procedure d.count_down(n int64, inout log string) begin set log = concat(log, cast(n as string)); if n > 0 then call d.count_down(n - 1, log); end if; end",
    );
    expect(await rows("declare s string default ''; call d.count_down(3, s); select s")).toEqual([
      ["3210"],
    ]);
    await expect(run("declare s string default ''; call d.count_down(99, s)")).rejects.toThrow(
      /nested/,
    );
  });

  it("takes DECLARE behind other statements", async () => {
    expect(await rows("begin select 1; declare a int64 default 3; select a; end")).toEqual([[3]]);
  });

  it("makes and runs a statement, with values in and out", async () => {
    expect(
      await rows(
        "declare n int64; execute immediate concat('select ', '@x + ', '?') into n using 1 as x, 2 as y; select n",
      ).catch((error: Error) => error.message),
    ).toMatch(/./);
    expect(
      await rows(
        "declare n int64; declare s string; execute immediate 'select @x + 1, @y' into n, s using 41 as x, 'b' as y; select n, s",
      ),
    ).toEqual([[42, "b"]]);
    expect(await rows("execute immediate 'select ? + ? as a' using 1, 2")).toEqual([[3]]);
    expect(
      await rows(
        "declare n int64 default 5; execute immediate 'select 1 from unnest([1]) where false' into n; select n",
      ),
    ).toEqual([[null]]);
    await expect(
      run("declare n int64; execute immediate 'select x from unnest([1, 2]) as x' into n"),
    ).rejects.toThrow(/more than one/i);
    await expect(run("execute immediate 'select 1; select 2'")).rejects.toThrow(/exactly one/);
  });

  it("counts the rows of the last change", async () => {
    expect(
      await rows(
        "create or replace table d.counted (a int64); insert into d.counted values (1), (2), (3); select @@row_count",
      ),
    ).toEqual([[3]]);
  });
});

describe("what a request is", () => {
  it("is a script when it has several statements or a procedural one", async () => {
    expect((await run("select 1")).statementType).toBe("SELECT");
    expect((await run("select 1; select 2")).statementType).toBe("SCRIPT");
    expect((await run("begin end")).statementType).toBe("SCRIPT");
  });

  it("is a query when temporary functions stand before one", async () => {
    const sql =
      "create temp function twice(x int64) as (x * 2); create temp function four(x int64) as (twice(twice(x))); select four(3) as a";
    expect((await run(sql)).statementType).toBe("SELECT");
    expect(await rows(sql)).toEqual([[12]]);
  });

  it("calls JavaScript functions, temporary and kept", async () => {
    expect(
      await rows(
        "create temp function add_one(x int64) returns int64 language js as 'return x + 1'; select add_one(41)",
      ),
    ).toEqual([[411]]);
    await run(
      `create or replace function d.shout(s string) returns string language js as r"""return s.toUpperCase() + '!';"""`,
    );
    expect(await rows("select d.shout(s) as s from unnest(['a', 'b']) as s order by s")).toEqual([
      ["A!"],
      ["B!"],
    ]);
    await expect(
      run(
        "create temp function boom(x int64) returns int64 language js as 'throw new Error(\"bang\")'; select boom(1)",
      ),
    ).rejects.toThrow(/bang at boom/);
  });

  it("checks and describes in a dry run, and changes nothing", async () => {
    expect(await run("select 1 as a", { dryRun: true })).toMatchObject({
      statementType: "SELECT",
      columns: [{ name: "a" }],
    });
    await run("create table d.not_made (a int64)", { dryRun: true });
    await expect(run("select * from d.not_made")).rejects.toThrow(/not_made/);
  });

  it("keeps temporary tables and functions for the session, and no longer", async () => {
    expect(
      await rows(
        "create temp table t as select 1 as a; begin create or replace temp table t as select a + 1 as a from t; end; execute immediate 'select a from t'",
      ),
    ).toEqual([[2]]);
    await expect(run("select * from t")).rejects.toThrow(/t/);
  });
});

describe("wildcard tables", () => {
  it("reads all tables of a prefix in the columns of the newest", async () => {
    await run(
      "create or replace table d.events_01 as select 1 as id; create or replace table d.events_02 as select 2 as id, 'b' as s",
    );
    expect(await rows("select *, _table_suffix from `shop.d.events_*` order by id")).toEqual([
      [1, null, "01"],
      [2, "b", "02"],
    ]);
    expect(
      await rows("select e.id from `d.events_*` as e where e._TABLE_SUFFIX between '02' and '99'"),
    ).toEqual([[2]]);
    await expect(run("select * from `d.nothing_*`")).rejects.toMatchObject({ reason: "notFound" });
  });
});
