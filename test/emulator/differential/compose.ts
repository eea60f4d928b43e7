import fc from "fast-check";
import { literal } from "./literals.ts";
import { SHAPES } from "./shapes.ts";
import type { Operand, Production } from "./template.ts";
import { COLUMNS } from "./types.ts";

/** An expression or a query as it was composed, so that its parts can be looked at one by one. */
export interface Tree {
  /** Absent for a literal or a column. */
  readonly production?: Production;
  readonly parts: readonly (string | Tree)[];
  readonly type: string;
  /** The aliases of the sample table that its columns may come from. */
  readonly scope: readonly string[];
}

/** A query over the sample table `data`, whose rows are part of it. */
export interface Composed {
  readonly tree: Tree;
  readonly sample: Sample;
}

/** The literals of the sample table by column, as many as there are rows. */
interface Sample {
  readonly rows: number;
  readonly columns: Readonly<Record<string, readonly string[]>>;
}

const MOST_ROWS = 5;

/** Arbitraries of composed queries: `entry` stands at the root, what is below comes from all productions. */
export function composer(all: readonly Production[]) {
  const byType = new Map<string, Map<string, Production[]>>();
  for (const production of all) {
    const entries = byType.get(production.type) ?? new Map<string, Production[]>();
    byType.set(production.type, entries);
    entries.set(production.entry, [...(entries.get(production.entry) ?? []), production]);
  }
  const memo = new Map<string, fc.Arbitrary<Tree>>();

  /** An expression of the type, `depth` productions deep at most. */
  function expression(type: string, scope: readonly string[], depth: number): fc.Arbitrary<Tree> {
    const key = `${type} ${scope.join()} ${depth}`;
    const known = memo.get(key);
    if (known) return known;
    const made = depth === 0 ? leaf(type, scope) : inner(type, scope, depth);
    memo.set(key, made);
    return made;
  }

  function inner(type: string, scope: readonly string[], depth: number): fc.Arbitrary<Tree> {
    const entries = [...(byType.get(type)?.values() ?? [])];
    if (entries.length === 0) return leaf(type, scope);
    const composed = fc
      .constantFrom(...entries)
      .chain((choice) => fc.constantFrom(...choice))
      .chain((production) => tree(production, scope, depth));
    return fc.oneof(
      { withCrossShrink: true },
      { weight: 1, arbitrary: leaf(type, scope) },
      { weight: 2, arbitrary: composed },
    );
  }

  function tree(
    production: Production,
    scope: readonly string[],
    depth: number,
  ): fc.Arbitrary<Tree> {
    const operands = production.operands.map((each) => operand(each, scope, depth - 1));
    return fc.tuple(...operands).map((trees) => ({
      production,
      type: production.type,
      scope,
      parts: production.texts.flatMap((text, i) => [text, ...trees.slice(i, i + 1)]),
    }));
  }

  function operand({ name, scope: own }: Operand, scope: readonly string[], depth: number) {
    const shape = SHAPES[name];
    const sees = own ?? scope;
    if (shape) return shape.map((text): Tree => ({ parts: [text], type: name, scope: sees }));
    return expression(name, sees, depth);
  }

  return {
    /** Queries with an entry at the root. */
    rooted(productions: readonly Production[], depth: number): fc.Arbitrary<Composed> {
      const root = fc
        .constantFrom(...productions)
        .chain((production) =>
          fc.boolean().chain((reads) => tree(production, reads ? ["t"] : [], depth)),
        );
      return fc.tuple(root, sample).map(([made, rows]) => ({
        tree: made,
        sample: rows,
        [fc.toStringMethod]: () => queryOf(made, rows),
      }));
    },
  };
}

function leaf(type: string, scope: readonly string[]): fc.Arbitrary<Tree> {
  const columns = Object.keys(COLUMNS).filter((name) => COLUMNS[name] === type);
  const references = scope.flatMap((alias) => columns.map((column) => `${alias}.${column}`));
  const written = literal(type === "APPROX" ? "FLOAT64" : type);
  const text = references.length ? fc.oneof(written, fc.constantFrom(...references)) : written;
  return text.map((part): Tree => ({ parts: [part], type, scope }));
}

const sample: fc.Arbitrary<Sample> = fc.record({
  // At least one: whether a constant that fails does so over no rows is not promised.
  rows: fc.oneof(fc.constant(3), fc.integer({ min: 1, max: MOST_ROWS })),
  columns: fc.record(
    Object.fromEntries(
      Object.entries(COLUMNS).map(([name, type]) => [
        name,
        fc.array(literal(type), { minLength: MOST_ROWS, maxLength: MOST_ROWS }),
      ]),
    ),
  ),
});

/** The entries of the emulator's list that a tree is made of. */
export function entriesOf(tree: Tree): ReadonlySet<string> {
  const below = tree.parts.flatMap((part) =>
    typeof part === "string" ? [] : [...entriesOf(part)],
  );
  return new Set(tree.production ? [tree.production.entry, ...below] : below);
}

export function render(tree: Tree): string {
  return tree.parts.map((part) => (typeof part === "string" ? part : render(part))).join("");
}

/** The whole query of a tree: an expression becomes the only column of a SELECT. */
export function queryOf(tree: Tree, sample: Sample): string {
  const text = render(tree);
  const from = tree.scope.map((alias) => `data AS ${alias}`).join(", ");
  const query =
    tree.type === "QUERY" ? text : `SELECT ${text} AS v${from === "" ? "" : ` FROM ${from}`}`;
  if (!/\bdata\b/.test(query)) return query;
  const [own = "", recursive = ""] = /^WITH (RECURSIVE )?/.exec(query) ?? [];
  const rest = own === "" ? ` ${query}` : `, ${query.slice(own.length)}`;
  return `WITH ${recursive}data AS (${table(query, sample)})${rest}`;
}

/** The sample table, with the columns that the query names. */
function table(query: string, { rows, columns }: Sample): string {
  const names = Object.keys(COLUMNS).filter((name) => new RegExp(`\\b${name}\\b`).test(query));
  const fields = names.map((name) => `${name} ${COLUMNS[name]}`);
  const values = Array.from({ length: rows }, (_, row) =>
    [row + 1, row % 2, ...names.map((name) => columns[name]?.[row])].join(", "),
  );
  const types = ["id INT64", "k INT64", ...fields].join(", ");
  return `SELECT * FROM UNNEST(ARRAY<STRUCT<${types}>>[${values.map((row) => `(${row})`).join(", ")}])`;
}

/** The tree and all trees below it, the smallest first. */
export function subtrees(tree: Tree): readonly Tree[] {
  const below = tree.parts.flatMap((part) => (typeof part === "string" ? [] : subtrees(part)));
  return [...below, tree].toSorted((a, b) => render(a).length - render(b).length);
}
