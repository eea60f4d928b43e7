import type { RoutineArgument } from "../sql/catalog.ts";
import { parseStatement } from "../sql/statements/index.ts";
import { readOptions, textOption } from "../sql/statements/options.ts";
import { parseQuery } from "../sql/statements/query.ts";
import { keyword, type Reader, reader, type Source } from "../sql/statements/reader.ts";
import { readType } from "../sql/statements/type.ts";
import {
  endsStatement,
  type NodeBody,
  readExpression,
  readSimple,
  type Surroundings,
} from "./parse-simple.ts";
import type { Body, Branch, Node } from "./tree.ts";

const TOP: Surroundings = { loops: 0, labels: [], loopLabels: [], inHandler: false };
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
  input.expect("END");
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

function readControl(input: Reader, around: Surroundings): NodeBody | undefined {
  const label = readLabel(input);
  const labels = label ? [...around.labels, label] : around.labels;
  const labelled = readLabelled(input, label, { ...around, labels });
  if (labelled) return labelled;
  if (label) input.fail("BEGIN, LOOP, WHILE, REPEAT or FOR after a label");
  switch (keyword(input.peek())) {
    case "IF":
      return readIf(input, around);
    case "CASE":
      return readCase(input, around);
    case "CREATE":
      return readCreateProcedure(input);
    default:
      return readSimple(input, around);
  }
}

/** Blocks and loops: what a label can stand before. */
function readLabelled(
  input: Reader,
  label: string | undefined,
  around: Surroundings,
): NodeBody | undefined {
  const loopLabels = label ? [...around.loopLabels, label] : around.loopLabels;
  const inLoop = { ...around, loops: around.loops + 1, loopLabels };
  if (input.at("BEGIN")) return readBegin(input, label, around);
  if (input.accept("LOOP")) {
    const body = readBody(input, inLoop);
    return { ...endLabelled(input, label, "END", "LOOP"), kind: "loop", body };
  }
  if (input.accept("WHILE")) {
    const condition = readExpression(input, "DO");
    input.expect("DO");
    const body = readBody(input, inLoop);
    return { ...endLabelled(input, label, "END", "WHILE"), kind: "while", condition, body };
  }
  if (input.accept("REPEAT")) {
    const body = readBody(input, inLoop);
    input.expect("UNTIL");
    const until = readExpression(input);
    return { ...endLabelled(input, label, "END", "REPEAT"), kind: "repeat", until, body };
  }
  if (input.accept("FOR")) {
    const variable = input.name();
    input.expect("IN");
    const query = parseQuery(input.parenthesised());
    input.expect("DO");
    const body = readBody(input, inLoop);
    return { ...endLabelled(input, label, "END", "FOR"), kind: "for", variable, query, body };
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

function readBegin(input: Reader, label: string | undefined, around: Surroundings): NodeBody {
  input.expect("BEGIN");
  if (!label && (input.accept("TRANSACTION") || !input.peek() || input.at(";"))) {
    return { kind: "begin" };
  }
  const block = readBlock(input, around);
  return { ...block, ...endLabelled(input, label, "END") };
}

/** From behind BEGIN up to END. */
function readBlock(input: Reader, around: Surroundings) {
  const body = readBody(input, around);
  if (!input.accept("EXCEPTION", "WHEN", "ERROR", "THEN")) return { kind: "block" as const, body };
  const handler = readBody(input, { ...around, inHandler: true });
  return { kind: "block" as const, body, handler };
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
