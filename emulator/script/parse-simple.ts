import { invalidQuery } from "../errors.ts";
import { keyword, type Reader, type Source } from "../sql/statements/reader.ts";
import { readType } from "../sql/statements/type.ts";
import type { Token } from "../sql/syntax/lex.ts";
import { parseExpression } from "../sql/syntax/parse.ts";
import type { Argument, Expression, Node, Target } from "./tree.ts";

/** Loops and handlers around the statement being read: where BREAK, CONTINUE and RAISE may stand. */
export interface Surroundings {
  readonly loops: number;
  /** Of loops and blocks; CONTINUE takes those of loops only. */
  readonly labels: readonly string[];
  readonly loopLabels: readonly string[];
  readonly inHandler: boolean;
}

/** A node that does not know its text yet. */
export type NodeBody<N = Node> = N extends unknown ? Omit<N, "source"> : never;

/** Reads a procedural statement that has no statements inside; undefined when it is something else. */
export function readSimple(input: Reader, around: Surroundings): NodeBody | undefined {
  switch (keyword(input.peek())) {
    case "DECLARE":
      return readDeclare(input);
    case "SET":
      return readSet(input);
    case "BREAK":
    case "LEAVE":
    case "CONTINUE":
    case "ITERATE":
      return readJump(input, around);
    case "RETURN":
      input.next();
      return { kind: "return" };
    case "RAISE":
      return readRaise(input, around);
    case "ASSERT":
      return readAssert(input);
    case "EXECUTE":
      return readExecute(input);
    case "CALL":
      return readCall(input);
    case "COMMIT":
    case "ROLLBACK": {
      const kind = keyword(input.next()) === "COMMIT" ? "commit" : "rollback";
      input.accept("TRANSACTION");
      return { kind };
    }
  }
  return undefined;
}

/** Reads an expression up to one of the keywords or symbols, or to the end of the statement. */
export function readExpression(input: Reader, ...ends: string[]): Expression {
  const { text, place } = input.until(
    "an expression",
    (token) => ends.includes(keyword(token)) || endsStatement(token),
  );
  return parseExpression(text, place);
}

/** What a statement ends before. */
export const endsStatement = (token: Token) => [";", "END"].includes(keyword(token));

function readDeclare(input: Reader): NodeBody {
  input.expect("DECLARE");
  const names = [input.name().toLowerCase()];
  while (input.accept(",")) names.push(input.name().toLowerCase());
  const type = input.at("DEFAULT") ? {} : { type: readType(input) };
  if (!input.accept("DEFAULT")) return { kind: "declare", names, ...type };
  return { kind: "declare", names, ...type, value: readExpression(input) };
}

function readSet(input: Reader): NodeBody {
  input.expect("SET");
  const targets: Target[] = [];
  if (input.accept("(")) {
    do targets.push(readTarget(input));
    while (input.accept(","));
    input.expect(")");
  } else {
    targets.push(readTarget(input));
  }
  input.expect("=");
  const values = (targets.length > 1 && readTuple(input, targets.length)) || [
    readExpression(input),
  ];
  return { kind: "set", targets, values };
}

/** Reads `(e, e, …)`; steps back when it is something else, such as a subquery or a struct. */
function readTuple(input: Reader, length: number): readonly Expression[] | undefined {
  const start = input.position();
  if (!input.accept("(") || input.at("SELECT") || input.at("WITH")) {
    input.seek(start);
    return undefined;
  }
  const sources: Source[] = [];
  do sources.push(input.until("an expression", (token) => [",", ")"].includes(keyword(token))));
  while (input.accept(","));
  input.expect(")");
  if (sources.length === length)
    return sources.map(({ text, place }) => parseExpression(text, place));
  input.seek(start);
  return undefined;
}

function readTarget(input: Reader): Target {
  const system = input.peek()?.kind === "system";
  const name = (system ? input.next().text : input.name()).toLowerCase();
  return { name, system };
}

function readJump(input: Reader, around: Surroundings): NodeBody {
  const token = input.next();
  const word = keyword(token);
  const kind = word === "BREAK" || word === "LEAVE" ? "break" : "continue";
  if (input.peek() && !input.at(";")) {
    const at = input.peek()?.place;
    const label = input.name().toLowerCase();
    const labels = kind === "break" ? around.labels : around.loopLabels;
    if (labels.includes(label)) return { kind, label };
    throw invalidQuery(`Cannot find enclosing label ${label} for ${word}`, at);
  }
  if (around.loops === 0) {
    throw invalidQuery(`${word} is only allowed inside of a loop body`, token.place);
  }
  return { kind };
}

function readRaise(input: Reader, around: Surroundings): NodeBody {
  const { place } = input.next();
  if (input.accept("USING", "MESSAGE", "=")) {
    return { kind: "raise", message: readExpression(input) };
  }
  if (!around.inHandler) {
    throw invalidQuery(
      "Cannot re-raise an existing exception outside of an exception handler",
      place,
    );
  }
  return { kind: "raise" };
}

function readAssert(input: Reader): NodeBody {
  input.expect("ASSERT");
  const condition = readExpression(input, "AS");
  if (!input.accept("AS")) return { kind: "assert", condition };
  const token = input.peek();
  if (token?.kind !== "string") input.fail("a string literal");
  return { kind: "assert", condition, message: input.next().text };
}

function readExecute(input: Reader): NodeBody {
  input.expect("EXECUTE", "IMMEDIATE");
  const sql = readExpression(input, "INTO", "USING");
  const into: string[] = [];
  if (input.accept("INTO")) {
    do into.push(input.name().toLowerCase());
    while (input.accept(","));
  }
  const using: { value: Expression; name?: string }[] = [];
  if (input.accept("USING")) {
    do {
      const value = readExpression(input, ",", "AS");
      using.push(input.accept("AS") ? { value, name: input.name().toLowerCase() } : { value });
    } while (input.accept(","));
  }
  return { kind: "execute", sql, into, using };
}

function readCall(input: Reader): NodeBody {
  input.expect("CALL");
  const procedure = input.path();
  const args: Argument[] = [];
  input.expect("(");
  if (!input.at(")")) {
    do {
      const source = input.until("an expression", (token) => [",", ")"].includes(keyword(token)));
      args.push({ source, value: parseExpression(source.text, source.place) });
    } while (input.accept(","));
  }
  input.expect(")");
  return { kind: "call", procedure, args };
}
