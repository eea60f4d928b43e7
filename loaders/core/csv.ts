import { isAscii, isUtf8 } from "node:buffer";
import { parse } from "csv-parse";
import { parse as parseSync } from "csv-parse/sync";
import iconv from "iconv-lite";
import { DataError } from "./errors.ts";
import { type LineBlock, readLineBlocks } from "./lines.ts";

export type Encoding = "utf-8" | "windows-1252";
export type Delimiter = ";" | "," | "\t" | "|";

const DELIMITERS: readonly Delimiter[] = [";", ",", "\t", "|"];
const BYTE_ORDER_MARK = "\uFEFF";

/** Signs that no text of a business holds: they appear where bytes were decoded by the wrong table. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it looks for
const MISREAD = /[\uFFFD\u0000\u0080-\u009F]/;

/**
 * Decides the encoding of a file from all of its bytes: a byte order mark, else UTF-8 where they are valid UTF-8, else
 * Windows-1252. What is declared must agree with the bytes.
 * @throws DataError `wrong_encoding`, naming the line
 */
export async function detectEncoding(path: string, declared: Encoding | "auto"): Promise<Encoding> {
  let isPlainAscii = true;
  let firstInvalid: number | undefined;
  for await (const block of readLineBlocks(path)) {
    if (block.firstLine === 1) refuseUtf16(path, block.bytes);
    if (firstInvalid === undefined && !isUtf8(block.bytes)) firstInvalid = invalidLine(block);
    if (isPlainAscii) isPlainAscii = isAscii(block.bytes);
  }
  const isValidUtf8 = firstInvalid === undefined;
  if (declared === "auto") return isValidUtf8 ? "utf-8" : "windows-1252";
  if (declared === "utf-8" && !isValidUtf8) {
    throw wrongEncoding(path, firstInvalid, "is not UTF-8, as the mapping says");
  }
  if (declared === "windows-1252" && isValidUtf8 && !isPlainAscii) {
    throw wrongEncoding(path, undefined, "is UTF-8, not Windows-1252 as the mapping says");
  }
  return declared;
}

function refuseUtf16(path: string, bytes: Buffer): void {
  const mark = bytes.subarray(0, 2).toString("latin1");
  if (mark === "\xFF\xFE" || mark === "\xFE\xFF") {
    throw wrongEncoding(path, undefined, "is UTF-16; export it as UTF-8");
  }
}

function invalidLine({ bytes, firstLine }: LineBlock): number {
  let line = firstLine;
  let start = 0;
  for (let end = bytes.indexOf(10); end !== -1; end = bytes.indexOf(10, start)) {
    if (!isUtf8(bytes.subarray(start, end))) return line;
    start = end + 1;
    line++;
  }
  return line;
}

function wrongEncoding(path: string, line: number | undefined, what: string): DataError {
  const place = line === undefined ? path : `${path}, line ${line}`;
  return new DataError(`${place}: the text ${what}`, {
    reason: "wrong_encoding",
    remedy: "export the file in the agreed encoding, or correct `encoding` in the mapping",
  });
}

/**
 * Decodes whole lines. @throws DataError `wrong_encoding` where the result holds signs of a misread byte
 */
export function decode(path: string, block: LineBlock, encoding: Encoding): string {
  let text =
    encoding === "utf-8" ? block.bytes.toString("utf8") : iconv.decode(block.bytes, "win1252");
  if (block.firstLine === 1 && text.startsWith(BYTE_ORDER_MARK)) text = text.slice(1);
  if (MISREAD.test(text)) {
    const line = block.firstLine + text.split("\n").findIndex((part) => MISREAD.test(part));
    throw wrongEncoding(path, line, "holds control or replacement characters: it was misread");
  }
  return text;
}

/** The header of a file: where it is and what it is made of. */
export interface Header {
  /** Physical line, from 1. */
  readonly line: number;
  readonly delimiter: Delimiter;
  readonly cells: readonly string[];
}

/** What makes a line the header of a file. */
export interface HeaderTest {
  /** The headers that must be there and are not, as people call them; none makes a line the header. */
  missing(cells: readonly string[]): readonly string[];
  /** Whether a cell is a header that is looked for, required or not. */
  isNamed(cell: string): boolean;
}

/** Title lines may stand before the header, but no more than this. */
const MAX_TITLE_LINES = 10;

/**
 * Finds the header: the first line, split by a delimiter, that lacks nothing.
 * @throws DataError `header_not_found`, or `delimiter_differs` where only another delimiter than the declared one fits
 */
export function findHeader(
  path: string,
  head: string,
  declared: Delimiter | "auto",
  test: HeaderTest,
): Header {
  const lines = head.trimEnd().split("\n", MAX_TITLE_LINES + 1);
  const search = (delimiters: readonly Delimiter[]): Header | undefined => {
    for (const [index, line] of lines.entries()) {
      for (const delimiter of delimiters) {
        const cells = splitLine(line, delimiter);
        if (test.missing(cells).length === 0) return { line: index + 1, delimiter, cells };
      }
    }
    return undefined;
  };
  const found = search(declared === "auto" ? DELIMITERS : [declared]);
  if (found) return found;
  const other = declared === "auto" ? undefined : search(DELIMITERS);
  if (other) {
    throw new DataError(
      `${path}: fields are separated by ${name(other.delimiter)}, not by ${name(declared as Delimiter)}`,
      { reason: "delimiter_differs", remedy: "correct the export, or `delimiter` in the mapping" },
    );
  }
  if (head.trim() === "") throw new DataError(`${path}: the file is empty`, { reason: "empty" });
  const delimiters = declared === "auto" ? DELIMITERS : [declared];
  throw new DataError(`${path}: ${whatIsMissing(lines, delimiters, test)}`, {
    reason: "header_not_found",
    remedy: "name the file's headers under `columns` in the mapping, or correct the export",
  });
}

/**
 * Says what the line that comes closest to the header has and lacks. Only a line with a known header is shown: another
 * may be a record, and hold names and addresses.
 */
function whatIsMissing(
  lines: readonly string[],
  delimiters: readonly Delimiter[],
  { missing, isNamed }: HeaderTest,
): string {
  const candidates = lines.flatMap((line, index) =>
    delimiters.map((delimiter) => {
      const cells = splitLine(line, delimiter).map((cell) => cell.trim());
      return { line: index + 1, cells, named: cells.filter(isNamed).length };
    }),
  );
  const [closest] = candidates.sort((a, b) => b.named - a.named);
  if (!closest || closest.named === 0) {
    const wanted = quoted(missing([]));
    const where = lines.length === 1 ? "the only line" : `the first ${lines.length} lines`;
    return `no header: ${where} should have ${wanted}, and no header of the mapping is there`;
  }
  const lacks = quoted(missing(closest.cells));
  return `line ${closest.line} lacks the headers ${lacks}; it has ${quoted(closest.cells)}`;
}

const quoted = (names: readonly string[]): string =>
  names
    .filter((name) => name !== "")
    .map((name) => `"${name}"`)
    .join(", ");

function name(delimiter: Delimiter): string {
  return delimiter === "\t" ? "tabs" : `"${delimiter}"`;
}

function splitLine(line: string, delimiter: Delimiter): string[] {
  try {
    const [cells = []] = parseSync(line.replace(/\r$/, ""), options(delimiter)) as string[][];
    return cells;
  } catch {
    return [];
  }
}

const options = (delimiter: Delimiter) => ({
  delimiter,
  relax_quotes: true,
  relax_column_count: true,
  record_delimiter: ["\r\n", "\n"],
  // A quote that is never closed would otherwise swallow the rest of the file.
  max_record_size: 1_000_000,
});

/** One record: its fields as text, and the physical line it begins on. */
export interface CsvRecord {
  readonly cells: readonly string[];
  readonly line: number;
}

/**
 * Reads the records after the header, in batches.
 * @throws DataError `wrong_encoding`, `quote_not_closed`, and those of `readLineBlocks`
 */
export async function* readCsv(
  path: string,
  encoding: Encoding,
  header: Header,
  expectedSha256?: string,
): AsyncGenerator<readonly CsvRecord[]> {
  let records: CsvRecord[] = [];
  let previousLine = 0;
  const parser = parse({
    ...options(header.delimiter),
    on_record(cells: string[], { lines }) {
      records.push({ cells, line: header.line + previousLine + 1 });
      previousLine = lines;
      return null;
    },
  });
  // Errors arrive through the callback of write(); without a listener they would also end the process.
  parser.on("error", () => {});
  const taken = (): readonly CsvRecord[] => {
    const batch = records;
    records = [];
    return batch;
  };
  try {
    for await (const block of readLineBlocks(path, expectedSha256)) {
      const text = decode(path, block, encoding);
      const data = block.firstLine <= header.line ? afterLine(text, header.line) : text;
      await new Promise<void>((resolve, reject) => {
        parser.write(data, (error) => (error ? reject(error) : resolve()));
      });
      yield taken();
    }
    await new Promise<void>((resolve, reject) => {
      parser.once("error", reject).once("end", resolve).resume().end();
    });
  } catch (cause) {
    if (!String((cause as NodeJS.ErrnoException).code).startsWith("CSV_")) throw cause;
    const line = header.line + previousLine + 1;
    throw new DataError(`${path}, line ${line}: a quote is opened and not closed`, {
      reason: "quote_not_closed",
      cause,
    });
  }
  yield taken();
}

/** What follows the first `lines` lines of a text. */
function afterLine(text: string, lines: number): string {
  let at = 0;
  for (let line = 0; line < lines; line++) {
    const end = text.indexOf("\n", at);
    if (end === -1) return "";
    at = end + 1;
  }
  return text.slice(at);
}

/** The first lines of a file as text, to find the header in. */
export async function readHead(path: string, encoding: Encoding): Promise<string> {
  for await (const block of readLineBlocks(path)) return decode(path, block, encoding);
  return "";
}
