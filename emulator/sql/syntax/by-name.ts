import type { Token } from "./lex.ts";
import { isWord } from "./mark.ts";

/**
 * A query in parentheses behind `BY NAME` or `CORRESPONDING` becomes `SELECT * FROM (query)`: the parser takes the
 * parenthesis for a list of columns.
 */
export function selectBehindByName(tokens: readonly Token[]): readonly Token[] {
  return tokens.flatMap((token, i) => {
    const [before, last] = [tokens[i - 2], tokens[i - 1]];
    const isBehind =
      (isWord(last, "NAME") && isWord(before, "BY")) || isWord(last, "CORRESPONDING");
    if (!isBehind || token.kind !== "op" || token.text !== "(") return [token];
    const word = (text: string): Token => ({ ...token, kind: "word", text, start: -1, end: -1 });
    const star: Token = { ...token, text: "*", start: -1, end: -1 };
    return [word("SELECT"), star, word("FROM"), token];
  });
}
