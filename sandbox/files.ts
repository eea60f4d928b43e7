import { closeSync, mkdirSync, openSync, writeFileSync, writeSync } from "node:fs";
import { dirname } from "node:path";

const CHUNK = 1 << 20;

export interface NdjsonFile<T> {
  write(row: T): void;
  close(): void;
}

/** Writes objects as lines without holding them. */
export function ndjsonFile<T>(path: string): NdjsonFile<T> {
  mkdirSync(dirname(path), { recursive: true });
  const file = openSync(path, "w");
  let buffer = "";
  const flush = () => {
    writeSync(file, buffer);
    buffer = "";
  };
  return {
    write(row) {
      buffer += `${JSON.stringify(row)}\n`;
      if (buffer.length > CHUNK) flush();
    },
    close() {
      flush();
      closeSync(file);
    },
  };
}

export function writeNdjson(path: string, rows: Iterable<unknown>): void {
  const file = ndjsonFile<unknown>(path);
  for (const row of rows) file.write(row);
  file.close();
}

/** Indented JSON; the folder is made where it is missing. */
export function writeJson(path: string, value: unknown): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, `${JSON.stringify(value, null, 2)}\n`);
}
