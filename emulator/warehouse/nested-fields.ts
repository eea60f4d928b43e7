import { duckdbType, formatType, quoteName, type SqlType, structFieldNames } from "../sql/types.ts";
import type { Session } from "./session.ts";

/** A field that a RECORD gets, by its path from the table on; the elements of an array are called `element`. */
export interface AddedField {
  readonly path: readonly string[];
  readonly type: SqlType;
}

/**
 * The fields that a column's new type has and its old one has not, at whatever depth; undefined when the types differ
 * in anything else. New fields come last in their RECORD, as in BigQuery.
 */
export function addedFields(
  before: SqlType,
  after: SqlType,
  path: readonly string[],
): readonly AddedField[] | undefined {
  if (before.kind === "ARRAY" && after.kind === "ARRAY") {
    return addedFields(before.element, after.element, [...path, "element"]);
  }
  if (before.kind !== "STRUCT" || after.kind !== "STRUCT") {
    return widens(before, after) ? [] : undefined;
  }
  const names = structFieldNames(before);
  const newNames = structFieldNames(after);
  const added = after.fields.flatMap((field, i): AddedField[] | undefined => {
    const old = before.fields[i];
    const name = newNames[i] ?? "";
    if (!old) return [{ path: [...path, name], type: field.type }];
    if (names[i]?.toLowerCase() !== name.toLowerCase()) return undefined;
    const inner = addedFields(old.type, field.type, [...path, names[i] ?? ""]);
    return inner && [...inner];
  });
  if (after.fields.length < before.fields.length) return undefined;
  return added.every((field) => field !== undefined) ? added : undefined;
}

/** True when every value of the one type is one of the other, which DuckDB keeps alike: STRING(3) and STRING. */
function widens(before: SqlType, after: SqlType): boolean {
  if (formatType(before) === formatType(after)) return true;
  if (duckdbType(before) !== duckdbType(after) || before.kind !== after.kind) return false;
  const [size, scale = 0] = parametersOf(before);
  const [newSize, newScale = 0] = parametersOf(after);
  if (newSize === undefined) return true;
  return size !== undefined && newScale >= scale && newSize - newScale >= size - scale;
}

function parametersOf(type: SqlType): readonly number[] {
  return "parameters" in type ? (type.parameters ?? []) : [];
}

/** Adds fields to the RECORDs of a table, NULL in all its rows. */
export async function addFields(
  session: Session,
  table: string,
  added: readonly AddedField[],
): Promise<void> {
  for (const { path, type } of added) {
    const name = path.map(quoteName).join(".");
    await session.run(`ALTER TABLE ${table} ADD COLUMN ${name} ${duckdbType(type)}`);
  }
}
