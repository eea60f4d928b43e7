import { sketchFunctions } from "../sketches.ts";
import { arrays } from "./arrays.ts";
import { characters } from "./characters.ts";
import { dates } from "./dates.ts";
import type { FunctionDef } from "./define.ts";
import { hashes } from "./hashes.ts";
import { intervals } from "./intervals.ts";
import { jsonFunctions } from "./json.ts";
import { jsonEdits } from "./json-edit.ts";
import { jsonExtraction } from "./json-extract.ts";
import { mathFunctions } from "./math.ts";
import { misc } from "./misc.ts";
import { net } from "./net.ts";
import { numberFunctions } from "./numbers.ts";
import { printfFunctions } from "./printf.ts";
import { ranges } from "./ranges.ts";
import { regexps } from "./regexps.ts";
import { spans } from "./spans.ts";
import { strings } from "./strings.ts";
import { timestamps } from "./timestamps.ts";

/** All scalar functions; each file of this folder exports one list. */
const lists: readonly (readonly FunctionDef[])[] = [
  dates,
  timestamps,
  spans,
  numberFunctions,
  mathFunctions,
  strings,
  characters,
  regexps,
  jsonFunctions,
  jsonExtraction,
  jsonEdits,
  arrays,
  hashes,
  printfFunctions,
  intervals,
  net,
  ranges,
  sketchFunctions,
  misc,
];

/** The supported scalar functions by upper-case GoogleSQL name. */
export const scalarFunctions: ReadonlyMap<string, FunctionDef> = new Map(
  lists.flat().map((definition) => [definition.name, definition]),
);
