import { invalidQuery, refused } from "../errors.ts";
import type { Routine } from "./catalog.ts";
import { coerce, unify } from "./coerce.ts";
import { conditionals } from "./conditionals.ts";
import type { Context } from "./context.ts";
import { compileExpr } from "./expression.ts";
import { closedEnvironment } from "./from.ts";
import { apply } from "./functions/body.ts";
import type { Call, DatePart, FunctionDef, IntervalArg, Typed } from "./functions/define.ts";
import { scalarFunctions } from "./functions/index.ts";
import { refusedInParsing } from "./functions/native/time-parse.ts";
import type { Call as CallExpr, Expr } from "./syntax/ast.ts";
import { toExpr } from "./syntax/expression.ts";
import { parseExpression } from "./syntax/parse.ts";
import { formatType, INT64, type SqlType } from "./types.ts";

const conditionalFunctions: ReadonlyMap<string, FunctionDef> = new Map(
  conditionals.map((definition) => [definition.name, definition]),
);

/** Compiles the call of a scalar function or of a user's function; anything else is refused by name. */
export function compileCall(expr: CallExpr, context: Context): Typed {
  const definition = conditionalFunctions.get(expr.name) ?? scalarFunctions.get(expr.name);
  if (definition) {
    refuseModifiers(expr);
    return compileDefined(definition, expr, context);
  }
  const routine = context.statement.env.routine(expr.path);
  if (routine) {
    refuseModifiers(expr);
    return compileRoutine(routine, expr, context);
  }
  if (expr.path.length > 1 && !/^(NET|KEYS|AEAD|HLL_COUNT|ML|AI|OBJ)$/i.test(expr.path[0] ?? "")) {
    throw invalidQuery(`Function not found: ${expr.path.join(".")}`, expr.place);
  }
  throw refused(`function ${expr.name}`, expr.place);
}

function refuseModifiers(expr: CallExpr): void {
  const used =
    (expr.distinct && "DISTINCT") ||
    (expr.nulls && `${expr.nulls} NULLS`) ||
    (expr.having && "HAVING") ||
    (expr.orderBy.length > 0 && "ORDER BY") ||
    (expr.limit && "LIMIT") ||
    (expr.star && "*");
  if (used)
    throw invalidQuery(`${used} is not allowed in a call of function ${expr.name}`, expr.place);
}

function compileDefined(definition: FunctionDef, expr: CallExpr, context: Context): Typed {
  for (const argument of expr.args) {
    if (argument.kind !== "named_argument") continue;
    if (!definition.named?.includes(argument.name.text.toLowerCase())) {
      throw refused(`named argument ${argument.name.text} of ${expr.name}`, argument.place);
    }
  }
  const call = callOf(definition, expr, context);
  const [fewest, most] = definition.args;
  if (call.count < fewest || (most !== undefined && call.count > most)) call.noMatch();
  // A conditional function fails with its arguments only, and does not evaluate all of them.
  const catches = expr.safe && !conditionalFunctions.has(expr.name);
  return catches ? compileSafe(definition, expr, context) : definition.compile(call);
}

/** SAFE.f(…): errors of the function become NULL, those of its arguments do not, so they are evaluated outside. */
function compileSafe(definition: FunctionDef, expr: CallExpr, context: Context): Typed {
  refuseUnderSafe(expr);
  const values = expr.args.map((argument) => argumentValue(argument, context));
  const open = values.flatMap((value, i) => (value && !isConstant(value) ? [{ value, i }] : []));
  let type: SqlType = INT64;
  const sql = apply(
    { safe: true },
    open.map(({ value }) => value.sql),
    (...names) => {
      const bound = new Map(
        open.map(({ value, i }, k) => [i, { sql: names[k] ?? value.sql, type: value.type }]),
      );
      const result = definition.compile(callOf(definition, expr, context, bound));
      type = result.type;
      return result.sql;
    },
  );
  if (type.kind === "BIGNUMERIC") throw refused(`SAFE.${expr.name} of BIGNUMERIC`, expr.place);
  return { sql, type };
}

/** What is refused when it runs would become NULL: elements of formats. */
function refuseUnderSafe({ name, args: [first], place }: CallExpr): void {
  if (!/^(?:FORMAT|PARSE)_(?:DATE|TIME|DATETIME|TIMESTAMP)$/.test(name)) return;
  if (first?.kind !== "literal" || first.literal.of !== "STRING")
    throw refused(`SAFE.${name} with a format that is not a literal`, place);
  const refusedElement = name.startsWith("PARSE_") && refusedInParsing(first.literal.text);
  if (refusedElement) throw refused(`SAFE.${name} with %${refusedElement}`, place);
}

/** A literal, or an array or struct of literals: it cannot fail, and it may still be coerced. */
function isConstant(value: Typed): boolean {
  return value.literal !== undefined || (value.parts?.every(isConstant) ?? false);
}

/** What an argument evaluates to; undefined for a date part and for named arguments, which are literals. */
function argumentValue(argument: Expr, context: Context): Typed | undefined {
  if (argument.kind === "named_argument") return undefined;
  if (argument.kind === "interval") return compileExpr(argument.value, context);
  if (!datePart(argument)) return compileExpr(argument, context);
  try {
    return compileExpr(argument, context);
  } catch {
    return undefined;
  }
}

/**
 * The call as the function's own translation sees it: arguments are compiled when it asks for them.
 * @param bound arguments that have a name in the surrounding SQL already
 */
function callOf(
  definition: FunctionDef,
  expr: CallExpr,
  context: Context,
  bound: ReadonlyMap<number, Typed> = new Map(),
): Call {
  const args = expr.args.filter((argument) => argument.kind !== "named_argument");
  const compiled = new Map<number, Typed>(bound);
  const plain = (i: number): Typed => {
    const known = compiled.get(i);
    if (known) return known;
    const argument = args[i];
    if (!argument) return noMatch();
    const value = compileExpr(argument, context);
    compiled.set(i, value);
    return value;
  };
  function noMatch(): never {
    const types = args.map((argument) => describeType(argument, context)).join(", ");
    throw invalidQuery(
      `No matching signature for function ${expr.name} for argument types: ${types}. Supported signature: ${definition.signature}`,
      expr.place,
    );
  }
  return {
    name: expr.name,
    count: args.length,
    place: expr.place,
    arg: (i: number, as?: SqlType["kind"]) => coerceArgument(plain(i), as) ?? noMatch(),
    common: (from = 0) => {
      const values = args.slice(from).map((_argument, i) => plain(from + i));
      return unify(values)?.values ?? noMatch();
    },
    part: (i) => datePart(args[i]) ?? noMatch(),
    interval: (i) => intervalArgument(args[i], context, bound.get(i)) ?? noMatch(),
    named: (name, as) => {
      const argument = expr.args.find((one) => isNamed(one, name));
      if (argument?.kind !== "named_argument") return undefined;
      return coerceArgument(compileExpr(argument.value, context), as) ?? noMatch();
    },
    noMatch,
  };
}

function isNamed(argument: Expr, name: string): boolean {
  return argument.kind === "named_argument" && argument.name.text.toLowerCase() === name;
}

function coerceArgument(value: Typed, kind: SqlType["kind"] | undefined): Typed | undefined {
  if (kind === undefined || kind === value.type.kind) return value;
  if (kind === "ARRAY" || kind === "STRUCT" || kind === "RANGE" || kind === "UNKNOWN") {
    return value.type.kind === "UNKNOWN" ? value : undefined;
  }
  return coerce(value, { kind });
}

/** The type of an argument for a message: a date part or an INTERVAL has none. */
function describeType(argument: Expr, context: Context): string {
  if (argument.kind === "interval") return "INTERVAL";
  try {
    return formatType(compileExpr(argument, context).type);
  } catch {
    return datePart(argument) ? "DATE_TIME_PART" : "UNKNOWN";
  }
}

function datePart(argument: Expr | undefined): DatePart | undefined {
  if (argument?.kind === "name" && argument.parts.length === 1) {
    return { unit: argument.parts[0]?.text.toUpperCase() ?? "" };
  }
  if (argument?.kind !== "call" || argument.args.length !== 1) return undefined;
  const weekday = datePart(argument.args[0]);
  return weekday && { unit: argument.name, weekday: weekday.unit };
}

function intervalArgument(
  argument: Expr | undefined,
  context: Context,
  bound?: Typed,
): IntervalArg | undefined {
  if (argument?.kind !== "interval" || argument.to) return undefined;
  const amount = coerce(bound ?? compileExpr(argument.value, context), INT64);
  return amount && { amount, unit: argument.from };
}

/** User functions: SQL bodies are expanded in place, JavaScript ones are functions of the connection. */
function compileRoutine(routine: Routine, expr: CallExpr, context: Context): Typed {
  const name = expr.path.join(".");
  if (routine.kind === "table_function")
    throw invalidQuery(`${name} is a table function; it stands in FROM`, expr.place);
  if (routine.kind === "procedure")
    throw invalidQuery(`${name} is a procedure; use CALL`, expr.place);
  if (routine.args.length !== expr.args.length) {
    throw invalidQuery(
      `Number of arguments does not match for function ${name}; expected ${routine.args.length}, found ${expr.args.length}`,
      expr.place,
    );
  }
  const args = expr.args.map((argument, i) => {
    const value = compileExpr(argument, context);
    const type = routine.args[i]?.type;
    const coerced = type ? coerce(value, type) : value;
    if (!coerced) {
      throw invalidQuery(
        `No matching signature for function ${name} for argument types: ${formatType(value.type)}`,
        expr.place,
      );
    }
    return coerced;
  });
  if (routine.kind === "js_function" && expr.safe) {
    throw refused("SAFE. before a JavaScript function", expr.place);
  }
  const value =
    routine.kind === "js_function"
      ? { sql: routine.call(args.map((a) => a.sql)), type: routine.returns }
      : expandBody(routine, name, args, context);
  return expr.safe ? { sql: `TRY(${value.sql})`, type: value.type } : value;
}

function expandBody(
  routine: Extract<Routine, { kind: "sql_function" }>,
  name: string,
  args: readonly Typed[],
  context: Context,
): Typed {
  const named = new Map(
    routine.args.map((arg, i) => [arg.name.toLowerCase(), plainValue(args[i])]),
  );
  const body = compileExpr(toExpr(parseExpression(routine.body)), {
    statement: { ...context.statement, env: closedEnvironment(context.statement.env) },
    scope: { tables: [], columns: [], args: named },
    ctes: [],
  });
  const value = routine.returns ? coerce(body, routine.returns) : body;
  if (!value)
    throw invalidQuery(
      `Function ${name} returns ${formatType(body.type)}, which does not coerce to its declared type`,
    );
  return { sql: `(${value.sql})`, type: value.type };
}

/** An argument is a value inside the body, no literal any more. */
export function plainValue(value: Typed | undefined): Typed {
  if (!value) throw invalidQuery("Missing argument");
  return value.type.kind === "UNKNOWN" ? value : { sql: value.sql, type: value.type };
}
