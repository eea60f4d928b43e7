/** `AGG(x)` of a scalar subquery over the sample table, over its rows and over none of them. */
function over(type: string, call: string): readonly string[] {
  return [
    `${type} = (SELECT ${call} FROM data AS t)`,
    `${type} = (SELECT ${call} FROM data AS t WHERE {BOOL@t})`,
  ];
}

/** Floats are added up in any order: sums of these are exact, so that the order does not matter. */
const EXACT = "{wholeFloat}";

/** Aggregates, as scalar subqueries, so that they stand anywhere in an expression. */
export const aggregates: Readonly<Record<string, readonly string[]>> = {
  ANY_VALUE: [
    ...over("INT64", "ANY_VALUE({INT64@t} HAVING {extreme} t.id)"),
    ...over("STRING", "ANY_VALUE({STRING@t} HAVING {extreme} t.id)"),
    "DATE = (SELECT ANY_VALUE({DATE@t}) FROM data AS t WHERE t.id = 1)",
  ],
  ARRAY_AGG: [
    ...over("ARRAY<L>", "ARRAY_AGG({L@t} ORDER BY t.id{limit})"),
    ...over("ARRAY<L>", "ARRAY_AGG({L@t} IGNORE NULLS ORDER BY {O@t}{direction}, t.id{limit})"),
    ...over(
      "ARRAY<INT64>",
      "ARRAY_AGG(DISTINCT t.c_int64{nulls} ORDER BY t.c_int64{direction}{limit})",
    ),
  ],
  ARRAY_CONCAT_AGG: over(
    "ARRAY<L>",
    "ARRAY_CONCAT_AGG({ARRAY<L>@t} ORDER BY t.id{direction}{limit})",
  ),
  AVG: [
    ...over("APPROX", "AVG({INT64@t})"),
    ...over("APPROX", `AVG({distinct}IF({BOOL@t}, ${EXACT}, t.id))`),
    ...over("NUMERIC", "AVG({distinct}{NUMERIC@t})"),
    ...over("BIGNUMERIC", "AVG({BIGNUMERIC@t})"),
  ],
  BIT_AND: over("INT64", "BIT_AND({INT64@t})"),
  BIT_OR: over("INT64", "BIT_OR({INT64@t})"),
  BIT_XOR: over("INT64", "BIT_XOR({distinct}{INT64@t})"),
  CORR: over("APPROX", `CORR(t.id, IF({BOOL@t}, ${EXACT}, t.k))`),
  COUNT: [
    ...over("INT64", "COUNT(*)"),
    ...over("INT64", "COUNT({A@t})"),
    ...over("INT64", "COUNT(DISTINCT {O@t})"),
  ],
  COUNTIF: [...over("INT64", "COUNTIF({BOOL@t})"), ...over("INT64", "COUNTIF(DISTINCT {BOOL@t})")],
  COVAR_POP: over("APPROX", `COVAR_POP(t.id, IF({BOOL@t}, ${EXACT}, t.k))`),
  COVAR_SAMP: over("APPROX", `COVAR_SAMP(t.id, IF({BOOL@t}, ${EXACT}, t.k))`),
  LOGICAL_AND: over("BOOL", "LOGICAL_AND({BOOL@t})"),
  LOGICAL_OR: over("BOOL", "LOGICAL_OR({BOOL@t})"),
  MAX: over("O", "MAX({O@t})"),
  MIN: over("O", "MIN({O@t})"),
  STDDEV: [
    ...over("APPROX", `STDDEV(IF({BOOL@t}, ${EXACT}, t.id))`),
    ...over("APPROX", "STDDEV({distinct}{small})"),
  ],
  STDDEV_POP: over("APPROX", `STDDEV_POP({distinct}IF({BOOL@t}, ${EXACT}, t.id))`),
  STDDEV_SAMP: over("APPROX", `STDDEV_SAMP({distinct}IF({BOOL@t}, ${EXACT}, t.id))`),
  VARIANCE: over("APPROX", `VARIANCE({distinct}IF({BOOL@t}, ${EXACT}, t.id))`),
  VAR_POP: over("APPROX", `VAR_POP({distinct}IF({BOOL@t}, ${EXACT}, t.id))`),
  VAR_SAMP: over("APPROX", `VAR_SAMP({distinct}IF({BOOL@t}, ${EXACT}, t.id))`),
  STRING_AGG: [
    ...over("STRING", "STRING_AGG({STRING@t} ORDER BY t.id{limit})"),
    ...over("STRING", "STRING_AGG({STRING@t}, ';' ORDER BY {O@t}{direction}, t.id{limit})"),
    ...over("BYTES", "STRING_AGG({BYTES@t}, b'\\xff' ORDER BY t.id{direction})"),
    ...over("STRING", "STRING_AGG(DISTINCT t.c_string, '|' ORDER BY t.c_string{direction}{limit})"),
  ],
  SUM: [
    ...over("E", "SUM({distinct}{E@t})"),
    ...over("FLOAT64", `SUM(IF({BOOL@t}, ${EXACT}, t.id))`),
  ],
};

/** A window function's values, row by row, as an array. The order of rows is total, so that they are determined. */
function windowed(type: string, call: string): readonly string[] {
  return [
    `ARRAY<${type}> = ARRAY(SELECT ${call} AS v FROM data AS t ORDER BY t.id)`,
    `QUERY = SELECT t.id, ${call} AS v FROM data AS t`,
  ];
}

const ORDERED = "OVER ({partition} ORDER BY {O@t}{direction}, t.id)";
const ROWS = "OVER ({partition} ORDER BY {O@t}{direction}, t.id {rowsFrame})";

/** Not a bare NULL, for which the reference alone has an error. */
const VALUE = "IF(t.k = 0, {L@t}, {L@t})";

/** Window functions; aggregates over windows stand with the construct WINDOW. */
export const windows: Readonly<Record<string, readonly string[]>> = {
  ROW_NUMBER: windowed("INT64", `ROW_NUMBER() ${ORDERED}`),
  RANK: windowed("INT64", "RANK() OVER ({partition} ORDER BY {O@t}{direction})"),
  DENSE_RANK: windowed("INT64", "DENSE_RANK() OVER ({partition} ORDER BY {O@t}{direction})"),
  PERCENT_RANK: windowed("FLOAT64", "PERCENT_RANK() OVER ({partition} ORDER BY {O@t}{direction})"),
  CUME_DIST: windowed("FLOAT64", "CUME_DIST() OVER ({partition} ORDER BY {O@t}{direction})"),
  NTILE: windowed("INT64", `NTILE({positive}) ${ORDERED}`),
  LAG: [
    ...windowed("L", `LAG({L@t}) ${ORDERED}`),
    ...windowed("L", `LAG({L@t}, {count}) ${ORDERED}`),
    ...windowed("INT64", `LAG({INT64@t}, {count}, -7) ${ORDERED}`),
  ],
  LEAD: [
    ...windowed("L", `LEAD({L@t}, {count}) ${ORDERED}`),
    ...windowed("STRING", `LEAD({STRING@t}, {count}, 'none') ${ORDERED}`),
  ],
  FIRST_VALUE: windowed("L", `FIRST_VALUE(${VALUE}{nulls}) ${ROWS}`),
  LAST_VALUE: windowed("L", `LAST_VALUE(${VALUE}{nulls}) ${ROWS}`),
  NTH_VALUE: windowed("L", `NTH_VALUE(${VALUE}, {positive}{nulls}) ${ROWS}`),
  PERCENTILE_CONT: [
    ...windowed("FLOAT64", "PERCENTILE_CONT({wholeFloat}, {fraction}) OVER ({partition})"),
    ...windowed(
      "FLOAT64",
      "PERCENTILE_CONT(IF({BOOL@t}, t.id, t.k), {fraction}{nulls}) OVER ({partition})",
    ),
  ],
  PERCENTILE_DISC: windowed("O", "PERCENTILE_DISC({O@t}, {fraction}{nulls}) OVER ({partition})"),
};
