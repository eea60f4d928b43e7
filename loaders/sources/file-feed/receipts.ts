import { billionths, negated, product, vatInside } from "../../core/numbers.ts";
import { pseudonym } from "../../core/pii.ts";
import { type Binding, type BoundColumn, type BoundPair, type Cell, isPair } from "./cells.ts";
import { LINE_TYPES, type LineType, type Mapping } from "./mapping.ts";

export type Values = Record<string, string | number | boolean | undefined>;

/** A row in the making. */
export interface Draft {
  readonly values: Values;
  /** The local day of its time, YYYY-MM-DD. */
  day: string | undefined;
}

/** A record that is no row of the entity: its message is the reason of a dead letter. */
export class Refusal extends Error {
  /** The column, as the file calls it. */
  readonly field: string | undefined;

  constructor(reason: string, field?: string) {
    super(reason);
    this.field = field;
  }
}

/**
 * How the type of a till's line is recognised: by a column that names it, by the mapping's rules, else a sale. A column
 * for the type whose value no rule knows makes it undefined.
 */
export function createLineTyper<R>(
  mapping: Mapping,
  binding: Binding<R>,
): (record: R) => LineType | undefined {
  const rules = mapping.lineTypes.map(({ type, when }) => ({
    type,
    conditions: Object.entries(when).map(([field, pattern]) => ({
      bound: binding.fields.get(field),
      pattern: new RegExp(pattern, "iu"),
    })),
  }));
  const written = binding.fields.get("line_type");
  return (record) => {
    const given = written && !isPair(written) ? written.read(record) : undefined;
    const known = LINE_TYPES.find((type) => type === given);
    if (known) return known;
    const rule = rules.find(({ conditions }) =>
      conditions.every(({ bound, pattern }) => pattern.test(textOf(bound, record))),
    );
    return rule?.type ?? (given === undefined ? "SALE" : undefined);
  };
}

function textOf<R>(bound: BoundColumn<R> | BoundPair<R> | undefined, record: R): string {
  if (!bound) return "";
  const cell: Cell = isPair(bound) ? bound.date.read(record) : bound.read(record);
  return cell === undefined ? "" : String(cell);
}

/**
 * A text in the VAT column that is no rate: declared by the mapping, or one of the natures N1 to N7. Returns whether it
 * was one.
 */
export function setVatCode(values: Values, text: string, mapping: Mapping): boolean {
  const declared = mapping.vatCodes[text];
  if (declared) {
    if (declared.rate !== undefined) values.vat_rate = declared.rate;
    if (declared.nature !== undefined) values.vat_nature = declared.nature;
    return true;
  }
  if (!/^N[1-7](\.\d)?$/i.test(text)) return false;
  values.vat_nature = text.toUpperCase();
  return true;
}

const SIGNED = ["qty", "discount", "vat_amount", "line_gross"] as const;

/**
 * Adds what a till's line has besides its cells: its type, its sign, its day, its VAT. @throws Refusal when it does not
 * add up
 */
export function finishReceipt(
  { values, day }: Draft,
  type: LineType | undefined,
  mapping: Mapping,
  source: string,
): void {
  if (type === undefined) throw new Refusal("unknown_line_type");
  values.line_type = type;
  if (type === "RETURN" && mapping.returnsWritten === "positive") {
    for (const field of SIGNED) {
      const value = values[field];
      if (typeof value === "string") values[field] = negated(value);
    }
  }
  values.business_date ??= day;
  if (typeof values.operator === "string") {
    values.operator_key = pseudonym(source, values.operator);
    delete values.operator;
  }
  checkSum(values, type, mapping);
  const { vat_rate: rate, line_gross: gross } = values;
  if (values.vat_amount === undefined && typeof rate === "string" && typeof gross === "string") {
    values.vat_amount = vatInside(gross, rate);
  }
}

function checkSum(values: Values, type: LineType, mapping: Mapping): void {
  const { qty, unit_gross: unit, discount = "0", line_gross: total } = values;
  if (mapping.rowCheck?.except.includes(type)) return;
  if (typeof qty !== "string" || typeof unit !== "string") return;
  if (typeof discount !== "string" || typeof total !== "string") return;
  const sum = product(billionths(qty), billionths(unit)) - billionths(discount);
  const difference = sum - billionths(total);
  const tolerance = billionths(mapping.rowCheck?.tolerance ?? "0.005");
  if (difference > tolerance || -difference > tolerance) throw new Refusal("line_does_not_add_up");
}
