import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import iconv from "iconv-lite";

/** A folder of its own, and how to remove it. */
export function tempDir(): { dir: string; remove: () => void } {
  const dir = mkdtempSync(join(tmpdir(), "filo-sandbox-"));
  return { dir, remove: () => rmSync(dir, { recursive: true, force: true }) };
}

/** Paths of all files below a folder, relative to it, sorted. */
export function filesIn(dir: string): string[] {
  return readdirSync(dir, { recursive: true, encoding: "utf8" })
    .filter((name) => statSync(join(dir, name)).isFile())
    .sort();
}

// biome-ignore lint/suspicious/noExplicitAny: tests read vendor JSON as it comes
export type Json = any;

export const readJson = (...path: string[]): Json =>
  JSON.parse(readFileSync(join(...path), "utf8"));

export const parseLines = (text: string): Json[] =>
  text
    .split("\n")
    .filter(Boolean)
    .map((line) => JSON.parse(line));

export const readNdjson = (...path: string[]): Json[] =>
  parseLines(readFileSync(join(...path), "utf8"));

/** Every line of both CDPs' archives as Segment would have it, with the archive and the day's folder it lies in. */
export function readSegment(dir: string): { archive: string; folder: string; call: Json }[] {
  const linesOf = (archive: string) => {
    const root = join(dir, "drops", archive);
    return filesIn(root).flatMap((name) =>
      parseLines(gunzipSync(readFileSync(join(root, name))).toString()).map((call) => ({
        archive,
        folder: name.slice(0, 10),
        call,
      })),
    );
  };
  const others = linesOf("rudderstack").map(({ call, ...place }) => ({
    ...place,
    call: fromRudderstack(call),
  }));
  return [...linesOf("segment"), ...others];
}

/** RudderStack keeps traits and consents elsewhere, and writes nobody as empty text. */
function fromRudderstack({ context, userId, ...call }: Json): Json {
  const { traits, consentManagement, ...rest } = context;
  const { allowedConsentIds: allowed, deniedConsentIds: denied } = consentManagement;
  const flags = [
    ...allowed.map((id: string) => [id, true]),
    ...denied.map((id: string) => [id, false]),
  ];
  const consent = { categoryPreferences: Object.fromEntries(flags) };
  return {
    ...call,
    userId: userId === "" ? null : userId,
    ...(traits && { traits }),
    context: { ...rest, ip: call.request_ip, consent },
  };
}

/** A line of a till as its file says it: texts as written, amounts in cents, returns negative. */
export interface TillRow {
  /** Shop, till and number joined, as other documents refer to it. */
  readonly document: string;
  readonly store: string;
  readonly till: string;
  readonly date: string;
  readonly time: string;
  readonly type: string;
  readonly sku: string;
  readonly quantity: number;
  readonly unit: number;
  readonly discount: number;
  readonly rate: string;
  readonly nature: string;
  readonly vat: number;
  readonly amount: number;
  readonly card: string;
  readonly phone: string;
  readonly email: string;
  readonly reference: string;
  readonly priceList: string;
  readonly promoCode: string;
}

export interface TillExport {
  readonly name: string;
  readonly rows: TillRow[];
  /** What the total row says. */
  readonly total: number;
}

const TYPES: Record<string, string> = {
  ...{ VEN: "SALE", RES: "RETURN", ANN: "VOID", BUO: "GIFT_CARD", RIT: "PICKUP", FAT: "INVOICE" },
  ...{ S: "SALE", R: "RETURN", X: "VOID", G: "GIFT_CARD", C: "PICKUP", I: "INVOICE" },
};

/** The files of both makers' tills. Own parsing, by the README. */
export function readTills(dir: string): TillExport[] {
  const read = (folder: string, parse: (bytes: Buffer) => Omit<TillExport, "name">) =>
    filesIn(join(dir, "drops", folder)).map((name) => ({
      name,
      ...parse(readFileSync(join(dir, "drops", folder, name))),
    }));
  return [...read("till", parseNorth), ...read("till-south", parseSouth)];
}

/** Two title lines, an empty one before the total row; nothing is quoted. */
function parseNorth(bytes: Buffer): Omit<TillExport, "name"> {
  const lines = iconv.decode(bytes, "win1252").trimEnd().split("\r\n");
  const [header, ...records] = lines.slice(2).map((line) => line.split(";"));
  const rows = records.slice(0, -2).map((cells) => {
    const of = cellsOf(header ?? [], cells);
    const [store, till] = [of("Negozio"), of("Cassa")];
    return {
      document: `${store}-${till}-${of("Scontrino")}`,
      store,
      till,
      date: of("Data").split("/").reverse().join("-"),
      time: of("Ora"),
      type: TYPES[of("Causale")] ?? "UNKNOWN",
      sku: of("Articolo"),
      quantity: Number(of("Q.tà")),
      unit: cents(of("Prezzo €")),
      discount: cents(of("Sconto €")),
      rate: of("Aliquota IVA"),
      nature: of("Natura IVA"),
      vat: cents(of("di cui IVA €")),
      amount: cents(of("Importo €")),
      card: of("Tessera"),
      phone: of("Cellulare"),
      email: of("E-mail"),
      reference: of("Rif. documento"),
      priceList: of("Listino"),
      promoCode: of("Cod. promo"),
    };
  });
  return { rows, total: cents(cellsOf(header ?? [], records.at(-1) ?? [])("Importo €")) };
}

/** No titles, fields quoted where needed, returns positive. */
function parseSouth(bytes: Buffer): Omit<TillExport, "name"> {
  const lines = bytes
    .toString("utf8")
    .replace(/^\uFEFF/, "")
    .trimEnd()
    .split("\r\n");
  const [header, ...records] = lines.map(splitQuoted);
  const rows = records.slice(0, -1).map((cells) => {
    const of = cellsOf(header ?? [], cells);
    const type = TYPES[of("doc_type")] ?? "UNKNOWN";
    const sign = type === "RETURN" ? -1 : 1;
    const [store, till] = [of("shop_id"), of("register")];
    return {
      document: `${store}-${till}-${of("doc_no")}`,
      store,
      till,
      date: of("printed_at").slice(0, 10),
      time: of("printed_at").slice(11, 16),
      type,
      sku: of("sku"),
      quantity: sign * Number(of("qty")),
      unit: cents(of("unit_price")),
      discount: cents(of("discount")),
      rate: of("vat") === "ESCL" ? "" : of("vat"),
      nature: of("vat") === "ESCL" ? "N2" : "",
      vat: sign * cents(of("vat_amount")),
      amount: sign * cents(of("amount")),
      card: of("fidelity_card"),
      phone: of("mobile"),
      email: of("mail"),
      reference: of("ref_doc"),
      priceList: of("price_list"),
      promoCode: of("promo_code"),
    };
  });
  return { rows, total: cents(cellsOf(header ?? [], records.at(-1) ?? [])("amount")) };
}

const cellsOf = (header: readonly string[], cells: readonly string[]) => (name: string) =>
  cells[header.indexOf(name)] ?? "MISSING";

/** The fields of a line of CSV whose fields may be quoted, with quotes doubled. */
function splitQuoted(line: string): string[] {
  return [...line.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^,]*))/g)].map(
    ([, quoted, plain]) => quoted?.replaceAll('""', '"') ?? plain ?? "",
  );
}

/** Rows by header of the `;` lists of head office, total rows left out. */
export function readList(dir: string, folder: string, encoding = "utf8"): Record<string, string>[] {
  return filesIn(join(dir, "drops", folder)).flatMap((name) => {
    const text = iconv.decode(readFileSync(join(dir, "drops", folder, name)), encoding);
    const [header, ...lines] = text
      .trimEnd()
      .split("\r\n")
      .map((line) => line.split(";"));
    return lines
      .filter(([first]) => first !== "TOTALE")
      .map((cells) =>
        Object.fromEntries((header ?? []).map((column, i) => [column, cells[i] ?? "MISSING"])),
      );
  });
}

/** `-1.234,56` or `-1234.56` → cents. */
export function cents(text: string | undefined): number {
  const digits = (text ?? "").replace(/[.,](?=\d{3}\b)/g, "").replace(",", ".");
  const value = Math.round(Number(digits) * 100);
  if (Number.isNaN(value) || text === "") throw new Error(`not an amount: ${text}`);
  return value;
}

export const sum = <T>(items: Iterable<T>, of: (item: T) => number): number => {
  let total = 0;
  for (const item of items) total += of(item);
  return total;
};
