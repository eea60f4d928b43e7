import { describe, expect, it } from "vitest";
import { INT64, STRING } from "../../../emulator/sql/types.ts";
import { sqlTest } from "./support.ts";

const t = sqlTest({
  setup: [
    "create table orders as select 1::BIGINT as id, 'a' as \"Customer\" union all select 2, 'b'",
  ],
  relations: {
    "d.orders": {
      kind: "table",
      sql: "orders",
      columns: [
        { name: "id", type: INT64 },
        { name: "Customer", type: STRING },
      ],
    },
    "d.big": {
      kind: "view",
      query: "select id, id * 10 as tenfold from d.orders where id > 1",
      columns: [
        { name: "id", type: INT64 },
        { name: "times_ten", type: INT64 },
      ],
    },
    "d.bad": {
      kind: "view",
      query: "select floor_id",
      columns: [{ name: "floor_id", type: INT64 }],
    },
  },
  routines: {
    "d.double": {
      kind: "sql_function",
      args: [{ name: "x", type: INT64 }],
      body: "x + X",
      returns: INT64,
    },
    Whole: { kind: "sql_function", args: [{ name: "id" }], body: "id" },
  },
  variables: {
    id: { type: INT64, sql: "99::BIGINT" },
    floor_id: { type: INT64, sql: "1::BIGINT" },
  },
  parameters: { name: { type: STRING, sql: "'b'" }, "1": { type: INT64, sql: "2::BIGINT" } },
});

describe("names", () => {
  it("of columns ignore letter case and keep the case in which they are written", async () => {
    expect(t.columns("select CUSTOMER, * from d.orders")).toEqual([
      "CUSTOMER STRING",
      "id INT64",
      "Customer_1 STRING",
    ]);
  });

  it("mean a column before a script variable, a variable before nothing", async () => {
    expect(await t.rows("select id from d.orders where id > floor_id")).toEqual([[2]]);
    expect(await t.rows("select id")).toEqual([[99]]);
  });

  it("of a table alone are the row as a struct; the alias goes before a column of its name", async () => {
    expect(await t.rows("select o from d.orders as o where o.id = 1")).toEqual([
      [{ id: 1, Customer: "a" }],
    ]);
    expect(await t.rows("select x.y from (select 1 as x, 2 as y) as x")).toEqual([[2]]);
  });

  it("resolve struct fields at any depth, also behind a table name", async () => {
    const from = "from (select struct(struct(3 as c) as b) as a) as t";
    expect(await t.rows(`select a.b.c, t.a.b.c, t.a.b ${from}`)).toEqual([[3, 3, { c: 3 }]]);
    expect(t.failure(`select a.nope ${from}`)).toContain(
      "Field name nope does not exist in STRUCT",
    );
  });

  it("that are unknown or ambiguous fail with their place", () => {
    expect(t.failure("select\n  nope from d.orders")).toBe("Unrecognized name: nope at [2:3]");
    expect(t.failure("select o.nope from d.orders o")).toBe(
      "Name nope not found inside o at [1:10]",
    );
    expect(t.failure("select id from d.orders a join d.orders b on a.id = b.id")).toBe(
      "Column name id is ambiguous at [1:8]",
    );
    expect(t.failure("select 1 from d.orders o, d.orders o")).toContain("Duplicate table alias o");
  });

  it("of an enclosing query are visible inside, those of siblings in FROM are not", async () => {
    const sql =
      "select id, (select count(*) from d.orders i where i.id < orders.id) from d.orders order by id";
    expect(await t.rows(sql)).toEqual([
      [1, 0],
      [2, 1],
    ]);
    expect(t.failure("select 1 from d.orders o, (select o.id)")).toContain(
      "Unrecognized name: o at [1:35]",
    );
  });
});

describe("tables", () => {
  it("that are missing are a notFound error with the full name", () => {
    expect(t.failure("select 1 from d.nope")).toBe(
      "Not found: Table p:d.nope was not found at [1:15]",
    );
    expect(t.failure("select 1 from `q.d.nope`")).toBe(
      "Not found: Table q:d.nope was not found at [1:15]",
    );
    expect(t.failure("select 1 from nope")).toContain(
      'Table "nope" must be qualified with a dataset',
    );
  });

  it("can be quoted in parts or as a whole", async () => {
    for (const name of ["d.orders", "`d.orders`", "`d`.orders", "d.`orders`"]) {
      expect(await t.rows(`select count(*) from ${name}`)).toEqual([[2]]);
      expect(await t.rows(`select count(orders.id) from ${name}`)).toEqual([[2]]);
    }
  });

  it("that are views are compiled from their query, under the view's column names", async () => {
    expect(await t.rows("select id, times_ten from d.big as v where v.id = 2")).toEqual([[2, 20]]);
  });

  it("a view sees no variables of the query that reads it", () => {
    expect(t.failure("select * from d.bad")).toContain("Unrecognized name: floor_id");
  });
});

describe("user functions", () => {
  it("are expanded with their arguments, whose names hide columns", async () => {
    expect(await t.rows("select d.double(id), Whole(Customer) from d.orders order by id")).toEqual([
      [2, "a"],
      [4, "b"],
    ]);
    expect(t.columns("select d.double(1)")).toEqual(["f0_ INT64"]);
  });

  it("check the number and the types of arguments", () => {
    expect(t.failure("select d.double()")).toContain("expected 1, found 0 at [1:8]");
    expect(t.failure("select d.double('x')")).toContain(
      "No matching signature for function d.double",
    );
    expect(t.failure("select d.nope(1)")).toBe("Function not found: d.nope at [1:8]");
  });
});

describe("parameters", () => {
  it("by name and by position", async () => {
    expect(await t.rows("select id from d.orders where Customer = @Name and id = ?")).toEqual([
      [2],
    ]);
    expect(t.failure("select @nope")).toBe("Query parameter 'nope' not found at [1:8]");
    expect(t.failure("select ?, ?")).toContain("Positional parameter 2 not found at [1:11]");
  });
});
