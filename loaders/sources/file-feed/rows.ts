import { createDateReader, type DateReader, type MomentResult } from "../../core/dates.ts";
import type { Outcome, RejectOutcome } from "../../core/define-stream.ts";
import { createNumberReader, type NumberReader } from "../../core/numbers.ts";
import { type ContactValues, rowHash } from "../../core/pii.ts";
import { type Binding, type BoundColumn, type BoundPair, type Cell, isPair } from "./cells.ts";
import { ENTITY_FIELDS, type FieldKind, type Mapping, REQUIRED_FIELDS } from "./mapping.ts";
import {
  createLineTyper,
  type Draft,
  finishReceipt,
  Refusal,
  setVatCode,
  type Values,
} from "./receipts.ts";
import { ENTITY_TABLES } from "./schema.ts";

/** Makes rows of an entity from the records of one file. */
export interface RowMaker<R> {
  toRow(record: R, line: number): Outcome;
  /** The dead letter of a record that could not be split into fields. */
  broken(reason: string, line: number): RejectOutcome;
  /** The local day of the latest row, YYYY-MM-DD. */
  dataUntil(): string | undefined;
}

export interface RowContext {
  readonly source: string;
  readonly fileId: string;
  readonly readers: Readers;
}

export function createRowMaker<R>(
  mapping: Mapping,
  binding: Binding<R>,
  context: RowContext,
): RowMaker<R> {
  const table = ENTITY_TABLES[mapping.entity];
  const fields: Readonly<Record<string, FieldKind>> = ENTITY_FIELDS[mapping.entity];
  const { readers } = context;
  const typeOf = createLineTyper(mapping, binding);
  const required = [...REQUIRED_FIELDS[mapping.entity], ...mapping.required];
  let latest: string | undefined;

  function draftOf(record: R): Draft {
    const draft: Draft = { values: { ...mapping.constants }, day: undefined };
    for (const [field, bound] of binding.fields) {
      if (isPair(bound)) setMoment(draft, field, readers.pair(bound, record), bound.date.header);
      else setValue(draft, field, bound, record);
    }
    return draft;
  }

  function setValue(draft: Draft, field: string, column: BoundColumn<R>, record: R): void {
    const cell = column.read(record);
    if (cell === undefined) return;
    const kind = fields[field] ?? "text";
    if (kind === "timestamp") {
      setMoment(draft, field, readers.dates.timestamp(String(cell)), column.header);
      return;
    }
    if (field === "vat_rate" && setVatCode(draft.values, String(cell), mapping)) return;
    const value = readers.value(kind, cell);
    if (value === undefined) throw new Refusal(`not_a_${kind}`, column.header);
    draft.values[field] = value;
  }

  function columnsOf(record: R, line: number): Values {
    const draft = draftOf(record);
    const { values } = draft;
    if (mapping.entity === "receipts")
      finishReceipt(draft, typeOf(record), mapping, context.source);
    for (const field of required) {
      if (values[field] === undefined)
        throw new Refusal("required_missing", headerOf(binding, field));
    }
    const day = values.business_date ?? draft.day;
    if (typeof day === "string" && (latest === undefined || day > latest)) latest = day;
    return { file_id: context.fileId, line_no_in_file: line, feed: context.source, ...values };
  }

  return {
    toRow(record, line) {
      const contact = contactOf(binding, record);
      try {
        const columns = columnsOf(record, line);
        if (mapping.entity === "people" && !contact && !isReferenced(columns)) {
          throw new Refusal("nobody_named");
        }
        const payload = keptOf(binding.kept, record);
        const attributes = keptBy(binding.attributes, record);
        const extra = mapping.entity === "receipts" ? {} : { attributes };
        const own = { ...columns, ...extra, _payload: payload };
        return {
          table,
          row: { ...own, _row_hash: rowHash(JSON.stringify([own, contact])) },
          contact,
        };
      } catch (error) {
        if (!(error instanceof Refusal)) throw error;
        const payload = keptOf(binding.kept, record);
        return { reject: error.message, field: error.field, line, payload };
      }
    },
    broken: (reason, line) => ({ reject: reason, line }),
    dataUntil: () => latest,
  };
}

/** How a mapping's files write numbers and dates. Made once for all files of a feed: it remembers the zone's offsets. */
export interface Readers {
  readonly dates: DateReader;
  readonly numbers: NumberReader;
  value(kind: FieldKind, cell: string | number): string | number | undefined;
  pair<R>(pair: BoundPair<R>, record: R): MomentResult | undefined;
}

/** @param retailerZone for a mapping that names no zone */
export function createReaders(mapping: Mapping, retailerZone: string): Readers {
  const numbers = createNumberReader(mapping);
  const dates = createDateReader({
    date: mapping.dateFormat,
    time: mapping.timeFormat,
    timestamp: mapping.timestampFormat,
    zone: mapping.timeZone ?? retailerZone,
  });
  return {
    dates,
    numbers,
    value(kind, cell) {
      if (typeof cell === "number") return numberValue(kind, cell);
      if (kind === "money") return numbers.money(cell);
      if (kind === "quantity") return numbers.quantity(cell);
      if (kind === "integer") return numbers.integer(cell);
      if (kind === "date") return dates.date(cell);
      return cell;
    },
    pair({ date, time }, record) {
      const day = date.read(record);
      if (day === undefined) return undefined;
      const hour = time?.read(record);
      if (time && hour === undefined) return { problem: "not_a_time" };
      return dates.dateAndTime(String(day), hour === undefined ? undefined : String(hour));
    },
  };
}

/** A number of NDJSON is what it is, however the file writes amounts in text. */
function numberValue(kind: FieldKind, cell: number): string | number | undefined {
  // Digits beyond what JavaScript keeps: the id that was meant is lost.
  if (Number.isInteger(cell) && !Number.isSafeInteger(cell)) return undefined;
  if (kind === "text") return String(cell);
  if (kind === "integer") return Number.isSafeInteger(cell) ? cell : undefined;
  if (kind === "date") return undefined;
  const text = String(cell);
  return /^-?\d{1,15}(\.\d{1,9})?$/.test(text) ? text : undefined;
}

function setMoment(
  draft: Draft,
  field: string,
  moment: MomentResult | undefined,
  header: string,
): void {
  if (moment === undefined) return;
  if ("problem" in moment) throw new Refusal(moment.problem, header);
  draft.values[field] = moment.utc;
  draft.day = moment.localDate;
  if (field === "receipt_ts") draft.values.is_dst_fold = moment.isFold;
}

function contactOf<R>(binding: Binding<R>, record: R): ContactValues | undefined {
  let contact: Record<string, string> | undefined;
  for (const [field, column] of binding.contacts) {
    const cell = column.read(record);
    if (cell === undefined) continue;
    contact ??= {};
    contact[field] = String(cell);
  }
  return contact;
}

function isReferenced(columns: Values): boolean {
  const { person_ref, loyalty_card, shop_account_id, crm_contact_id } = columns;
  return (person_ref ?? loyalty_card ?? shop_account_id ?? crm_contact_id) !== undefined;
}

function keptOf<R>(columns: readonly BoundColumn<R>[], record: R): Record<string, Cell> {
  const kept: Record<string, Cell> = {};
  for (const { header, read } of columns) kept[header] = read(record);
  return kept;
}

function keptBy<R>(columns: ReadonlyMap<string, BoundColumn<R>>, record: R): Record<string, Cell> {
  const kept: Record<string, Cell> = {};
  for (const [name, { read }] of columns) kept[name] = read(record);
  return kept;
}

function headerOf<R>(binding: Binding<R>, field: string): string {
  const bound = binding.fields.get(field);
  if (!bound) return field;
  return isPair(bound) ? bound.date.header : bound.header;
}
