import type { Analysis } from "./analysis.ts";
import type { Analyzer } from "./analyzer.ts";
import type { Catalog, Column, UserFunction } from "./catalog.ts";
import { GoogleSqlError, type Place } from "./errors.ts";
import { lackingConstruct } from "./lacking.ts";
import { type Range, type Step, stepsOf } from "./syntax.ts";

export interface Problem {
  readonly message: string;
  readonly place: Place;
}

export interface ScriptCheck {
  readonly problems: readonly Problem[];
  /** Constructs for which the analyzer has no answer, one entry for each time. */
  readonly skipped: readonly string[];
  /** Of the last query. */
  readonly columns: readonly Column[] | undefined;
  /** As the script leaves it. */
  readonly catalog: Catalog;
}

/** Statements whose inside is decided when they run. */
const DYNAMIC: Readonly<Record<string, string>> = {
  ExecuteImmediateStatement: "EXECUTE IMMEDIATE",
  CallStatement: "CALL",
  CreateProcedureStatement: "CREATE PROCEDURE",
};

type Variables = ReadonlyMap<string, string>;

/** A script that is being checked: what it has made so far, and what was found. */
interface Run {
  readonly analyzer: Analyzer;
  readonly bytes: Buffer;
  readonly before: string;
  readonly tables: Map<string, readonly Column[]>;
  readonly functions: Map<string, UserFunction>;
  readonly problems: Problem[];
  readonly skipped: string[];
  columns: readonly Column[] | undefined;
  /** What follows cannot be judged. */
  isOutOfSight: boolean;
}

/**
 * Checks a script, or a single statement, one step after the other: what a step declares or creates, the next ones
 * know. `before` is put before each query, as `create table … as` is by those who run it; a problem in it is on line 0.
 */
export async function checkScript(
  analyzer: Analyzer,
  sql: string,
  catalog: Catalog,
  before = "",
): Promise<ScriptCheck> {
  const run: Run = {
    analyzer,
    bytes: Buffer.from(sql),
    before,
    tables: new Map(catalog.tables),
    functions: new Map(catalog.functions),
    problems: [],
    skipped: [],
    columns: undefined,
    isOutOfSight: false,
  };
  let variables: Variables = catalog.variables ?? new Map();
  try {
    variables = await checkSteps(run, stepsOf(await analyzer.parseScript(sql)), variables);
  } catch (error) {
    if (!(error instanceof GoogleSqlError)) throw error;
    const lacking = lackingConstruct(error, sql);
    if (lacking) run.skipped.push(lacking);
    else
      run.problems.push({ message: error.message, place: error.place ?? { line: 1, column: 1 } });
  }
  const { problems, skipped, columns, tables, functions } = run;
  return { problems, skipped, columns, catalog: { tables, functions, variables } };
}

/** @returns the variables that the steps leave */
async function checkSteps(run: Run, steps: readonly Step[], outer: Variables): Promise<Variables> {
  const variables = new Map(outer);
  for (const step of steps) {
    if (run.isOutOfSight) {
      run.skipped.push("what follows ALTER in a script");
      break;
    }
    switch (step.kind) {
      case "statement":
        await checkStatement(run, step.range, step.name, variables);
        break;
      case "value":
        await checkValue(run, step, variables);
        break;
      case "declare": {
        const type = await declaredType(run, step, variables);
        for (const name of step.names) if (type) variables.set(name.toLowerCase(), type);
        break;
      }
      case "for": {
        const row = await analyze(run, step.query, variables);
        const fields = row?.columns.map(({ name, type }) => `\`${name}\` ${type}`) ?? [];
        const own = [step.variable.toLowerCase(), `STRUCT<${fields}>`] as const;
        await checkSteps(run, step.body, new Map([...variables, own]));
        break;
      }
      case "block":
        await checkSteps(run, step.body, variables);
    }
  }
  return variables;
}

/** Analyses a piece where it stands: the text before it is blank, so that places remain true. */
async function analyze(
  run: Run,
  { start, end }: Range,
  variables: Variables,
  head = "",
  tail = "",
): Promise<Analysis | undefined> {
  const { analyzer, bytes, tables, functions } = run;
  const blank = bytes.subarray(0, start).toString().replace(/[^\n]/g, " ");
  const piece = `${head}\n${blank}${bytes.subarray(start, end)}\n${tail}`;
  try {
    return await analyzer.analyze(piece, { tables, functions, variables });
  } catch (error) {
    if (!(error instanceof GoogleSqlError)) throw error;
    const lacking = lackingConstruct(error, piece);
    const { line, column } = error.place ?? { line: blank.split("\n").length + 1, column: 1 };
    if (lacking) run.skipped.push(lacking);
    else run.problems.push({ message: error.message, place: { line: line - 1, column } });
    return undefined;
  }
}

async function checkStatement(run: Run, range: Range, name: string, variables: Variables) {
  const dynamic = DYNAMIC[name];
  if (dynamic) {
    run.skipped.push(dynamic);
    return;
  }
  const isQuery = name === "QueryStatement";
  const analysis = await analyze(run, range, variables, isQuery ? run.before : "");
  // The analyzer does not say what a table is like afterwards.
  if (name.startsWith("Alter")) run.isOutOfSight = true;
  const { creates } = analysis ?? {};
  if (isQuery) run.columns = creates?.kind === "table" ? creates.columns : analysis?.columns;
  if (creates?.kind === "table") run.tables.set(creates.name, creates.columns);
  if (creates?.kind === "function") run.functions.set(creates.name, creates.declared);
}

async function checkValue(
  run: Run,
  { range, into }: Extract<Step, { kind: "value" }>,
  variables: Variables,
): Promise<void> {
  if (into === "condition") {
    await checkFit(run, range, "BOOL", "A condition must be a BOOL", variables);
    return;
  }
  const type = into && variables.get(into.variable.toLowerCase());
  if (type) await checkFit(run, range, type, `${into.variable} is ${type}`, variables);
  else await analyze(run, range, variables, "select (", ")");
}

/** The type of a variable: the one that is written, into which the value must fit, or the value's. */
async function declaredType(
  run: Run,
  { names, type, value }: Extract<Step, { kind: "declare" }>,
  variables: Variables,
): Promise<string | undefined> {
  if (!type) {
    const given = value && (await analyze(run, value, variables, "select (", ")"));
    return given?.columns[0]?.type;
  }
  const written = await analyze(run, type, variables, "select cast(null as", ")");
  const known = written?.columns[0]?.type;
  if (known && value) await checkFit(run, value, known, `${names[0]} is ${known}`, variables);
  return known;
}

/** A value fits into a type that it has, or is coerced to as the arguments of COALESCE are. */
async function checkFit(run: Run, range: Range, type: string, rule: string, variables: Variables) {
  const given = (await analyze(run, range, variables, "select (", ")"))?.columns[0]?.type;
  if (given === undefined || given === type) return;
  const attempt: Run = { ...run, problems: [], skipped: [] };
  const head = `select coalesce(cast(null as ${type}), (`;
  const coerced = await analyze(attempt, range, variables, head, "))");
  if (coerced?.columns[0]?.type === type) return;
  const lines = run.bytes.subarray(0, range.start).toString().split("\n");
  const place = { line: lines.length, column: [...(lines.at(-1) ?? "")].length + 1 };
  run.problems.push({ message: `${rule}, and this is ${given}`, place });
}
