import fc from "fast-check";
import { DateTime } from "luxon";
import { describe, expect, it } from "vitest";
import {
  DATE,
  duckdbType,
  FLOAT64,
  INT64,
  type ScalarType,
  STRING,
  TIMESTAMP,
} from "../../../emulator/sql/types.ts";
import { type Plain, sqlTest } from "../sql/support.ts";

/** A fixed sample, so that a run depends on nothing. */
function sample<T>(arbitrary: fc.Arbitrary<T>, count = 200): readonly T[] {
  return fc.sample(arbitrary, { numRuns: count, seed: 20241027 });
}

const ZONES = ["Europe/Rome", "America/New_York", "Australia/Lord_Howe", "Asia/Kolkata"];
const HOUR = 3_600_000;

const instants = sample(
  fc.date({ min: new Date("1950-01-01"), max: new Date("2049-12-31"), noInvalidDate: true }),
).map((date) => date.getTime());
/** Around every change of the clocks of ten years, by quarters of an hour. */
const changes = ZONES.flatMap(instantsOfChange).flatMap((change) =>
  Array.from({ length: 17 }, (_, i) => change + (i - 8) * (HOUR / 4)),
);
const doubles = [
  ...sample(fc.double({ min: -1e6, max: 1e6, noNaN: true })),
  ...sample(fc.integer({ min: -1_000_000, max: 1_000_000 })).map((mills) => mills / 1000),
];
const texts = sample(fc.string({ unit: "binary", maxLength: 12 })).map(wellFormed);
const key = fc.stringMatching(/^[a-z][a-z0-9_]{0,3}$/);
const scalar = fc.oneof(
  fc.string({ unit: "grapheme", maxLength: 6 }).map(wellFormed),
  fc.integer(),
  fc.boolean(),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.constant(null),
);
const documents = sample(
  fc.dictionary(key, fc.oneof(scalar, fc.dictionary(key, scalar), fc.array(scalar))),
).map((document) => JSON.stringify(document));

/** Lone surrogates cannot be stored as UTF-8. */
function wellFormed(text: string): string {
  return Buffer.from(text).toString();
}

function offsetAt(milliseconds: number, zone: string): number {
  return DateTime.fromMillis(milliseconds, { zone }).offset;
}

function instantsOfChange(zone: string): readonly number[] {
  const days = Array.from({ length: 3653 }, (_, i) => Date.UTC(2015, 0, 1) + i * 24 * HOUR);
  const changed = days.filter((day) => offsetAt(day, zone) !== offsetAt(day - 24 * HOUR, zone));
  return changed.map((day) => {
    const hours = Array.from({ length: 48 }, (_, i) => day - 24 * HOUR + (i * HOUR) / 2);
    return hours.find((at) => offsetAt(at, zone) === offsetAt(day, zone)) ?? day;
  });
}

/** DuckDB's literals cannot hold every character. */
function decoded(value: string): string {
  return `decode(unhex('${Buffer.from(value).toString("hex")}'))`;
}

/** Tables with one value `x` in each row, so that nothing is a constant that DuckDB folds. */
const tables: Readonly<Record<string, { type: ScalarType; values: readonly string[] }>> = {
  instants: { type: TIMESTAMP, values: instants.map((at) => `epoch_ms(${at})`) },
  changes: { type: TIMESTAMP, values: changes.map((at) => `epoch_ms(${at})`) },
  days: { type: DATE, values: instants.map((at) => `epoch_ms(${at})`) },
  doubles: { type: FLOAT64, values: doubles.map((x) => `'${x}'`) },
  texts: { type: STRING, values: texts.map(decoded) },
  documents: { type: STRING, values: documents.map(decoded) },
};

const t = sqlTest({
  setup: Object.entries(tables).map(([name, { type, values }]) => {
    const rows = values.map((value, i) => `(${i}, ${value})`).join(", ");
    return `CREATE TABLE ${name} AS SELECT i::BIGINT AS i, x::${duckdbType(type)} AS x FROM (VALUES ${rows}) AS v(i, x)`;
  }),
  relations: Object.fromEntries(
    Object.entries(tables).map(([name, { type }]) => [
      name,
      {
        kind: "table",
        sql: name,
        columns: [
          { name: "i", type: INT64 },
          { name: "x", type },
        ],
      },
    ]),
  ),
});

/** An expression of `x` for every row of a table. */
async function each(table: string, expression: string): Promise<readonly Plain[]> {
  const rows = await t.rows(`select ${expression} from ${table} order by i`);
  return rows.map(([value]) => value ?? null);
}

async function holds(table: string, law: string): Promise<void> {
  const answers = await each(table, law);
  expect(answers.length).toBeGreaterThan(0);
  expect(new Set(answers)).toEqual(new Set([true]));
}

describe("time zones", () => {
  it.each(ZONES)("give the local time that the tz database gives: %s", async (zone) => {
    const local = await each(
      "instants",
      `format_datetime('%Y-%m-%dT%H:%M:%E3S', datetime(x, '${zone}'))`,
    );
    const expected = instants.map((at) =>
      DateTime.fromMillis(at, { zone }).toFormat("yyyy-MM-dd'T'HH:mm:ss.SSS"),
    );
    expect(local).toEqual(expected);
  });

  it.each(ZONES)("lead back to the instant, or to the first of two: %s", async (zone) => {
    const back = await each("changes", `unix_millis(timestamp(datetime(x, '${zone}'), '${zone}'))`);
    expect(back).toEqual(changes.map((at) => firstWithLocalTimeOf(at, zone)));
  });

  it("mean the same as a value as written out", async () => {
    await holds(
      "changes",
      `datetime(x, '+05:30') = datetime(x, concat('+05', ':30'))
      and timestamp(datetime(x), 'Europe/Rome') = timestamp(datetime(x), concat('Europe/', 'Rome'))`,
    );
  });

  function firstWithLocalTimeOf(at: number, zone: string): number {
    const local = at + offsetAt(at, zone) * 60_000;
    const candidates = [-60, -30].map((minutes) => at + minutes * 60_000);
    return candidates.find((one) => one + offsetAt(one, zone) * 60_000 === local) ?? at;
  }
});

describe("dates", () => {
  it.each(["DAY", "WEEK", "WEEK(WEDNESDAY)", "ISOWEEK", "MONTH", "QUARTER", "YEAR", "ISOYEAR"])(
    "lie in their own %s, and the count of its starts agrees",
    async (part) => {
      const last = part === "DAY" ? "x" : `last_day(x, ${part})`;
      const start = `date_trunc(x, ${part})`;
      const law = `${start} <= x and x <= ${last}
        and date_diff(x, ${start}, ${part}) = 0
        and date_diff(date_add(${last}, interval 1 day), ${start}, ${part}) = 1
        and date_trunc(${last}, ${part}) = ${start}`;
      await holds("days", law);
    },
  );

  it("move by days as they differ by days", async () => {
    const law =
      "date_add(date '2000-02-29', interval date_diff(x, date '2000-02-29', day) day) = x";
    await holds("days", law);
  });

  it.each([
    "%Y-%m-%d %H:%M:%E*S",
    "%d/%m/%Y %H:%M:%E3S",
    "%FT%H:%M:%E6S",
    "%e %B %Y, %l:%M:%E3S %p",
    "%Y%m%dT%H%M%E3S",
    "%c|%E3S",
    "%Y-%m-%dT%H:%M:%E3S%Ez",
  ])("are read as they are printed, whether DuckDB or JavaScript does it: %s", async (format) => {
    const fast = `parse_timestamp('${format}', format_timestamp('${format}', x))`;
    const slow = `parse_timestamp(concat('${format}', ''), format_timestamp(concat('${format}', ''), x))`;
    await holds("instants", `${fast} = x and ${slow} = x`);
  });
});

describe("numbers", () => {
  it.each([0, 1, 2, 5])("ROUND and TRUNC to %i digits go by the exact binary value", async (n) => {
    expect(unsigned(await each("doubles", `round(x, ${n})`))).toEqual(
      doubles.map((x) => exact(x, n, "round")),
    );
    expect(unsigned(await each("doubles", `trunc(x, ${n})`))).toEqual(
      doubles.map((x) => exact(x, n, "trunc")),
    );
  });

  /** Without the sign of zero. */
  function unsigned(values: readonly Plain[]): readonly Plain[] {
    return values.map((value) => (value === 0 ? 0 : value));
  }

  /** By integers: a double is a whole number of halves, quarters, … so that its decimal value is exact. */
  function exact(x: number, digits: number, way: "round" | "trunc"): number {
    let numerator = Math.abs(x);
    let power = 0n;
    while (!Number.isInteger(numerator)) {
      numerator *= 2;
      power += 1n;
    }
    const scaled = BigInt(numerator) * 10n ** BigInt(digits);
    const unit = 2n ** power;
    const units = way === "round" ? (2n * scaled + unit) / (2n * unit) : scaled / unit;
    const padded = String(units).padStart(digits + 1, "0");
    const point = padded.length - digits;
    const value = Number(`${padded.slice(0, point)}.${padded.slice(point)}0`);
    return x < 0 && value !== 0 ? -value : value;
  }

  it("PARSE_NUMERIC reads what CAST prints", async () => {
    const number = "cast(cast(x as string) as numeric)";
    await holds("doubles", `parse_numeric(cast(${number} as string)) = ${number}`);
  });
});

describe("texts", () => {
  it("change case by Unicode's full mapping", async () => {
    expect(await each("texts", "upper(x)")).toEqual(texts.map((s) => s.toUpperCase()));
    expect(await each("texts", "lower(x)")).toEqual(texts.map((s) => s.toLowerCase()));
  });

  it("are counted, cut and reversed by code points", async () => {
    expect(await each("texts", "length(x)")).toEqual(texts.map((s) => [...s].length));
    expect(await each("texts", "reverse(x)")).toEqual(texts.map((s) => [...s].reverse().join("")));
    expect(await each("texts", "substr(x, 2, 3)")).toEqual(
      texts.map((s) => [...s].slice(1, 4).join("")),
    );
    expect(await each("texts", "right(x, 2)")).toEqual(texts.map((s) => [...s].slice(-2).join("")));
    expect(await each("texts", "to_code_points(x)")).toEqual(
      texts.map((s) => [...s].map((character) => character.codePointAt(0))),
    );
  });

  it("come back from their codes", async () => {
    await holds(
      "texts",
      `code_points_to_string(to_code_points(x)) = x
      and cast(from_hex(to_hex(cast(x as bytes))) as string) = x
      and cast(from_base64(to_base64(cast(x as bytes))) as string) = x
      and cast(from_base32(to_base32(cast(x as bytes))) as string) = x
      and safe_convert_bytes_to_string(cast(x as bytes)) = x
      and array_to_string(split(x, 'a'), 'a') = x
      and concat(left(x, 3), substr(x, 4)) = x`,
    );
  });
});

describe("JSON", () => {
  const parsed = documents.map((document) => JSON.parse(document));
  const read = (values: readonly Plain[]) => values.map((json) => JSON.parse(String(json)));

  it("keeps its value through PARSE_JSON and TO_JSON_STRING", async () => {
    expect(read(await each("documents", "to_json_string(parse_json(x))"))).toEqual(parsed);
  });

  it("is the same as text and as value", async () => {
    expect(read(await each("documents", "json_query(x, '$')"))).toEqual(parsed);
    const inside = `concat('{"a":[', x, ']}')`;
    expect(read(await each("documents", `json_query(${inside}, '$.a[0]')`))).toEqual(parsed);
    const ofJson = `to_json_string(json_query(parse_json(${inside}), '$.a[0]'))`;
    expect(read(await each("documents", ofJson))).toEqual(parsed);
  });

  it("gives its scalars, whether DuckDB or JavaScript finds them", async () => {
    const key = "json_keys(parse_json(x), 1)[safe_offset(0)]";
    const value = `json_query(x, concat('$.', ${key}))`;
    const expected = parsed.map((document) => scalarText(Object.entries(document).sort()[0]?.[1]));
    expect(await each("documents", `json_value(${value}, '$')`)).toEqual(expected);
    expect(await each("documents", `json_value(x, concat('$.', ${key}))`)).toEqual(expected);
  });

  function scalarText(value: unknown): string | null {
    if (value === null || value === undefined || typeof value === "object") return null;
    return typeof value === "string" ? value : JSON.stringify(value);
  }
});
