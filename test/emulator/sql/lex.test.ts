import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { lex } from "../../../emulator/sql/syntax/lex.ts";

const texts = (sql: string) => lex(sql).map((token) => token.text);

describe("tokens", () => {
  it("leave out comments of all three kinds", () => {
    expect(texts("a -- x\n# y\n/* z\n */ b")).toEqual(["a", "b"]);
  });

  it("have places that count lines and code points from 1", () => {
    const tokens = lex("'😀' a\n  `ü` b");
    expect(tokens.map(({ place }) => `${place.line}:${place.column}`)).toEqual([
      "1:1",
      "1:5",
      "2:3",
      "2:7",
    ]);
  });

  it("of a statement inside a script have the script's places", () => {
    const tokens = lex("a\nb", { line: 7, column: 5 });
    expect(tokens.map(({ place }) => `${place.line}:${place.column}`)).toEqual(["7:5", "8:1"]);
  });

  it("keep digits of a path apart from numbers", () => {
    expect(texts("p.1day.5")).toEqual(["p", ".", "1day", ".", "5"]);
    expect(texts("a + .5")).toEqual(["a", "+", ".5"]);
  });
});

describe("literals", () => {
  it("text written in any of the ways reads back the same", () => {
    const safe = fc.string({ unit: "grapheme" }).filter((text) => !/[\\\r\n]/.test(text));
    fc.assert(
      fc.property(safe, (text) => {
        const single = `'${text.replaceAll("'", "\\'")}'`;
        const double = `"${text.replaceAll('"', '\\"')}"`;
        const escaped = `'${[...text].map((c) => `\\U${(c.codePointAt(0) ?? 0).toString(16).padStart(8, "0")}`).join("")}'`;
        const isPlain = !text.includes("'");
        const raw = isPlain ? `r'${text}'` : single;
        const triple = isPlain ? `'''${text}'''` : single;
        for (const literal of [single, double, escaped, raw, triple]) {
          expect(lex(literal).map((token) => token.text)).toEqual([text]);
        }
      }),
    );
  });

  it("bytes have one character per byte", () => {
    expect(texts("b'é\\xff\\001'")).toEqual(["\u00c3\u00a9\u00ff\u0001"]);
  });
});
