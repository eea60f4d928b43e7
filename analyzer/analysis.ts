import { ANY_TYPE, type Column, type UserFunction } from "./catalog.ts";
import { type TypeProto, typeText } from "./types.ts";

/** What the analyzer says of a statement that is right. */
export interface Analysis {
  /** Kind of the statement, such as `QueryStmt`. */
  readonly statement: string;
  /** Of a query; none for other statements. Columns without a name are called `f0_`, `f1_` …, as in BigQuery. */
  readonly columns: readonly Column[];
  /** What the statement makes: a table or view, or a function. */
  readonly creates?: Creation;
}

export type Creation =
  | { readonly kind: "table"; readonly name: string; readonly columns: readonly Column[] }
  | { readonly kind: "function"; readonly name: string; readonly declared: UserFunction };

export interface TypedName {
  readonly name: string;
  readonly type: TypeProto;
}

/** What is read of a resolved statement (zetasql.AnyResolvedStatementProto). What it inherits is in `parent`. */
interface Resolved {
  readonly parent?: Resolved;
  readonly outputColumnList?: readonly { name: string; column: { type: TypeProto } }[];
  readonly isValueTable?: boolean;
  readonly namePath?: readonly string[];
  readonly columnDefinitionList?: readonly TypedName[];
  readonly argumentNameList?: readonly string[];
  readonly signature?: { argument?: readonly { kind: string; type?: TypeProto }[] };
  readonly returnType?: TypeProto;
  readonly hasExplicitReturnType?: boolean;
  readonly language?: string;
  readonly code?: string;
}

export function readAnalysis(resolvedStatement: object): Analysis {
  let statement = "";
  let node = resolvedStatement as Resolved;
  for (let key = soleNode(node); key !== undefined; key = soleNode(node)) {
    statement = key.replace(/^resolved|Node$/g, "");
    node = (node as Readonly<Record<string, Resolved>>)[key] ?? {};
  }
  const creates = creationOf(statement, node);
  return { statement, columns: queryColumns(node), ...(creates ? { creates } : {}) };
}

/** Statements stand inside their families: `{resolvedCreateStatementNode: {resolvedCreateFunctionStmtNode: {…}}}`. */
function soleNode(value: object): string | undefined {
  const [key, ...others] = Object.keys(value);
  return others.length === 0 && key?.match(/^resolved\w*Node$/) ? key : undefined;
}

/** Columns without a name get BigQuery's. */
export function namedColumns(columns: readonly TypedName[]): readonly Column[] {
  let nameless = 0;
  return columns.map(({ name, type }) => ({
    name: name === "" || name.startsWith("$") ? `f${nameless++}_` : name,
    type: typeText(type),
  }));
}

/** A table of structs, as `select as struct` makes it, has their fields for columns. */
function queryColumns(node: Resolved): readonly Column[] {
  const columns = (node.outputColumnList ?? []).map(({ name, column: { type } }) => ({
    name,
    type,
  }));
  const fields = node.isValueTable ? columns[0]?.type.structType?.field : undefined;
  return namedColumns(
    fields?.map(({ fieldName = "", fieldType }) => ({ name: fieldName, type: fieldType })) ??
      columns,
  );
}

function creationOf(statement: string, node: Resolved): Creation | undefined {
  const name = inherited(node, "namePath")?.join(".");
  if (name === undefined) return undefined;
  if (statement === "CreateFunctionStmt") {
    return { kind: "function", name, declared: declaredFunction(node) };
  }
  const columns = inherited(node, "columnDefinitionList");
  return columns && { kind: "table", name, columns: namedColumns(columns) };
}

function inherited<K extends keyof Resolved>(node: Resolved, field: K): Resolved[K] | undefined {
  return node[field] ?? (node.parent ? inherited(node.parent, field) : undefined);
}

function declaredFunction(node: Resolved): UserFunction {
  const names = node.argumentNameList ?? [];
  const types = (node.signature?.argument ?? []).map(({ type }) =>
    type ? typeText(type) : ANY_TYPE,
  );
  const templated = types.includes(ANY_TYPE);
  return {
    arguments: names.map((name, i) => ({ name, type: types[i] ?? ANY_TYPE })),
    returns:
      node.returnType && (node.hasExplicitReturnType || !templated)
        ? typeText(node.returnType)
        : ANY_TYPE,
    ...(templated && node.language === "SQL" && node.code ? { body: node.code } : {}),
  };
}
