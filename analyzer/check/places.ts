import type { Place } from "../errors.ts";
import type { Template } from "./sqlx.ts";

/** Where a place of compiled SQL comes from. */
export interface Origin {
  /** In the file; of what an expansion yields, where its `${` stands. */
  readonly offset: number;
  /** The text that was expanded, and where in it the place is. */
  readonly expansion?: { readonly text: string; readonly offset: number };
}

/**
 * Finds where an offset of compiled SQL comes from, by laying the template over it: every piece that is copied stands in
 * it, in order. Undefined when the SQL was not compiled from this template.
 */
export function originOf(template: Template, sql: string, offset: number): Origin | undefined {
  const pieces = template.map(piece).filter(({ text }) => text !== "");
  const texts = pieces.map(({ text }) => text);
  const starts: number[] = [];
  const all = { first: 0, last: texts.length - 1, from: 0, to: sql.length };
  if (!layOver(texts, sql, all, starts)) return undefined;
  const index = starts.findLastIndex((start) => start <= offset);
  const found = pieces[index];
  const start = starts[index] ?? 0;
  if (found && offset < start + found.text.length) return { offset: found.start + offset - start };
  const end = found ? start + found.text.length : 0;
  return {
    offset: found?.end ?? (template[0] ? piece(template[0]).end : 0),
    expansion: { text: sql.slice(end, starts[index + 1] ?? sql.length), offset: offset - end },
  };
}

/** Without the blanks around it: Dataform cuts them off both ends of some statements. What is expanded stands at `end`. */
function piece({ text, start }: Template[number]) {
  const lead = text.length - text.trimStart().length;
  return { text: text.trim(), start: start + lead, end: start + text.length };
}

interface Span {
  readonly first: number;
  readonly last: number;
  readonly from: number;
  readonly to: number;
}

/**
 * Places the pieces first … last between two offsets: the longest one first, since short ones (`, `) stand in many places;
 * then those on its left and on its right.
 */
function layOver(texts: readonly string[], sql: string, span: Span, starts: number[]): boolean {
  const { first, last, from, to } = span;
  if (first > last) return true;
  let longest = first;
  for (let i = first; i <= last; i++) {
    if ((texts[i]?.length ?? 0) > (texts[longest]?.length ?? 0)) longest = i;
  }
  const text = texts[longest] ?? "";
  let at = sql.indexOf(text, from);
  while (at >= 0 && at + text.length <= to) {
    starts[longest] = at;
    const left = { first, last: longest - 1, from, to: at };
    const right = { first: longest + 1, last, from: at + text.length, to };
    if (layOver(texts, sql, left, starts) && layOver(texts, sql, right, starts)) return true;
    if (text === "") break;
    at = sql.indexOf(text, at + 1);
  }
  return false;
}

/** The analyzer counts a tab as the blanks up to the next multiple of eight. */
const TAB = 8;

/** The offset of a place that the analyzer names. */
export function offsetAt(text: string, { line, column }: Place): number {
  const lines = text.split("\n");
  const before = lines.slice(0, line - 1).reduce((sum, each) => sum + each.length + 1, 0);
  let at = 0;
  let offset = 0;
  for (const character of lines[line - 1] ?? "") {
    if (at >= column - 1) break;
    at = character === "\t" ? at + TAB - (at % TAB) : at + 1;
    offset += character.length;
  }
  return before + offset;
}

export function placeAt(text: string, offset: number): Place {
  const before = text.slice(0, offset).split("\n");
  return { line: before.length, column: [...(before.at(-1) ?? "")].length + 1 };
}
