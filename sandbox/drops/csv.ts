import { mkdirSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import iconv from "iconv-lite";

export type Encoding = "windows-1252" | "utf8" | "utf8-bom";

/** Writes lines of a CSV export with CRLF, as Windows programs do. */
export function writeCsv(path: string, encoding: Encoding, lines: readonly string[]): void {
  mkdirSync(dirname(path), { recursive: true });
  const text = `${lines.join("\r\n")}\r\n`;
  const bytes =
    encoding === "utf8-bom"
      ? iconv.encode(text, "utf8", { addBOM: true })
      : iconv.encode(text, encoding === "utf8" ? "utf8" : "win1252");
  writeFileSync(path, bytes);
}

/** `2026-10-25` → `25/10/2026` */
export const italianDate = (date: string): string => date.split("-").reverse().join("/");

export const quoted = (text: string): string => `"${text.replaceAll('"', '""')}"`;

/** Quoted where the text would otherwise be read as something else. */
export const quotedIfNeeded = (text: string): string => (/[",]/.test(text) ? quoted(text) : text);
