import { compareNames, JSON_NULL, type Json, type Step } from "./json-text.ts";

/** Changes of JSON values, none of them in place: JSON_SET, JSON_REMOVE and their like, and JSON_KEYS. */

/** True when there is a part at the path. */
export function hasPart(json: Json, path: readonly Step[]): boolean {
  const [step, ...rest] = path;
  if (step === undefined) return true;
  const part = partAt(json, step);
  return part !== undefined && hasPart(part, rest);
}

/** JSON_SET: puts the value at the path and makes what is missing on the way; a path through a scalar changes nothing. */
export function setAt(json: Json, path: readonly Step[], value: Json): Json {
  const [step, ...rest] = path;
  if (step === undefined) return value;
  return changeAt(json, step, (old) => setAt(old ?? JSON_NULL, rest, value));
}

/** The container with one part replaced; a null becomes the container that the step needs. */
function changeAt(
  json: Json,
  step: Step,
  change: (old: Json | undefined) => Json | undefined,
): Json {
  if (typeof step === "string") {
    const entries = json.kind === "object" ? json.entries : json.kind === "null" ? [] : undefined;
    return entries ? { kind: "object", entries: changeMember(entries, step, change) } : json;
  }
  const items = json.kind === "array" ? json.items : json.kind === "null" ? [] : undefined;
  return items && step >= 0 ? { kind: "array", items: changeItem(items, step, change) } : json;
}

type Entries = readonly (readonly [string, Json])[];

function changeMember(
  entries: Entries,
  name: string,
  change: (old: Json | undefined) => Json | undefined,
): Entries {
  const old = entries.find(([key]) => key === name)?.[1];
  const changed = change(old);
  if (changed === undefined) return entries.filter(([key]) => key !== name);
  if (old === undefined) return [...entries, [name, changed]];
  return entries.map(([key, member]) => (key === name ? [key, changed] : [key, member]));
}

function changeItem(
  items: readonly Json[],
  index: number,
  change: (old: Json | undefined) => Json | undefined,
): readonly Json[] {
  const changed = change(items[index]);
  if (changed === undefined) return items.filter((_, i) => i !== index);
  return Array.from({ length: Math.max(items.length, index + 1) }, (_, i) =>
    i === index ? changed : (items[i] ?? JSON_NULL),
  );
}

function partAt(json: Json, step: Step): Json | undefined {
  if (json.kind === "object" && typeof step === "string")
    return json.entries.find(([key]) => key === step)?.[1];
  return json.kind === "array" && typeof step === "number" ? json.items[step] : undefined;
}

/** JSON_REMOVE: without the part at the path; a path that leads nowhere changes nothing. */
export function removeAt(json: Json, path: readonly Step[]): Json {
  const [step, ...rest] = path;
  if (step === undefined) throw new Error("The JSONPath cannot be '$'");
  const part = partAt(json, step);
  if (part === undefined) return json;
  return changeAt(json, step, () => (rest.length === 0 ? undefined : removeAt(part, rest)));
}

/** JSON_ARRAY_APPEND and JSON_ARRAY_INSERT: the values come before the position, or at the end. */
export function insertAt(
  json: Json,
  path: readonly Step[],
  values: readonly Json[],
  atEnd: boolean,
): Json {
  const steps = atEnd ? path : path.slice(0, -1);
  const position = atEnd ? undefined : path.at(-1);
  if (!atEnd && typeof position !== "number") return json;
  const insert = (array: Json): Json => {
    if (array.kind !== "array" && array.kind !== "null") return array;
    const items = array.kind === "array" ? [...array.items] : [];
    const index = typeof position === "number" ? position : items.length;
    while (items.length < index) items.push(JSON_NULL);
    return { kind: "array", items: items.toSpliced(index, 0, ...values) };
  };
  return inside(json, steps, insert);
}

function inside(json: Json, path: readonly Step[], change: (part: Json) => Json): Json {
  const [step, ...rest] = path;
  if (step === undefined) return change(json);
  const part = partAt(json, step);
  return part === undefined ? json : changeAt(json, step, () => inside(part, rest, change));
}

/** `includeArrays`: nulls in arrays go too. `removeEmpty`: what is left empty goes as well. */
export interface StripOptions {
  readonly includeArrays: boolean;
  readonly removeEmpty: boolean;
}

/** JSON_STRIP_NULLS: without nulls in the part at the path; a part that ends up empty becomes null where that is asked. */
export function stripNulls(json: Json, path: readonly Step[], options: StripOptions): Json {
  return inside(json, path, (part) => {
    const stripped = strip(part, options);
    return isKept(stripped, options) ? stripped : JSON_NULL;
  });
}

function strip(json: Json, options: StripOptions): Json {
  if (json.kind === "array") {
    const items = json.items.map((item) => strip(item, options));
    const kept = options.includeArrays ? items.filter((item) => isKept(item, options)) : items;
    return { kind: "array", items: kept };
  }
  if (json.kind !== "object") return json;
  const entries = json.entries.map(([key, member]) => [key, strip(member, options)] as const);
  return { kind: "object", entries: entries.filter(([, member]) => isKept(member, options)) };
}

function isKept(json: Json, { removeEmpty }: StripOptions): boolean {
  if (json.kind === "null") return false;
  if (!removeEmpty) return true;
  if (json.kind === "array") return json.items.length > 0;
  return json.kind !== "object" || json.entries.length > 0;
}

/** JSON_KEYS in strict mode: the paths of all members down to a depth, arrays not entered, sorted. */
export function keysOf(json: Json, depth: number): readonly string[] {
  const keys = new Set<string>();
  collectKeys(json, "", depth, keys);
  return [...keys].sort(compareNames);
}

function collectKeys(json: Json, prefix: string, depth: number, keys: Set<string>): void {
  if (json.kind !== "object" || depth < 1) return;
  for (const [key, member] of json.entries) {
    const name = prefix + (/^[A-Za-z_][A-Za-z0-9_]*$/.test(key) ? key : JSON.stringify(key));
    keys.add(name);
    collectKeys(member, `${name}.`, depth - 1, keys);
  }
}
