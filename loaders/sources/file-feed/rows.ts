import { createDateReader, type DateReader, type MomentResult } from "../../core/dates.ts";
import type { Outcome, RejectOutcome } from "../../core/define-stream.ts";
import { createNumberReader, type NumberReader } from "../../core/numbers.ts";
import { type ContactValues, pseudonym, rowHash } from "../../core/pii.ts";
import { type Binding, type BoundColumn, type BoundPair, type Cell, isPair } from "./cells.ts";
import { entityOf, type FieldKind, fieldsOf, hasColumn } from "./entities.ts";
import type { Mapping } from "./mapping.ts";
import {
  createTyper,
  finishReceipt,
  isRuled,
  Refusal,
  setVatCode,
  type Values,
} from "./receipts.ts";
import { ENTITY_TABLES } from "./schema.ts";
import { createTranslator, isTranslated } from "./values.ts";

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

/** A row in the making. */
interface Draft {
  readonly values: Values;
  /** The local days of its times, by field, YYYY-MM-DD. */
  readonly days: Record<string, string>;
}

export function createRowMaker<R>(
  mapping: Mapping,
  binding: Binding<R>,
  context: RowContext,
): RowMaker<R> {
  const table = ENTITY_TABLES[mapping.entity];
  const { anyOf, reaches } = entityOf(mapping.entity);
  const fields = fieldsOf(mapping.entity);
  const fillers = createFillers(mapping, binding, context);
  const constants = constantsOf(mapping);
  const isRequired = (field: string) => fields[field]?.isRequired ?? false;
  const required = [...Object.keys(fields).filter(isRequired), ...mapping.required];
  const keepsAttributes = hasColumn(mapping.entity, "attributes");
  let latest: string | undefined;

  function draftOf(record: R): Draft {
    const draft: Draft = { values: { ...constants }, days: {} };
    for (const fill of fillers) fill(draft, record);
    if (mapping.entity === "receipts") {
      draft.values.business_date ??= draft.days.receipt_ts;
      finishReceipt(draft.values, mapping);
    }
    return draft;
  }

  function columnsOf(record: R, line: number, contact: ContactValues | undefined): Values {
    const { values, days } = draftOf(record);
    for (const field of required) {
      if (values[fields[field]?.column ?? field] === undefined)
        throw new Refusal("required_missing", headerOf(binding, field));
    }
    const isAny = (name: string) =>
      values[name] !== undefined || (name === "contact_key" && contact);
    if (anyOf && !anyOf.columns.some(isAny)) throw new Refusal(anyOf.reason);
    const day = reaches && (days[reaches] ?? values[reaches]);
    if (typeof day === "string" && (latest === undefined || day > latest)) latest = day;
    return { file_id: context.fileId, line_no_in_file: line, feed: context.source, ...values };
  }

  return {
    toRow(record, line) {
      const contact = contactOf(binding, record);
      try {
        const columns = columnsOf(record, line, contact);
        const payload = keptOf(binding.kept, record);
        const extra = keepsAttributes ? { attributes: keptBy(binding.attributes, record) } : {};
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

/** Puts what a record says in one place into the row. @throws Refusal */
type Filler<R> = (draft: Draft, record: R) => void;

/** One for each field that the mapping finds in the file, then those that rules recognise. */
function createFillers<R>(
  mapping: Mapping,
  binding: Binding<R>,
  context: RowContext,
): readonly Filler<R>[] {
  const { readers } = context;
  const fillers: Filler<R>[] = [];
  for (const [name, bound] of binding.fields) {
    if (isRuled(name)) continue;
    if (isPair(bound)) {
      fillers.push((draft, record) => {
        const moment = readers.pair(bound, record);
        const isTime = moment && "problem" in moment && moment.problem === "not_a_time";
        const { header } = (isTime && bound.time) || bound.date;
        setMoment(draft, name, moment, header);
      });
    } else fillers.push(createFiller(mapping, name, bound, context));
  }
  for (const name of Object.keys(fieldsOf(mapping.entity)).filter(isRuled)) {
    const typeOf = createTyper(mapping, binding, name);
    fillers.push(({ values }, record) => {
      values[name] = typeOf(record);
    });
  }
  return fillers;
}

function createFiller<R>(
  mapping: Mapping,
  name: string,
  { header, read }: BoundColumn<R>,
  { readers, source }: RowContext,
): Filler<R> {
  const field = fieldsOf(mapping.entity)[name] ?? { kind: "text" };
  const translator = isTranslated(mapping, name, field)
    ? createTranslator(mapping, name, field)
    : undefined;
  const { kind, column = name } = field;
  return (draft, record) => {
    const cell = read(record);
    if (cell === undefined) return;
    const { values } = draft;
    if (kind === "timestamp") {
      setMoment(draft, name, readers.dates.timestamp(String(cell)), header);
    } else if (kind === "pseudonym") {
      values[column] = pseudonym(source, String(cell));
    } else if (name === "vat_rate" && setVatCode(values, String(cell), mapping)) {
      return;
    } else if (translator) {
      values[column] = translator.translate(String(cell));
      if (values[column] === undefined) throw new Refusal(translator.refusal, header);
    } else {
      values[column] = readers.value(kind, cell);
      if (values[column] === undefined) throw new Refusal(`not_a_${kind}`, header);
    }
  };
}

/** Constants as columns hold them. */
function constantsOf({ entity, constants }: Mapping): Values {
  const fields = fieldsOf(entity);
  return Object.fromEntries(
    Object.entries(constants).map(([field, text]) => [
      field,
      fields[field]?.kind === "integer" ? Number(text) : text,
    ]),
  );
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
  draft.days[field] = moment.localDate;
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
