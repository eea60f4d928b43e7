import { invalidQuery } from "../../errors.ts";
import {
  arrayOf,
  type Column,
  rangeOf,
  type SqlType,
  type StructField,
  scalarType,
  structOf,
} from "../types.ts";
import { keyword, type Reader, reader, type Source } from "./reader.ts";

/** Reads a type: `INT64`, `NUMERIC(10, 2)`, `ARRAY<STRUCT<a STRING, b INT64>>`. */
export function readType(input: Reader): SqlType {
  // `>>` is one token; of two types that it closes the inner one leaves the second half to the outer one.
  const open = { halfClosed: false };
  const type = readInner(input, open);
  if (open.halfClosed) input.fail("a type");
  return type;
}

/** Reads `TABLE<a INT64, b STRING>`. */
export function readTableType(input: Reader): readonly Column[] {
  const open = { halfClosed: false };
  const columns: Column[] = [];
  input.expect("TABLE", "<");
  do columns.push({ name: input.name(), type: readInner(input, open) });
  while (!open.halfClosed && input.accept(","));
  close(input, open);
  return columns;
}

/** A text that is a type and nothing else. */
export function parseType(source: Source): SqlType {
  const input = reader(source);
  const type = readType(input);
  if (input.peek()) input.fail("end of type");
  return type;
}

interface Open {
  halfClosed: boolean;
}

function readInner(input: Reader, open: Open): SqlType {
  const { place } = input.peek() ?? input.fail("a type");
  if (input.accept("ARRAY", "<")) {
    const element = readInner(input, open);
    if (element.kind === "ARRAY") {
      throw invalidQuery("Arrays of arrays are not supported", place);
    }
    close(input, open);
    return arrayOf(element);
  }
  if (input.accept("STRUCT", "<")) {
    const fields: StructField[] = [];
    do fields.push(readField(input, open));
    while (!open.halfClosed && input.accept(","));
    close(input, open);
    return structOf(fields);
  }
  if (input.accept("RANGE", "<")) {
    const type = rangeOf(readInner(input, open));
    if (!type) throw invalidQuery("RANGE takes DATE, DATETIME or TIMESTAMP", place);
    close(input, open);
    return type;
  }
  const name = input.name();
  const type = scalarType(name, readParameters(input));
  if (!type) throw invalidQuery(`Type not found: ${name}`, place);
  return type;
}

function readField(input: Reader, open: Open): StructField {
  const isNamed = input.peek()?.kind === "quoted" || /^\w/.test(keyword(input.peek(1)));
  if (!isNamed) return { type: readInner(input, open) };
  const name = input.name();
  return { name, type: readInner(input, open) };
}

function close(input: Reader, open: Open): void {
  if (open.halfClosed) {
    open.halfClosed = false;
  } else if (input.accept(">>")) {
    open.halfClosed = true;
  } else {
    input.expect(">");
  }
}

function readParameters(input: Reader): readonly number[] {
  const parameters: number[] = [];
  if (!input.accept("(")) return parameters;
  do {
    const token = input.next();
    if (token.kind !== "number")
      throw invalidQuery("Syntax error: Expected an integer", token.place);
    parameters.push(Number(token.text));
  } while (input.accept(","));
  input.expect(")");
  return parameters;
}
