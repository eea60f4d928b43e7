import { reader, type Source } from "./reader.ts";
import type { Statement } from "./statement.ts";

/** GRANT and REVOKE: accepted without effect, since there is one user. */
export function parseGrant(source: Source): Statement {
  const input = reader(source);
  const type = input.next().text.toUpperCase();
  input.until("roles", (token) => token.text.toUpperCase() === "ON");
  input.expect("ON");
  input.name();
  input.path();
  input.expect(type === "GRANT" ? "TO" : "FROM");
  input.rest("users");
  return { type, source, writes: [], run: async () => ({ referencedTables: [] }) };
}
