import type { Analysis } from "./analysis.ts";
import type { Analyzer } from "./analyzer.ts";
import type { Catalog, Column } from "./catalog.ts";
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
  const bytes = Buffer.from(sql);
  const problems: Problem[] = [];
  const skipped: string[] = [];
  const tables = new Map(catalog.tables);
  const functions = new Map(catalog.functions);
  let columns: readonly Column[] | undefined;

  /** Analyses a piece where it stands: the text before it is blank, so that places remain true. */
  async function analyze(
    { start, end }: Range,
    variables: ReadonlyMap<string, string>,
    head = "",
    tail = "",
  ): Promise<Analysis | undefined> {
    const blank = bytes.subarray(0, start).toString().replace(/[^\n]/g, " ");
    const piece = `${head}\n${blank}${bytes.subarray(start, end)}\n${tail}`;
    try {
      return await analyzer.analyze(piece, { tables, functions, variables });
    } catch (error) {
      if (!(error instanceof GoogleSqlError)) throw error;
      const lacking = lackingConstruct(error, piece);
      const place = error.place ?? { line: blank.split("\n").length + 1, column: 1 };
      if (lacking) skipped.push(lacking);
      else problems.push({ message: error.message, place: { ...place, line: place.line - 1 } });
      return undefined;
    }
  }

  async function statement(range: Range, name: string, variables: ReadonlyMap<string, string>) {
    const dynamic = DYNAMIC[name];
    if (dynamic) {
      skipped.push(dynamic);
      return;
    }
    const isQuery = name === "QueryStatement";
    const analysis = await analyze(range, variables, isQuery ? before : "");
    const { creates } = analysis ?? {};
    if (isQuery) columns = creates?.kind === "table" ? creates.columns : analysis?.columns;
    if (creates?.kind === "table") tables.set(creates.name, creates.columns);
    if (creates?.kind === "function") functions.set(creates.name, creates.declared);
  }

  async function value(
    range: Range,
    mustBeBool: boolean,
    variables: ReadonlyMap<string, string>,
  ): Promise<void> {
    const type = (await analyze(range, variables, "select (", ")"))?.columns[0]?.type;
    if (!mustBeBool || type === undefined || type === "BOOL") return;
    const lines = bytes.subarray(0, range.start).toString().split("\n");
    const place = { line: lines.length, column: [...(lines.at(-1) ?? "")].length + 1 };
    problems.push({ message: `A condition must be a BOOL, and this is ${type}`, place });
  }

  async function run(steps: readonly Step[], outer: ReadonlyMap<string, string>) {
    const variables = new Map(outer);
    for (const step of steps) {
      switch (step.kind) {
        case "statement":
          await statement(step.range, step.name, variables);
          break;
        case "value":
          await value(step.range, step.mustBeBool, variables);
          break;
        case "declare": {
          const type = await declared(step, variables);
          for (const name of step.names) if (type) variables.set(name, type);
          break;
        }
        case "for": {
          const row = await analyze(step.query, variables);
          const fields = row?.columns.map(({ name, type }) => `\`${name}\` ${type}`) ?? [];
          await run(step.body, new Map([...variables, [step.variable, `STRUCT<${fields}>`]]));
          break;
        }
        case "block":
          await run(step.body, variables);
      }
    }
    return variables;
  }

  /** The type of a variable: the one that is written, into which the value must fit, or the value's. */
  async function declared(
    { type, value }: Extract<Step, { kind: "declare" }>,
    variables: ReadonlyMap<string, string>,
  ): Promise<string | undefined> {
    const written = type && bytes.subarray(type.start, type.end).toString();
    const given = value && (await analyze(value, variables, "select (", ")"));
    if (written === undefined) return given?.columns[0]?.type;
    const cast = await analyzer.analyze(`select cast(null as ${written})`, catalog);
    return cast.columns[0]?.type;
  }

  let variables = catalog.variables ?? new Map<string, string>();
  try {
    variables = await run(stepsOf(await analyzer.parseScript(sql)), variables);
  } catch (error) {
    if (!(error instanceof GoogleSqlError)) throw error;
    const lacking = lackingConstruct(error, sql);
    if (lacking) skipped.push(lacking);
    else problems.push({ message: error.message, place: error.place ?? { line: 1, column: 1 } });
  }
  return { problems, skipped, columns, catalog: { tables, functions, variables } };
}
