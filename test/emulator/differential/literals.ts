import fc from "fast-check";
import { STRUCT } from "./types.ts";

/** Literals of each type: ordinary ones more often than the limits of the type, so that most expressions have a value. */
function values(
  ordinary: readonly string[],
  extreme: readonly string[],
  random?: fc.Arbitrary<string>,
): fc.Arbitrary<string> {
  return fc.oneof(
    { weight: 6, arbitrary: fc.constantFrom(...ordinary) },
    { weight: 2, arbitrary: fc.constantFrom(...extreme) },
    ...(random ? [{ weight: 3, arbitrary: random }] : []),
  );
}

function quoted(prefix: string, texts: readonly string[]): readonly string[] {
  return texts.map((text) => `${prefix} '${text}'`);
}

/** A text as a GoogleSQL literal. */
export function stringLiteral(text: string): string {
  const escaped = [...text].map((c) => {
    if (c === "\\" || c === "'") return `\\${c}`;
    const code = c.codePointAt(0) ?? 0;
    if (code < 0x20 || code === 0x7f) return `\\x${code.toString(16).padStart(2, "0")}`;
    return c;
  });
  return `'${escaped.join("")}'`;
}

/** Literals of dates and times that another part of the tests puts into texts. */
export const DATES = [
  "2024-01-31",
  "2024-02-29",
  "2023-12-31",
  "2021-01-03",
  "1970-01-01",
  "1999-07-15",
];
export const EXTREME_DATES = ["0001-01-01", "9999-12-31", "1582-10-15", "1900-02-28"];
const CLOCKS = ["00:00:00", "12:34:56", "23:59:59.999999", "06:07:08.5", "10:00:00.123"];

/** Both changes of the clocks in New York and Berlin, and the hours beside them. */
const INSTANTS = [
  "2024-03-10 06:59:59+00",
  "2024-03-10 07:00:00+00",
  "2024-11-03 05:30:00+00",
  "2024-11-03 06:30:00.25+00",
  "2024-03-31 01:00:00+00",
  "2024-10-27 00:30:00+00",
  "2024-02-29 23:59:59.999999+00",
  "1970-01-01 00:00:00+00",
  "1969-12-31 23:59:59.999999+00",
  "2020-06-15 12:34:56.789+00",
];

const TEXTS = [
  "",
  "a",
  "abc",
  "Hello, World",
  "  padded\t",
  "ÄÖÜ straße",
  "e\u0301x",
  "日本語",
  "😀a👍🏽",
  "foo bar foo",
  "a,b,,c",
  "AbC123",
  "x%y_z",
  "back\\slash 'quote\" \n",
];

const TEXT = fc.oneof(
  fc.string({ maxLength: 8, unit: fc.constantFrom(..."abAB01 ,.-_%éß😀\u0301") }),
  fc.string({ maxLength: 6, unit: "binary" }).filter((text) => !/[\ud800-\udfff]/u.test(text)),
);

const FLOATS = ["0.0", "1.0", "-1.0", "0.5", "2.5", "-2.5", "0.1", "3.14159", "1e10", "-123.456"];
const EXTREME_FLOATS = [
  "1.7976931348623157e308",
  "-1.7976931348623157e308",
  "2.2250738585072014e-308",
  "5e-324",
  "9007199254740993.0",
  "1e15",
  "123456789012345678.0",
  "-0.0",
  "CAST('inf' AS FLOAT64)",
  "CAST('-inf' AS FLOAT64)",
  "CAST('nan' AS FLOAT64)",
];

const JSONS = [
  "null",
  "true",
  "1",
  "-2.5",
  '"text"',
  '""',
  "[]",
  "{}",
  "[1,2,3]",
  '["a",null,"b"]',
  '{"a":1,"b":"x"}',
  '{"a":{"b":[1,{"c":null}]},"d":"10"}',
  '[{"a":1},{"a":2}]',
  '{"a":[true,false],"b":null,"é":"ü"}',
];
const EXTREME_JSONS = [
  "9223372036854775807",
  "18446744073709551615",
  "1e308",
  "0.1",
  "[[[]]]",
  '{"a b":{"":1}}',
  '"\\\\u00e9\\\\n\\\\\\""',
  "-0.0",
];

const NUMERICS = ["0", "1", "-1", "1.5", "-2.5", "0.333333333", "100", "123456.789", "2", "10"];
const NUMERIC_LIMITS = [
  "99999999999999999999999999999.999999999",
  "-99999999999999999999999999999.999999999",
  "0.000000001",
  "-0.000000001",
];
/**
 * The limits of what the emulator holds, which refuses longer ones by name, and one of those; were they all so long, most
 * calls with them would be refusals and try nothing.
 */
const BIGNUMERIC_LIMITS = [
  "99999999999999999999.999999999999999999",
  "-99999999999999999999.999999999999999999",
  "0.000000000000000001",
  "-0.000000000000000001",
  "12345678901234567890.5",
  "578960446186580977117854925043439539266.34992332820282019728792003956564819967",
];

const SCALAR: Readonly<Record<string, fc.Arbitrary<string>>> = {
  INT64: values(
    ["0", "1", "-1", "2", "3", "5", "7", "10", "-10", "100", "2024"],
    ["9223372036854775807", "-9223372036854775808", "-9223372036854775807", "2147483648", "0xFF"],
    fc.integer({ min: -1000, max: 100_000 }).map(String),
  ),
  FLOAT64: values(
    FLOATS,
    EXTREME_FLOATS,
    fc
      .double({ noNaN: true, noDefaultInfinity: true, min: -1e6, max: 1e6 })
      .map((value) => String(value).replace(/^(-?\d+)$/, "$1.0")),
  ),
  NUMERIC: values(quoted("NUMERIC", NUMERICS), quoted("NUMERIC", NUMERIC_LIMITS)),
  BIGNUMERIC: values(quoted("BIGNUMERIC", NUMERICS), quoted("BIGNUMERIC", BIGNUMERIC_LIMITS)),
  BOOL: fc.constantFrom("TRUE", "FALSE"),
  STRING: values(
    TEXTS.map(stringLiteral),
    [stringLiteral("x".repeat(300))],
    TEXT.map(stringLiteral),
  ),
  BYTES: values(
    ["b''", "b'abc'", "b'a b,c'", "b'\\x00\\x01'", "b'\\xc3\\xa9'", "b'ABC'"],
    ["b'\\xff\\xfe'", "b'\\xf0\\x9f'", "b'\\xed\\xa0\\x80'", "b'\\xc0\\x80'"],
  ),
  DATE: values(quoted("DATE", DATES), quoted("DATE", EXTREME_DATES)),
  TIME: values(quoted("TIME", CLOCKS), quoted("TIME", ["23:59:59.999999", "00:00:00.000001"])),
  DATETIME: values(
    DATES.flatMap((date, i) => quoted("DATETIME", [`${date} ${CLOCKS[i % CLOCKS.length]}`])),
    quoted("DATETIME", ["0001-01-01 00:00:00", "9999-12-31 23:59:59.999999"]),
  ),
  TIMESTAMP: values(
    quoted("TIMESTAMP", INSTANTS),
    quoted("TIMESTAMP", ["0001-01-01 00:00:00+00", "9999-12-31 23:59:59.999999+00"]),
  ),
  INTERVAL: values(
    [
      "INTERVAL 1 DAY",
      "INTERVAL -3 MONTH",
      "INTERVAL 90 MINUTE",
      "INTERVAL '1-2 3 4:5:6.789' YEAR TO SECOND",
      "INTERVAL '-1-2' YEAR TO MONTH",
      "INTERVAL 0 SECOND",
    ],
    ["INTERVAL 10000 YEAR", "INTERVAL -3660000 DAY", "INTERVAL 87840000 HOUR"],
  ),
  JSON: values(
    JSONS.map((text) => `JSON '${text}'`),
    EXTREME_JSONS.map((text) => `JSON '${text}'`),
  ),
};

/** Literals of a type; typed NULLs among them. */
export function literal(type: string): fc.Arbitrary<string> {
  return fc.oneof(
    { weight: 9, arbitrary: present(type) },
    { weight: 1, arbitrary: fc.constant(`CAST(NULL AS ${type})`) },
  );
}

/** Elements that are NULL come too: only an array in a result may not have them. */
function present(type: string): fc.Arbitrary<string> {
  const scalar = SCALAR[type];
  if (scalar) return scalar;
  const element = /^ARRAY<(.*)>$/.exec(type)?.[1];
  if (element !== undefined) {
    return fc.array(literal(element), { maxLength: 4 }).map(
      (items) =>
        // Typed, for an empty array would be an ARRAY<INT64>.
        `ARRAY<${element}>[${items.join(", ")}]`,
    );
  }
  if (type === STRUCT) {
    return fc
      .tuple(literal("INT64"), literal("STRING"))
      .map((fields) => `${STRUCT}(${fields.join(", ")})`);
  }
  throw new Error(`No literals of ${type}`);
}
