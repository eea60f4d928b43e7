import { CLASSES } from "./types.ts";

/**
 * One way to write a value: `STRING = LEFT({STRING}, {small})`. In braces stand the type of an operand or, in lower case,
 * the name of a shape (`shapes.ts`); `{BOOL@t}` is an operand that sees the columns of the alias t.
 * One capital letter is a class of types (`types.ts`), the same type wherever it stands.
 */
export interface Production {
  /** The entry of the emulator's list that it is for. */
  readonly entry: string;
  /** The type of its value, or QUERY. */
  readonly type: string;
  /** The text between the operands: one more than there are operands. */
  readonly texts: readonly string[];
  readonly operands: readonly Operand[];
}

export interface Operand {
  readonly name: string;
  /** The aliases of the sample table whose columns it sees; undefined: those that its surroundings see. */
  readonly scope?: readonly string[];
}

/** The productions of an entry's lines, one for each type that its classes stand for. */
export function productions(entry: string, lines: readonly string[]): readonly Production[] {
  return lines.flatMap((line) => expand(line).map((concrete) => production(entry, concrete)));
}

function expand(line: string): readonly string[] {
  const letter = /(?:^|[{<\s])([A-Z])(?=[}>@\s])/.exec(line)?.[1];
  const types = letter === undefined ? undefined : CLASSES[letter];
  if (letter === undefined || types === undefined) return [line];
  const uses = new RegExp(`(^|[{<\\s])${letter}(?=[}>@\\s])`, "g");
  return types.flatMap((type) => expand(line.replace(uses, `$1${type}`)));
}

function production(entry: string, line: string): Production {
  const at = line.indexOf(" = ");
  const parts = line.slice(at + 3).split(/\{([^{}]+)\}/);
  return {
    entry,
    type: line.slice(0, at),
    texts: parts.filter((_, i) => i % 2 === 0),
    operands: parts.filter((_, i) => i % 2 === 1).map(operand),
  };
}

function operand(text: string): Operand {
  const [name = "", scope] = text.split("@");
  return scope === undefined ? { name } : { name, scope: scope.split("+") };
}
