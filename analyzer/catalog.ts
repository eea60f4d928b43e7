import { parseType } from "./types.ts";

export interface Column {
  readonly name: string;
  /** As GoogleSQL writes it: `ARRAY<STRUCT<a INT64, b STRING>>`. */
  readonly type: string;
}

/** A function of the user: calls are checked, and cannot be evaluated. */
export interface UserFunction {
  /** A type may be `ANY TYPE`. */
  readonly arguments: readonly Column[];
  /** `ANY TYPE`: the type of the body. */
  readonly returns: string;
  /** Of a function in SQL: its expression, which decides the type of a call where an argument may have any. */
  readonly body?: string;
}

/** What a statement may name. Keys are full names, `project.dataset.name`, or one name for what is temporary. */
export interface Catalog {
  readonly tables: ReadonlyMap<string, readonly Column[]>;
  readonly functions: ReadonlyMap<string, UserFunction>;
  /** Of a script: names and types. */
  readonly variables?: ReadonlyMap<string, string>;
}

export const ANY_TYPE = "ANY TYPE";

export const EMPTY_CATALOG: Catalog = { tables: new Map(), functions: new Map() };

/** What the service calls a SimpleCatalogProto. */
interface CatalogProto {
  readonly name: string;
  readonly table: object[];
  readonly customFunction: object[];
  readonly catalog: CatalogProto[];
}

/**
 * The catalogue of one statement: what its text mentions, so that a request stays small. For the analyzer a quoted
 * path is one name and a path without quotes is several, so each object stands there in each form.
 */
export function catalogProto(
  catalog: Catalog,
  sql: string,
  languageOptions: object,
  moreFunctions: readonly object[] = [],
): object {
  const text = sql.toLowerCase();
  const mentioned = (name: string) => text.includes(lastOf(name).toLowerCase());
  const root = emptyCatalog("root");
  for (const [name, columns] of catalog.tables) {
    if (!mentioned(name)) continue;
    add(root, name, (scope, called) => scope.table.push(tableProto(called, columns)));
  }
  for (const [name, declared] of catalog.functions) {
    if (!mentioned(name)) continue;
    add(root, name, (scope, called) => scope.customFunction.push(functionProto(called, declared)));
  }
  const constant = [...(catalog.variables ?? [])].map(([name, type]) => ({
    namePath: [name],
    type: parseType(type),
    // A constant must have a value; it is never read.
    value: {},
  }));
  root.customFunction.push(...moreFunctions);
  return { ...root, constant, builtinFunctionOptions: { languageOptions } };
}

const emptyCatalog = (name: string): CatalogProto => ({
  name,
  table: [],
  customFunction: [],
  catalog: [],
});

const lastOf = (name: string): string => name.slice(name.lastIndexOf(".") + 1);

/** `p.d.t` as itself, as `d.t`, and as paths of names; in each scope of a path the rest may be quoted, too. */
function add(root: CatalogProto, name: string, put: (scope: CatalogProto, name: string) => void) {
  const parts = name.split(".");
  for (const path of parts.length === 3 ? [parts, parts.slice(1)] : [parts]) {
    for (let depth = 0; depth < path.length; depth++) {
      const scope = path.slice(0, depth).reduce(inner, root);
      put(scope, path.slice(depth).join("."));
    }
  }
}

function inner(scope: CatalogProto, name: string): CatalogProto {
  const known = scope.catalog.find((catalog) => catalog.name === name);
  if (known) return known;
  const made = emptyCatalog(name);
  scope.catalog.push(made);
  return made;
}

function tableProto(name: string, columns: readonly Column[]): object {
  return {
    name,
    column: columns.map((column) => ({ name: column.name, type: parseType(column.type) })),
  };
}

function functionProto(name: string, declared: UserFunction): object {
  const { body } = declared;
  const argument = declared.arguments.map((argument) => ({
    ...argumentProto(argument.type),
    options: { argumentName: argument.name },
  }));
  const signature = [{ argument, returnType: argumentProto(declared.returns) }];
  if (body === undefined) {
    return { namePath: [name], group: "External_function", mode: "SCALAR", signature };
  }
  return {
    namePath: [name],
    group: "Templated_SQL_Function",
    mode: "SCALAR",
    signature,
    parseResumeLocation: { input: body },
    templatedSqlFunctionArgumentName: declared.arguments.map((argument) => argument.name),
  };
}

const argumentProto = (type: string): object =>
  type === ANY_TYPE
    ? { kind: "ARG_TYPE_ARBITRARY", numOccurrences: 1 }
    : { kind: "ARG_TYPE_FIXED", type: parseType(type), numOccurrences: 1 };
