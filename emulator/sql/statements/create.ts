import type { Path, Reader } from "./reader.ts";

export type CreateMode = "create" | "replace" | "if_not_exists";

/** Reads `CREATE [OR REPLACE] [TEMP] <keywords> [IF NOT EXISTS] name`. */
export function readCreate(
  input: Reader,
  ...keywords: string[]
): { mode: CreateMode; temporary: boolean; path: Path } {
  input.expect("CREATE");
  const replaces = input.accept("OR", "REPLACE");
  const temporary = input.accept("TEMP") || input.accept("TEMPORARY");
  input.expect(...keywords);
  const ifNotExists = !replaces && input.accept("IF", "NOT", "EXISTS");
  const mode = replaces ? "replace" : ifNotExists ? "if_not_exists" : "create";
  return { mode, temporary, path: input.path() };
}
