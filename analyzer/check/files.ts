import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Place } from "../errors.ts";
import { offsetAt, originOf, placeAt } from "./places.ts";
import type { Finding } from "./report.ts";
import { readSqlx, type Sqlx, type Template } from "./sqlx.ts";

/** Compiled SQL, and what it was compiled from. */
export interface Compiled {
  readonly sql: string;
  /** What is put before it, on line 0. */
  readonly before?: string;
  readonly fileName: string;
  readonly template: (file: Sqlx) => Template | undefined;
}

export interface Files {
  read(fileName: string): Sqlx;
  /** The finding for a place of compiled SQL, in the file where a person will change it. */
  finding(compiled: Compiled, place: Place, message: string): Finding;
  /** A finding about a file's configuration: at this word of it, where it stands there. */
  configFinding(fileName: string, message: string, word?: string): Finding;
}

export function projectFiles(dir: string): Files {
  const known = new Map<string, Sqlx>();

  function read(fileName: string): Sqlx {
    const before = known.get(fileName);
    if (before) return before;
    const path = join(dir, fileName);
    const text = existsSync(path) ? readFileSync(path, "utf8") : "";
    const file = fileName.endsWith(".sqlx") ? readSqlx(text) : plainFile(text);
    known.set(fileName, file);
    return file;
  }

  const at = (fileName: string, offset: number, message: string): Finding => ({
    file: fileName,
    ...placeAt(read(fileName).text, offset),
    message,
  });

  function configFinding(fileName: string, message: string, word?: string): Finding {
    const { text, config } = read(fileName);
    const found = word === undefined ? -1 : text.slice(config).search(wholeWord(word));
    return at(fileName, found < 0 ? config : config + found, message);
  }

  return {
    read,
    configFinding,
    finding({ sql, before = "", fileName, template }, place, message) {
      const file = read(fileName);
      if (place.line < 1) return configFinding(fileName, message, wordAt(before, place.column - 1));
      const offset = offsetAt(sql, place);
      const line = (sql.split("\n")[place.line - 1] ?? "").trim();
      const source = template(file);
      const origin = source && originOf(source, sql, offset);
      if (origin) {
        const inside = origin.expansion ? `${message} (expanded to: ${line})` : message;
        return at(fileName, origin.offset, inside);
      }
      const told = line ? `${message} (compiled to: ${line})` : message;
      const same = line === "" ? -1 : file.text.indexOf(line);
      if (same >= 0) return at(fileName, same, message);
      return configFinding(fileName, told, wordAt(sql, offset));
    },
  };
}

/** A JavaScript file: its SQL is looked for as text. */
const plainFile = (text: string): Sqlx => ({
  text,
  body: [],
  preOperations: [],
  postOperations: [],
  inputs: [],
  config: 0,
});

const wordAt = (text: string, offset: number): string | undefined =>
  /^\w+/.exec(text.slice(offset))?.[0];

const wholeWord = (word: string): RegExp =>
  new RegExp(`\\b${word.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")}\\b`);
