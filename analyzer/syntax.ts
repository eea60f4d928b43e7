/** A piece of a script, in bytes. */
export interface Range {
  readonly start: number;
  readonly end: number;
}

/** The steps of a script in the order of their text; what is inside a control structure is nested. */
export type Step =
  | { readonly kind: "statement"; readonly range: Range; readonly name: string }
  /** A value of any type, or one that must fit: a BOOL, or what a variable holds. */
  | {
      readonly kind: "value";
      readonly range: Range;
      readonly into?: "condition" | { readonly variable: string };
    }
  | {
      readonly kind: "declare";
      readonly names: readonly string[];
      readonly type?: Range;
      readonly value?: Range;
    }
  | {
      readonly kind: "for";
      readonly variable: string;
      readonly query: Range;
      readonly body: readonly Step[];
    }
  /** Variables declared inside are not known outside. */
  | { readonly kind: "block"; readonly body: readonly Step[] };

/** A node of the analyzer's syntax tree, loosely: what it inherits, its place among it, is in `parent`. */
type Tree = Readonly<{ [field: string]: unknown }>;

/** Reads the syntax tree of a script (zetasql.ASTScriptProto) into its steps. */
export function stepsOf(script: unknown): readonly Step[] {
  return statements((script as Tree).statementListNode);
}

function statements(list: unknown): readonly Step[] {
  const { statementList = [] } = (list ?? {}) as { statementList?: readonly object[] };
  return statementList.flatMap(step);
}

function step(statement: object): readonly Step[] {
  const { name, node } = named(statement);
  switch (name) {
    case "VariableDeclaration":
      return [declaration(node)];
    case "SingleAssignment": {
      const variable = idString(node.variable);
      return [{ kind: "value", range: rangeOf(node.expression), into: { variable } }];
    }
    case "SystemVariableAssignment":
      return value(node.expression);
    case "AssignmentFromStruct":
      return value(node.structExpression);
    case "IfStatement":
      return [
        ...condition(node.condition),
        ...block(node.thenList),
        ...clauses(node.elseifClauses, "elseifClauses"),
        ...block(node.elseList),
      ];
    case "CaseStatement":
      return [
        ...value(node.expression),
        ...clauses(node.whenThenClauses, "whenThenClauses", node.expression === undefined),
        ...block(node.elseList),
      ];
    case "BeginEndBlock":
      return [
        ...block(node.statementListNode),
        ...listOf(node.handlerList, "exceptionHandlerList").flatMap((h) => block(h.statementList)),
      ];
    case "WhileStatement":
      return [...condition(node.condition), ...block(inherited(node, "body"))];
    case "RepeatStatement": {
      const until = node.untilClause as Tree;
      return [...block(inherited(node, "body")), ...condition(until.condition)];
    }
    case "ForInStatement":
      return [
        {
          kind: "for",
          variable: idString(node.variable),
          query: rangeOf(node.query),
          body: statements(inherited(node, "body")),
        },
      ];
    case "RaiseStatement":
      return value(node.message);
    case "BreakStatement":
    case "ContinueStatement":
    case "ReturnStatement":
      return [];
    default:
      return [{ kind: "statement", range: rangeOf(node), name }];
  }
}

/** Statements stand inside their families: `{astScriptStatementNode: {astIfStatementNode: {…}}}`. */
function named(value: object): { readonly name: string; readonly node: Tree } {
  let name = "";
  let node = value as Tree;
  for (let [key, ...others] = Object.keys(node); others.length === 0; ) {
    if (key === undefined || !/^ast\w*Node$/.test(key)) break;
    name = key.replace(/^ast|Node$/g, "");
    node = node[key] as Tree;
    [key, ...others] = Object.keys(node);
  }
  return { name, node };
}

function rangeOf(value: unknown): Range {
  for (let node = named(value as object).node; node; node = node.parent as Tree) {
    if (node.parseLocationRange) return node.parseLocationRange as Range;
  }
  throw new Error("the analyzer gives a piece of a script no place");
}

function inherited(node: Tree, field: string): unknown {
  return node[field] ?? (node.parent ? inherited(node.parent as Tree, field) : undefined);
}

const listOf = (list: unknown, field: string): readonly Tree[] =>
  (list as Readonly<Record<string, readonly Tree[]>> | undefined)?.[field] ?? [];

const idString = (identifier: unknown): string => (identifier as { idString: string }).idString;

const value = (expression: unknown): readonly Step[] =>
  expression === undefined ? [] : [{ kind: "value", range: rangeOf(expression) }];

const condition = (expression: unknown): readonly Step[] =>
  expression === undefined
    ? []
    : [{ kind: "value", range: rangeOf(expression), into: "condition" }];

const block = (list: unknown): readonly Step[] =>
  list === undefined ? [] : [{ kind: "block", body: statements(list) }];

const clauses = (list: unknown, field: string, areConditions = true): readonly Step[] =>
  listOf(list, field).flatMap((clause) => [
    ...(areConditions ? condition : value)(clause.condition),
    ...block(clause.body),
  ]);

function declaration(node: Tree): Step {
  return {
    kind: "declare",
    names: listOf(node.variableList, "identifierList").map(idString),
    ...(node.type ? { type: rangeOf(node.type) } : {}),
    ...(node.defaultValue ? { value: rangeOf(node.defaultValue) } : {}),
  };
}
