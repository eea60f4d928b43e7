import { BigQueryError, invalidQuery, refused } from "../../errors.ts";
import type { Partitioning, TableEntry } from "../../warehouse/session.ts";
import type { Column, SqlType } from "../types.ts";
import { findColumn } from "./columns.ts";
import { keyword, type Reader, reader, type Source } from "./reader.ts";

const CLAUSES = new Set(["CLUSTER", "OPTIONS", "AS", "LIKE", "COPY", "CLONE", ";"]);
const PARTS = ["HOUR", "DAY", "MONTH", "YEAR"] as const;
const PSEUDO = new Set(["_PARTITIONDATE", "_PARTITIONTIME"]);

/** Reads `PARTITION BY d`, `DATE(t)`, `TIMESTAMP_TRUNC(t, HOUR)`, `RANGE_BUCKET(n, GENERATE_ARRAY(0, 100, 10))`, …. */
export function readPartitioning(input: Reader): Partitioning {
  input.expect("PARTITION", "BY");
  const source = input.until("a partitioning expression", (token) => CLAUSES.has(keyword(token)));
  const inner = reader(source);
  const partitioning = readExpression(inner, source);
  if (inner.peek()) inner.fail("end of the partitioning expression");
  return partitioning;
}

function readExpression(input: Reader, source: Source): Partitioning {
  if (keyword(input.peek(1)) !== "(") return { ...fieldOf(input.name()), type: "DAY" };
  const name = input.name().toUpperCase();
  input.expect("(");
  const field = fieldOf(input.name());
  if (name === "DATE") {
    input.expect(")");
    return { ...field, type: "DAY" };
  }
  input.expect(",");
  if (["DATE_TRUNC", "TIMESTAMP_TRUNC", "DATETIME_TRUNC"].includes(name)) {
    const part = input.name().toUpperCase();
    const type = PARTS.find((known) => known === part);
    if (!type) throw invalidQuery(`PARTITION BY cannot truncate to ${part}`, source.place);
    input.expect(")");
    return { ...field, type };
  }
  if (name === "RANGE_BUCKET") {
    input.expect("GENERATE_ARRAY", "(");
    const [start = "", end = "", interval = "1"] = readIntegers(input);
    input.expect(")");
    return { ...field, type: "RANGE", range: { start, end, interval } };
  }
  throw refused(`PARTITION BY ${name}(…)`, source.place);
}

function fieldOf(name: string): Pick<Partitioning, "field"> {
  return PSEUDO.has(name.toUpperCase()) ? {} : { field: name };
}

function readIntegers(input: Reader): readonly string[] {
  const numbers: string[] = [];
  do {
    const sign = input.accept("-") ? "-" : "";
    numbers.push(sign + input.next().text);
  } while (input.accept(","));
  input.expect(")");
  return numbers;
}

/** Reads `CLUSTER BY a, b`. */
export function readClustering(input: Reader): readonly string[] {
  const names: string[] = [];
  input.expect("CLUSTER", "BY");
  do names.push(input.name());
  while (input.accept(","));
  return names;
}

/** Throws when a table would be replaced by one that is stored in another way, which BigQuery does not do. */
export function assertSameSpec(
  existing: Pick<TableEntry, "partitioning" | "clustering">,
  replacement: Pick<TableEntry, "partitioning" | "clustering">,
): void {
  const [before, after] = [specOf(existing), specOf(replacement)];
  if (before === after) return;
  throw invalidQuery(
    `Cannot replace a table with a different partitioning spec. Instead, DROP the table, and then recreate it. New partitioning spec is ${after} and existing spec is ${before}`,
  );
}

function specOf({
  partitioning,
  clustering = [],
}: Pick<TableEntry, "partitioning" | "clustering">): string {
  const { type, field, range } = partitioning ?? {};
  const named = field ? `,field:${field.toLowerCase()}` : "";
  const parts = [
    range && `range(${range.start},${range.end},${range.interval}${named})`,
    type && !range && `interval(type:${type.toLowerCase()}${named})`,
    clustering.length > 0 && `clustering(${clustering.join(",").toLowerCase()})`,
  ];
  return parts.filter((part) => part).join(" ") || "none";
}

const PSEUDO_COLUMNS = ["_PARTITION_LOAD_TIME", "_PARTITIONDATE", "_PARTITIONTIME"];

/** What queries of a table must filter on; undefined when they need not. */
export function requiredFilter({
  name,
  partitioning,
}: Pick<TableEntry, "name" | "partitioning">):
  | { table: string; columns: readonly string[] }
  | undefined {
  if (!partitioning?.requireFilter) return undefined;
  const columns = partitioning.field === undefined ? PSEUDO_COLUMNS : [partitioning.field];
  return { table: `${name.project}.${name.dataset}.${name.name}`, columns };
}

const PARTITION_KINDS: Readonly<Record<Partitioning["type"], readonly SqlType["kind"][]>> = {
  HOUR: ["TIMESTAMP", "DATETIME"],
  DAY: ["DATE", "TIMESTAMP", "DATETIME"],
  MONTH: ["DATE", "TIMESTAMP", "DATETIME"],
  YEAR: ["DATE", "TIMESTAMP", "DATETIME"],
  RANGE: ["INT64"],
};

/** Throws when a table with these columns cannot be partitioned and clustered so. */
export function checkPartitioning(
  partitioning: Partitioning | undefined,
  clustering: readonly string[] | undefined,
  columns: readonly Column[],
): void {
  if (partitioning?.field !== undefined) {
    const column = findColumn(columns, partitioning.field);
    if (!column) {
      throw new BigQueryError(
        "invalid",
        "The field specified for partitioning cannot be found in the schema.",
      );
    }
    if (!PARTITION_KINDS[partitioning.type].includes(column.type.kind)) {
      throw invalidQuery(
        `PARTITION BY ${column.name} is of type ${column.type.kind}, which cannot be partitioned by ${partitioning.type}`,
      );
    }
  }
  for (const name of clustering ?? []) {
    if (findColumn(columns, name)) continue;
    throw new BigQueryError(
      "invalid",
      `The field specified for clustering cannot be found in the schema. Invalid field: ${name}.`,
    );
  }
}
