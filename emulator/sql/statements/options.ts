import { lex } from "../syntax/lex.ts";
import { keyword, type Reader, type Source } from "./reader.ts";

/** One `name = value` of OPTIONS(…), the value as GoogleSQL. */
export interface Option {
  readonly name: string;
  readonly value: Source;
}

/** Reads `OPTIONS(a = 1, b = "x")`. */
export function readOptions(input: Reader): readonly Option[] {
  const options: Option[] = [];
  input.expect("OPTIONS", "(");
  if (input.accept(")")) return options;
  do {
    const name = input.name().toLowerCase();
    input.expect("=");
    const value = input.until("an option value", (token) => [",", ")"].includes(keyword(token)));
    options.push({ name, value });
  } while (input.accept(","));
  input.expect(")");
  return options;
}

/** The strings of an option's value in order: one for a text, names and values for `[("a", "b")]`. */
function strings(option: Option): readonly string[] {
  return lex(option.value.text, option.value.place)
    .filter((token) => token.kind === "string")
    .map((token) => token.text);
}

/** The value of a text option; undefined when it is absent or NULL. */
export function textOption(options: readonly Option[], name: string): string | undefined {
  const option = options.find((candidate) => candidate.name === name);
  return option && strings(option)[0];
}

/** The value of `labels`, an array of pairs. */
export function labelsOption(options: readonly Option[]): Record<string, string> | undefined {
  const option = options.find(({ name }) => name === "labels");
  if (!option) return undefined;
  const texts = strings(option);
  return Object.fromEntries(
    texts.flatMap((text, i) => (i % 2 === 0 ? [[text, texts[i + 1] ?? ""]] : [])),
  );
}
