import { readFileSync } from "node:fs";
import { dirname, relative, resolve } from "node:path";
import { globSync } from "tinyglobby";
import { expect, test } from "vitest";

const root = resolve(import.meta.dirname, "..");

/** Which other rooms a room may import; `scripts` composes them all. */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  loaders: [],
  emulator: [],
  sandbox: [],
  dashboard: [],
  includes: [],
  analyzer: [],
  scripts: ["loaders", "emulator", "analyzer", "sandbox", "dashboard", "includes", "package.json"],
};

function importsOf(file: string): string[] {
  const text = readFileSync(file, "utf8");
  const found = text.matchAll(/(?:from|import|import\(|require\()\s*["'](\.{1,2}\/[^"']+)["']/g);
  return [...found].map((match) => resolve(dirname(file), match[1] ?? ""));
}

const files = globSync(
  ["{loaders,emulator,analyzer,sandbox,dashboard,includes,scripts}/**/*.{ts,js,mjs}"],
  {
    cwd: root,
    absolute: true,
  },
);

test("rooms import only what the architecture allows", () => {
  const wrong = files.flatMap((file) => {
    const room = relative(root, file).split("/")[0] ?? "";
    return importsOf(file)
      .map((target) => relative(root, target))
      .filter((target) => {
        const other = target.split("/")[0] ?? "";
        return other !== room && !MAY_IMPORT[room]?.includes(other);
      })
      .map((target) => `${relative(root, file)} imports ${target}`);
  });
  expect(wrong).toEqual([]);
});

test("a source imports the loaders' core and itself, never another source", () => {
  const wrong = files
    .filter((file) => relative(root, file).startsWith("loaders/sources/"))
    .flatMap((file) => {
      const own = relative(root, file).split("/").slice(0, 3).join("/");
      return importsOf(file)
        .map((target) => relative(root, target))
        .filter((target) => !target.startsWith(`${own}/`) && !target.startsWith("loaders/core/"))
        .map((target) => `${relative(root, file)} imports ${target}`);
    });
  expect(wrong).toEqual([]);
});
