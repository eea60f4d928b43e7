import { JSON_NULL, type Json, type Step } from "./jsontext.ts";

/** Changes of JSON values, none of them in place: JSON_SET, JSON_REMOVE and their like, and JSON_KEYS. */

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

/** JSON_STRIP_NULLS: without nulls in objects and arrays; what becomes empty stays. */
export function stripNulls(json: Json): Json {
  const isKept = (part: Json) => part.kind !== "null";
  if (json.kind === "array")
    return { kind: "array", items: json.items.filter(isKept).map(stripNulls) };
  if (json.kind !== "object") return json;
  const entries = json.entries.filter(([, member]) => isKept(member));
  return { kind: "object", entries: entries.map(([key, member]) => [key, stripNulls(member)]) };
}

/** JSON_KEYS in strict mode: the paths of all members down to a depth, arrays not entered, sorted. */
export function keysOf(json: Json, depth: number): readonly string[] {
  const keys = new Set<string>();
  collectKeys(json, "", depth, keys);
  return [...keys].sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
}

function collectKeys(json: Json, prefix: string, depth: number, keys: Set<string>): void {
  if (json.kind !== "object" || depth < 1) return;
  for (const [key, member] of json.entries) {
    const name = prefix + (/^[A-Za-z_][A-Za-z0-9_]*$/.test(key) ? key : JSON.stringify(key));
    keys.add(name);
    collectKeys(member, `${name}.`, depth - 1, keys);
  }
}
