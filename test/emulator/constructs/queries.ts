import type { Cases } from "./cases.ts";

const SET_UP =
  "create or replace table d.q as select * from unnest([struct(1 as id, 'a' as k, [1, 2] as list, struct(7 as x) as s), (2, 'b', [3], struct(8)), (3, 'b', [], struct(9))])";

/** Queries, by their line in the list of what is supported. Expressions have more in ../sql and ../differential. */
export const QUERY_CASES: Cases = {
  SELECT: [
    [SET_UP, []],
    ["select * except (list, s) replace (upper(k) as k) from d.q order by id limit 1", [[1, "A"]]],
    ["select as value s from d.q where id = 1", [[7]]],
    ["select distinct k from d.q order by 1", [["a"], ["b"]]],
  ],
  FROM: [
    ["select a.id, b.id from d.q as a, (select 3 as id) as b where a.id = b.id", [[3, 3]]],
    [
      "select 1 from d.q tablesample system (10 percent)",
      /Not supported by the emulator: .*sample/,
    ],
    [
      "select 1 from d.q for system_time as of timestamp '2024-01-01 00:00:00+00'",
      /Not supported by the emulator: FOR SYSTEM_TIME AS OF.* at \[1:19\]/,
    ],
  ],
  JOIN: [
    [
      "select 1 from d.q as a left join d.q as b on a.id = (select max(id) from d.q)",
      /Not supported by the emulator: a subquery in ON of a LEFT JOIN/,
    ],
    [
      "select * from (select 1 as k, 'l' as l) full join (select 2 as k, 'r' as r) using (k) order by k",
      [
        [1, "l", null],
        [2, null, "r"],
      ],
    ],
    [
      "select a.id, b.id from d.q as a left join d.q as b on b.id = a.id + 1 and b.k = a.k order by 1",
      [
        [1, null],
        [2, 3],
        [3, null],
      ],
    ],
  ],
  UNNEST: [
    [
      "select id, x, o from d.q as t, t.list as x with offset as o order by 1, 2",
      [
        [1, 1, 0],
        [1, 2, 1],
        [2, 3, 0],
      ],
    ],
    [
      "select id, x from d.q left join unnest(list) as x where id > 1 order by id",
      [
        [2, 3],
        [3, null],
      ],
    ],
  ],
  RANGE_SESSIONIZE: [
    [
      "select count(*) from range_sessionize((select range<date> '[2024-01-01, 2024-01-03)' as r, 'a' as k), 'r', ['k'])",
      [[1]],
    ],
  ],
  "PIVOT, UNPIVOT": [
    [
      "select * from (select k, id from d.q) pivot (sum(id) as s, count(*) as c for k in ('a', 'b' as bb))",
      [[1, 1, 5, 2]],
    ],
    [
      "select * from (select 1 as a, 2 as b, 3 as c) unpivot (v for n in (a, b as 'bee')) order by n",
      [
        [3, 1, "a"],
        [3, 2, "bee"],
      ],
    ],
    [
      "select * from (select 1 as a, 2 as b, 3 as c, 4 as d) unpivot ((v, w) for n in ((a, b) as 'x', (c, d) as 'y')) order by n",
      [
        [1, 2, "x"],
        [3, 4, "y"],
      ],
    ],
    [
      "select * from (select 1 as a, 2 as b) unpivot (v for n in (a as 1, b as 2)) order by n",
      [
        [1, 1],
        [2, 2],
      ],
    ],
    [
      "select n, v from (select null as a, 2 as b) unpivot include nulls (v for n in (a, b)) order by n",
      [
        ["a", null],
        ["b", 2],
      ],
    ],
  ],
  "WHERE, HAVING, QUALIFY": [
    // An alias goes before a column, inside aggregates too: values of the reference implementation.
    [
      "select k, sum(id) as id from d.q group by k having sum(id) > 1",
      /Aggregations of aggregations are not allowed/,
    ],
    ["select mod(id, 2) as id, count(*) from d.q group by 1 having max(id) > 1", []],
    ["select k, max(id) as id from d.q as t group by k having sum(t.id) > 1", [["b", 3]]],
    ["select k, count(*) from d.q where id < 9 group by k having count(*) > 1", [["b", 2]]],
    [
      "select id from d.q where true qualify row_number() over (partition by k order by id desc) = 1 order by id",
      [[1], [3]],
    ],
  ],
  "GROUP BY": [
    [
      "select k, sum(id) from d.q group by rollup (k) order by 2",
      [
        ["a", 1],
        ["b", 5],
        [null, 6],
      ],
    ],
    [
      "select k, count(*) from d.q group by all order by k",
      [
        ["a", 1],
        ["b", 2],
      ],
    ],
    ["select s, count(*) from d.q where id = 1 group by s", [["{'x': 7}", 1]]],
  ],
  "ORDER BY, LIMIT, OFFSET": [
    ["select id from d.q order by k desc, id desc limit 1 offset 1", [[2]]],
  ],
  WINDOW: [
    [
      "select id, sum(id) over w from d.q window w as (partition by k order by id) order by id",
      [
        [1, 1],
        [2, 2],
        [3, 5],
      ],
    ],
  ],
  WITH: [
    [
      "with recursive n as (select 1 as x union all select x + 1 from n where x < 4) select sum(x) from n",
      [[10]],
    ],
    [
      "with recursive n as (select 1 as x union all select x + 1 from n where x < 500) select max(x) from n",
      [[500]],
    ],
    [
      "with recursive n as (select 1 as x union all select x + 1 from n where x < 1000) select max(x) from n",
      /maximum number of iterations: 500/,
    ],
    [
      "with recursive a as (select 1 as x union all select x + 1 from a where x < 3), b as (select x from a union all select x * 10 from b where x < 100) select count(*) from b",
      [[9]],
    ],
    [
      "with recursive n as (select 1 as x union distinct select mod(x, 3) + 1 from n) select count(*) from n",
      [[3]],
    ],
    ["with a as (with b as (select 1 as x) select * from b) select * from a", [[1]]],
    ["select (with v as (select t.id as x) select x from v) from d.q as t", /Unrecognized name: t/],
  ],
  "Pipe syntax": [["from d.q |> where id > 1 |> aggregate sum(id) as n group by k", [["b", 5]]]],
  "Table functions": [
    [
      "create or replace table function d.q_of(wanted string) as select id from d.q where k = wanted; select max(id) from d.q_of('b')",
      [[3]],
    ],
  ],
  "Table wildcards": [
    [
      "create or replace table d.day_20240101 as select 1 as id; create or replace table d.day_20240102 as select 2 as id, 'new' as note",
      [],
    ],
    [
      "select id, note, _table_suffix from `d.day_*` where _table_suffix >= '20240101' order by id",
      [
        [1, null, "20240101"],
        [2, "new", "20240102"],
      ],
    ],
    [
      "create or replace view d.days as select id, _table_suffix as day from `shop.d.day_2024*`; select id from d.days where day = '0102'",
      [[2]],
    ],
  ],
  Partitions: [
    [
      "create or replace table d.came (id int64) partition by _partitiondate; insert d.came (_partitiontime, id) values ('2024-01-02 00:00:00+00', 1); select id from d.came where _partitiondate = '2024-01-02'",
      [[1]],
    ],
  ],
  INFORMATION_SCHEMA: [
    [SET_UP, []],
    [
      "select column_name, data_type from d.INFORMATION_SCHEMA.COLUMNS where table_name = 'q' order by ordinal_position",
      [
        ["id", "INT64"],
        ["k", "STRING"],
        ["list", "ARRAY<INT64>"],
        ["s", "STRUCT<x INT64>"],
      ],
    ],
    [
      "select field_path from d.INFORMATION_SCHEMA.COLUMN_FIELD_PATHS where table_name = 'q' and column_name = 's' order by 1",
      [["s"], ["s.x"]],
    ],
    [
      "select table_type from `shop`.d.INFORMATION_SCHEMA.TABLES where table_name = 'q'",
      [["BASE TABLE"]],
    ],
    [
      "select count(*) from d.INFORMATION_SCHEMA.NOTHING",
      /Not supported by the emulator: INFORMATION_SCHEMA\.NOTHING/,
    ],
  ],
  "Set operations": [
    ["select 1 as x union all (select 2 except distinct select 2) order by x", [[1]]],
    [
      "select 1 as a, 2 as b union all by name select 3 as b, 4 as a order by a",
      [
        [1, 2],
        [4, 3],
      ],
    ],
    [
      "select 1 as a, 2 as b full outer union all by name select 3 as c, 4 as a order by a",
      [
        [1, 2, null],
        [4, null, 3],
      ],
    ],
    [
      "select 1 as a, 2 as b left union all by name select 3 as c, 4 as a order by a",
      [
        [1, 2],
        [4, null],
      ],
    ],
    ["select 1 as a, 2 as b inner union all by name select 3 as c, 4 as a order by a", [[1], [4]]],
    ["select 1 as a, 2 as b union all corresponding select 3 as c, 4 as a order by a", [[1], [4]]],
    ["select 1 as a, 2 as b union all by name on (b) select 3 as c, 4 as b order by b", [[2], [4]]],
    ["select 1 as a, 2 as b union all by name select 3 as b", /Column a is missing/],
    ["select 1 as a union all select 2 except distinct select 2", /without using parentheses/],
  ],
  Subqueries: [
    [SET_UP, []],
    [
      "select id, (select max(u.id) from d.q as u where u.k = t.k), array(select x + 1 from unnest(t.list) as x order by x) from d.q as t where exists (select 1 from d.q as u where u.id = t.id + 1) order by id",
      [
        [1, 1, [2, 3]],
        [2, 3, [4]],
      ],
    ],
  ],
  Operators: [["select 1 + 2 * 3, 'a' || 'b', 1 << 3, not true or false", [[7, "ab", 8, false]]]],
  Comparisons: [
    [
      "select 2 between 1 and 3, 2 in unnest([1, 2]), 'ab' like 'a%', null is not distinct from null",
      [[true, true, true, true]],
    ],
  ],
  Conditionals: [
    [
      "select if(true, 1, 2), coalesce(null, 3), nullif(1, 1), case 2 when 1 then 'x' else 'y' end",
      [[1, 3, null, "y"]],
    ],
  ],
  Conversions: [["select cast('5' as int64), safe_cast('x' as int64)", [[5, null]]]],
  Constructors: [["select struct(1 as a, 'x' as b).b, [1, 2][offset(1)]", [["x", 2]]]],
  Access: [
    [
      'select s.x, [1, 2][safe_offset(9)], parse_json(\'{"a": {"b": 3}}\').a.b is not null from d.q where id = 1',
      [[7, null, true]],
    ],
  ],
  EXTRACT: [
    [
      "select extract(hour from timestamp '2024-01-01 23:00:00+00' at time zone 'Europe/Kyiv')",
      [[1]],
    ],
  ],
  INTERVAL: [
    ["select cast(date '2024-01-31' + interval 1 month as string)", [["2024-02-29 00:00:00"]]],
  ],
  Literals: [["select 0x10, r'\\n', date '2024-01-02' > '2024-01-01'", [[16, "\\n", true]]]],
  "Parameters and variables": [
    ["declare x int64 default 3; select x, @@project_id", [[3, "shop"]]],
  ],
  "SAFE.": [["select safe.parse_date('%Y', 'x')", [[null]]]],
  "User functions": [
    ["create temp function add_one(x int64) as (x + 1); select add_one(2)", [[3]]],
  ],
};
