import { billionths, cents, negated, product, vatInside } from "../../core/numbers.ts";
import { type Binding, type BoundColumn, type BoundPair, type Cell, isPair } from "./cells.ts";
import { ENTITIES } from "./entities.ts";
import type { Mapping } from "./mapping.ts";
import { createTranslator } from "./values.ts";

export type Values = Record<string, string | number | boolean | undefined>;

/** A record that is no row of the entity: its message is the reason of a dead letter. */
export class Refusal extends Error {
  /** The column, as the file calls it. */
  readonly field: string | undefined;

  constructor(reason: string, field?: string) {
    super(reason);
    this.field = field;
  }
}

/** Fields of receipts that rules of the mapping recognise. */
const RULED = { line_type: "lineTypes", order_type: "orderTypes" } as const;
export type RuledField = keyof typeof RULED;

export const isRuled = (field: string): field is RuledField => field in RULED;

/**
 * How a line's type is recognised: by the mapping's first rule that fits, by the column that names it, by a constant,
 * else as the entity says. @throws Refusal from the function returned, for a text in the column that nothing knows
 */
export function createTyper<R>(
  mapping: Mapping,
  binding: Binding<R>,
  name: RuledField,
): (record: R) => string {
  const field = ENTITIES.receipts.columns[name];
  const rules = mapping[RULED[name]].map(({ type, when }) => ({
    type,
    conditions: Object.entries(when).map(([column, pattern]) => ({
      bound: binding.fields.get(column),
      pattern: new RegExp(pattern, "iu"),
    })),
  }));
  const written = binding.fields.get(name);
  const header = written && !isPair(written) ? written.header : name;
  const translator = createTranslator(mapping, name, field);
  const otherwise = mapping.constants[name] ?? field.otherwise;
  return (record) => {
    for (const { type, conditions } of rules) {
      if (conditions.every(({ bound, pattern }) => pattern.test(textOf(bound, record))))
        return type;
    }
    const given = textOf(written, record);
    if (given === "") return otherwise;
    const type = translator.translate(given);
    if (type === undefined) throw new Refusal(translator.refusal, header);
    return type;
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

/** Whether amounts of such a line carry no minus in the file although they are given back. */
export const isTurned = (mapping: Mapping, type: unknown): boolean =>
  type === "RETURN" && mapping.returnsWritten === "positive";

/** Adds what a till's line has besides its cells: its sign, its amount and its VAT. @throws Refusal when it does not add up */
export function finishReceipt(values: Values, mapping: Mapping): void {
  if (isTurned(mapping, values.line_type)) {
    for (const field of SIGNED) {
      const value = values[field];
      if (typeof value === "string") values[field] = negated(value);
    }
  }
  values.line_gross ??= grossOf(values);
  checkSum(values, mapping);
  const { vat_rate: rate, line_gross: gross } = values;
  if (values.vat_amount === undefined && typeof rate === "string" && typeof gross === "string") {
    values.vat_amount = vatInside(gross, rate);
  }
}

/** For a file that does not state it: quantity × price − discount. */
function grossOf({ qty, unit_gross: unit, discount = "0" }: Values): string | undefined {
  if (typeof qty !== "string" || typeof unit !== "string" || typeof discount !== "string") {
    return undefined;
  }
  return cents(product(billionths(qty), billionths(unit)) - billionths(discount));
}

function checkSum(values: Values, { rowCheck }: Mapping): void {
  const { qty, unit_gross: unit, discount = "0", line_gross: total } = values;
  if (rowCheck?.except.some((type) => type === values.line_type)) return;
  if (typeof qty !== "string" || typeof unit !== "string") return;
  if (typeof discount !== "string" || typeof total !== "string") return;
  const sum = product(billionths(qty), billionths(unit)) - billionths(discount);
  const difference = sum - billionths(total);
  const tolerance = billionths(rowCheck?.tolerance ?? "0.005");
  if (difference > tolerance || -difference > tolerance) throw new Refusal("line_does_not_add_up");
}
