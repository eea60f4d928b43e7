/** The types of composed expressions, as GoogleSQL writes them. */
const NUMBERS = ["INT64", "FLOAT64", "NUMERIC", "BIGNUMERIC"];
const TIMES = ["DATE", "TIME", "DATETIME", "TIMESTAMP"];
const COMPARABLE = [...NUMBERS, "BOOL", "STRING", "BYTES", ...TIMES, "INTERVAL"];
const SCALARS = [...COMPARABLE, "JSON"];

export const STRUCT = "STRUCT<a INT64, b STRING>";

/** What a capital letter of a signature stands for. */
export const CLASSES: Readonly<Record<string, readonly string[]>> = {
  N: NUMBERS,
  X: ["NUMERIC", "BIGNUMERIC"],
  /** Text or bytes. */
  B: ["STRING", "BYTES"],
  /** With an order. */
  O: COMPARABLE,
  /** Without floats, whose sums depend on the order of the rows. */
  E: ["INT64", "NUMERIC", "BIGNUMERIC"],
  S: SCALARS,
  /** What arrays are made of. */
  L: ["INT64", "FLOAT64", "NUMERIC", "STRING", "BOOL", "DATE", "TIMESTAMP", "BYTES"],
  A: [...SCALARS, "ARRAY<INT64>", "ARRAY<STRING>", STRUCT],
};

/** The columns of the sample table: name and type. `id` numbers the rows, `k` and `w` have few values, for groups. */
export const COLUMNS: Readonly<Record<string, string>> = {
  ...Object.fromEntries(SCALARS.map((type) => [`c_${type.toLowerCase()}`, type])),
  c_integers: "ARRAY<INT64>",
  c_strings: "ARRAY<STRING>",
  c_struct: STRUCT,
};
