import type { Field } from "./entities.ts";
import type { Mapping } from "./mapping.ts";

/** Texts that a mapping translates are compared without regard to case and outer spaces. */
export function normalText(text: string): string {
  return text.normalize("NFC").trim().toLowerCase();
}

/** Turns the text of a cell into the field's value. */
export interface Translator {
  /** Undefined where neither the mapping nor the field knows the text. */
  translate(text: string): string | undefined;
  /** Why a text is refused. */
  readonly refusal: string;
}

/** Whether the texts of a field are translated or counted; other text stays as it is. */
export const isTranslated = (mapping: Mapping, name: string, field: Field): boolean =>
  field.oneOf !== undefined || name in mapping.values;

/** For a field that `isTranslated`: its own values are known, and what the mapping declares. */
export function createTranslator(mapping: Mapping, name: string, field: Field): Translator {
  const known = new Map<string, string>();
  for (const value of field.oneOf ?? []) known.set(normalText(value), value);
  for (const [text, value] of Object.entries(mapping.values[name] ?? {})) {
    known.set(normalText(text), value);
  }
  return {
    translate: (text) => known.get(normalText(text)),
    refusal: field.oneOf ? `not_one_of: ${field.oneOf.join(", ")}` : "unknown_value",
  };
}
