import { invalidQuery } from "../errors.ts";
import type { RoutineArgument } from "../sql/catalog.ts";
import { parseStatement } from "../sql/statements/index.ts";
import { readOptions, textOption } from "../sql/statements/options.ts";
import { parseQuery } from "../sql/statements/query.ts";
import { keyword, type Reader, reader, type Source } from "../sql/statements/reader.ts";
import { readType } from "../sql/statements/type.ts";
import type { Token } from "../sql/syntax/lex.ts";
import { parseExpression } from "../sql/syntax/parse.ts";
import type { Argument, Body, Branch, Expression, Node, Target } from "./tree.ts";

/** Loops and handlers around the statement being read: where BREAK, CONTINUE and RAISE may stand. */
interface Surroundings {
  readonly loops: number;
  readonly labels: readonly string[];
  readonly inHandler: boolean;
}

type NodeBody<N = Node> = N extends unknown ? Omit<N, "source"> : never;

const TOP: Surroundings = { loops: 0, labels: [], inHandler: false };
const TERMINATORS = new Set(["END", "ELSE", "ELSEIF", "WHEN", "UNTIL", "EXCEPTION"]);

/** Reads a request into its statements and control structure. Throws BigQuery's syntax errors; runs nothing. */
export function parseScript(source: Source): Body {
  const input = reader(source);
  const nodes: Node[] = [];
  while (input.peek()) {
    nodes.push(readNode(input, TOP));
    if (input.peek()) input.expect(";");
  }
  if (nodes.length === 0) input.fail("a statement");
  return nodes;
}

/** Reads the text between BEGIN and END of a procedure. */
export function parseProcedureBody(body: Source): Body {
  const input = reader({ text: `${body.text}\nEND`, place: body.place });
  const block = readBlock(input, TOP);
  return block.handler ? [{ ...block, source: body }] : block.body;
}

function readBody(input: Reader, around: Surroundings): Body {
  const nodes: Node[] = [];
  while (input.peek() && !TERMINATORS.has(keyword(input.peek()))) {
    nodes.push(readNode(input, around));
    input.expect(";");
  }
  return nodes;
}

function readNode(input: Reader, around: Surroundings): Node {
  const start = input.position();
  const node = readControl(input, around) ?? {
    kind: "statement" as const,
    statement: parseStatement(input.until("a statement", endsStatement)),
  };
  return { ...node, source: input.since(start) } as Node;
}

/** Reads an expression up to one of the keywords or symbols, or to the end of the statement. */
function readExpression(input: Reader, ...ends: string[]): Expression {
  const { text, place } = input.until(
    "an expression",
    (token) => ends.includes(keyword(token)) || endsStatement(token),
  );
  return parseExpression(text, place);
}

const endsStatement = (token: Token) => [";", "END"].includes(keyword(token));

function readControl(input: Reader, around: Surroundings): NodeBody | undefined {
  const label = readLabel(input);
  const labelled = label ? { label } : {};
  const inLoop = {
    ...around,
    loops: around.loops + 1,
    labels: label ? [...around.labels, label] : around.labels,
  };
  switch (keyword(input.peek())) {
    case "LOOP": {
      input.next();
      const body = readBody(input, inLoop);
      return { ...endLabelled(input, label, "END", "LOOP"), kind: "loop", body };
    }
    case "WHILE": {
      input.next();
      const condition = readExpression(input, "DO");
      input.expect("DO");
      const body = readBody(input, inLoop);
      return { ...endLabelled(input, label, "END", "WHILE"), kind: "while", condition, body };
    }
    case "REPEAT": {
      input.next();
      const body = readBody(input, inLoop);
      input.expect("UNTIL");
      const until = readExpression(input);
      return { ...endLabelled(input, label, "END", "REPEAT"), kind: "repeat", until, body };
    }
    case "FOR": {
      input.next();
      const variable = input.name();
      input.expect("IN");
      const query = parseQuery(input.parenthesised());
      input.expect("DO");
      const body = readBody(input, inLoop);
      return { ...endLabelled(input, label, "END", "FOR"), kind: "for", variable, query, body };
    }
    case "BEGIN":
      return readBegin(input, label ? { ...around, labels: inLoop.labels } : around, labelled);
  }
  if (label) input.fail("BEGIN, LOOP, WHILE, REPEAT or FOR after a label");
  return readSimple(input, around);
}

/** Statements that take no label. */
function readSimple(input: Reader, around: Surroundings): NodeBody | undefined {
  switch (keyword(input.peek())) {
    case "DECLARE":
      return readDeclare(input);
    case "SET":
      return readSet(input);
    case "IF":
      return readIf(input, around);
    case "CASE":
      return readCase(input, around);
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
    case "CREATE":
      return readCreateProcedure(input);
  }
  return undefined;
}

function readLabel(input: Reader): string | undefined {
  if (input.peek()?.kind === "op" || keyword(input.peek(1)) !== ":") return undefined;
  const label = input.name().toLowerCase();
  input.expect(":");
  return label;
}

/** The end of a labelled construct, where the label may be repeated. */
function endLabelled(input: Reader, label: string | undefined, ...end: string[]) {
  input.expect(...end);
  const token = input.peek();
  if (token && (token.kind === "word" || token.kind === "quoted")) {
    if (token.text.toLowerCase() !== label) input.fail(label ? `label ${label}` : '";"');
    input.next();
  }
  return label ? { label } : {};
}

function readBegin(input: Reader, around: Surroundings, labelled: { label?: string }): NodeBody {
  input.expect("BEGIN");
  if (!labelled.label && (input.accept("TRANSACTION") || !input.peek() || input.at(";"))) {
    return { kind: "begin" };
  }
  const block = readBlock(input, around);
  input.seek(input.position() - 1);
  return { ...block, ...endLabelled(input, labelled.label, "END") };
}

/** From behind BEGIN to behind END. */
function readBlock(input: Reader, around: Surroundings) {
  const body = readBody(input, around);
  if (!input.accept("EXCEPTION", "WHEN", "ERROR", "THEN")) {
    input.expect("END");
    return { kind: "block" as const, body };
  }
  const handler = readBody(input, { ...around, inHandler: true });
  input.expect("END");
  return { kind: "block" as const, body, handler };
}

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

function readBranch(input: Reader, around: Surroundings): Branch {
  const condition = readExpression(input, "THEN");
  input.expect("THEN");
  return { condition, body: readBody(input, around) };
}

function readIf(input: Reader, around: Surroundings): NodeBody {
  input.expect("IF");
  const branches = [readBranch(input, around)];
  while (input.accept("ELSEIF")) branches.push(readBranch(input, around));
  const otherwise = input.accept("ELSE") ? readBody(input, around) : [];
  input.expect("END", "IF");
  return { kind: "if", branches, otherwise };
}

/** CASE with an operand compares it with each value; both forms are an IF. */
function readCase(input: Reader, around: Surroundings): NodeBody {
  input.expect("CASE");
  const operand = input.at("WHEN") ? undefined : readExpression(input, "WHEN");
  const branches: Branch[] = [];
  while (input.accept("WHEN")) {
    const { condition, body } = readBranch(input, around);
    branches.push({
      condition: operand ? { eq: { left: operand, right: condition } } : condition,
      body,
    });
  }
  const otherwise = input.accept("ELSE") ? readBody(input, around) : [];
  input.expect("END", "CASE");
  return { kind: "if", branches, otherwise };
}

function readJump(input: Reader, around: Surroundings): NodeBody {
  const token = input.next();
  const word = keyword(token);
  const kind = word === "BREAK" || word === "LEAVE" ? "break" : "continue";
  if (input.peek() && !input.at(";")) {
    const at = input.peek()?.place;
    const label = input.name().toLowerCase();
    if (around.labels.includes(label)) return { kind, label };
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

function readCreateProcedure(input: Reader): NodeBody | undefined {
  const start = input.position();
  input.expect("CREATE");
  const replaces = input.accept("OR", "REPLACE");
  if (!input.accept("PROCEDURE")) {
    input.seek(start);
    return undefined;
  }
  const mode = replaces
    ? "replace"
    : input.accept("IF", "NOT", "EXISTS")
      ? "if_not_exists"
      : "create";
  const name = input.path();
  const args = readProcedureArgs(input);
  const options = input.at("OPTIONS") ? readOptions(input) : [];
  const description = textOption(options, "description");
  input.expect("BEGIN");
  const bodyStart = input.position();
  readBlock(input, TOP);
  input.seek(input.position() - 1);
  const body = input.since(bodyStart);
  input.expect("END");
  const described = description === undefined ? {} : { description };
  return { kind: "create_procedure", name, mode, args, ...described, body };
}

function readProcedureArgs(input: Reader): readonly RoutineArgument[] {
  const args: RoutineArgument[] = [];
  input.expect("(");
  if (input.accept(")")) return args;
  do {
    const mode = (["IN", "OUT", "INOUT"] as const).find((word) => input.accept(word)) ?? "IN";
    const name = input.name();
    args.push({ name, mode, ...(input.accept("ANY", "TYPE") ? {} : { type: readType(input) }) });
  } while (input.accept(","));
  input.expect(")");
  return args;
}
