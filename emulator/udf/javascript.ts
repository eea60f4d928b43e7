import { createHash } from "node:crypto";
import type { JavaScriptFunction } from "../warehouse/session.ts";

/** The DuckDB name of a JavaScript function: the same for the same declaration. */
export function javascriptName(fn: JavaScriptFunction): string {
  const declaration = JSON.stringify([fn.name, fn.args, fn.returns, fn.body]);
  return `js_${createHash("sha256").update(declaration).digest("hex").slice(0, 24)}`;
}
