import { join } from "node:path";
import { type Cents, decimal, italian } from "../money.ts";
import { documentHead, documentLines, type TillLine } from "../world/documents.ts";
import { groupBy } from "../world/group.ts";
import { fiscalSerial } from "../world/tills.ts";
import type { Receipt, World } from "../world/types.ts";
import { italianDate, quotedIfNeeded, writeCsv } from "./csv.ts";

/** One file of the till drops and what it adds up to. */
export interface TillFile {
  readonly path: string;
  readonly store: string;
  readonly month: string;
  readonly lines: number;
  readonly total: Cents;
}

/** How the tills of one maker export a shop's month. */
interface Layout {
  readonly tills: "north" | "south";
  path(store: string, month: string): string;
  row(world: World, receipt: Receipt, line: TillLine, number: number): string;
  write(path: string, file: { receipts: readonly Receipt[]; rows: string[]; total: Cents }): void;
}

/** Writes one file per shop and month of the tills of one maker; months without business have none. */
export function writeTill(world: World, dir: string, tills: Layout["tills"]): TillFile[] {
  const layout = tills === "north" ? NORTH : SOUTH;
  const receipts = world.receipts.filter(({ key }) => key.shop.tills === tills);
  const byFile = groupBy(receipts, ({ key }) => `${key.shop.code}_${key.date.slice(0, 7)}`);
  return [...byFile].map(([name, receipts]) => {
    const [store = "", month = ""] = name.split("_");
    const rows: string[] = [];
    let total = 0;
    for (const receipt of receipts) {
      documentLines(receipt.document).forEach((line, i) => {
        total += line.amount;
        rows.push(layout.row(world, receipt, line, i + 1));
      });
    }
    const path = layout.path(store, month);
    layout.write(join(dir, path), { receipts, rows, total });
    return { path, store, month, lines: rows.length, total };
  });
}

const NORTH_HEADER =
  "Negozio;Cassa;Matricola RT;Scontrino;Data;Ora;Riga;Causale;Articolo;Descrizione;Q.tà;Prezzo €;Sconto €;Aliquota IVA;Natura IVA;di cui IVA €;Importo €;Tessera;Cellulare;E-mail;Addetto;Rif. documento;Listino;Cod. promo";
const NORTH_COLUMNS = NORTH_HEADER.split(";");
const NORTH_EMPTY = ";".repeat(NORTH_COLUMNS.length - 1);
const NORTH_TYPES = {
  SALE: "VEN",
  RETURN: "RES",
  VOID: "ANN",
  GIFT_CARD: "BUO",
  PICKUP: "RIT",
  INVOICE: "FAT",
} as const satisfies Record<TillLine["type"], string>;

/** Windows-1252, titles above the header, returns negative, a total row below an empty one. */
const NORTH: Layout = {
  tills: "north",
  path: (store, month) => `vendite_${store}_${month}.csv`,
  row(world, { key, at, operator, document }, line, number) {
    const { named, reference, priceList, promoCode } = documentHead(document);
    return [
      key.shop.code,
      key.till,
      fiscalSerial(key.shop, key.till),
      key.number,
      italianDate(key.date),
      world.calendar.local(at).slice(11, 16),
      number,
      NORTH_TYPES[line.type],
      line.sku,
      line.text,
      line.quantity,
      italian(line.unit),
      italian(line.discount),
      line.exempt ? "" : "22",
      line.exempt ? "N2" : "",
      italian(line.vat),
      italian(line.amount),
      named?.card ?? "",
      named?.phone ?? "",
      named?.email ?? "",
      operator,
      reference,
      priceList,
      promoCode,
    ].join(";");
  },
  write(path, { receipts, rows, total }) {
    const [first] = receipts;
    if (!first) return;
    const { shop, date } = first.key;
    const month = date.slice(0, 7).split("-").reverse().join("/");
    const titles = [
      `${shop.legalEntity.toUpperCase()} - Giornale di cassa${NORTH_EMPTY}`,
      `Negozio ${shop.code} ${shop.city}, mese ${month}${NORTH_EMPTY}`,
    ];
    const cells = NORTH_COLUMNS.map((column) => (column === "Importo €" ? italian(total) : ""));
    const footer = ["TOTALE", ...cells.slice(1)].join(";");
    writeCsv(path, "windows-1252", [...titles, NORTH_HEADER, ...rows, NORTH_EMPTY, footer]);
  },
};

const SOUTH_HEADER =
  "shop_id,register,fiscal_device,doc_no,printed_at,row,doc_type,sku,item,qty,unit_price,discount,vat,vat_amount,amount,fidelity_card,mobile,mail,cashier,ref_doc,price_list,promo_code";
const SOUTH_COLUMNS = SOUTH_HEADER.split(",");
const SOUTH_TYPES = {
  SALE: "S",
  RETURN: "R",
  VOID: "X",
  GIFT_CARD: "G",
  PICKUP: "C",
  INVOICE: "I",
} as const satisfies Record<TillLine["type"], string>;

/**
 * UTF-8 with BOM, decimal points, one column for the time; a type tells returns, which are written positive and which
 * the total row deducts.
 */
const SOUTH: Layout = {
  tills: "south",
  path: (store, month) => `sales_${store}_${month}.csv`,
  row(world, { key, at, operator, document }, line, number) {
    const { named, reference, priceList, promoCode } = documentHead(document);
    return [
      key.shop.code,
      String(key.till),
      fiscalSerial(key.shop, key.till),
      key.number,
      world.calendar.local(at).slice(0, 19).replace("T", " "),
      String(number),
      SOUTH_TYPES[line.type],
      line.sku,
      line.text,
      String(Math.abs(line.quantity)),
      decimal(line.unit),
      decimal(line.discount),
      line.exempt ? "ESCL" : "22",
      decimal(Math.abs(line.vat)),
      decimal(Math.abs(line.amount)),
      named?.card ?? "",
      named?.phone ?? "",
      named?.email ?? "",
      operator,
      reference,
      priceList,
      promoCode,
    ]
      .map(quotedIfNeeded)
      .join(",");
  },
  write(path, { rows, total }) {
    const cells = SOUTH_COLUMNS.map((column) => (column === "amount" ? decimal(total) : ""));
    const footer = ["GRAND TOTAL", ...cells.slice(1)].join(",");
    writeCsv(path, "utf8-bom", [SOUTH_HEADER, ...rows, footer]);
  },
};
