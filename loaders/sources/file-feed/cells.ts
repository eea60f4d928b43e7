import type { CsvRecord } from "../../core/csv.ts";
import { DataError } from "../../core/errors.ts";
import { fieldsOf } from "./entities.ts";
import type { Mapping } from "./mapping.ts";

/** What a record says in one place: text, or a number of NDJSON. Empty text is undefined. */
export type Cell = string | number | undefined;

/** Reads one column of a record. */
export type ReadCell<R> = (record: R) => Cell;

/** One column that the mapping names, found in the file. */
export interface BoundColumn<R> {
  /** As the file calls it. */
  readonly header: string;
  readonly read: ReadCell<R>;
}

/** A time made of two columns. */
export interface BoundPair<R> {
  readonly date: BoundColumn<R>;
  readonly time: BoundColumn<R> | undefined;
}

/** The mapping's columns, found in one file. */
export interface Binding<R> {
  readonly fields: ReadonlyMap<string, BoundColumn<R> | BoundPair<R>>;
  readonly contacts: ReadonlyMap<string, BoundColumn<R>>;
  readonly attributes: ReadonlyMap<string, BoundColumn<R>>;
  /** Columns that may be kept in `_payload`: neither contact values nor pseudonyms. */
  readonly kept: readonly BoundColumn<R>[];
  /** Columns that the mapping names and the file lacks. */
  readonly missing: readonly string[];
}

export const isPair = <R>(bound: BoundColumn<R> | BoundPair<R>): bound is BoundPair<R> =>
  "date" in bound;

/** @param find the column called by one of these names, if the file has it */
export function bindColumns<R>(
  mapping: Mapping,
  find: (names: readonly string[]) => BoundColumn<R> | undefined,
): Binding<R> {
  const missing: string[] = [];
  const declared = fieldsOf(mapping.entity);
  const fields = new Map<string, BoundColumn<R> | BoundPair<R>>();
  const contacts = new Map<string, BoundColumn<R>>();
  const attributes = new Map<string, BoundColumn<R>>();
  const kept = new Map<string, BoundColumn<R>>();

  function bound(names: readonly string[]): BoundColumn<R> | undefined {
    const column = find(names);
    if (!column) missing.push(names.join(" or "));
    return column;
  }

  for (const [field, source] of Object.entries(mapping.columns)) {
    if (Array.isArray(source)) {
      const column = bound(source);
      if (!column) continue;
      fields.set(field, column);
      if (declared[field]?.kind !== "pseudonym") kept.set(column.header, column);
      continue;
    }
    const date = bound(source.date);
    if (!date) continue;
    const time = source.time && bound(source.time);
    fields.set(field, { date, time });
    for (const column of [date, time]) if (column) kept.set(column.header, column);
  }
  for (const [field, names] of Object.entries(mapping.contacts)) {
    const column = bound(names ?? []);
    if (column) contacts.set(field, column);
  }
  for (const [name, names] of Object.entries(mapping.attributes)) {
    const column = bound(names);
    if (!column) continue;
    attributes.set(name, column);
    kept.set(column.header, column);
  }
  const secret = new Set([...contacts.values()].map(({ header }) => header));
  const isKept = ({ header }: BoundColumn<R>) => !secret.has(header);
  return { fields, contacts, attributes, kept: [...kept.values()].filter(isKept), missing };
}

/** Headers are compared without regard to case, spaces and the form of accents. */
export function normalHeader(header: string): string {
  return header.normalize("NFC").trim().replace(/\s+/g, " ").toLowerCase();
}

/**
 * Finds columns by the header of a CSV file.
 * @throws DataError from the function returned: `header_twice` where two columns are called so
 */
export function csvColumns(path: string, header: readonly string[]) {
  const normal = header.map(normalHeader);
  return (names: readonly string[]): BoundColumn<CsvRecord> | undefined => {
    for (const name of names) {
      const at = normal.indexOf(normalHeader(name));
      if (at === -1) continue;
      if (normal.lastIndexOf(normalHeader(name)) !== at) {
        throw new DataError(`${path}: two columns are called "${name}"`, {
          reason: "header_twice",
          remedy: "give them different names in the export, or take one out of it",
        });
      }
      return { header: header[at] ?? name, read: ({ cells }) => clean(cells[at]) };
    }
    return undefined;
  };
}

/** A record of NDJSON. */
export interface JsonRecord {
  readonly object: Readonly<Record<string, unknown>>;
  readonly line: number;
}

/** Finds columns by key or dotted path; which of the names a record uses may differ from record to record. */
export function jsonColumns(names: readonly string[]): BoundColumn<JsonRecord> | undefined {
  const [header] = names;
  if (header === undefined) return undefined;
  const paths = names.map((name) => name.split("."));
  return {
    header,
    read({ object }) {
      for (const path of paths) {
        const value = path.reduce<unknown>(
          (inner, key) => (inner as Record<string, unknown> | null | undefined)?.[key],
          object,
        );
        if (typeof value === "number") return value;
        if (typeof value === "boolean") return String(value);
        if (typeof value === "string") return clean(value);
      }
      return undefined;
    },
  };
}

function clean(text: string | undefined): string | undefined {
  const trimmed = text?.trim();
  return trimmed ? trimmed.normalize("NFC") : undefined;
}
