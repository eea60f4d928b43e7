import { refused } from "../../errors.ts";
import { BOOL, FLOAT64 } from "../types.ts";
import { once, raise } from "./body.ts";
import { type Call, define, type FunctionDef, type Typed } from "./define.ts";

/** Functions that BigQuery computes in FLOAT64; the exact variants for NUMERIC are not done. */
function floats(call: Call): readonly string[] {
  return Array.from({ length: call.count }, (_, i) => {
    if (call.arg(i).type.kind.endsWith("NUMERIC")) {
      throw refused(`${call.name} of ${call.arg(i).type.kind}`, call.place, "CAST(… AS FLOAT64)");
    }
    return call.arg(i, "FLOAT64").sql;
  });
}

/** A FLOAT64 function: a result that is no number, from arguments that are, is an error. */
function float(
  name: string,
  args: FunctionDef["args"],
  body: (...args: string[]) => string,
  more = "",
): FunctionDef {
  const compile = (call: Call): Typed => {
    const values = floats(call);
    const sql = once(values, (...xs) => {
      const result = body(...xs);
      const absent = xs.length > 1 ? xs.map((x) => `${x} IS NULL`).join(" OR ") : "";
      const missing = absent && `WHEN ${absent} THEN NULL `;
      const allFinite = xs.map((x) => `isfinite(${x})`).join(" AND ");
      return `CASE ${missing}WHEN ${allFinite} AND NOT isfinite(${result}) THEN ${raise(`Floating point error in function: ${name}`, FLOAT64)} ELSE ${result} END`;
    });
    return { sql, type: FLOAT64 };
  };
  const names = ["x", "y"].slice(0, args[1] ?? 1).join(", ");
  return { name, signature: `${name}(${more || names})`, args, compile };
}

/** COSINE_DISTANCE and EUCLIDEAN_DISTANCE of two vectors of one length without NULLs. */
function distance(name: "COSINE_DISTANCE" | "EUCLIDEAN_DISTANCE"): FunctionDef {
  const compile = (call: Call): Typed => {
    const vectors = [0, 1].map((i) => {
      const { type, sql } = call.arg(i);
      if (type.kind !== "ARRAY" || type.element.kind !== "FLOAT64") return call.noMatch();
      return sql;
    });
    const sql = once(vectors, (a, b) => {
      const lengths = raise(`${name}: the vectors must have the same length`, FLOAT64);
      const nulls = raise(`${name}: a vector cannot hold NULL`, FLOAT64);
      const zeros = raise(`${name}: a vector cannot be all zeros`, FLOAT64);
      const isZero = (v: string) => `len(list_filter(${v}, lambda _x: _x <> 0)) = 0`;
      const hasNull = (v: string) => `len(list_filter(${v}, lambda _x: _x IS NULL)) > 0`;
      const checked = `WHEN len(${a}) <> len(${b}) THEN ${lengths} WHEN ${hasNull(a)} OR ${hasNull(b)} THEN ${nulls}`;
      if (name === "EUCLIDEAN_DISTANCE")
        return `CASE ${checked} ELSE list_distance(${a}, ${b}) END`;
      return `CASE ${checked} WHEN ${isZero(a)} OR ${isZero(b)} THEN ${zeros} ELSE list_cosine_distance(${a}, ${b}) END`;
    });
    return { sql, type: FLOAT64 };
  };
  return { name, signature: `${name}(vector, vector)`, args: [2, 2], compile };
}

function test(name: "IS_NAN" | "IS_INF", duckdb: string): FunctionDef {
  return {
    name,
    signature: `${name}(x)`,
    args: [1, 1],
    compile: (call) => ({ sql: `${duckdb}(${call.arg(0, "FLOAT64").sql})`, type: BOOL }),
  };
}

/** DuckDB fails for infinities, where these have no limit. */
const periodic = (body: (x: string) => string) => (x: string) =>
  `CASE WHEN isinf(${x}) THEN 'nan'::DOUBLE ELSE ${body(x)} END`;

const simple = (duckdb: string) => (x: string) => `${duckdb}(${x})`;

/** DuckDB fails where these are no number, which is only an error of finite arguments. */
const logarithm = (duckdb: string) => (x: string) =>
  `CASE WHEN ${x} > 0 THEN ${duckdb}(${x}) WHEN ${x} = 0 THEN '-inf'::DOUBLE WHEN ${x} < 0 THEN 'nan'::DOUBLE END`;

const ln = logarithm("ln");

const inverse = (duckdb: string) => (x: string) => `(1 / ${duckdb}(${x}))`;

const one: FunctionDef["args"] = [1, 1];

export const mathFunctions: readonly FunctionDef[] = [
  float("POW", [2, 2], (x, y) => `pow(${x}, ${y})`),
  float("POWER", [2, 2], (x, y) => `pow(${x}, ${y})`),
  float("SQRT", one, simple("sqrt")),
  float("CBRT", one, simple("cbrt")),
  float("EXP", one, simple("exp")),
  float("LN", one, logarithm("ln")),
  float(
    "LOG",
    [1, 2],
    (x, base) =>
      base === undefined
        ? ln(x)
        : `CASE WHEN isinf(${base}) OR ${base} = 0 THEN 'nan'::DOUBLE ELSE ${ln(x)} / ${ln(base)} END`,
    "x[, base]",
  ),
  float("LOG10", one, logarithm("log10")),
  float("SIN", one, periodic(simple("sin"))),
  float("COS", one, periodic(simple("cos"))),
  float("TAN", one, periodic(simple("tan"))),
  float("ASIN", one, periodic(simple("asin"))),
  float("ACOS", one, periodic(simple("acos"))),
  float("ATAN", one, simple("atan")),
  float("ATAN2", [2, 2], (x, y) => `atan2(${x}, ${y})`),
  float("SINH", one, simple("sinh")),
  float("COSH", one, simple("cosh")),
  float("TANH", one, simple("tanh")),
  float("ASINH", one, simple("asinh")),
  float("ACOSH", one, simple("acosh")),
  float("ATANH", one, periodic(simple("atanh"))),
  float("COT", one, periodic(inverse("tan"))),
  float("SEC", one, periodic(inverse("cos"))),
  float("CSC", one, periodic(inverse("sin"))),
  float("COTH", one, inverse("tanh")),
  float("SECH", one, inverse("cosh")),
  float("CSCH", one, inverse("sinh")),
  distance("COSINE_DISTANCE"),
  distance("EUCLIDEAN_DISTANCE"),
  test("IS_NAN", "isnan"),
  test("IS_INF", "isinf"),
  define("RAND", "", [0, 0], () => ({ sql: "random()", type: FLOAT64 })),
];
