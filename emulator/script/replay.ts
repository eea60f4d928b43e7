import { objectName } from "../sql/statements/names.ts";
import { keyword, reader } from "../sql/statements/reader.ts";
import type { Statement } from "../sql/statements/statement.ts";
import { isByIngestion } from "../warehouse/ingestion-time.ts";
import { contextOf, type Machine } from "./machine.ts";

/**
 * DuckDB ends a transaction at its first error, BigQuery does not. When all that a transaction has done is to insert
 * rows of literals, it can be begun anew and brought to the same state: the tables stay locked meanwhile, and
 * literals mean the same twice. Of anything else that is not certain.
 */

/** Notes that a statement of the open transaction has run. */
export function noteChange(statement: Statement, machine: Machine): void {
  const { session, state } = machine;
  if (!session.inTransaction || !state.changes || statement.type === "SELECT") return;
  const isSame = insertsLiterals(statement) && hasNoDefaults(statement, machine);
  state.changes = isSame ? [...state.changes, statement] : undefined;
}

/** True when a row has nothing but what its INSERT says: no default value, no time at which it came. */
function hasNoDefaults({ writes: [path = []] }: Statement, machine: Machine): boolean {
  const entry = machine.session.catalogue.table(objectName(path, contextOf(machine).env));
  return (
    entry !== undefined &&
    !isByIngestion(entry) &&
    entry.columns.every(({ defaultValue }) => !defaultValue)
  );
}

/** Begins the transaction anew, without its changes, and does them again. False when that is not certain to be right. */
export async function replay(machine: Machine): Promise<boolean> {
  const { session, state } = machine;
  if (!state.changes || session.temporary.tables.size !== state.tablesBefore?.size) return false;
  await session.rollback();
  await session.begin();
  for (const statement of state.changes) await statement.run(contextOf(machine));
  return true;
}

const LITERALS = new Set(["NULL", "TRUE", "FALSE", "DATE", "TIMESTAMP", "DATETIME", "NUMERIC"]);
const SIGNS = new Set(["(", ")", ",", "-", ";"]);

/** `INSERT INTO d.t (a, b) VALUES (1, 'x')`. */
function insertsLiterals({ type, source, writes: [path = []] }: Statement): boolean {
  if (type !== "INSERT" || path.length < 2) return false;
  const input = reader(source);
  while (input.peek() && !input.at("VALUES")) input.next();
  if (!input.accept("VALUES")) return false;
  for (let token = input.peek(); token; token = input.peek()) {
    const word = keyword(token);
    const isLiteral = token.kind === "string" || token.kind === "number" || LITERALS.has(word);
    if (!isLiteral && !SIGNS.has(word)) return false;
    input.next();
  }
  return true;
}
