import { invalidQuery, refused } from "../../errors.ts";
import type { RoutineEntry } from "../../warehouse/session.ts";
import type { Environment, Routine, RoutineArgument } from "../catalog.ts";
import { compileExpression } from "../compile.ts";
import { parseExpression } from "../syntax/parse.ts";
import { duckdbType, type SqlType } from "../types.ts";
import { type CreateMode, readCreate } from "./create.ts";
import { alreadyExists, assertNoTransaction, objectName, requireDataset } from "./names.ts";
import { type Option, readOptions, textOption } from "./options.ts";
import { type Path, type Reader, reader, type Source } from "./reader.ts";
import type { Context, Outcome, Statement } from "./statement.ts";
import { readType } from "./type.ts";

interface CreateFunction {
  readonly path: Path;
  readonly mode: CreateMode;
  readonly temporary: boolean;
  readonly args: readonly RoutineArgument[];
  readonly returns: SqlType | undefined;
  readonly language: "sql" | "js";
  readonly options: readonly Option[];
  /** A GoogleSQL expression or the text of a JavaScript function. */
  readonly body: Source;
}

/** CREATE [OR REPLACE] [TEMP] FUNCTION in SQL or JavaScript. */
export function parseCreateFunction(source: Source): Statement {
  const create = readCreateFunction(reader(source));
  if (create.language === "sql") parseExpression(create.body.text, create.body.place);
  return {
    type: "CREATE_FUNCTION",
    source,
    writes: create.temporary ? [] : [create.path],
    run: (context) =>
      create.temporary ? createTemporary(create, context) : createPermanent(create, context),
  };
}

function readCreateFunction(input: Reader): CreateFunction {
  const { mode, temporary, path } = readCreate(input, "FUNCTION");
  const args = readArguments(input);
  const returns = input.accept("RETURNS") ? readType(input) : undefined;
  input.accept("DETERMINISTIC") || input.accept("NOT", "DETERMINISTIC");
  const language = input.accept("LANGUAGE") ? input.name().toLowerCase() : "sql";
  if (language !== "js" && language !== "sql") {
    throw refused(`functions in ${language}`, input.peek()?.place);
  }
  const before = input.at("OPTIONS") ? readOptions(input) : [];
  input.expect("AS");
  const body = language === "js" ? readText(input) : input.parenthesised();
  const options = [...before, ...(input.at("OPTIONS") ? readOptions(input) : [])];
  if (input.peek()) input.fail("end of statement");
  const library = options.find(({ name }) => name === "library");
  if (library) throw refused("libraries of JavaScript functions", library.value.place);
  if (language === "js" && !returns) {
    throw invalidQuery("Missing RETURNS clause of a JavaScript function", body.place);
  }
  return { path, mode, temporary, args, returns, language, options, body };
}

function readArguments(input: Reader): readonly RoutineArgument[] {
  const args: RoutineArgument[] = [];
  input.expect("(");
  if (input.accept(")")) return args;
  do {
    const name = input.name();
    args.push(input.accept("ANY", "TYPE") ? { name } : { name, type: readType(input) });
  } while (input.accept(","));
  input.expect(")");
  return args;
}

function readText(input: Reader): Source {
  const token = input.peek();
  if (token?.kind !== "string") input.fail("a string literal");
  const { text, place } = input.next();
  return { text, place };
}

async function createTemporary(
  create: CreateFunction,
  { session, env }: Context,
): Promise<Outcome> {
  const key = create.path.join(".").toLowerCase();
  const exists = session.temporary.functions.has(key);
  if (exists && create.mode === "if_not_exists")
    return { ddlOperation: "SKIP", referencedTables: [] };
  const returns = checkBody(create, env);
  const js = { name: key, args: create.args, returns, body: create.body.text };
  if (create.language === "js") await session.registerJavaScript(js);
  const routine: Routine =
    create.language === "js"
      ? {
          ...{ kind: "js_function", args: create.args, returns },
          call: (args) => session.javascriptCall(js, args),
        }
      : { kind: "sql_function", args: create.args, body: create.body.text, ...declared(create) };
  session.temporary.functions.set(key, routine);
  return { ddlOperation: exists ? "REPLACE" : "CREATE", referencedTables: [] };
}

async function createPermanent(create: CreateFunction, context: Context): Promise<Outcome> {
  const { session, env, dryRun } = context;
  assertNoTransaction(context, "CREATE_FUNCTION");
  const name = objectName(create.path, env, "Routine");
  requireDataset(name, session);
  checkBody(create, env);
  if (!dryRun) await session.lock([name]);
  const existing = session.catalogue.routine(name);
  const outcome = { ddlTarget: name, referencedTables: [] };
  if (existing && create.mode === "if_not_exists") return { ...outcome, ddlOperation: "SKIP" };
  if (existing && create.mode === "create") throw alreadyExists("Routine", name);
  if (!dryRun) await session.atomic(() => session.catalogue.putRoutine(routineEntry(create, name)));
  return { ...outcome, ddlOperation: existing ? "REPLACE" : "CREATE" };
}

function routineEntry(create: CreateFunction, name: RoutineEntry["name"]): RoutineEntry {
  const description = textOption(create.options, "description");
  const now = Date.now();
  return {
    name,
    kind: create.language === "js" ? "js_function" : "sql_function",
    args: create.args,
    body: create.body.text,
    ...declared(create),
    ...(description === undefined ? {} : { description }),
    createdAt: now,
    modifiedAt: now,
  };
}

function declared({ returns }: CreateFunction): { returns?: SqlType } {
  return returns ? { returns } : {};
}

/** Compiles the body where all argument types are known; returns the function's type. */
function checkBody({ args, body, language, returns }: CreateFunction, env: Environment): SqlType {
  if (language === "js" || args.some(({ type }) => !type)) return returns ?? { kind: "UNKNOWN" };
  const known = new Map(
    args.map(({ name, type = { kind: "UNKNOWN" } }) => [
      name.toLowerCase(),
      { type, sql: `NULL::${duckdbType(type)}` },
    ]),
  );
  const inside: Environment = {
    ...env,
    variable: (name) => known.get(name),
    parameter: () => undefined,
  };
  const { type } = compileExpression(body.text, inside);
  return returns ?? type;
}
