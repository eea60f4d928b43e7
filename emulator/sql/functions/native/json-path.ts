import type { Step } from "./json-text.ts";

/**
 * JSONPath as BigQuery has it: `$.name`, `$."any name"`, `$[0]`; the older functions (JSON_EXTRACT…) write
 * `$['any name']` instead of the quoted form.
 */
export type PathStyle = "standard" | "legacy";

const TOKEN: Readonly<Record<PathStyle, RegExp>> = {
  standard: /\.(?:"((?:[^"\\]|\\.)*)"|([^.[\]"'$*]+))|\[\s*(-?\d+)\s*\]/y,
  legacy: /(?:\.([^.[\]"'$*]+)|\['((?:[^'\\]|\\.)*)'\])|\[\s*(-?\d+)\s*\]/y,
};

/** @throws Error with BigQuery's message */
export function parsePath(path: string, style: PathStyle): readonly Step[] {
  if (!path.startsWith("$")) throw new Error("JSONPath must start with '$'");
  const token = TOKEN[style];
  const steps: Step[] = [];
  for (let at = 1; at < path.length; at = token.lastIndex) {
    token.lastIndex = at;
    const found = token.exec(path);
    if (!found) throw new Error(problem(path.slice(at)));
    const [, first, second, index] = found;
    if (index !== undefined) steps.push(Number(index));
    else steps.push((first ?? second ?? "").replace(/\\(.)/gs, "$1"));
  }
  return steps;
}

function problem(rest: string): string {
  const operator = /^\.?(\*|\.\.)|^\[\s*(\*)/.exec(rest);
  if (operator) return `Unsupported operator in JSONPath: ${operator[1] ?? operator[2]}`;
  if (rest.startsWith("..")) return "Unsupported operator in JSONPath: ..";
  return `Invalid token in JSONPath at: ${rest}`;
}

/** The same path for DuckDB; undefined where DuckDB reads it in another way (`*`, digits for a name, escapes). */
export function duckdbPath(steps: readonly Step[]): string | undefined {
  const parts = steps.map((step) => {
    if (typeof step === "number") return step >= 0 ? `[${step}]` : undefined;
    return /^(?!\d+$)[^"\\*]+$/.test(step) ? `."${step}"` : undefined;
  });
  return parts.includes(undefined) ? undefined : `$${parts.join("")}`;
}
