import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import iconv from "iconv-lite";
import { beforeAll, describe, expect, it } from "vitest";
import {
  type CsvRecord,
  decode,
  detectEncoding,
  findHeader,
  readCsv,
} from "../../../loaders/core/csv.ts";
import { readLineBlocks } from "../../../loaders/core/lines.ts";

let dir: string;
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), "filo-csv-"));
});

function file(name: string, bytes: Buffer | string): string {
  const path = join(dir, name);
  writeFileSync(path, bytes);
  return path;
}

async function records(path: string, header: Parameters<typeof readCsv>[2]) {
  const all: CsvRecord[] = [];
  for await (const batch of readCsv(path, "utf-8", header)) all.push(...batch);
  return all;
}

describe("encoding", () => {
  it("is told from all bytes: UTF-8 where they are valid, else Windows-1252", async () => {
    const utf8 = file("utf8.csv", "a;città\n");
    const cp1252 = file("cp1252.csv", iconv.encode("a;10 € città\n", "win1252"));
    expect(await detectEncoding(utf8, "auto")).toBe("utf-8");
    expect(await detectEncoding(cp1252, "auto")).toBe("windows-1252");
  });

  it("that differs from the declared one refuses the file and names the line", async () => {
    const cp1252 = file("late.csv", iconv.encode("a;b\n1;2\n3;città\n", "win1252"));
    await expect(detectEncoding(cp1252, "utf-8")).rejects.toMatchObject({
      reason: "wrong_encoding",
      message: expect.stringContaining("line 3"),
    });
    const utf8 = file("utf8-2.csv", "a;città\n");
    await expect(detectEncoding(utf8, "windows-1252")).rejects.toMatchObject({
      reason: "wrong_encoding",
    });
  });

  it("decodes the euro sign and refuses what was misread before", async () => {
    const path = file("euro.csv", iconv.encode("10 €\n", "win1252"));
    for await (const block of readLineBlocks(path)) {
      expect(decode(path, block, "windows-1252")).toBe("10 €\n");
    }
    for (const misread of ["citt\uFFFD\n", "10 \u0080\n"]) {
      const block = { bytes: Buffer.from(`a\n${misread}`), firstLine: 1 };
      expect(() => decode("x.csv", block, "utf-8")).toThrow(/line 2/);
    }
  });

  it("refuses UTF-16 by name", async () => {
    const path = file("utf16.csv", Buffer.from("\uFEFFa;b\n", "utf16le"));
    await expect(detectEncoding(path, "auto")).rejects.toThrow(/UTF-16/);
  });
});

describe("header", () => {
  const isHeader = {
    missing: (cells: readonly string[]) =>
      ["Shop", "Total"].filter((name) => !cells.includes(name)),
    isNamed: (cell: string) => ["Shop", "Total", "Card"].includes(cell),
  };

  it("is found below title lines, whatever the delimiter", () => {
    expect(findHeader("f", "Sales\nfrom 1 to 2\nShop;Total\n", "auto", isHeader)).toEqual({
      line: 3,
      delimiter: ";",
      cells: ["Shop", "Total"],
    });
    expect(findHeader("f", '"Shop"\t"Total"\r\n', "auto", isHeader)).toMatchObject({
      delimiter: "\t",
      cells: ["Shop", "Total"],
    });
  });

  it("with another delimiter than declared is refused", () => {
    expect(() => findHeader("f", "Shop,Total\n", ";", isHeader)).toThrow(/separated by ","/);
  });

  it("is looked for in eleven lines only", () => {
    const head = `${"title\n".repeat(11)}Shop;Total\n`;
    expect(() => findHeader("f", head, "auto", isHeader)).toThrow(/first 11 lines/);
  });

  it("that lacks something says what, beside what is there", () => {
    const head = "Sales of May\nShop;Sum;Card\nS1;10,00;2900\n";
    expect(() => findHeader("day.csv", head, "auto", isHeader)).toThrow(
      'day.csv: line 2 lacks the headers "Total"; it has "Shop", "Sum", "Card"',
    );
  });

  it("that is not there at all shows nothing of the file: its lines may hold names", () => {
    const head = "Ann;Smith;ann@shop.example\nBob;Jones;bob@shop.example\n";
    expect(() => findHeader("day.csv", head, "auto", isHeader)).toThrow(
      /^day\.csv: no header: the first 2 lines should have "Shop", "Total", and no header of the mapping is there$/,
    );
    expect(() => findHeader("day.csv", "", "auto", isHeader)).toThrow("day.csv: the file is empty");
  });
});

describe("records", () => {
  const header = { line: 2, delimiter: ";", cells: ["a", "b"] } as const;

  it("carry the physical line they begin on, also after a quoted line break", async () => {
    const path = file("lines.csv", 'title\na;b\n1;"two\nlines"\n3;x\r\n\n4;y');
    expect(await records(path, header)).toEqual([
      { cells: ["1", "two\nlines"], line: 3 },
      { cells: ["3", "x"], line: 5 },
      { cells: [""], line: 6 },
      { cells: ["4", "y"], line: 7 },
    ]);
  });

  it("keep bare quotes inside a field", async () => {
    const path = file("quotes.csv", 'title\na;b\nCoat "città";1\n"Lino" shirt;2\n');
    expect((await records(path, header)).map(({ cells }) => cells)).toEqual([
      ['Coat "città"', "1"],
      ['"Lino" shirt', "2"],
    ]);
  });

  it("are read from gzip, and in blocks much smaller than the file", async () => {
    const lines = Array.from({ length: 50_000 }, (_, i) => `${i};value ${i}`);
    const path = file("big.csv.gz", gzipSync(`title\na;b\n${lines.join("\n")}\n`));
    const all = await records(path, header);
    expect(all).toHaveLength(50_000);
    expect(all.at(-1)).toEqual({ cells: ["49999", "value 49999"], line: 50_002 });
  });

  it("of a gzip file cut short, or of another content than was hashed, refuse the file", async () => {
    const whole = gzipSync("title\na;b\n1;2\n".repeat(1000));
    const cut = file("cut.csv.gz", whole.subarray(0, whole.length - 20));
    await expect(records(cut, header)).rejects.toMatchObject({ reason: "truncated_gzip" });
    const path = file("changed.csv", "title\na;b\n1;2\n");
    const reading = readCsv(path, "utf-8", header, "0".repeat(64));
    await expect(drain(reading)).rejects.toMatchObject({
      reason: "file_changed",
    });
  });

  it("after a quote that is never closed refuse the file with its line", async () => {
    const path = file("open.csv", 'title\na;b\n1;2\n3;"never closed\n4;5\n');
    await expect(records(path, header)).rejects.toMatchObject({
      reason: "quote_not_closed",
      message: expect.stringContaining("line 4"),
    });
  });
});

async function drain(reading: AsyncIterable<unknown>): Promise<void> {
  for await (const _ of reading);
}
