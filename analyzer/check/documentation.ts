import type { Column } from "../catalog.ts";
import type { Files } from "./files.ts";
import { fullName, type Graph } from "./graph.ts";
import type { Finding } from "./report.ts";

/** The dataset that analysts read: there every column says what it is. */
const READ_BY_PEOPLE = "marts";

/**
 * Every model says its grain, every column of a table in marts is described, and no column is described that is not there.
 * `columnsOf` gives a table's columns where they are known.
 */
export function checkDocumentation(
  graph: Graph,
  columnsOf: (name: string) => readonly Column[] | undefined,
  files: Files,
): readonly Finding[] {
  return [...graph.tables, ...graph.operations.filter(({ hasOutput }) => hasOutput)]
    .filter(({ disabled }) => !disabled)
    .flatMap(({ target, fileName, actionDescriptor: { description, columns } }) => {
      const told = (message: string, word?: string) => files.configFinding(fileName, message, word);
      const described = new Set(
        columns.filter((each) => each.description).map(({ path }) => path.join(".").toLowerCase()),
      );
      const findings: Finding[] = [];
      if (description === "") {
        findings.push(
          told(`${target.name} has no description; begin it with its grain: "One row per …"`),
        );
      }
      const real = columnsOf(fullName(target));
      if (real === undefined) return findings;
      const names = new Set(real.map(({ name }) => name.toLowerCase()));
      for (const name of target.schema === READ_BY_PEOPLE ? names : []) {
        if (!described.has(name)) {
          findings.push(told(`column ${name} of ${target.name} has no description`, "columns"));
        }
      }
      for (const { path } of columns) {
        const [name = ""] = path;
        if (!names.has(name.toLowerCase())) {
          findings.push(
            told(`${target.name} describes column ${name}, which it does not have`, name),
          );
        }
      }
      return findings;
    });
}
