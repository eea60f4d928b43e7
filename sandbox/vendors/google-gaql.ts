/** A query of the Google Ads Query Language, as far as it is understood here. */
export interface Gaql {
  readonly fields: readonly string[];
  readonly from: string;
  readonly conditions: readonly Condition[];
  readonly orderBy: readonly { readonly field: string; readonly descending: boolean }[];
}

export interface Condition {
  readonly field: string;
  readonly operator: "=" | "!=" | "<" | "<=" | ">" | ">=" | "IN" | "NOT IN" | "BETWEEN";
  /** Two for BETWEEN, as many as there are for IN, else one. */
  readonly values: readonly string[];
}

/** What is wrong with a query, in words; the server gives it Google's shape. */
export class GaqlError extends Error {
  override readonly name = "GaqlError";
}

const TOKEN = /\s*(?:([A-Za-z_][\w.]*)|'([^']*)'|"([^"]*)"|(\d+(?:\.\d+)?)|(<=|>=|!=|[=<>,()]))/y;
const COMPARISONS = ["=", "!=", "<", "<=", ">", ">="] as const;

interface Token {
  readonly text: string;
  readonly kind: "word" | "value" | "sign";
}

function tokenize(query: string): Token[] {
  const text = query.trimEnd();
  const tokens: Token[] = [];
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < text.length) {
    const at = TOKEN.lastIndex;
    const match = TOKEN.exec(text);
    if (!match) throw new GaqlError(`unexpected input ${text.slice(at, at + 10).trim()}`);
    const [, word, single, double, number, sign] = match;
    if (word !== undefined) tokens.push({ text: word, kind: "word" });
    else if (sign !== undefined) tokens.push({ text: sign, kind: "sign" });
    else tokens.push({ text: single ?? double ?? number ?? "", kind: "value" });
  }
  return tokens;
}

/**
 * Reads `SELECT … FROM … [WHERE … AND …] [ORDER BY …]`. Everything else of the language (LIMIT, DURING, LIKE, CONTAINS,
 * PARAMETERS) is refused by name rather than ignored.
 * @throws GaqlError
 */
export function parseGaql(query: string): Gaql {
  const tokens = tokenize(query);
  let at = 0;
  const isNext = (text: string) =>
    tokens[at]?.kind !== "value" && tokens[at]?.text.toUpperCase() === text;
  const accept = (text: string) => isNext(text) && ++at > 0;
  const expect = (text: string) => {
    if (!accept(text)) throw new GaqlError(`expected ${text} at ${tokens[at]?.text ?? "the end"}`);
  };
  const take = (kind: Token["kind"]): string => {
    const token = tokens[at++];
    if (token?.kind !== kind) throw new GaqlError(`unexpected ${token?.text ?? "end"}`);
    return token.text;
  };
  const list = <T>(item: () => T): T[] => {
    const items = [item()];
    while (accept(",")) items.push(item());
    return items;
  };

  function condition(): Condition {
    const field = take("word");
    if (accept("BETWEEN")) {
      const from = take("value");
      expect("AND");
      return { field, operator: "BETWEEN", values: [from, take("value")] };
    }
    const isNegated = accept("NOT");
    if (isNegated || isNext("IN")) {
      expect("IN");
      expect("(");
      const values = list(() => take("value"));
      expect(")");
      return { field, operator: isNegated ? "NOT IN" : "IN", values };
    }
    const operator = COMPARISONS.find((sign) => accept(sign));
    if (!operator) throw new GaqlError(`no such operator here: ${tokens[at]?.text ?? "the end"}`);
    const value = tokens[at++];
    if (!value || value.kind === "sign") throw new GaqlError(`${field} is compared with nothing`);
    return { field, operator, values: [value.text] };
  }

  expect("SELECT");
  const fields = list(() => take("word"));
  expect("FROM");
  const from = take("word");
  const conditions: Condition[] = [];
  if (accept("WHERE")) {
    do conditions.push(condition());
    while (accept("AND"));
  }
  const orderBy: { field: string; descending: boolean }[] = [];
  if (accept("ORDER")) {
    expect("BY");
    orderBy.push(
      ...list(() => {
        const field = take("word");
        return { field, descending: !accept("ASC") && accept("DESC") };
      }),
    );
  }
  const rest = tokens[at];
  if (rest) throw new GaqlError(`the simulated vendor does not know ${rest.text}`);
  return { fields, from, conditions, orderBy };
}
