import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import iconv from "iconv-lite";

/** A folder of its own, and how to remove it. */
export function tempDir(): { dir: string; remove: () => void } {
  const dir = mkdtempSync(join(tmpdir(), "filo-sandbox-"));
  return { dir, remove: () => rmSync(dir, { recursive: true, force: true }) };
}

/** Paths of all files below a folder, relative to it, sorted. */
export function filesIn(dir: string): string[] {
  return readdirSync(dir, { recursive: true, encoding: "utf8" })
    .filter((name) => statSync(join(dir, name)).isFile())
    .sort();
}

// biome-ignore lint/suspicious/noExplicitAny: tests read vendor JSON as it comes
export type Json = any;

export const readJson = (...path: string[]): Json =>
  JSON.parse(readFileSync(join(...path), "utf8"));

export const parseLines = (text: string): Json[] =>
  text
    .split("\n")
    .filter(Boolean)
    .map((line) => JSON.parse(line));

export const readNdjson = (...path: string[]): Json[] =>
  parseLines(readFileSync(join(...path), "utf8"));

/** Every line of the CDP's archive, with the day's folder it lies in. */
export function readSegment(dir: string): { folder: string; call: Json }[] {
  const root = join(dir, "drops", "segment");
  return filesIn(root).flatMap((name) =>
    parseLines(gunzipSync(readFileSync(join(root, name))).toString()).map((call) => ({
      folder: name.slice(0, 10),
      call,
    })),
  );
}

/** Cells of a till file's lines by header, and of its last row. Own parsing: the files quote nothing. */
export function readTill(path: string): {
  rows: Record<string, string>[];
  footer: string[];
  header: string[];
} {
  const lines = iconv.decode(readFileSync(path), "win1252").trimEnd().split("\r\n");
  const at = lines.findIndex((line) => line.startsWith("Negozio;"));
  const header = (lines[at] ?? "").split(";");
  const rows = lines.slice(at + 1, -2).map((line) => {
    const cells = line.split(";");
    return Object.fromEntries(header.map((name, i) => [name, cells[i] ?? "MISSING"]));
  });
  return { rows, footer: (lines.at(-1) ?? "").split(";"), header };
}

/** `-1.234,56` or `-1234.56` → cents. */
export function cents(text: string | undefined): number {
  const digits = (text ?? "").replace(/[.,](?=\d{3}\b)/g, "").replace(",", ".");
  const value = Math.round(Number(digits) * 100);
  if (Number.isNaN(value) || text === "") throw new Error(`not an amount: ${text}`);
  return value;
}

export const sum = <T>(items: Iterable<T>, of: (item: T) => number): number => {
  let total = 0;
  for (const item of items) total += of(item);
  return total;
};
