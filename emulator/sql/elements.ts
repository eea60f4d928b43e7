import { fieldOf } from "./coerce.ts";
import { raise, reused } from "./functions/body.ts";
import { type SqlType, structFieldNames } from "./types.ts";

/** An array may hold NULL while a query computes with it, but not in a result and not in a table. */
export function withoutNullElements(sql: string, type: SqlType, field: string): string {
  if (holdsNull("", type) === undefined) return sql;
  const message = `Array cannot have a null element; error in writing field ${field}`;
  return reused([sql], (x) => {
    return `CASE WHEN ${holdsNull(x, type)} THEN ${raise(message, type)} ELSE ${x} END`;
  });
}

/** True where an array in the value has a NULL element; undefined when it holds no array. */
function holdsNull(sql: string, type: SqlType, depth = 0): string | undefined {
  if (type.kind === "ARRAY") {
    const element = `_n${depth}`;
    const inside = holdsNull(element, type.element, depth + 1);
    const here = `list_count(${sql}) <> len(${sql})`;
    return inside === undefined
      ? here
      : `(${here} OR len(list_filter(${sql}, lambda ${element}: ${inside})) > 0)`;
  }
  if (type.kind !== "STRUCT") return undefined;
  const names = structFieldNames(type);
  const tests = type.fields.flatMap((field, i) => {
    const test = holdsNull(fieldOf(sql, names[i] ?? ""), field.type, depth);
    return test === undefined ? [] : [test];
  });
  return tests.length === 0 ? undefined : `(${tests.join(" OR ")})`;
}
