import { invalidQuery, refused } from "../../errors.ts";
import { parseAlterTable } from "./alter-table.ts";
import { parseCreateSnapshot } from "./create-copy.ts";
import { parseCreateFunction } from "./create-function.ts";
import { parseCreateTable } from "./create-table.ts";
import { parseCreateTableFunction } from "./create-table-function.ts";
import { parseCreateView } from "./create-view.ts";
import { parseDelete, parseTruncate } from "./delete.ts";
import { parseDrop } from "./drop.ts";
import { parseGrant } from "./grant.ts";
import { parseInsert } from "./insert.ts";
import { parseMerge } from "./merge.ts";
import { parseSelect } from "./query.ts";
import { keyword, type Reader, reader, type Source } from "./reader.ts";
import { parseAlterSchema, parseCreateSchema, parseDropSchema } from "./schema.ts";
import type { Statement, StatementParser } from "./statement.ts";
import { parseUpdate } from "./update.ts";

/** Words between CREATE and the kind of object. */
const CREATE_MODIFIERS = new Set(["OR", "REPLACE", "TEMP", "TEMPORARY", "MATERIALIZED"]);

const CREATE: Readonly<Record<string, StatementParser>> = {
  TABLE: parseCreateTable,
  SNAPSHOT: parseCreateSnapshot,
  VIEW: parseCreateView,
  SCHEMA: parseCreateSchema,
  FUNCTION: parseCreateFunction,
};

const OTHERS: Readonly<Record<string, StatementParser>> = {
  SELECT: parseSelect,
  WITH: parseSelect,
  "(": parseSelect,
  FROM: parseSelect,
  INSERT: parseInsert,
  UPDATE: parseUpdate,
  DELETE: parseDelete,
  TRUNCATE: parseTruncate,
  MERGE: parseMerge,
  GRANT: parseGrant,
  REVOKE: parseGrant,
};

const REFUSED = new Set(["EXPORT", "LOAD", "UNDROP"]);

/** Reads one statement that is no part of the procedural language. Throws BigQuery's syntax errors. */
export function parseStatement(source: Source): Statement {
  return parserFor(reader(source), source)(source);
}

function parserFor(input: Reader, source: Source): StatementParser {
  const verb = keyword(input.peek());
  if (verb === "CREATE") {
    let i = 1;
    while (CREATE_MODIFIERS.has(keyword(input.peek(i)))) i++;
    const kind = keyword(input.peek(i));
    const isTableFunction = kind === "TABLE" && keyword(input.peek(i + 1)) === "FUNCTION";
    const parser = isTableFunction ? parseCreateTableFunction : CREATE[kind];
    if (parser) return parser;
    throw refused(`CREATE ${kind} ${keyword(input.peek(i + 1))}`.trim(), source.place);
  }
  if (verb === "DROP") return input.at("DROP", "SCHEMA") ? parseDropSchema : parseDrop;
  if (verb === "ALTER") return input.at("ALTER", "SCHEMA") ? parseAlterSchema : parseAlterTable;
  const parser = OTHERS[verb];
  if (parser) return parser;
  if (REFUSED.has(verb)) throw refused(`${verb} ${keyword(input.peek(1))}`, source.place);
  throw invalidQuery(
    `Syntax error: Unexpected ${verb ? `keyword ${verb}` : (input.peek()?.text ?? "end of input")}`,
    source.place,
  );
}
