import { invalidQuery } from "../errors.ts";
import type { Variable } from "../sql/catalog.ts";
import { placeOf } from "../sql/syntax/node.ts";
import { MAX_CALLS } from "./calls.ts";
import { runBody } from "./interpreter.ts";
import { contextOf, type Machine } from "./machine.ts";
import { parseScript } from "./parse.ts";
import type { Node } from "./tree.ts";
import { assignVariable, compileValue, innerScope, keep, readText, singleRow } from "./values.ts";

/** EXECUTE IMMEDIATE: one statement, made as text when the script runs. */
export async function executeImmediate(
  { sql, into, using }: Extract<Node, { kind: "execute" }>,
  machine: Machine,
): Promise<void> {
  const text = await readText(sql, machine);
  if (text === null) throw invalidQuery("EXECUTE IMMEDIATE of a NULL text", placeOf(sql));
  if (machine.calls >= MAX_CALLS) throw invalidQuery(`Calls are nested deeper than ${MAX_CALLS}`);
  const [node, second] = parseScript({ text, place: { line: 1, column: 1 } });
  if (!node || second) {
    throw invalidQuery("EXECUTE IMMEDIATE takes exactly one statement", placeOf(sql));
  }
  const parameters = await bind(using, machine);
  const inside: Machine = { ...machine, parameters, calls: machine.calls + 1 };
  if (into.length === 0) {
    await runBody([node], inside);
    return;
  }
  const query = node.kind === "statement" ? node.statement.query : undefined;
  if (!query) throw invalidQuery("EXECUTE IMMEDIATE with INTO takes a query", placeOf(sql));
  const context = contextOf(inside);
  const compiled = query.compile(context);
  if (compiled.columns.length !== into.length) {
    throw invalidQuery(
      `EXECUTE IMMEDIATE has ${into.length} variables for ${compiled.columns.length} columns`,
      placeOf(sql),
    );
  }
  await context.prepare();
  const values = await singleRow(compiled, inside);
  for (const [i, value] of values.entries()) await assignVariable(into[i] ?? "", value, machine);
}

/** The values of USING as parameters, computed once. */
async function bind(
  using: Extract<Node, { kind: "execute" }>["using"],
  machine: Machine,
): Promise<ReadonlyMap<string | number, Variable>> {
  const inner = innerScope(machine);
  const parameters = new Map<string | number, Variable>();
  for (const [i, { value, name }] of using.entries()) {
    const variable = await keep(`#using${i}`, await compileValue(value, machine), inner);
    parameters.set(name ?? i + 1, variable);
  }
  return parameters;
}
