import { invalidQuery, refused } from "../../errors.ts";
import type { Token } from "./lex.ts";
import { isWord } from "./mark.ts";
import { closeOf, startsQuery, viewOf } from "./pipe-items.ts";
import type { Item } from "./pipes.ts";

const CLAUSES = [
  ...["SELECT", "WHERE", "GROUP", "HAVING", "QUALIFY", "ORDER", "LIMIT"],
  ...["UNION", "INTERSECT", "EXCEPT"],
];

/** Refuses a clause that would end the operator's list: rewritten, it would belong to the query around it. */
export function checkNoClause(items: readonly Item[], allowed: readonly string[] = []): void {
  const stray = items.find(([token], i) => {
    if (items[i - 1]?.[0]?.text === ".") return false;
    // `* EXCEPT (a, b)` is no set operation.
    if (isWord(token, "EXCEPT") && items[i + 1]?.[0]?.text === "(") return false;
    return CLAUSES.some((name) => isWord(token, name) && !allowed.includes(name));
  });
  if (stray) throw unexpected(stray[0]);
}

export function unexpected(token: Token | undefined): Error {
  return invalidQuery(
    `Syntax error: Unexpected ${token ? `keyword ${token.text.toUpperCase()}` : "end of pipe operator"}`,
    token?.place,
  );
}

const JOINS = ["JOIN", "INNER", "LEFT", "RIGHT", "FULL", "OUTER", "CROSS"];

/** The names, in lower case, by which a FROM clause's tables can be qualified. */
export function rangeVariables(from: readonly Token[]): readonly string[] {
  const tables: Token[][] = [[]];
  let depth = 0;
  for (const token of from) {
    if (token.kind === "op" && token.text === ")") depth--;
    const isEnd = JOINS.some((name) => isWord(token, name)) || token.text === ",";
    if (depth === 0 && isEnd) tables.push([]);
    else tables.at(-1)?.push(token);
    if (token.kind === "op" && token.text === "(") depth++;
  }
  return tables.flatMap((table) => {
    const end = table.findIndex((token) => isWord(token, "ON") || isWord(token, "USING"));
    const alias = viewOf(end < 0 ? table : table.slice(0, end));
    return alias ? [alias.text.toLowerCase()] : [];
  });
}

/** Refuses `t.x` behind operators that the rewritten query cannot carry `t` through. */
export function checkQualifiers(items: readonly Item[], lost: readonly string[]): void {
  const tokens = items.flat();
  for (let i = 0; i < tokens.length; i++) {
    const token = tokens[i];
    // A subquery has tables of its own.
    if (token?.kind === "op" && token.text === "(" && startsQuery(tokens[i + 1])) {
      i = closeOf(tokens, i);
      continue;
    }
    if (token?.kind !== "word" && token?.kind !== "quoted") continue;
    if (tokens[i + 1]?.text !== "." || tokens[i - 1]?.text === ".") continue;
    if (!lost.includes(token.text.toLowerCase())) continue;
    throw refused(
      `${token.text}.… behind |> EXTEND, SET, DROP, RENAME or DISTINCT, or behind ORDER BY or LIMIT of a join`,
      token.place,
      "the column's name alone",
    );
  }
}
