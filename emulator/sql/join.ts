import { invalidQuery, type Place, refused } from "../errors.ts";
import type { Context } from "./context.ts";
import { compileCondition } from "./expression.ts";
import { compileFrom, type Source } from "./from.ts";
import { binary } from "./operators.ts";
import { noteFilters } from "./partition-filter.ts";
import { type ColumnRef, EMPTY_SCOPE, type Scope } from "./scope.ts";
import type { Join, Name } from "./syntax/ast.ts";
import { containsSubquery } from "./walk.ts";

const JOIN_SQL = {
  INNER: "JOIN",
  LEFT: "LEFT JOIN",
  RIGHT: "RIGHT JOIN",
  FULL: "FULL JOIN",
} as const;

export function compileJoin(join: Join, context: Context): Source {
  const left = compileFrom(join.left, context);
  const right = compileFrom(join.right, { ...context, scope: siblingScope(left, context) });
  const isArray = join.right.kind === "unnest" || /^unnest\(/.test(right.sql);
  // A join as the right side keeps its parentheses.
  const rightSql = join.right.kind === "join" ? `(${right.sql})` : right.sql;
  const tables = [...left.tables, ...right.tables];
  const columns = [...left.columns, ...right.columns];
  refuseSameAlias(left, right, join.place);
  if (join.type === "CROSS" || join.type === "COMMA") {
    if (join.on || join.using)
      throw invalidQuery("Syntax error: CROSS JOIN cannot have ON or USING", join.place);
    return { sql: `${left.sql} CROSS JOIN ${rightSql}`, tables, columns };
  }
  if (isArray && (join.type === "RIGHT" || join.type === "FULL"))
    throw refused(`${join.type} JOIN with an array`, join.place);
  const operator = JOIN_SQL[join.type];
  if (join.using) return compileUsing(join, join.using, left, right, rightSql);
  if (!join.on && !isArray) {
    throw invalidQuery(
      `Syntax error: ${join.type} JOIN must have an immediately following ON or USING clause`,
      join.place,
    );
  }
  if (join.type !== "INNER" && join.on && containsSubquery(join.on)) {
    throw refused(`a subquery in ON of a ${join.type} JOIN`, join.on.place ?? join.place);
  }
  const scope: Scope = { tables, columns, parent: context.scope };
  const on = join.on
    ? compileCondition(join.on, "JOIN ON clause", { ...context, scope, clause: "JOIN ON clause" })
        .sql
    : "true";
  if (join.on) noteFilters(join.on, scope, reducedBy(join.type, left, right));
  return { sql: `${left.sql} ${operator} ${rightSql} ON ${on}`, tables, columns };
}

/** The tables whose rows the condition of a join takes away: an outer join keeps all rows of its side. */
function reducedBy(type: Join["type"], left: Source, right: Source): Source["tables"] {
  const tables = { LEFT: right.tables, RIGHT: left.tables, FULL: [] };
  return type in tables ? tables[type as keyof typeof tables] : [...left.tables, ...right.tables];
}

function siblingScope(left: Source, context: Context): Scope {
  const parent = context.scope.siblings ? context.scope.parent : context.scope;
  const before = context.scope.siblings ? context.scope : EMPTY_SCOPE;
  return {
    tables: [...before.tables, ...left.tables],
    columns: [...before.columns, ...left.columns],
    siblings: true,
    ...(parent ? { parent } : {}),
  };
}

function refuseSameAlias(left: Source, right: Source, place?: Place): void {
  const names = new Set(left.tables.map((table) => table.name?.toLowerCase()));
  const twice = right.tables.find(
    (table) => table.name !== undefined && names.has(table.name.toLowerCase()),
  );
  if (twice)
    throw invalidQuery(`Duplicate table alias ${twice.name} in the same FROM clause`, place);
}

/** JOIN … USING (k): one column k in front, then the others of both sides. */
function compileUsing(
  join: Join,
  using: readonly Name[],
  left: Source,
  right: Source,
  rightSql: string,
): Source {
  const pairs = using.map((name) => ({
    name: name.text,
    left: onlyColumn(left, name, "left"),
    right: onlyColumn(right, name, "right"),
  }));
  const conditions = pairs.map((pair) => binary("=", pair.left, pair.right, join.place).sql);
  const merged = pairs.map((pair): ColumnRef => {
    if (join.type === "RIGHT") return { ...pair.right, name: pair.name };
    if (join.type !== "FULL") return { ...pair.left, name: pair.name };
    return {
      name: pair.name,
      type: pair.left.type,
      sql: `coalesce(${pair.left.sql}, ${pair.right.sql})`,
    };
  });
  const isMerged = (column: ColumnRef) =>
    pairs.some((pair) => pair.left === column || pair.right === column);
  const rest = [...left.columns, ...right.columns].filter((column) => !isMerged(column));
  return {
    sql: `${left.sql} ${JOIN_SQL[join.type as "INNER"]} ${rightSql} ON ${conditions.join(" AND ")}`,
    tables: [...left.tables, ...right.tables],
    columns: [...merged, ...rest],
  };
}

function onlyColumn(source: Source, name: Name, side: string): ColumnRef {
  const found = source.columns.filter(
    (column) => column.name.toLowerCase() === name.text.toLowerCase(),
  );
  const [column] = found;
  if (!column)
    throw invalidQuery(
      `Column ${name.text} in USING clause not found on ${side} side of join`,
      name.place,
    );
  if (found.length > 1)
    throw invalidQuery(
      `Column ${name.text} in USING clause is ambiguous on ${side} side of join`,
      name.place,
    );
  return column;
}
