import { describe } from "vitest";
import { testWarehouse } from "../script/warehouse.ts";
import { type Cases, runCases } from "./cases.ts";

/** The table of the examples. */
const setUp = [
  "create or replace table d.items as select * from unnest([struct(1 as id, 'a' as k, [1, 2] as list), (2, 'b', [3]), (3, 'b', [])])",
  [],
] as const;

const cases: Cases = {
  "rows and columns": [
    setUp,
    [
      "from d.items |> where id > 1 |> select id, k |> order by id desc",
      [
        [3, "b"],
        [2, "b"],
      ],
    ],
    ["from d.items |> where id > 1 |> where k = 'a' or id = 3 |> select id", [[3]]],
    [
      "from d.items |> extend id * 2 as twice |> set k = upper(k), id = -id |> drop list |> order by id",
      [
        [-3, "B", 6],
        [-2, "B", 4],
        [-1, "A", 2],
      ],
    ],
    ["from d.items |> rename id as number, k letter |> select number, letter |> limit 0", []],
    ["from d.items |> drop list |> rename k as id2 |> order by id |> limit 1 offset 1", [[2, "b"]]],
    ["from d.items |> select k |> distinct |> order by k", [["a"], ["b"]]],
    [
      "from d.items |> extend row_number() over (order by id desc) as n |> where n = 1 |> select id",
      [[3]],
    ],
    ["from d.items as i |> as j |> where j.id = 1 |> select j.k", [["a"]]],
    ["select 1 as x union all select 2 |> where x > 1", [[2]]],
  ],
  groups: [
    setUp,
    [
      "from d.items |> aggregate count(*) as n, sum(id) as s group by k |> order by k",
      [
        ["a", 1, 1],
        ["b", 2, 5],
      ],
    ],
    ["from d.items |> where k = 'b' |> aggregate max(id)", [[3]]],
    [
      "from d.items |> aggregate count(*) as n group and order by mod(id, 2) as odd desc",
      [
        [1, 2],
        [0, 1],
      ],
    ],
    ["from d.items |> aggregate group by k |> order by k", [["a"], ["b"]]],
    [
      "from d.items |> aggregate (select max(id) + 1) as n, sum(1) + 1 as m",
      /must include an aggregate/,
    ],
    [
      "from d.items |> aggregate sum(id) + max(id) as n, count(*), group by 'x' || k |> order by n",
      [
        ["xa", 2, 1],
        ["xb", 8, 2],
      ],
    ],
  ],
  "other tables": [
    setUp,
    [
      "from d.items as a |> where a.id < 3 |> left join d.items as b on b.id = a.id + 1 and b.k = a.k |> select a.id, b.id as next |> order by id",
      [
        [1, null],
        [2, 3],
      ],
    ],
    [
      "from d.items |> join unnest(list) as e |> where e > 1 |> select id, e |> order by e",
      [
        [1, 2],
        [2, 3],
      ],
    ],
    [
      "from d.items |> select id |> where id = 1 |> union all (select 10), (from d.items |> select id * 100 |> where false) |> order by id",
      [[1], [10]],
    ],
    [
      "from d.items |> select id, k |> where id = 1 |> union all by name (select 'z' as k, 9 as id), (select 'y', 8 as id, 'y' as k |> drop k |> rename id as id |> extend 'y' as k |> select k, id) |> order by id",
      [
        [1, "a"],
        [8, "y"],
        [9, "z"],
      ],
    ],
    [
      "select id from d.items where id = 1 union all corresponding (select 9 as id union all select 8) union all by name (select 7 as id) order by id",
      [[1], [7], [8], [9]],
    ],
    [
      "from (select 'a' as k, 1 as v union all select 'b', 2) |> pivot (sum(v) for k in ('a', 'b'))",
      [[1, 2]],
    ],
  ],
  "names of tables": [
    setUp,
    ["from d.items |> order by id desc |> limit 2 |> where items.id < 3 |> select items.id", [[2]]],
    [
      "from d.items as i |> limit 3 |> join d.items as j on i.id = j.id and i.k = 'a' |> where j.id > 0 |> select i.id, j.k",
      [[1, "a"]],
    ],
    ["from d.items |> extend id + 1 as more |> as t |> where t.more = 2 |> select t.id", [[1]]],
    [
      "from d.items |> drop list |> where id in (select items.id from d.items where items.k = 'a') |> select id",
      [[1]],
    ],
    [
      "from d.items |> aggregate count(*) as n group by k |> join d.items using (k) |> where items.id = 1 |> select items.id, n",
      [[1, 1]],
    ],
    [
      "from d.items |> extend id * 2 as twice |> where items.id = 1",
      /items\.… behind \|> EXTEND.*; use the column's name alone instead at \[1:49\]/,
    ],
    ["from d.items |> set id = 0 |> where items.id = 1", /items\.… behind/],
    ["from d.items as i |> join d.items as j using (id) |> limit 1 |> select i.k", /i\.… behind/],
  ],
  "where queries stand": [
    setUp,
    ["with q as (from d.items |> where id = 1) from q |> select id", [[1]]],
    ["select (from d.items |> aggregate max(id)) + 1", [[4]]],
    ["select id from d.items where id in (from d.items |> where k = 'a' |> select id)", [[1]]],
    ["create or replace table d.piped as from d.items |> where id = 2 |> select id", []],
    ["insert d.piped from d.items |> where id = 1 |> select id", []],
    ["from d.piped |> order by id", [[1], [2]]],
  ],
  "what is wrong or not supported": [
    setUp,
    ["from d.items |> where id = nothing", /Unrecognized name: nothing at \[1:28\]/],
    [
      "from d.items |> select count(*)",
      /Aggregate function COUNT not allowed in \|> SELECT; use \|> AGGREGATE at \[1:24\]/,
    ],
    ["from d.items |> where", /Unexpected end of \|> where at \[1:17\]/],
    ["from d.items |> |> select 1", /Unexpected end of pipe operator/],
    [
      "from d.items |> tablesample system (1 percent)",
      /Not supported by the emulator: \|> TABLESAMPLE at \[1:17\]/,
    ],
    ["from d.items |> aggregate 1 as one", /must include an aggregate function call.* at \[1:27\]/],
    ["from d.items |> aggregate id group by id", /must include an aggregate function call/],
    [
      "from d.items |> aggregate count(*) as n, k group by id",
      /must include an aggregate.* at \[1:42\]/,
    ],
    [
      "from d.items |> aggregate sum(id) over ()",
      /Analytic function not allowed in \|> AGGREGATE at \[1:35\]/,
    ],
    [
      "from d.items |> aggregate sum(id) group by 1",
      /a literal in \|> AGGREGATE … GROUP BY; use .* at \[1:44\]/,
    ],
    ["from d.items |> aggregate sum(id) group and order by 1 desc", /a literal in/],
    ["from d.items |> aggregate sum(id) group by 'a' as k", /a literal in/],
    ["from d.items |> select 1 union all select 2", /Unexpected keyword UNION at \[1:26\]/],
    ["from d.items |> select id except distinct select 2", /Unexpected keyword EXCEPT/],
    ["from d.items |> order by id limit 1", /Unexpected keyword LIMIT/],
    ["from d.items |> as t where t.id = 1", /Unexpected keyword WHERE/],
    ["from d.items |> join d.items as j using (id) where id = 1", /Unexpected keyword WHERE/],
    ["from d.items |> select id |> distinct id", /Unexpected keyword ID/],
    ["from d.items |> select id |> union all (select 1) order by id", /Unexpected keyword ORDER/],
    ["from d.items |> aggregate count(*) group by rollup (k)", /GROUP BY ROLLUP at \[1:45\]/],
  ],
};

describe("pipe syntax", () => runCases(cases, testWarehouse()));
