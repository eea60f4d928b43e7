import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { inspectFile, readMapping } from "../../../loaders/index.ts";
import { mappingSchema } from "../../../loaders/sources/file-feed/mapping.ts";

const dir = mkdtempSync(join(tmpdir(), "filo-mapping-"));

function file(name: string, content: string): string {
  const path = join(dir, name);
  writeFileSync(path, content);
  return path;
}

const receipts = {
  entity: "receipts",
  columns: {
    store_code: "Shop",
    receipt_number: "No",
    business_date: "Day",
    qty: "Qty",
    unit_gross: "Price",
    line_gross: "Total",
  },
};

describe("a mapping", () => {
  const problems = (mapping: unknown) =>
    mappingSchema
      .safeParse(mapping)
      .error?.issues.map(({ path, message }) => `${path.join(".")}: ${message}`);

  it.each([
    [
      { ...receipts, columns: { ...receipts.columns, colour: "C" } },
      /columns\.colour: .*no such field/,
    ],
    [
      { ...receipts, contacts: { email: "Mail" }, attributes: { contact: "Mail" } },
      /attributes\.contact: Mail is a contact value/,
    ],
    [{ ...receipts, columns: { store_code: "Shop" } }, /must say where receipt_number comes from/],
    [{ ...receipts, dateFormat: "D MMMM" }, /dateFormat: must be made of yyyy/],
    [
      { ...receipts, lineTypes: [{ type: "VOID", when: { sku: "x" } }] },
      /sku is not among the columns/,
    ],
    [
      { ...receipts, lineTypes: [{ type: "VOID", when: { qty: "(" } }] },
      /not a regular expression/,
    ],
    [
      { ...receipts, footer: { pattern: "total", total: "qty" } },
      /footer\.total: must be an amount/,
    ],
    [{ ...receipts, encodng: "utf-8" }, /encodng/],
    [{ ...receipts, columns: { ...receipts.columns, sku: { date: "x" } } }, /timestamp field only/],
    [
      { ...receipts, values: { store_code: { A: "S1", "a ": "S2" } } },
      /values\.store_code\.a : differs from another entry in upper and lower case only/,
    ],
    [{ ...receipts, values: { sku: { A: "B" } } }, /values\.sku: is not among the columns/],
    [{ ...receipts, values: { qty: { none: "0" } } }, /values\.qty: only texts/],
    [{ ...receipts, constants: { order_type: "private" } }, /must be one of consumer, staff/],
    [{ ...receipts, constants: { discount: "1,50" } }, /constants\.discount: must be a number/],
    [{ ...receipts, columns: {}, constants: {} }, /must say where business_date comes from/],
    [
      { entity: "consents", columns: {}, constants: { channel: "fax" } },
      /constants\.channel: must be one of email, sms/,
    ],
    [
      { entity: "loyalty_movements", columns: { loyalty_card: "Card", moved_at: "At" } },
      /at least one comes from: points, amount/,
    ],
    [
      { entity: "stores", columns: { store_code: "Code" }, contacts: { email: "Mail" } },
      /contacts: stores have no contact values/,
    ],
    [
      { entity: "products", columns: { sku: "Item" }, returnsWritten: "positive" },
      /returnsWritten: belongs to receipts only/,
    ],
  ])("that is wrong says where: %#", (mapping, expected) => {
    expect(problems(mapping)?.join("\n")).toMatch(expected);
  });

  it("may take the day from the time, and a required field from a constant", () => {
    const { business_date: _, ...columns } = receipts.columns;
    const mapping = {
      ...receipts,
      columns: { ...columns, receipt_ts: "When", store_code: undefined },
      constants: { store_code: "S1" },
    };
    expect(problems(JSON.parse(JSON.stringify(mapping)))).toBeUndefined();
  });

  it("that cannot be read names the file", () => {
    expect(() => readMapping(join(dir, "none.json"))).toThrow(/none\.json/);
    expect(() => readMapping(file("bad.json", "{"))).toThrow(/bad\.json/);
  });
});

describe("inspecting a file", () => {
  const mapping = mappingSchema.parse({
    ...receipts,
    contacts: { email: "Mail" },
    footer: { pattern: "^total", total: "line_gross" },
  });
  const header = "Shop,No,Day,Qty,Price,Total,Mail,Extra\n";

  it("shows rows, rejects and totals, and no contact value", async () => {
    const path = file(
      "day.csv",
      `${header}S1,1,2026-05-01,2,10.00,20.00,a@b.example,x\nS1,2,2026-05-01,2,10.00,21.00,,\nTotal,,,,,41.00,,\n`,
    );
    const found = await inspectFile(path, mapping, "Europe/Rome");
    expect(found).toMatchObject({
      read: 2,
      rejected: 1,
      facts: { encoding: "utf-8", delimiter: ",", controlTotal: "41.00", computedTotal: "41.00" },
      rejects: [{ reject: "line_does_not_add_up", line: 3 }],
      drift: ["unmapped_column: Extra"],
    });
    expect(found.rows[0]).toMatchObject({
      receipt_number: "1",
      line_gross: "20.00",
      contact: ["email"],
    });
    expect(found.refusal).toBeUndefined();
    expect(JSON.stringify(found)).not.toContain("a@b.example");
  });

  it("makes a line's amount of quantity, price and discount where the file does not state it", async () => {
    const { line_gross: _, qty: __, ...columns } = receipts.columns;
    const unstated = mappingSchema.parse({
      ...receipts,
      columns: { ...columns, discount: "Total", receipt_ts: { date: "Day", time: "Mail" } },
      constants: { qty: "1" },
    });
    const path = file(
      "whole.csv",
      `${header}S1,1,2026-05-01,,89.90,10.00,12:00:00,\nS1,2,2026-05-01,,89.90,10.00,25:00:00,\n`,
    );
    const found = await inspectFile(path, unstated, "Europe/Rome");
    expect(found.rows).toMatchObject([{ qty: "1", line_gross: "79.90", line_type: "SALE" }]);
    expect(found.rejects).toMatchObject([{ reject: "not_a_time", field: "Mail", line: 3 }]);
  });

  it("says why a file would be refused", async () => {
    const path = file("wrong.csv", `${header}S1,1,2026-05-01,2,10.00,20.00,,\nTotal,,,,,25.00,,\n`);
    const found = await inspectFile(path, mapping, "Europe/Rome");
    expect(found).toMatchObject({
      refusal: { reason: "control_total_differs" },
      facts: { controlTotal: "25.00", computedTotal: "20.00" },
    });
    expect(found.rows).toHaveLength(1);
  });

  it("names the headers that are missing, and the reason of most rejects", async () => {
    const other = file("other.csv", "Shop,Number,Day,Qty,Price,Total,Mail\n");
    expect((await inspectFile(other, mapping, "Europe/Rome")).refusal).toMatchObject({
      reason: "header_not_found",
      message: expect.stringContaining('line 1 lacks the headers "No"; it has "Shop", "Number"'),
    });
    const american = file(
      "american.csv",
      `${header}S1,1,05/31/2026,2,10.00,20.00,,\nTotal,,,,,20.00,,\n`,
    );
    expect((await inspectFile(american, mapping, "Europe/Rome")).refusal).toMatchObject({
      reason: "too_many_rejects",
      message: expect.stringContaining("1 not_a_date in Day (first in line 2)"),
    });
    const twice = file("twice.csv", "Shop,No,Day,Qty,Price,Total,Total\n");
    expect((await inspectFile(twice, mapping, "Europe/Rome")).refusal).toMatchObject({
      reason: "header_twice",
    });
  });
});
