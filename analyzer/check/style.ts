import { globSync } from "tinyglobby";
import type { Finding } from "./report.ts";
import type { Sqlx } from "./sqlx.ts";

/** Words that are SQL wherever they stand outside of names and texts. */
const KEYWORDS =
  /\b(?:SELECT|FROM|WHERE|JOIN|LEFT|INNER|CROSS|GROUP|ORDER|HAVING|QUALIFY|UNION|WITH|CASE|WHEN|THEN|ELSE|END|NULL|AND|NOT)\b/;

/** What makes a night give other tables when it is run again. */
const CLOCK =
  /\b(?:current_(?:date|datetime|time|timestamp)|session_user|generate_uuid|rand)\b(?!\s*\.)/i;

/** Texts, quoted names and comments: what is in them is nobody's style. */
const NOT_SQL =
  /--.*|#.*|\/\*[\s\S]*?\*\/|r?"""[\s\S]*?"""|r?'''[\s\S]*?'''|r?'(?:\\.|[^'\\\n])*'|r?"(?:\\.|[^"\\\n])*"|`[^`]*`/g;

/** The style of the SQLX files of a project; the form of its JavaScript is biome's. */
export function checkStyle(dir: string, read: (fileName: string) => Sqlx): readonly Finding[] {
  return globSync("definitions/**/*.sqlx", { cwd: dir })
    .sort()
    .flatMap((file) => {
      const wrong = (line: number, column: number, message: string): Finding => ({
        file,
        line,
        column,
        message,
      });
      const name = file.replace(/^.*\/|\.sqlx$/g, "");
      const named = /^[a-z][a-z0-9_]*$/.test(name)
        ? []
        : [wrong(1, 1, `${name}: a model's name is lower case, words joined by _`)];
      const sqlx = read(file);
      const sql = sqlOf(sqlx).split("\n");
      return [
        ...named,
        ...sqlx.text
          .split("\n")
          .flatMap((text, i) =>
            checkLine(text, sql[i] ?? "", (column, message) => wrong(i + 1, column, message)),
          ),
      ];
    });
}

/** The text of a file with blanks for all that is not SQL, so that places remain true. */
function sqlOf({ text, body, preOperations, postOperations, inputs }: Sqlx): string {
  const blank = (part: string) => part.replace(/[^\n]/g, " ");
  let sql = blank(text);
  for (const { text: piece, start } of [body, preOperations, postOperations, inputs].flat(2)) {
    sql = sql.slice(0, start) + piece + sql.slice(start + piece.length);
  }
  return sql.replace(NOT_SQL, blank);
}

function checkLine(
  text: string,
  sql: string,
  wrong: (column: number, message: string) => Finding,
): readonly Finding[] {
  const findings: Finding[] = [];
  const at = (found: number, message: string) => {
    if (found >= 0) findings.push(wrong(found + 1, message));
  };
  at(text.search(/\t/), "a tab: indent by two spaces");
  at(text.search(/[ \t]+$/), "blanks at the end of the line");
  at(sql.search(KEYWORDS), "SQL is written in lower case");
  at(
    sql.search(CLOCK),
    "a model that reads the clock or chance gives other rows when a night is run again; use constants.AS_OF",
  );
  return findings;
}
