import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { generate } from "../../sandbox/index.ts";
import {
  cents,
  filesIn,
  type Json,
  readJson,
  readList,
  readNdjson,
  readSegment,
  readTills,
  sum,
  type TillExport,
  type TillRow,
  tempDir,
} from "./worlds.ts";

const { dir, remove } = tempDir();
let totals: Json;
let orders: Json[];
let refunds: Json[];
let files: TillExport[];
let rows: TillRow[];
let documents: Map<string, TillRow[]>;

beforeAll(async () => {
  await generate({ seed: 43, customers: 900, events: 20_000, outDir: dir });
  totals = readJson(dir, "truth", "totals.json");
  orders = readNdjson(dir, "truth", "orders.ndjson");
  refunds = readNdjson(dir, "truth", "refunds.ndjson");
  files = readTills(dir);
  rows = files.flatMap((file) => file.rows);
  documents = grouped(rows, (row) => row.document);
});
afterAll(remove);

function grouped<T>(items: Iterable<T>, keyOf: (item: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) groups.set(keyOf(item), [...(groups.get(keyOf(item)) ?? []), item]);
  return groups;
}

const FISCAL = ["SALE", "RETURN", "GIFT_CARD"];
const ofType = (...types: string[]) => rows.filter((row) => types.includes(row.type));
const net = (type: string) => sum(ofType(type), (row) => row.amount - row.vat);
const amount = (lines: readonly TillRow[]) => sum(lines, (row) => row.amount);
const date = (text = "") => text.split("/").reverse().join("-");
/** The document of a row of head office's lists. */
const documentOf = (row: Record<string, string>) => `${row.Negozio}-${row.Cassa}-${row.Scontrino}`;

describe("the files of both makers' tills", () => {
  it("add up to their total rows and to the truth, to the cent", () => {
    expect(new Set(files.map(({ name }) => name.split("_")[0]))).toEqual(
      new Set(["vendite", "sales"]),
    );
    for (const file of files) expect(file.total).toBe(amount(file.rows));
    expect(rows).toHaveLength(totals.till.lines);
    expect(amount(rows)).toBe(cents(totals.till.total));

    const { web_in_store, store_with_reference, store_without_reference } = totals.refunds;
    expect(net("SALE")).toBe(
      cents(totals.receipts.net_revenue) +
        cents(totals.receipts.refund) +
        cents(totals.exchanges.web_in_store.net),
    );
    expect(-net("RETURN")).toBe(
      cents(web_in_store.net) +
        cents(store_with_reference.net) +
        cents(store_without_reference.net),
    );
    expect(net("GIFT_CARD")).toBe(cents(totals.receipts.gift_cards.amount));
    expect(net("VOID")).toBe(0);
    expect(amount(ofType("PICKUP", "INVOICE"))).toBeGreaterThan(0);
  });

  it("hold lines whose parts give their total, with the VAT inside", () => {
    for (const row of rows) {
      expect(row.quantity * row.unit - row.discount).toBe(row.amount);
      if (row.rate === "22")
        expect(Math.abs(122 * row.vat - 22 * row.amount)).toBeLessThanOrEqual(61);
      else expect([row.rate, row.nature, row.vat]).toEqual(["", "N2", 0]);
    }
  });

  it("number documents once per shop and till, and refer to documents that exist", () => {
    for (const lines of documents.values())
      expect(new Set(lines.map((row) => `${row.date} ${row.time}`)).size).toBe(1);
    const webOrders = new Set(orders.map((order) => order.web_order));
    const references = rows.map((row) => row.reference).filter(Boolean);
    for (const reference of references)
      expect(documents.has(reference) || webOrders.has(reference)).toBe(true);
    // What the fiscal recorder prints is numbered without gaps, whatever else the till prints.
    const fiscal = [...documents.keys()].filter((key) => /-\d{4}-\d{4}$/.test(key));
    for (const keys of grouped(fiscal, (key) => key.slice(0, -5)).values())
      expect(Math.max(...keys.map((key) => Number(key.slice(-4))))).toBe(keys.length);
  });

  it("are written as the README says", () => {
    const north = readFileSync(join(dir, "drops", "till", "vendite_MIL1_2025-06.csv"));
    expect(north.includes(0x80)).toBe(true);
    expect(north.includes(Buffer.from("€"))).toBe(false);
    const all = filesIn(join(dir, "drops", "till"))
      .map((name) => readFileSync(join(dir, "drops", "till", name), "latin1"))
      .join("");
    expect(all).toMatch(/ "[A-Z][a-z]+";/);
    expect(all).toMatch(/;\d\.\d{3},\d\d;/);
    const south = readFileSync(join(dir, "drops", "till-south", "sales_ROM1_2025-06.csv"), "utf8");
    expect(south.startsWith("\uFEFFshop_id,")).toBe(true);
    expect(south).toMatch(/,"[^,]* ""[A-Z][a-z]+""",/);
    expect(south).toMatch(/,2025-06-\d\d \d\d:\d\d:00,/);
    expect(south).not.toMatch(/,-\d+\.\d\d,/);
  });

  it("hold times of the shop's clock, twice the same hour in the night of the change", () => {
    const night = rows.filter(
      (row) => row.store === "MIL1" && row.date === "2026-10-25" && row.time.startsWith("02"),
    );
    const instants = night
      .filter((row) => row.type === "SALE")
      .map((row) => orderOf(row.document)?.ordered_at.slice(0, 13));
    expect(new Set(instants)).toEqual(new Set(["2026-10-25T00", "2026-10-25T01"]));
  });
});

const keyOf = (order: Json): string =>
  order.web_order ?? `${order.store}-${order.till}-${order.receipt}`;
const orderOf = (key: string) => orders.find((order) => keyOf(order) === key);

describe("the truth of orders and refunds", () => {
  it("counts the pieces of an exchange under the order that its receipt names", () => {
    const sales = grouped(ofType("SALE"), (row) => {
      const back = documents.get(row.document)?.find(({ type }) => type === "RETURN");
      return back?.reference || row.document;
    });
    const store = orders.filter((order) => order.channel === "store");
    for (const order of store) {
      const lines = sales.get(keyOf(order)) ?? [];
      expect(sum(lines, (row) => row.quantity * row.unit)).toBe(cents(order.gross));
      expect(sum(lines, (row) => row.discount)).toBe(cents(order.discount));
      expect(sum(lines, (row) => row.vat)).toBe(cents(order.tax));
    }
    const web = [...sales].filter(([key]) => key.startsWith("W")).flatMap(([, lines]) => lines);
    expect(web.length).toBeGreaterThan(0);
    expect(sales.size).toBe(store.length + new Set(web.map((row) => row.document)).size);
    for (const { web_order, net_revenue, gross, discount, tax, refund } of orders)
      if (web_order)
        expect(cents(net_revenue)).toBe(
          cents(gross) - cents(discount) - cents(tax) - cents(refund),
        );
  });

  it("holds what each receipt gave back", () => {
    const back = grouped(ofType("RETURN"), (row) => row.document);
    const inShops = refunds.filter((refund) => refund.kind !== "web_by_post");
    expect(back.size).toBe(inShops.length);
    for (const refund of inShops) {
      const lines = back.get(keyOf(refund)) ?? [];
      expect(-sum(lines, (row) => row.amount - row.vat)).toBe(cents(refund.net));
      expect(new Set(lines.map((row) => row.reference))).toEqual(new Set([refund.reference]));
    }
  });

  it("sets staff apart, who buy at a price list of their own, and prints redeemed codes", () => {
    const staff = grouped(
      rows.filter((row) => row.priceList === "DIP"),
      (row) => row.document,
    );
    expect(staff.size).toBe(totals.receipts.staff.count);
    for (const key of staff.keys()) expect(orderOf(key)?.order_type).toBe("staff");
    const codes = new Map(
      rows.filter((row) => row.promoCode).map((row) => [row.document, row.promoCode]),
    );
    const redeemed = orders.filter((order) => order.channel === "store" && order.promo_code);
    expect(codes).toEqual(new Map(redeemed.map((order) => [keyOf(order), order.promo_code])));
  });

  it("finds every pick-up's web order, and every invoice's receipt with the same lines", () => {
    const completed = new Map<string, Json>();
    for (const { call } of readSegment(dir))
      if (call.event === "Order Completed") completed.set(call.properties.order_id, call);
    const pickups = grouped(ofType("PICKUP"), (row) => row.document);
    expect(pickups.size).toBeGreaterThan(5);
    for (const [first] of pickups.values()) {
      const { properties, timestamp } = completed.get(first?.reference ?? "");
      expect([properties.delivery_method, properties.pickup_store]).toEqual([
        "click_and_collect",
        first?.store,
      ]);
      expect(timestamp.slice(0, 10) <= (first?.date ?? "")).toBe(true);
      expect(properties.shipping).toBe(0);
    }
    const invoices = grouped(ofType("INVOICE"), (row) => row.document);
    expect(invoices.size).toBeGreaterThan(0);
    const content = ({ sku, quantity, unit, discount, vat }: TillRow) =>
      `${sku} ${quantity} ${unit} ${discount} ${vat}`;
    for (const lines of invoices.values()) {
      const receipt = documents.get(lines[0]?.reference ?? "");
      expect(lines.map(content)).toEqual(receipt?.map(content));
    }
  });
});

describe("the daily closings", () => {
  it("are the fiscal lines of each shop, till and day", () => {
    const printed = grouped(ofType(...FISCAL, "VOID"), (row) =>
      [row.store, row.till, row.date].join(" "),
    );
    const closings = readList(dir, "till-closings").map((row) => ({
      store: row.Negozio,
      till: row.Cassa,
      business_date: date(row.Data),
      closing_number: row.Chiusura,
      receipts: Number(row.Scontrini),
      total: cents(row["Corrispettivi €"]),
      vat: cents(row["di cui IVA €"]),
    }));
    expect(closings.length).toBe(printed.size);
    for (const closing of closings) {
      const key = [closing.store, closing.till, closing.business_date].join(" ");
      const lines = (printed.get(key) ?? []).filter(({ type }) => FISCAL.includes(type));
      expect(closing.total).toBe(amount(lines));
      expect(closing.vat).toBe(sum(lines, (row) => row.vat));
      expect(closing.receipts).toBe(new Set(lines.map((row) => row.document)).size);
      for (const row of lines) expect(row.document).toContain(`-${closing.closing_number}-`);
    }
    const truth = readNdjson(dir, "truth", "till_closings.ndjson");
    expect(truth.map((row) => ({ ...row, total: cents(row.total), vat: cents(row.vat) }))).toEqual(
      closings,
    );
  });
});

describe("the payments", () => {
  it("add up to each fiscal receipt and to the truth by method", () => {
    const payments = readList(dir, "payments", "win1252");
    const paid = grouped(payments, documentOf);
    for (const [key, lines] of documents) {
      const total = amount(lines.filter(({ type }) => FISCAL.includes(type)));
      const own = paid.get(key) ?? [];
      expect(sum(own, (row) => cents(row["Importo €"]))).toBe(total);
      expect(own.map((row) => row["Progr."])).toEqual(own.map((_, i) => String(i + 1)));
    }
    const byMethod = (method: string) =>
      sum(
        payments.filter((row) => row["Forma di pagamento"] === method),
        (row) => cents(row["Importo €"]),
      );
    const { cash, card, gift_card, voucher } = totals.payments.methods;
    expect(["CONTANTI", "CARTA", "BUONO REGALO", "BUONO RESO"].map(byMethod)).toEqual(
      [cash, card, gift_card, voucher].map(cents),
    );
    expect(payments).toHaveLength(totals.payments.count);
    expect(cents(totals.payments.total)).toBe(cents(totals.till_closings.total));
  });

  it("take gift cards only as far as they were sold, in the same shop, and split some receipts", () => {
    const payments = readList(dir, "payments", "win1252");
    const tendered = grouped(
      payments.filter((row) => row["Forma di pagamento"] === "BUONO REGALO"),
      (row) => row.Negozio ?? "",
    );
    expect(tendered.size).toBeGreaterThan(0);
    for (const [store, own] of tendered) {
      const sold = ofType("GIFT_CARD").filter((row) => row.store === store);
      expect(sum(own, (row) => cents(row["Importo €"]))).toBeLessThanOrEqual(amount(sold));
    }
    const methods = [...grouped(payments, documentOf).values()].map((own) => own.length);
    expect(methods.filter((count) => count > 1).length).toBeGreaterThan(10);
  });
});

describe("the movements of points", () => {
  it("are earned and taken back on receipts that show the card, and sum to the truth", () => {
    const movements = readList(dir, "loyalty-movements");
    const balances = new Map<string, number>();
    for (const row of movements) {
      const card = row.Tessera ?? "";
      balances.set(card, (balances.get(card) ?? 0) + Number(row.Punti));
      if (!row.Scontrino) continue;
      expect(Number(row.Punti)).toBe(Math.trunc(cents(row["Importo €"]) / 100));
      const lines = rows.filter(
        (line) =>
          line.store === row.Negozio &&
          line.date === date(row.Data) &&
          line.document.endsWith(row.Scontrino ?? ""),
      );
      const type = row.Causale === "ACCUMULO" ? "SALE" : "RETURN";
      const own = lines.filter((line) => line.card === card && line.type === type);
      expect(amount(own)).toBe(cents(row["Importo €"]));
    }
    const truth = readNdjson(dir, "truth", "loyalty_points.ndjson");
    expect(balances).toEqual(new Map(truth.map((row) => [row.loyalty_card, row.points])));
    const reasons = new Set(movements.map((row) => row.Causale));
    for (const reason of ["RIPORTO", "ACCUMULO", "STORNO RESO", "PREMIO", "CAMBIO TESSERA"])
      expect(reasons).toContain(reason);
  });
});

describe("the lists of shops and products", () => {
  it("change in time: one shop moves, and one sells before any list holds it", () => {
    const shops = readList(dir, "stores").map((row) => ({
      ...row,
      "Valido dal": date(row["Valido dal"]),
    })) as Record<string, string>[];
    const [first] = filesIn(join(dir, "drops", "stores"));
    expect(first).toBe("negozi_2025-05-01.csv");
    expect(new Set(shops.map((row) => row.Codice)).size).toBe(totals.stores);
    const bologna = shops.filter((row) => row.Codice === "BOL1");
    expect(new Set(bologna.map((row) => `${row["Valido dal"]} ${row.Indirizzo}`)).size).toBe(2);
    const verona = rows.filter((row) => row.store === "VER1").map((row) => row.date);
    const listed = shops.find((row) => row.Codice === "VER1")?.["Valido dal"] ?? "";
    const early = verona.filter((day) => day < listed);
    expect(early.length).toBeGreaterThan(0);
    expect(verona.every((day) => day >= "2026-02-14")).toBe(true);
    expect(new Date("2026-02-14").getUTCDay()).toBe(6);
  });

  it("hold every piece sold, at the list price of its day", () => {
    const prices = grouped(readList(dir, "products", "win1252"), (row) => row.Articolo ?? "");
    expect(prices.size).toBe(totals.products);
    const changed = [...prices.values()].filter(
      (lists) => new Set(lists.map((row) => row["Listino €"])).size > 1,
    );
    expect(changed.length).toBeGreaterThan(50);
    for (const row of ofType("SALE")) {
      const lists = prices.get(row.sku) ?? [];
      const valid = lists.filter((list) => date(list["Valido dal"]) <= row.date).at(-1);
      const isExchange = documents.get(row.document)?.some(({ type }) => type === "RETURN");
      if (!isExchange) expect(row.unit).toBe(cents(valid?.["Listino €"]));
      expect(cents(valid?.["Costo €"])).toBeLessThan(row.unit / 1.22);
    }
  });
});
