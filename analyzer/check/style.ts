import { globSync } from "tinyglobby";
import type { Finding } from "./report.ts";

/** Words that are SQL wherever they stand outside of names and texts. */
const KEYWORDS =
  /\b(?:SELECT|FROM|WHERE|JOIN|LEFT|INNER|CROSS|GROUP|ORDER|HAVING|QUALIFY|UNION|WITH|CASE|WHEN|THEN|ELSE|END|NULL|AND|NOT)\b/;

/** What makes a night give other tables when it is run again. */
const CLOCK =
  /\b(?:current_(?:date|datetime|time|timestamp)|session_user|generate_uuid|rand)\b(?!\s*\.)/i;

/** Texts, quoted names, comments and expansions: what is in them is nobody's style. */
const NOT_SQL = /--.*|#.*|r?'(?:\\.|[^'\\])*'|r?"(?:\\.|[^"\\])*"|`[^`]*`|\$\{[^}]*\}/g;

/** The style of the SQLX files of a project; the form of its JavaScript is biome's. */
export function checkStyle(dir: string, read: (fileName: string) => string): readonly Finding[] {
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
      return [
        ...named,
        ...read(file)
          .split("\n")
          .flatMap((text, i) =>
            checkLine(text, (column, message) => wrong(i + 1, column, message)),
          ),
      ];
    });
}

function checkLine(
  text: string,
  wrong: (column: number, message: string) => Finding,
): readonly Finding[] {
  const findings: Finding[] = [];
  const at = (found: number, message: string) => {
    if (found >= 0) findings.push(wrong(found + 1, message));
  };
  at(text.search(/\t/), "a tab: indent by two spaces");
  at(text.search(/[ \t]+$/), "blanks at the end of the line");
  const sql = text.replace(NOT_SQL, (part) => " ".repeat(part.length));
  at(sql.search(KEYWORDS), "SQL is written in lower case");
  at(
    sql.search(CLOCK),
    "a model that reads the clock or chance gives other rows when a night is run again; use constants.AS_OF",
  );
  return findings;
}
