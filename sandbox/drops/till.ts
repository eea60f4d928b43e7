import { join } from "node:path";
import { type Cents, italian, vatInside } from "../money.ts";
import { groupBy } from "../world/group.ts";
import { sku } from "../world/products.ts";
import { fiscalSerial } from "../world/tills.ts";
import type { Named, Order, Receipt, Refund, World } from "../world/types.ts";
import { italianDate, writeCsv } from "./csv.ts";

const HEADER =
  "Negozio;Cassa;Matricola RT;Scontrino;Data;Ora;Riga;Causale;Articolo;Descrizione;Q.tà;Prezzo €;Sconto €;Aliquota IVA;Natura IVA;di cui IVA €;Importo €;Tessera;Cellulare;E-mail;Addetto;Rif. documento";
const COLUMNS = HEADER.split(";");
const EMPTY = ";".repeat(COLUMNS.length - 1);

/** A line of a receipt before it becomes text. */
interface TillLine {
  readonly cause: "VEN" | "RES" | "ANN" | "BUO";
  readonly sku: string;
  readonly text: string;
  readonly quantity: number;
  readonly unit: Cents;
  readonly discount: Cents;
  readonly vat: Cents;
  readonly rate: string;
  readonly nature: string;
}

/** One file of the till drop and what it adds up to. */
export interface TillFile {
  readonly path: string;
  readonly store: string;
  readonly month: string;
  readonly lines: number;
  readonly total: Cents;
}

/** Writes one file per shop and month; months without business have none. */
export function writeTill(world: World, dir: string): TillFile[] {
  const files: TillFile[] = [];
  const byFile = groupBy(world.receipts, ({ key }) => `${key.shop.code}_${key.date.slice(0, 7)}`);
  for (const [name, receipts] of byFile) {
    const [store = "", month = ""] = name.split("_");
    const rows: string[] = [];
    let total = 0;
    for (const receipt of receipts) {
      receiptLines(receipt).forEach((line, i) => {
        total += amountOf(line);
        rows.push(row(world, receipt, line, i + 1));
      });
    }
    const city = receipts[0]?.key.shop.city ?? "";
    const titles = [
      `VENTOLANA SRL - Giornale di cassa${EMPTY}`,
      `Negozio ${store} ${city}, mese ${month.split("-").reverse().join("/")}${EMPTY}`,
    ];
    const cells = COLUMNS.map((column) => (column === "Importo €" ? italian(total) : ""));
    const footer = ["TOTALE", ...cells.slice(1)].join(";");
    const path = `vendite_${name}.csv`;
    writeCsv(join(dir, path), "windows-1252", [...titles, HEADER, ...rows, EMPTY, footer]);
    files.push({ path, store, month, lines: rows.length, total });
  }
  return files;
}

const amountOf = (line: TillLine): Cents => line.quantity * line.unit - line.discount;

function receiptLines({ document }: Receipt): TillLine[] {
  switch (document.kind) {
    case "sale":
      return document.order.lines.map((line) => ({
        cause: "VEN",
        sku: sku(line),
        text: line.product.name,
        quantity: line.quantity,
        unit: line.unit,
        discount: line.discount,
        vat: vatInside(line.unit * line.quantity - line.discount),
        rate: "22",
        nature: "",
      }));
    case "return":
      return document.refund.pieces.map(({ line, paid, vat }) => ({
        cause: "RES",
        sku: sku(line),
        text: `RESO ${line.product.name}`,
        quantity: -1,
        unit: paid,
        discount: 0,
        vat: -vat,
        rate: "22",
        nature: "",
      }));
    case "void":
      return [
        {
          cause: "ANN",
          sku: "",
          text: "ANNULLO SCONTRINO",
          quantity: 0,
          unit: 0,
          discount: 0,
          vat: 0,
          rate: "22",
          nature: "",
        },
      ];
    case "gift_card":
      return [
        {
          cause: "BUO",
          sku: "BUONO",
          text: "Buono regalo",
          quantity: 1,
          unit: document.amount,
          discount: 0,
          vat: 0,
          rate: "",
          nature: "N2",
        },
      ];
  }
}

function namedAndReference({ document }: Receipt): { named: Named | null; reference: string } {
  if (document.kind === "sale") return { named: document.order.named, reference: "" };
  if (document.kind === "return")
    return { named: document.refund.named, reference: returnReference(document.refund) };
  return { named: null, reference: "" };
}

/** The document that a return gives: the web order's number, the receipt's, or nothing. */
export function returnReference({ kind, order }: Refund): string {
  if (kind === "store_without_reference") return "";
  return order.channel === "online" ? order.webOrder : receiptReference(order);
}

const receiptReference = ({ receipt }: Order): string =>
  receipt ? `${receipt.shop.code}-${receipt.till}-${receipt.number}` : "";

function row(world: World, receipt: Receipt, line: TillLine, number: number): string {
  const { key, at, operator } = receipt;
  const { named, reference } = namedAndReference(receipt);
  return [
    key.shop.code,
    key.till,
    fiscalSerial(key.shop, key.till),
    key.number,
    italianDate(key.date),
    world.calendar.local(at).slice(11, 16),
    number,
    line.cause,
    line.sku,
    line.text,
    line.quantity,
    italian(line.unit),
    italian(line.discount),
    line.rate,
    line.nature,
    italian(line.vat),
    italian(amountOf(line)),
    named?.card ?? "",
    named?.phone ?? "",
    named?.email ?? "",
    operator,
    reference,
  ].join(";");
}
