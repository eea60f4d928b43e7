/** Functions whose last bits depend on the library that computes them; see `compare.ts`. */
function inexact(name: string): readonly [string, readonly string[]] {
  return [
    name,
    [`APPROX = ${name}({FLOAT64})`, `APPROX = ${name}({INT64})`, `APPROX = ${name}({wholeFloat})`],
  ];
}

const HYPERBOLIC = "ACOSH ASINH ATANH COSH SINH TANH COTH SECH CSCH".split(" ");
const TRIGONOMETRIC = "ACOS ASIN ATAN COS SIN TAN COT SEC CSC".split(" ");

/** Mathematical functions, bits and hashes. */
export const numbers: Readonly<Record<string, readonly string[]>> = {
  ...Object.fromEntries([...HYPERBOLIC, ...TRIGONOMETRIC].map(inexact)),
  ATAN2: ["APPROX = ATAN2({FLOAT64}, {FLOAT64})", "APPROX = ATAN2({wholeFloat}, {wholeFloat})"],
  CBRT: ["APPROX = CBRT({FLOAT64})", "APPROX = CBRT({INT64})"],
  // Of NUMERIC neither EXP nor LN, LOG, LOG10, POW and SQRT: for many values the reference does not end.
  EXP: ["APPROX = EXP({FLOAT64})", "APPROX = EXP({wholeFloat})"],
  LN: ["APPROX = LN({FLOAT64})", "APPROX = LN({INT64})"],
  LOG: ["APPROX = LOG({FLOAT64})", "APPROX = LOG({FLOAT64}, {FLOAT64})"],
  LOG10: ["APPROX = LOG10({FLOAT64})", "APPROX = LOG10({INT64})"],
  POW: ["APPROX = POW({FLOAT64}, {wholeFloat})", "APPROX = POW({INT64}, {small})"],
  POWER: ["APPROX = POWER({wholeFloat}, {FLOAT64})", "APPROX = POWER({small}, {INT64})"],
  SQRT: ["APPROX = SQRT({FLOAT64})", "APPROX = SQRT({INT64})"],
  ABS: ["N = ABS({N})"],
  SIGN: ["N = SIGN({N})"],
  CEIL: ["FLOAT64 = CEIL({FLOAT64})", "FLOAT64 = CEIL({INT64})", "X = CEIL({X})"],
  CEILING: ["FLOAT64 = CEILING({FLOAT64})", "X = CEILING({X})"],
  FLOOR: ["FLOAT64 = FLOOR({FLOAT64})", "FLOAT64 = FLOOR({INT64})", "X = FLOOR({X})"],
  ROUND: [
    "FLOAT64 = ROUND({FLOAT64})",
    "FLOAT64 = ROUND({FLOAT64}, {small})",
    "FLOAT64 = ROUND({INT64}, {small})",
    "X = ROUND({X})",
    "X = ROUND({X}, {small})",
    "X = ROUND({X}, {INT64})",
    "FLOAT64 = ROUND({FLOAT64}, {INT64})",
  ],
  TRUNC: [
    "FLOAT64 = TRUNC({FLOAT64})",
    "FLOAT64 = TRUNC({FLOAT64}, {small})",
    "X = TRUNC({X})",
    "X = TRUNC({X}, {INT64})",
  ],
  DIV: ["E = DIV({E}, {E})", "NUMERIC = DIV({NUMERIC}, {INT64})"],
  MOD: ["E = MOD({E}, {E})", "NUMERIC = MOD({INT64}, {NUMERIC})"],
  IEEE_DIVIDE: ["FLOAT64 = IEEE_DIVIDE({N}, {N})", "FLOAT64 = IEEE_DIVIDE({INT64}, {FLOAT64})"],
  SAFE_ADD: ["N = SAFE_ADD({N}, {N})", "NUMERIC = SAFE_ADD({INT64}, {NUMERIC})"],
  SAFE_SUBTRACT: ["N = SAFE_SUBTRACT({N}, {N})", "FLOAT64 = SAFE_SUBTRACT({INT64}, {FLOAT64})"],
  SAFE_MULTIPLY: ["N = SAFE_MULTIPLY({N}, {N})", "NUMERIC = SAFE_MULTIPLY({INT64}, {NUMERIC})"],
  SAFE_DIVIDE: [
    "FLOAT64 = SAFE_DIVIDE({FLOAT64}, {FLOAT64})",
    "FLOAT64 = SAFE_DIVIDE({INT64}, {INT64})",
    "X = SAFE_DIVIDE({X}, {X})",
  ],
  SAFE_NEGATE: ["N = SAFE_NEGATE({N})"],
  GREATEST: [
    "O = GREATEST({O}, {O}, {O})",
    "O = GREATEST({O})",
    "NUMERIC = GREATEST({INT64}, {NUMERIC})",
  ],
  LEAST: ["O = LEAST({O}, {O}, {O})", "O = LEAST({O})", "FLOAT64 = LEAST({FLOAT64}, {INT64})"],
  IS_INF: ["BOOL = IS_INF({FLOAT64})", "BOOL = IS_INF({INT64})"],
  IS_NAN: ["BOOL = IS_NAN({FLOAT64})", "BOOL = IS_NAN({NUMERIC})"],
  RANGE_BUCKET: [
    "INT64 = RANGE_BUCKET({INT64}, [1, 5, 10])",
    "INT64 = RANGE_BUCKET({FLOAT64}, ARRAY<FLOAT64>[-1, 0.5, 0.5, 10])",
    "INT64 = RANGE_BUCKET({DATE}, {ARRAY<DATE>})",
    "INT64 = RANGE_BUCKET({STRING}, ['', 'a', 'b'])",
  ],
  BIT_COUNT: ["INT64 = BIT_COUNT({INT64})", "INT64 = BIT_COUNT({BYTES})"],
  FARM_FINGERPRINT: ["INT64 = FARM_FINGERPRINT({B})"],
  MD5: ["BYTES = MD5({B})"],
  SHA1: ["BYTES = SHA1({B})"],
  SHA256: ["BYTES = SHA256({B})"],
  SHA512: ["BYTES = SHA512({B})"],
  PARSE_NUMERIC: ["NUMERIC = PARSE_NUMERIC({numberText})", "NUMERIC = PARSE_NUMERIC({STRING})"],
  PARSE_BIGNUMERIC: ["BIGNUMERIC = PARSE_BIGNUMERIC({numberText})"],
};
