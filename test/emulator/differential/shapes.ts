import fc from "fast-check";
import { DATES, EXTREME_DATES, stringLiteral } from "./literals.ts";

/** Operands that need a special form for the call to mean anything. Each is a piece of text. */
const DATE_PARTS = ["DAY", "WEEK", "MONTH", "QUARTER", "YEAR"];
const TIME_PARTS = ["MICROSECOND", "MILLISECOND", "SECOND", "MINUTE", "HOUR"];
const WEEKS = ["MONDAY", "TUESDAY", "WEDNESDAY", "THURSDAY", "FRIDAY", "SATURDAY", "SUNDAY"].map(
  (day) => `WEEK(${day})`,
);
const CALENDAR_PARTS = [...DATE_PARTS, "ISOWEEK", "ISOYEAR", ...WEEKS];

const ZONES = [
  "UTC",
  "America/New_York",
  "Europe/Berlin",
  "Asia/Kolkata",
  "Australia/Lord_Howe",
  "+05:45",
  "-08:00",
];

/** Every element of FORMAT_DATE and its like; some make no sense for some types, which both sides must agree on. */
const DATE_ELEMENTS =
  "%A %a %B %b %C %D %d %e %F %G %g %h %j %m %Q %U %u %V %W %w %x %Y %y %E4Y %% %n %t".split(" ");
const CLOCK_ELEMENTS = "%H %I %k %l %M %P %p %R %S %T %X %E*S %E3S %E6S %E1S".split(" ");
const ZONE_ELEMENTS = "%Z %z %Ez %s %c".split(" ");

function pattern(elements: readonly string[]): fc.Arbitrary<string> {
  return fc
    .array(fc.constantFrom(...elements, "-", " ", "x"), { minLength: 1, maxLength: 4 })
    .map((parts) => stringLiteral(parts.join("")));
}

/** Formats with texts that they parse, and some that they do not. */
function parsed(pairs: readonly (readonly [string, ...string[]])[]): fc.Arbitrary<string> {
  const calls = pairs.flatMap(([format, ...texts]) =>
    texts.map((text) => `${stringLiteral(format)}, ${stringLiteral(text)}`),
  );
  return fc.constantFrom(...calls);
}

const PARSED_DATES: readonly (readonly [string, ...string[]])[] = [
  ["%Y-%m-%d", "2024-02-29", "2023-02-29", "0001-01-01", "9999-12-31", " 2024-1-5", "2024-01-05x"],
  ["%F", "2024-02-29", ""],
  ["%m/%d/%y", "02/03/69", "02/03/68", "2/3/99"],
  ["%d %b %Y", "05 Jan 2024", "5 january 2024", "31 Feb 2024"],
  ["%A, %B %e, %Y", "Friday, January  5, 2024"],
  ["%Y%m%d", "20240229"],
  ["%Y", "2024", "-1"],
  ["%j %Y", "060 2024"],
  ["%Y-%j", "2024-366", "2023-366"],
  ["%G-W%V-%u", "2024-W01-1"],
  ["%Y Q%Q", "2024 Q2"],
  ["%D", "12/31/99"],
  ["%x", "12/31/99"],
];
const PARSED_CLOCKS: readonly (readonly [string, ...string[]])[] = [
  ["%H:%M:%S", "12:34:56", "23:59:60", "24:00:00", "1:2:3"],
  ["%T", "12:34:56"],
  ["%R", "12:34"],
  ["%I:%M %p", "12:00 AM", "12:00 PM", "01:30 pm", "13:00 PM"],
  ["%H:%M:%E*S", "12:34:56.789", "12:34:56", "12:34:56.1234567"],
  ["%H:%M:%E3S", "12:34:56.789"],
  ["%H", "7", "x"],
  ["%k:%M", " 7:30"],
];
const PARSED_DATETIMES: readonly (readonly [string, ...string[]])[] = [
  ["%Y-%m-%d %H:%M:%S", "2024-02-29 12:34:56", "2024-02-29"],
  ["%FT%T", "2024-02-29T12:34:56"],
  ["%Y-%m-%dT%H:%M:%E*S", "2024-02-29T12:34:56.789"],
  ["%c", "Thu Feb 29 12:34:56 2024"],
  ["%F %R", "2024-02-29 12:34", "9999-12-31 23:59"],
  ["%s", "1700000000"],
];
const PARSED_INSTANTS: readonly (readonly [string, ...string[]])[] = [
  ["%Y-%m-%dT%H:%M:%E*S%Ez", "2024-02-29T12:34:56.789+05:30", "2024-02-29T12:34:56Z"],
  ["%F %T%z", "2024-02-29 12:34:56-0800", "2024-02-29 12:34:56+14"],
  ["%F %T %Z", "2024-02-29 12:34:56 UTC", "2024-02-29 12:34:56 America/New_York"],
  ["%s", "1700000000", "-1"],
];

const REGEXPS = [
  "",
  "a",
  "b+",
  "[a-z]+",
  "(\\\\w)",
  "(?i)HELLO",
  "\\\\d+",
  "^a|c$",
  "(?P<x>o+)",
  "(a)|b",
  "a*",
  ".",
  "\\\\pL",
  "(?s).+",
  "[[:upper:]]",
  "\\\\bfoo\\\\b",
];

const JSON_PATHS = [
  "$",
  "$.a",
  "$.b",
  "$.a.b",
  "$.a.b[0]",
  "$[0]",
  "$[1]",
  "$[0].a",
  "$[9]",
  "$.d",
  '$."a b"',
  "$.é",
  "$.missing.path",
];

const NUMBER_TEXTS = [
  "0",
  "1",
  "-1",
  "+7",
  " 42 ",
  "1.5",
  "-2.5",
  ".5",
  "5.",
  "1e3",
  "1E-2",
  "0x1F",
  "-0x8000000000000000",
  "9223372036854775807",
  "9223372036854775808",
  "1.0000000005",
  "99999999999999999999999999999.9999999995",
  "inf",
  "-Infinity",
  "NaN",
  "1e400",
  "4.9e-324",
  "",
  "abc",
  "1_000",
  "1,5",
  "- 1",
  "1 2",
];

const DATE_TEXTS = [
  ...DATES,
  ...EXTREME_DATES,
  "2024-1-5",
  "2024-02-30",
  "0000-01-01",
  "10000-01-01",
  "2024-01-05 12:34:56",
  "2024-01-05T12:34:56.789",
  "2024-01-05 12:34:56.123456",
  "2024-01-05 1:2:3",
  "2024-01-05 12:34",
  "2024-01-05 24:00:00",
  "2024-01-05 12:34:56+05:30",
  "2024-01-05T12:34:56Z",
  "2024-01-05 12:34:56 America/New_York",
  "2024-03-10 02:30:00 America/New_York",
  "2024-01-05 12:34:56-8",
  "12:34:56",
  "1:2:3.5",
  "23:59:60",
  "",
  "x",
];

const INTERVAL_TEXTS = ["1-2 3 4:5:6", "-1-0 0 0:0:0", "0-0 0 -0:0:0.5", "P1Y2M3DT4H5M6S", "1 day"];

function texts(list: readonly string[]): fc.Arbitrary<string> {
  return fc.constantFrom(...list.map(stringLiteral));
}

/** Literals in every form that the language has. */
const LITERALS = [
  "NULL",
  "0x1f",
  "-0X10",
  "1.",
  ".5",
  "1e5",
  "1E-3",
  '"double"',
  "r'raw\\n'",
  "'''triple\n'quoted'''",
  "'\\u00e9\\U0001F600\\x41\\101\\t'",
  "b'\\xff\\101a'",
  "rb'\\x'",
  'B"b"',
  "NUMERIC '1.23'",
  "DECIMAL '-0.5'",
  "BIGNUMERIC '1e-10'",
  "DATE '2024-2-9'",
  "TIME '1:2:3.4'",
  "DATETIME '2024-02-29T12:34:56'",
  "DATETIME '2024-02-29'",
  "TIMESTAMP '2024-02-29 12:34:56 America/New_York'",
  "TIMESTAMP '2024-02-29'",
  "TIMESTAMP '2024-02-29T12:34:56.789Z'",
  `JSON ' {"b" : 1, "a" : [ 1.0 , 2e2 ] } '`,
  "INTERVAL '1-2' YEAR TO MONTH",
  "INTERVAL '1:2:3' HOUR TO SECOND",
  "INTERVAL '1 2:3' DAY TO MINUTE",
  "DATE '2024-02-30'",
  "NUMERIC '1e40'",
  "9223372036854775808",
  "1e309",
  "[]",
  "[1, 2.5]",
  "(1, 'a')",
];

export const SHAPES: Readonly<Record<string, fc.Arbitrary<string>>> = {
  small: fc.oneof(
    { weight: 8, arbitrary: fc.integer({ min: -3, max: 8 }).map(String) },
    { weight: 1, arbitrary: fc.constant("CAST(NULL AS INT64)") },
  ),
  /** 0 to 5: where a negative number is an error that the query's text shows. */
  count: fc.integer({ min: 0, max: 5 }).map(String),
  positive: fc.integer({ min: 1, max: 5 }).map(String),
  fraction: fc.constantFrom("0", "0.25", "0.5", "1", "0.9"),
  codepoint: fc.constantFrom("0", "65", "97", "233", "128512", "1114111", "55296", "-1", "1114112"),
  year: fc.constantFrom("2024", "2023", "1", "9999", "1970", "0", "10000"),
  month: fc.constantFrom("1", "2", "12", "6", "0", "13"),
  day: fc.constantFrom("1", "28", "29", "31", "0"),
  hour: fc.constantFrom("0", "12", "23", "24"),
  minute: fc.constantFrom("0", "30", "59", "60"),
  second: fc.constantFrom("0", "30", "59", "60", "-1"),
  datePart: fc.constantFrom(...DATE_PARTS),
  calendarPart: fc.constantFrom(...CALENDAR_PARTS),
  clockPart: fc.constantFrom(...TIME_PARTS),
  anyPart: fc.constantFrom(...TIME_PARTS, ...CALENDAR_PARTS),
  addedPart: fc.constantFrom(...TIME_PARTS, ...DATE_PARTS),
  /** Of INTERVAL the reference has no shorter parts, which are newer. */
  intervalPart: fc.constantFrom("SECOND", "MINUTE", "HOUR", ...DATE_PARTS),
  instantPart: fc.constantFrom(...TIME_PARTS, "DAY"),
  stepPart: fc.constantFrom("HOUR", "DAY", "MINUTE"),
  extracted: fc.constantFrom("DAYOFWEEK", "DAYOFYEAR", ...CALENDAR_PARTS),
  zone: texts(ZONES),
  dateFormat: pattern(DATE_ELEMENTS),
  clockFormat: pattern(CLOCK_ELEMENTS),
  datetimeFormat: pattern([...DATE_ELEMENTS, ...CLOCK_ELEMENTS]),
  instantFormat: pattern([...DATE_ELEMENTS, ...CLOCK_ELEMENTS, ...ZONE_ELEMENTS]),
  parsedDate: parsed(PARSED_DATES),
  parsedClock: parsed(PARSED_CLOCKS),
  parsedDatetime: parsed([...PARSED_DATES, ...PARSED_CLOCKS, ...PARSED_DATETIMES]),
  parsedInstant: parsed([...PARSED_DATETIMES, ...PARSED_INSTANTS]),
  regexp: fc.constantFrom(...REGEXPS.map((text) => `'${text}'`)),
  badRegexp: fc.constantFrom("'('", "'x{1001}'", "'[b-a]'", "'a**'", "'(?<'"),
  rewrite: fc.constantFrom("''", "'<\\\\0>'", "'\\\\1'", "'x'", "'\\\\\\\\'"),
  jsonPath: texts(JSON_PATHS),
  /** Of the JSON_EXTRACT family, where names in quotes are written otherwise. */
  legacyPath: texts(JSON_PATHS.filter((path) => !path.includes('"')).concat("$['a b']")),
  jsonText: texts([
    '{"a":1,"b":"x"}',
    '{"a":{"b":[1,{"c":null}]}}',
    '["x",null,1.5,true,"y"]',
    '["p","q"]',
    '[{"a":1}]',
    '{"a":["u","v"]}',
    '"text"',
    "null",
    "1e2",
    ' { "a" : [ 1 , 2 ] } ',
    "{",
    "",
    '{"a":"\\u00e9\\n"}',
    '{"a":1,"a":2}',
    "18446744073709551616",
  ]),
  numberText: texts(NUMBER_TEXTS),
  boolText: texts(["true", "FALSE", "True", "t", "1", "yes", ""]),
  dateText: texts(DATE_TEXTS),
  intervalText: texts(INTERVAL_TEXTS),
  base64: texts(["", "YWJj", "YWI=", "YWI", "//8=", "a b", "YWJj\n", "*", "-_-_"]),
  base32: texts(["", "MFRGG===", "MFRGGZDF", "ME======", "1", "mfrgg===", "MFRGG"]),
  hex: texts(["", "00ff", "ABC", "0g", "deadBEEF", " 00"]),
  ip: texts([
    "1.2.3.4",
    "255.255.255.255",
    "::1",
    "2001:db8::ff00:42:8329",
    "1.2.3",
    "x",
    "",
    "::ffff:1.2.3.4",
  ]),
  ipBytes: fc.constantFrom(
    "b'\\x01\\x02\\x03\\x04'",
    "b'\\xff\\xff\\xff\\xff'",
    "b'\\x20\\x01\\x0d\\xb8\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x01'",
    "b'abc'",
    "b''",
  ),
  ipLength: fc.constantFrom("4", "16", "5"),
  prefixLength: fc.constantFrom("0", "8", "20", "32", "33", "64", "128", "-1"),
  url: texts([
    "https://www.shop.co.uk/a?b=c",
    "http://user:pw@Example.COM:8080/x",
    "//a.b.example.org",
    "mailto:me@example.com",
    "www.Example.Co.UK",
    "http://127.0.0.1/",
    "http://[::1]/",
    "foo",
    "",
    "https://münchen.de/x",
    "http://a..b.com",
    "  http://x.com  ",
    "co.uk",
    "http://example.com.",
  ]),
  normalForm: fc.constantFrom("NFC", "NFD", "NFKC", "NFKD"),
  wide: fc.constantFrom("'exact'", "'round'"),
  depth: fc.constantFrom("1", "2", "3"),
  wholeFloat: fc.constantFrom("0.0", "1.0", "-2.0", "0.5", "0.25", "1024.0", "3.0"),
  frame: fc.constantFrom(
    "",
    "ROWS UNBOUNDED PRECEDING",
    "ROWS BETWEEN 1 PRECEDING AND 1 FOLLOWING",
    "ROWS BETWEEN CURRENT ROW AND UNBOUNDED FOLLOWING",
    "ROWS BETWEEN 2 PRECEDING AND 1 PRECEDING",
    "ROWS BETWEEN 1 FOLLOWING AND 2 FOLLOWING",
    "RANGE BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW",
    "RANGE BETWEEN 1 PRECEDING AND 1 FOLLOWING",
    "RANGE BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING",
  ),
  rowsFrame: fc.constantFrom(
    "",
    "ROWS UNBOUNDED PRECEDING",
    "ROWS BETWEEN 1 PRECEDING AND 1 FOLLOWING",
    "ROWS BETWEEN CURRENT ROW AND UNBOUNDED FOLLOWING",
    "ROWS BETWEEN 1 FOLLOWING AND 2 FOLLOWING",
  ),
  partition: fc.constantFrom("", "PARTITION BY t.k", "PARTITION BY t.k, t.c_bool"),
  distinct: fc.constantFrom("", "DISTINCT "),
  direction: fc.constantFrom(
    "",
    " ASC",
    " DESC",
    " ASC NULLS LAST",
    " DESC NULLS FIRST",
    " NULLS LAST",
  ),
  limit: fc.constantFrom("", " LIMIT 1", " LIMIT 2", " LIMIT 0"),
  nulls: fc.constantFrom("", " IGNORE NULLS", " RESPECT NULLS"),
  extreme: fc.constantFrom("MAX", "MIN"),
  join: fc.constantFrom(
    "JOIN",
    "INNER JOIN",
    "LEFT JOIN",
    "RIGHT JOIN",
    "FULL JOIN",
    "LEFT OUTER JOIN",
  ),
  comparison: fc.constantFrom("=", "!=", "<>", "<", "<=", ">", ">="),
  equality: fc.constantFrom("=", "!="),
  truth: fc.constantFrom("IS NULL", "IS NOT NULL"),
  truthValue: fc.constantFrom("IS TRUE", "IS FALSE", "IS NOT TRUE", "IS NOT FALSE", "IS NULL"),
  literal: fc.constantFrom(...LITERALS),
  likePattern: texts(["%", "_", "a%", "%b%", "a_c", "", "\\%", "%\\_%", "Hello%", "é%", "a\\"]),
};
