/** A piece of text of an SQLX file that Dataform copies, and where it begins in the file. */
interface Literal {
  readonly text: string;
  readonly start: number;
}

/** SQL of an SQLX file: pieces that are copied; between two of them stands what Dataform expands. */
export type Template = readonly Literal[];

/** The parts of an SQLX file that become SQL. */
export interface Sqlx {
  readonly text: string;
  /** One for each statement where `---` separates them. */
  readonly body: readonly Template[];
  readonly preOperations: readonly Template[];
  readonly postOperations: readonly Template[];
  /** Rows that a unit test gives instead of a table. */
  readonly inputs: readonly Template[];
  /** Where the config block begins; the top of the file where there is none. */
  readonly config: number;
}

const BLOCK = /^[ \t]*(config|js|pre_operations|post_operations|input\b[^{\n]*)[ \t]*\{/gm;
const SEPARATOR = /^[ \t]*---[ \t]*$/m;

/** Takes an SQLX file apart. */
export function readSqlx(text: string): Sqlx {
  const body: Literal[] = [];
  const blocks: { readonly name: string; readonly start: number; readonly end: number }[] = [];
  let from = 0;
  for (const match of text.matchAll(BLOCK)) {
    if (match.index < from) continue;
    const name = (match[1] ?? "").replace(/\s.*/s, "");
    const start = match.index + match[0].length;
    const end =
      name === "config" || name === "js" ? endOfScript(text, start) : endOfSql(text, start);
    blocks.push({ name, start, end });
    body.push(...literals(text, from, match.index));
    from = end + 1;
  }
  body.push(...literals(text, from, text.length));
  const inside = (wanted: string) =>
    blocks
      .filter(({ name }) => name === wanted)
      .flatMap(({ start, end }) => statements(literals(text, start, end)));
  const config = blocks.find(({ name }) => name === "config");
  return {
    text,
    body: statements(body),
    preOperations: inside("pre_operations"),
    postOperations: inside("post_operations"),
    inputs: inside("input"),
    config: config ? config.start - 1 : 0,
  };
}

/** The text of a range, cut at its `${…}`. */
function literals(text: string, from: number, to: number): Literal[] {
  const cut: Literal[] = [];
  let start = from;
  for (let at = text.indexOf("${", from); at >= 0 && at < to; at = text.indexOf("${", start)) {
    cut.push({ text: text.slice(start, at), start });
    start = endOfScript(text, at + 2) + 1;
  }
  return [...cut, { text: text.slice(start, to), start }];
}

function statements(template: Template): readonly Template[] {
  const parts: Literal[][] = [[]];
  for (const literal of template) {
    let { text, start } = literal;
    for (let cut = SEPARATOR.exec(text); cut; cut = SEPARATOR.exec(text)) {
      parts.at(-1)?.push({ text: text.slice(0, cut.index), start });
      parts.push([]);
      start += cut.index + cut[0].length;
      text = text.slice(cut.index + cut[0].length);
    }
    parts.at(-1)?.push({ text, start });
  }
  return parts;
}

const SCRIPT_TOKEN = /\/\/.*|\/\*[\s\S]*?\*\/|"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'|[`{}]/;

/** The place of the brace that closes JavaScript which begins here. */
function endOfScript(text: string, start: number): number {
  const tokens = new RegExp(SCRIPT_TOKEN, "g");
  tokens.lastIndex = start;
  let depth = 0;
  for (let token = tokens.exec(text); token; token = tokens.exec(text)) {
    if (token[0] === "{") depth++;
    if (token[0] === "}" && depth-- === 0) return token.index;
    if (token[0] === "`") tokens.lastIndex = endOfTemplate(text, token.index + 1) + 1;
  }
  return text.length;
}

/** The place of the backtick that closes a template string. */
function endOfTemplate(text: string, start: number): number {
  for (let at = start; at < text.length; at++) {
    if (text[at] === "\\") at++;
    else if (text[at] === "`") return at;
    else if (text.startsWith("${", at)) at = endOfScript(text, at + 2);
  }
  return text.length;
}

const SQL_TOKEN =
  /--.*|#.*|\/\*[\s\S]*?\*\/|"""[\s\S]*?"""|'''[\s\S]*?'''|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'|\$\{|[{}]/;

/** The place of the brace that closes a block of SQL. */
function endOfSql(text: string, start: number): number {
  const tokens = new RegExp(SQL_TOKEN, "g");
  tokens.lastIndex = start;
  for (let token = tokens.exec(text); token; token = tokens.exec(text)) {
    if (token[0] === "}") return token.index;
    if (token[0] === "${") tokens.lastIndex = endOfScript(text, tokens.lastIndex) + 1;
  }
  return text.length;
}
