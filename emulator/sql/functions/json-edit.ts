import { JSON_TYPE } from "../types.ts";
import { once } from "./body.ts";
import { type Call, define, type FunctionDef, type Typed } from "./define.ts";
import { flag } from "./json.ts";
import { readPath } from "./json-extract.ts";
import { jsonOf } from "./render.ts";

/** Functions that change JSON values. */

/** JSON_SET and the array functions take pairs of path and value, JSON_REMOVE takes paths; each change sees the one before. */
function edit(call: Call): Typed {
  const step = call.name === "JSON_REMOVE" ? 1 : 2;
  if (call.count < 1 + step || (call.count - 1) % step !== 0) return call.noMatch();
  const native = `bq_${call.name.toLowerCase()}`;
  let sql = `${call.arg(0, "JSON").sql}::VARCHAR`;
  for (let i = 1; i < call.count; i += step) {
    const path = call.arg(i, "STRING");
    if (typeof path.literal === "string") readPath(call, path.literal, "standard");
    const value = step === 1 ? [] : [editedValue(call, i + 1)];
    const option = step === 1 ? "" : `, ${optionOf(call, i + 1)}`;
    const args = [sql, path.sql, ...value];
    sql = once(args, (...all) => `${native}(${all.join(", ")}${option})`);
  }
  return { sql: `${sql}::JSON`, type: JSON_TYPE };
}

/** The value's JSON text. */
function editedValue(call: Call, i: number): string {
  const { sql, type } = call.arg(i);
  return jsonOf(call, sql, type, "value");
}

/** What the function does with the value: create members, insert the elements one by one. */
function optionOf(call: Call, i: number): boolean {
  const isOn = flag(call, EDIT_OPTIONS[call.name] ?? "", true);
  return isOn && (call.name === "JSON_SET" || call.arg(i).type.kind === "ARRAY");
}

const EDIT_OPTIONS: Readonly<Record<string, string>> = {
  JSON_SET: "create_if_missing",
  JSON_ARRAY_APPEND: "append_each_element",
  JSON_ARRAY_INSERT: "insert_each_element",
};

function editing(name: keyof typeof EDIT_OPTIONS): FunctionDef {
  const option = EDIT_OPTIONS[name] ?? "";
  const signature = `${name}(json, path, value, …[, ${option} => bool])`;
  return { name, signature, args: [3], named: [option], compile: edit };
}

function stripNulls(call: Call): Typed {
  const path = call.count > 1 ? call.arg(1, "STRING") : undefined;
  if (typeof path?.literal === "string") readPath(call, path.literal, "standard");
  const options = `${flag(call, "include_arrays", true)}, ${flag(call, "remove_empty", false)}`;
  const sql = once(
    [`${call.arg(0, "JSON").sql}::VARCHAR`, path?.sql ?? "'$'"],
    (json, p) => `bq_json_strip_nulls(${json}, ${p}, ${options})::JSON`,
  );
  return { sql, type: JSON_TYPE };
}

export const jsonEdits: readonly FunctionDef[] = [
  editing("JSON_SET"),
  editing("JSON_ARRAY_APPEND"),
  editing("JSON_ARRAY_INSERT"),
  define("JSON_REMOVE", "json, path, …", [2], edit),
  define(
    "JSON_STRIP_NULLS",
    "json[, path][, include_arrays => bool][, remove_empty => bool]",
    [1, 2],
    stripNulls,
    ["include_arrays", "remove_empty"],
  ),
];
