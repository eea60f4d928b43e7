import { invalidQuery, refused } from "../../errors.ts";
import { bigArithmetic } from "../bignumeric.ts";
import { product, quotient, wholeQuotient } from "../numeric.ts";
import { duckdbType, FLOAT64, INT64, type ScalarType, type SqlType } from "../types.ts";
import { apply, once, raise, raiseText } from "./body.ts";
import { type Call, define, type FunctionDef, type Typed } from "./define.ts";

const DECIMALS = ["NUMERIC", "BIGNUMERIC"];

/** The arguments as the number type they share; text and other types have no signature. */
function numbers(call: Call, allowed = ["INT64", "FLOAT64", ...DECIMALS]): readonly Typed[] {
  const values = call
    .common()
    .map((value, i) => (value.type.kind === "UNKNOWN" ? call.arg(i, "INT64") : value));
  return values.every((value) => allowed.includes(value.type.kind)) ? values : call.noMatch();
}

function typeOf(values: readonly Typed[]): SqlType {
  return values[0]?.type ?? FLOAT64;
}

function isDecimal(type: SqlType): boolean {
  return DECIMALS.includes(type.kind);
}

/** ROUND and TRUNC of FLOAT64 work on the exact binary value: 2.675 is a little less than its text, and rounds to 2.67. */
function roundFloat(name: "round" | "trunc", value: string, digits: Typed | undefined): string {
  if (!digits || digits.literal === 0) return `${name}(${value})`;
  const n = digits.literal;
  return once([value, digits.sql], (x, d) => {
    const exact = `bq_${name}(${x}, ${d})`;
    if (typeof n !== "number" || n < 1 || n > 9) return exact;
    const power = 10 ** n;
    // Scaled in DOUBLE the value is right within 0.001; only near a boundary its exact digits must decide.
    const scaled = `(${x} * ${power})`;
    const distance =
      name === "round"
        ? `abs(${scaled} - floor(${scaled}) - 0.5)`
        : `abs(${scaled} - round(${scaled}))`;
    return `CASE WHEN abs(${scaled}) < 1e12 AND ${distance} > 0.001 THEN ${name}(${scaled}) / ${power}::DOUBLE ELSE ${exact} END`;
  });
}

function roundOrTruncate(name: "ROUND" | "TRUNC"): (call: Call) => Typed {
  const duckdb = name === "ROUND" ? "round" : "trunc";
  return (call) => {
    const digits = call.count > 1 ? call.arg(1, "INT64") : undefined;
    const type = call.arg(0).type;
    if (!isDecimal(type)) {
      if (call.count > 2) return call.noMatch();
      return { sql: roundFloat(duckdb, call.arg(0, "FLOAT64").sql, digits), type: FLOAT64 };
    }
    if (digits?.literal === null) return { sql: `CAST(NULL AS ${duckdbType(type)})`, type };
    if (digits && typeof digits.literal !== "number") {
      throw refused(`${name} of ${type.kind} with a precision that is not a literal`, call.place);
    }
    // More digits than a decimal has change nothing, or leave nothing.
    const places = Math.max(-39, Math.min(39, Number(digits?.literal ?? 0)));
    const mode = call.count > 2 ? call.arg(2, "STRING").literal : "ROUND_HALF_AWAY_FROM_ZERO";
    if (mode === "ROUND_HALF_EVEN") return { sql: halfEven(call.arg(0), places), type };
    if (mode !== "ROUND_HALF_AWAY_FROM_ZERO") {
      throw invalidQuery(`Invalid rounding mode: ${mode}`, call.place);
    }
    const whole = type.kind === "NUMERIC" ? 29 : 20;
    if (places < -whole || (name === "TRUNC" && places === -whole)) {
      const zero = `CASE WHEN ${call.arg(0).sql} IS NOT NULL THEN 0::${duckdbType(type)} END`;
      return { sql: `(${zero})`, type };
    }
    const rounded = (x: string) => `${duckdb}(${x}, ${places})::${duckdbType(type)}`;
    if (name === "TRUNC" || places > -whole) return { sql: rounded(call.arg(0).sql), type };
    // DuckDB gives 0 where the result would have one digit too many.
    const sql = once([call.arg(0).sql], (x) => {
      const most = `5${"0".repeat(whole - 1)}`;
      const isLost = `${places} = -${whole} AND abs(${x}) >= ${most}`;
      return `CASE WHEN ${isLost} THEN ${raise("numeric overflow: ROUND", type)} ELSE ${rounded(x)} END`;
    });
    return { sql, type };
  };
}

/** A tie goes to the even neighbour: towards zero when the digit before it is even. */
function halfEven({ sql, type }: Typed, places: number): string {
  const one = places > 0 ? `0.${"0".repeat(places - 1)}1` : `1${"0".repeat(-places)}`;
  const decimal = duckdbType(type);
  return once([sql], (x) => {
    const down = `trunc(${x}, ${places})::${decimal}`;
    const isTie = `2 * abs(${x} - ${down}) = ${one}`;
    return `CASE WHEN ${isTie} AND ${down} % (2 * ${one}) = 0 THEN ${down} ELSE round(${x}, ${places})::${decimal} END`;
  });
}

/** CEIL and FLOOR: of INT64 the result is FLOAT64. */
function toWhole(name: string, duckdb: "ceil" | "floor"): FunctionDef {
  return {
    name,
    signature: `${name}(x)`,
    args: [1, 1],
    compile: (call) => {
      const type = isDecimal(call.arg(0).type) ? call.arg(0).type : FLOAT64;
      return { sql: `${duckdb}(${call.arg(0, type.kind).sql})::${duckdbType(type)}`, type };
    },
  };
}

function sign(call: Call): Typed {
  const [x] = numbers(call);
  if (!x) return call.noMatch();
  const plain = (sql: string) => `sign(${sql})::${duckdbType(x.type)}`;
  if (x.type.kind !== "FLOAT64") return { sql: plain(x.sql), type: x.type };
  return {
    sql: once([x.sql], (v) => `CASE WHEN isnan(${v}) THEN ${v} ELSE ${plain(v)} END`),
    type: x.type,
  };
}

/** DIV and MOD of INT64, NUMERIC and BIGNUMERIC. */
function wholeDivision(call: Call): Typed {
  const values = numbers(call, ["INT64", ...DECIMALS]);
  const type = typeOf(values);
  if (type.kind !== "INT64" && call.name === "DIV") {
    const [x = "", y = ""] = values.map((value) => value.sql);
    return type.kind === "NUMERIC"
      ? { sql: wholeQuotient(x, y), type }
      : bigArithmetic("div", x, y);
  }
  const sql = once(
    values.map((value) => value.sql),
    (x, y) => {
      const failure = raise(`division by zero: ${call.name}`, type);
      return `CASE WHEN ${y} = 0 AND ${x} IS NOT NULL THEN ${failure} ELSE ${call.name === "MOD" ? `${x} % ${y}` : `${x} // ${y}`} END`;
    },
  );
  return { sql, type };
}

/** GREATEST and LEAST: NULL as soon as one argument is NULL, NaN as soon as one is NaN. */
function extreme(call: Call): Typed {
  const values = call.common();
  const type = typeOf(values);
  if (["ARRAY", "STRUCT", "JSON"].includes(type.kind)) return call.noMatch();
  const args = values.map((value) => value.sql);
  const sql = once(args, (...xs) => {
    const any = (test: (x: string) => string) => xs.map(test).join(" OR ");
    const nan =
      type.kind === "FLOAT64" ? ` WHEN ${any((x) => `isnan(${x})`)} THEN 'nan'::DOUBLE` : "";
    // DuckDB compares INTERVALs here by their parts, not by their length.
    const chosen =
      type.kind === "INTERVAL"
        ? `list_${call.name === "GREATEST" ? "max" : "min"}([${xs.join(", ")}])`
        : `${call.name.toLowerCase()}(${xs.join(", ")})`;
    return `CASE WHEN ${any((x) => `${x} IS NULL`)} THEN NULL${nan} ELSE ${chosen} END`;
  });
  return { sql, type };
}

/** Division that gives NULL where `/` fails: for a zero divisor and for an overflow. */
function safeDivide(call: Call): Typed {
  const values = numbers(call);
  const type = typeOf(values);
  // What the emulator cannot hold would become NULL.
  if (type.kind === "BIGNUMERIC") throw refused("SAFE_DIVIDE of BIGNUMERIC", call.place, "NUMERIC");
  if (type.kind === "NUMERIC") {
    const sql = once(
      values.map((value) => value.sql),
      (x, y) => `CASE WHEN ${y} <> 0 THEN TRY(${quotient(x, y)}) END`,
    );
    return { sql, type };
  }
  const sql = once([call.arg(0, "FLOAT64").sql, call.arg(1, "FLOAT64").sql], (x, y) => {
    const lost = `isfinite(${x}) AND isfinite(${y}) AND NOT isfinite(${x} / ${y})`;
    return `CASE WHEN ${y} = 0 OR ${lost} THEN NULL ELSE ${x} / ${y} END`;
  });
  return { sql, type: FLOAT64 };
}

const SAFE_OPERATORS: Readonly<Record<string, "+" | "-" | "*">> = {
  SAFE_ADD: "+",
  SAFE_SUBTRACT: "-",
  SAFE_MULTIPLY: "*",
};

/** The operators with NULL instead of an overflow. */
function safeArithmetic(call: Call): Typed {
  const values = numbers(call);
  const type = typeOf(values);
  const operator = SAFE_OPERATORS[call.name] ?? "-";
  if (type.kind === "BIGNUMERIC" && call.name !== "SAFE_NEGATE") {
    throw refused(`${call.name} of BIGNUMERIC`, call.place, "NUMERIC");
  }
  const args = values.map((value) => value.sql);
  const sql = apply({ safe: true }, args, (x, y) => {
    const result = y === undefined ? `(-(${x}))` : step(type, operator, x, y);
    if (type.kind !== "FLOAT64" || y === undefined) return result;
    return `CASE WHEN isfinite(${x}) AND isfinite(${y}) AND NOT isfinite(${result}) THEN NULL ELSE ${result} END`;
  });
  return { sql, type };
}

function step(type: SqlType, operator: "+" | "-" | "*", x: string, y: string): string {
  return type.kind === "NUMERIC" && operator === "*" ? product(x, y) : `(${x} ${operator} ${y})`;
}

function rangeBucket(call: Call): Typed {
  const list = call.arg(1);
  if (list.type.kind !== "ARRAY") return call.noMatch();
  const kind = list.type.element.kind === "UNKNOWN" ? "INT64" : list.type.element.kind;
  if (["ARRAY", "STRUCT", "JSON", "INTERVAL"].includes(kind)) return call.noMatch();
  // A FLOAT64 among INT64 bounds compares as FLOAT64, which DuckDB does by itself.
  const isNumeric = ["INT64", "FLOAT64", ...DECIMALS].includes(kind);
  const point = isNumeric ? numberAt(call, 0) : call.arg(0, kind);
  const sql = once([point.sql, list.sql], (x, bounds) => {
    const failure = raise(
      "Elements in input array to RANGE_BUCKET must be in ascending order",
      INT64,
    );
    const nan = raise("Elements in input array to RANGE_BUCKET cannot be NaN", INT64);
    const nanBound = `list_contains(list_transform(${bounds}, lambda _b: isnan(_b)), true)`;
    const nans =
      (kind === "FLOAT64" ? ` WHEN ${nanBound} THEN ${nan}` : "") +
      (point.type.kind === "FLOAT64" ? ` WHEN isnan(${x}) THEN NULL` : "");
    const unordered = `list_contains(list_transform(${bounds}, lambda _b: _b IS NULL), true) OR ${bounds} <> list_sort(${bounds})`;
    return `CASE WHEN ${x} IS NULL OR ${bounds} IS NULL THEN NULL${nans} WHEN ${unordered} THEN ${failure} ELSE len(list_filter(${bounds}, lambda _b: _b <= ${x})) END`;
  });
  return { sql, type: INT64 };
}

function numberAt(call: Call, i: number): Typed {
  const { kind } = call.arg(i).type;
  return ["FLOAT64", ...DECIMALS].includes(kind) ? call.arg(i) : call.arg(i, "INT64");
}

const PARSED = "^\\s*([+-]?)\\s*([0-9,]*\\.?[0-9]*(?:[eE][+-]?[0-9]+)?)\\s*([+-]?)\\s*$";

/** PARSE_NUMERIC: more than CAST takes, namely spaces around the sign, commas among the digits, a sign behind. */
function parseNumber(name: "PARSE_NUMERIC" | "PARSE_BIGNUMERIC"): FunctionDef {
  const type: ScalarType = { kind: name === "PARSE_NUMERIC" ? "NUMERIC" : "BIGNUMERIC" };
  const compile = (call: Call): Typed => {
    const sql = once([call.arg(0, "STRING").sql], (s) => {
      const part = (group: number) => `regexp_extract(${s}, '${PARSED}', ${group})`;
      const digits = `replace(${part(2)}, ',', '')`;
      const isNumber = `regexp_matches(${s}, '${PARSED}') AND regexp_matches(${digits}, '^\\.?[0-9]') AND (${part(1)} = '' OR ${part(3)} = '')`;
      const failure = raiseText(`'Invalid input to ${name}: ' || ${s}`, type);
      // DuckDB keeps 20 digits of a BIGNUMERIC before the point and 18 behind it.
      const lost = `regexp_matches(${digits}, '[eE]|\\.[0-9]{19}|^0*[1-9][0-9]{20}')`;
      const refusal = raise(`Not supported by the emulator: ${name} of so many digits`, type);
      const value = `(${part(1)} || ${part(3)} || ${digits})::${duckdbType(type)}`;
      return `CASE WHEN ${s} IS NULL THEN NULL WHEN NOT (${isNumber}) THEN ${failure} ${name === "PARSE_BIGNUMERIC" ? `WHEN ${lost} THEN ${refusal}` : ""} ELSE ${value} END`;
    });
    return { sql, type };
  };
  return { name, signature: `${name}(text)`, args: [1, 1], compile };
}

const one: FunctionDef["args"] = [1, 1];

function absolute(call: Call): Typed {
  const [x] = numbers(call);
  return x ? { sql: `abs(${x.sql})`, type: x.type } : call.noMatch();
}

function bitCount(call: Call): Typed {
  if (call.arg(0).type.kind !== "BYTES") {
    return { sql: `bit_count(${call.arg(0, "INT64").sql})::BIGINT`, type: INT64 };
  }
  // The text of DuckDB's BIT has one character per bit; an empty BLOB has no BIT.
  const ones = (b: string) =>
    `CASE WHEN octet_length(${b}::BLOB) = 0 THEN 0 ELSE length(replace(CAST(${b} AS BIT)::VARCHAR, '0', '')) END`;
  return { sql: once([call.arg(0).sql], ones), type: INT64 };
}

export const numberFunctions: readonly FunctionDef[] = [
  define("ABS", "x", one, absolute),
  define("SIGN", "x", one, sign),
  define("ROUND", "x[, digits]", [1, 3], roundOrTruncate("ROUND")),
  define("TRUNC", "x[, digits]", [1, 2], roundOrTruncate("TRUNC")),
  toWhole("CEIL", "ceil"),
  toWhole("CEILING", "ceil"),
  toWhole("FLOOR", "floor"),
  define("DIV", "x, y", [2, 2], wholeDivision),
  define("MOD", "x, y", [2, 2], wholeDivision),
  define("SAFE_DIVIDE", "x, y", [2, 2], safeDivide),
  define("IEEE_DIVIDE", "x, y", [2, 2], (call) => ({
    sql: `(${call.arg(0, "FLOAT64").sql} / ${call.arg(1, "FLOAT64").sql})`,
    type: FLOAT64,
  })),
  define("SAFE_ADD", "x, y", [2, 2], safeArithmetic),
  define("SAFE_SUBTRACT", "x, y", [2, 2], safeArithmetic),
  define("SAFE_MULTIPLY", "x, y", [2, 2], safeArithmetic),
  define("SAFE_NEGATE", "x", one, safeArithmetic),
  define("GREATEST", "x, …", [1], extreme),
  define("LEAST", "x, …", [1], extreme),
  parseNumber("PARSE_NUMERIC"),
  parseNumber("PARSE_BIGNUMERIC"),
  define("RANGE_BUCKET", "x, bounds", [2, 2], rangeBucket),
  define("BIT_COUNT", "x", one, bitCount),
];
