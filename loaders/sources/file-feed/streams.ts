import {
  type CsvRecord,
  decode,
  detectEncoding,
  type Encoding,
  findHeader,
  type Header,
  type HeaderTest,
  readCsv,
  readHead,
} from "../../core/csv.ts";
import {
  defineStream,
  type FileStream,
  type Outcome,
  type ReadableFile,
  type Reading,
  type SliceContext,
} from "../../core/define-stream.ts";
import { readLineBlocks } from "../../core/lines.ts";
import {
  type Binding,
  bindColumns,
  csvColumns,
  type JsonRecord,
  jsonColumns,
  normalHeader,
} from "./cells.ts";
import { type ControlTotal, createControlTotal } from "./control-total.ts";
import { fieldsOf } from "./entities.ts";
import type { Mapping } from "./mapping.ts";
import { createReaders, createRowMaker, type Readers, type RowMaker } from "./rows.ts";
import { ENTITY_TABLES } from "./schema.ts";

/** What a feed is, besides its mapping. */
export interface Feed {
  readonly source: string;
  readonly folder: string;
  readonly timeZone: string;
}

const DEFAULT_FILES: Readonly<Record<Mapping["format"], readonly string[]>> = {
  csv: ["**/*.{csv,txt,CSV,TXT}", "**/*.{csv,txt,CSV,TXT}.gz"],
  ndjson: ["**/*.{ndjson,jsonl,json}", "**/*.{ndjson,jsonl,json}.gz"],
};

/** The stream of a feed: one file after the other onto the mapping's entity. */
export function feedStream(mapping: Mapping, feed: Feed): FileStream {
  const { $schema: _, files: __, ...settings } = mapping;
  const readers = createReaders(mapping, feed.timeZone);
  return defineStream({
    kind: "files",
    name: mapping.entity,
    tables: [ENTITY_TABLES[mapping.entity]],
    settings: [settings, feed.timeZone],
    write: { mode: "file" },
    files: {
      folder: feed.folder,
      patterns: mapping.files === undefined ? DEFAULT_FILES[mapping.format] : [mapping.files],
    },
    open: (file, context) => openFeedFile({ mapping, readers, source: feed.source }, file, context),
  });
}

/** How the files of a feed are read. */
export interface FeedReading {
  readonly mapping: Mapping;
  readonly readers: Readers;
  readonly source: string;
}

/** @throws DataError when the file's encoding, delimiter or header is not what the mapping says */
export function openFeedFile(
  feed: FeedReading,
  file: ReadableFile,
  context: SliceContext,
): Promise<Reading> {
  return feed.mapping.format === "ndjson"
    ? openNdjson(feed, file, context)
    : openCsv(feed, file, context);
}

async function openCsv(
  { mapping, readers, source }: FeedReading,
  file: ReadableFile,
  context: SliceContext,
): Promise<Reading> {
  const encoding = await detectEncoding(file.absolutePath, mapping.encoding);
  const head = await readHead(file.absolutePath, encoding);
  const header = findHeader(file.path, head, mapping.delimiter, headerTest(mapping));
  const binding = bindColumns(mapping, csvColumns(file.path, header.cells));
  countDrift(mapping, header.cells, binding, context);
  const maker = createRowMaker(mapping, binding, { source, readers, fileId: file.fileId });
  const total = createControlTotal(mapping, binding, readers);
  return {
    batches: csvOutcomes(file, encoding, header, maker, total),
    facts: () => ({
      dataUntil: maker.dataUntil(),
      file: { encoding, delimiter: header.delimiter, ...total.totals() },
    }),
    check: () => total.check(file.path),
  };
}

async function* csvOutcomes(
  file: ReadableFile,
  encoding: Encoding,
  header: Header,
  maker: RowMaker<CsvRecord>,
  total: ControlTotal,
): AsyncGenerator<readonly Outcome[]> {
  for await (const records of readCsv(file.absolutePath, encoding, header, file.fileId)) {
    const outcomes: Outcome[] = [];
    for (const record of records) {
      if (record.cells.every((cell) => cell.trim() === "") || total.isFooter(record)) continue;
      if (record.cells.length !== header.cells.length) {
        total.addUnreadable(record.line);
        outcomes.push(maker.broken("wrong_number_of_fields", record.line));
        continue;
      }
      total.addLine(record);
      outcomes.push(maker.toRow(record, record.line));
    }
    yield outcomes;
  }
}

/** A line is the header when it has a name for every field that must be filled. */
function headerTest(mapping: Mapping): HeaderTest {
  const required = Object.entries(fieldsOf(mapping.entity)).flatMap(([name, field]) =>
    field.isRequired ? [name] : [],
  );
  const needed = [...required, ...mapping.required].flatMap((field) => {
    const source = mapping.columns[field];
    if (source === undefined) return [];
    return Array.isArray(source) ? [source] : [source.date];
  });
  const wanted = needed.map((names) => ({ names, normal: names.map(normalHeader) }));
  const known = new Set(allNames(mapping).map(normalHeader));
  return {
    missing(cells) {
      const present = new Set(cells.map(normalHeader));
      const isThere = (name: string) => present.has(name);
      const lacking = wanted.filter(({ normal }) => !normal.some(isThere));
      return [...new Set(lacking.map(({ names }) => names.join(" or ")))];
    },
    isNamed: (cell) => known.has(normalHeader(cell)),
  };
}

function countDrift(
  mapping: Mapping,
  header: readonly string[],
  binding: Binding<CsvRecord>,
  { drift, note }: SliceContext,
): void {
  const named = new Set(allNames(mapping).map(normalHeader));
  for (const cell of header) {
    if (cell.trim() !== "" && !named.has(normalHeader(cell))) drift(cell.trim(), "unmapped_column");
  }
  for (const names of binding.missing) {
    drift(names, "missing_column");
    note(`a column of the mapping is missing in a file: ${names}`);
  }
}

function allNames(mapping: Mapping): string[] {
  const columns = Object.values(mapping.columns).flatMap((source) =>
    Array.isArray(source) ? source : [...source.date, ...(source.time ?? [])],
  );
  const others = [...Object.values(mapping.contacts), ...Object.values(mapping.attributes)];
  return [...columns, ...others.flatMap((names) => names ?? [])];
}

async function openNdjson(
  { mapping, readers, source }: FeedReading,
  file: ReadableFile,
  context: SliceContext,
): Promise<Reading> {
  const encoding = await detectEncoding(file.absolutePath, mapping.encoding);
  const binding = bindColumns<JsonRecord>(mapping, jsonColumns);
  const maker = createRowMaker(mapping, binding, { source, readers, fileId: file.fileId });
  const named = new Set(allNames(mapping).map((name) => name.split(".")[0]));
  const onRecord = ({ object }: JsonRecord) => {
    for (const key of Object.keys(object)) if (!named.has(key)) context.drift(key, "unmapped_key");
  };
  return {
    batches: ndjsonOutcomes(file, encoding, maker, onRecord),
    facts: () => ({ dataUntil: maker.dataUntil(), file: { encoding } }),
  };
}

async function* ndjsonOutcomes(
  file: ReadableFile,
  encoding: Encoding,
  maker: RowMaker<JsonRecord>,
  onRecord: (record: JsonRecord) => void,
): AsyncGenerator<readonly Outcome[]> {
  for await (const block of readLineBlocks(file.absolutePath, file.fileId)) {
    const outcomes: Outcome[] = [];
    for (const [index, text] of decode(file.absolutePath, block, encoding).split("\n").entries()) {
      if (text.trim() === "") continue;
      const line = block.firstLine + index;
      const object = parseObject(text);
      if (object === undefined) {
        outcomes.push(maker.broken("not_json", line));
        continue;
      }
      const record = { object, line };
      onRecord(record);
      outcomes.push(maker.toRow(record, line));
    }
    yield outcomes;
  }
}

function parseObject(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : undefined;
  } catch {
    return undefined;
  }
}
