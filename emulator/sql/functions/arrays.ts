import { arrayOf, BOOL, duckdbType, INT64, type SqlType } from "../types.ts";
import { once, raise } from "./body.ts";
import { type Call, define, type FunctionDef, type Typed } from "./define.ts";

interface List {
  readonly sql: string;
  readonly type: SqlType;
  readonly element: SqlType;
}

/** An argument that is an array; a bare NULL is one of INT64. */
function listAt(call: Call, i: number): List {
  const { sql, type } = call.arg(i);
  if (type.kind === "UNKNOWN")
    return { sql: "CAST(NULL AS BIGINT[])", type: arrayOf(INT64), element: INT64 };
  if (type.kind !== "ARRAY") return call.noMatch();
  if (type.element.kind === "UNKNOWN")
    return { sql: `${sql}::BIGINT[]`, type: arrayOf(INT64), element: INT64 };
  return { sql, type, element: type.element };
}

/** GENERATE_ARRAY: INT64 in DuckDB, other numbers by adding up the step, as BigQuery does. */
function generate(call: Call): Typed {
  const [first, last, step] = call.common();
  if (!first || !last) return call.noMatch();
  const type = first.type.kind === "UNKNOWN" ? INT64 : first.type;
  if (!["INT64", "FLOAT64", "NUMERIC"].includes(type.kind)) return call.noMatch();
  const args = [first, last, step].flatMap((value) =>
    value ? [value.type.kind === "UNKNOWN" ? `CAST(NULL AS ${duckdbType(type)})` : value.sql] : [],
  );
  const one = `1::${duckdbType(type)}`;
  const list = arrayOf(type);
  const sql = once(args, (x, y, by = one) => {
    const failure = raise("Sequence step cannot be 0.", list);
    return `CASE WHEN ${by} = 0 THEN ${failure} WHEN ${x} IS NULL OR ${y} IS NULL OR ${by} IS NULL THEN NULL ELSE ${series(type, x, y, by)} END`;
  });
  return { sql, type: list };
}

function series(type: SqlType, x: string, y: string, by: string): string {
  if (type.kind === "INT64") return `generate_series(${x}, ${y}, ${by})`;
  const steps = `floor((${y} - ${x}) / ${by})::BIGINT`;
  const value = `(${x} + _i * ${by})::${duckdbType(type)}`;
  // One step more than counted is tried, for quotients that come out a little too small.
  const inside = `CASE WHEN ${by} > 0 THEN _x <= ${y} ELSE _x >= ${y} END`;
  return `list_filter(list_transform(range(0, greatest(${steps} + 2, 0)), lambda _i: ${value}), lambda _x: ${inside})`;
}

function concat(call: Call): Typed {
  for (let i = 0; i < call.count; i++) {
    if (call.arg(i).type.kind !== "ARRAY") return call.noMatch();
  }
  const lists = call.common();
  const type = lists[0]?.type ?? arrayOf(INT64);
  // A NULL makes it NULL; list_concat skips it, and || does when it is no constant.
  const sql = once(
    lists.map((list) => list.sql),
    (...all) => {
      const missing = all.map((list) => `${list} IS NULL`).join(" OR ");
      return `CASE WHEN ${missing} THEN NULL ELSE ${all.join(" || ")} END`;
    },
  );
  return { sql, type };
}

function toText(call: Call): Typed {
  const { sql: array, element } = listAt(call, 0);
  if (element.kind !== "STRING" && element.kind !== "BYTES") return call.noMatch();
  const separator = call.arg(1, element.kind);
  const absent = call.count > 2 ? [call.arg(2, element.kind).sql] : [];
  const empty = element.kind === "BYTES" ? "''::BLOB" : "''";
  const isConstant = typeof separator.literal === "string" && element.kind === "STRING";
  const sql = once([array, separator.sql, ...absent], (a, q, n) => {
    const elements =
      n === undefined
        ? `list_filter(${a}, lambda _e: _e IS NOT NULL)`
        : `list_transform(${a}, lambda _e: coalesce(_e, ${n}))`;
    const missing = (n === undefined ? [a, q] : [a, q, n]).map((x) => `${x} IS NULL`).join(" OR ");
    return `CASE WHEN ${missing} THEN NULL ELSE ${joined(elements, q, empty, isConstant)} END`;
  });
  return { sql, type: element };
}

/** array_to_string wants a constant separator, and gives NULL for an empty list. */
function joined(list: string, separator: string, empty: string, isConstant: boolean): string {
  if (isConstant) return `coalesce(array_to_string(${list}, ${separator}), '')`;
  return `CASE WHEN len(${list}) = 0 THEN ${empty} ELSE list_reduce(${list}, lambda _x, _y: _x || ${separator} || _y) END`;
}

function edge(call: Call): Typed {
  const list = listAt(call, 0);
  const [word, index] = call.name === "ARRAY_FIRST" ? ["first", "1"] : ["last", "-1"];
  const sql = once([list.sql], (a) => {
    const failure = raise(
      `${call.name} cannot get the ${word} element of an empty array`,
      list.element,
    );
    return `CASE WHEN len(${a}) = 0 THEN ${failure} ELSE ${a}[${index}] END`;
  });
  return { sql, type: list.element };
}

/** Positions from 0, from the end when negative, both inclusive; outside of the array they are moved to its ends. */
function slice(call: Call): Typed {
  const list = listAt(call, 0);
  const sql = once(
    [list.sql, call.arg(1, "INT64").sql, call.arg(2, "INT64").sql],
    (a, from, to) => {
      const position = (n: string) => `CASE WHEN ${n} < 0 THEN len(${a}) + ${n} ELSE ${n} END`;
      const first = `greatest(${position(from)}, 0)`;
      const last = `least(${position(to)}, len(${a}) - 1)`;
      return `CASE WHEN ${a} IS NULL OR ${from} IS NULL OR ${to} IS NULL THEN NULL WHEN ${last} < ${first} THEN []::${duckdbType(list.type)} ELSE ${a}[${first} + 1:${last} + 1] END`;
    },
  );
  return { sql, type: list.type };
}

/** Elements that can be compared with each other, as the type they share with a value. */
function includes(call: Call): Typed {
  const list = listAt(call, 0);
  if (["ARRAY", "STRUCT", "JSON"].includes(list.element.kind)) return call.noMatch();
  const sql = once(
    [list.sql, call.arg(1, list.element.kind).sql],
    (a, x) => `CASE WHEN ${a} IS NOT NULL AND ${x} IS NOT NULL THEN list_contains(${a}, ${x}) END`,
  );
  return { sql, type: BOOL };
}

export const arrays: readonly FunctionDef[] = [
  define("ARRAY_LENGTH", "array", [1, 1], (call) => ({
    sql: `len(${listAt(call, 0).sql})`,
    type: INT64,
  })),
  define("ARRAY_REVERSE", "array", [1, 1], (call) => {
    const list = listAt(call, 0);
    return { sql: `list_reverse(${list.sql})`, type: list.type };
  }),
  define("ARRAY_CONCAT", "array, …", [1], concat),
  define("ARRAY_TO_STRING", "array, separator[, null_text]", [2, 3], toText),
  define("ARRAY_FIRST", "array", [1, 1], edge),
  define("ARRAY_LAST", "array", [1, 1], edge),
  define("ARRAY_SLICE", "array, first, last", [3, 3], slice),
  define("ARRAY_INCLUDES", "array, value", [2, 2], includes),
  define("GENERATE_ARRAY", "first, last[, step]", [2, 3], generate),
];
