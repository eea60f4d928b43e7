import { join } from "node:path";
import { italian } from "../money.ts";
import { type Closing, dailyClosings } from "../world/closings.ts";
import { groupBy } from "../world/group.ts";
import type { Payment, PaymentMethod } from "../world/payments.ts";
import type { PointMovement } from "../world/points.ts";
import { fiscalSerial } from "../world/tills.ts";
import type { World } from "../world/types.ts";
import { italianDate, writeCsv } from "./csv.ts";

/** What head office exports about all tills, whoever made them: one file per month each. */
type MonthOf<T> = (item: T) => string;

function byMonth<T>(
  items: readonly T[],
  month: MonthOf<T>,
  write: (month: string, items: T[]) => void,
): number {
  const months = groupBy(items, month);
  for (const [name, own] of months) write(name, own);
  return months.size;
}

const METHODS: Readonly<Record<PaymentMethod, string>> = {
  cash: "CONTANTI",
  card: "CARTA",
  gift_card: "BUONO REGALO",
  voucher: "BUONO RESO",
};

const PAYMENTS_HEADER =
  "Negozio;Cassa;Matricola RT;Scontrino;Data;Progr.;Forma di pagamento;Importo €";

/** How receipts were paid. Returns the number of files. */
export function writePayments({ payments }: World, dir: string): number {
  return byMonth(
    payments,
    ({ receipt }) => receipt.key.date.slice(0, 7),
    (month, own) => {
      const rows = own.map(paymentRow);
      const total = own.reduce((sum, payment) => sum + payment.amount, 0);
      const footer = `TOTALE;;;;;;;${italian(total)}`;
      const lines = [PAYMENTS_HEADER, ...rows, footer];
      writeCsv(join(dir, `pagamenti_${month}.csv`), "windows-1252", lines);
    },
  );
}

function paymentRow({ receipt, number, method, amount }: Payment): string {
  const { shop, till, date, number: receiptNumber } = receipt.key;
  const serial = fiscalSerial(shop, till);
  const day = italianDate(date);
  return [
    shop.code,
    till,
    serial,
    receiptNumber,
    day,
    number,
    METHODS[method],
    italian(amount),
  ].join(";");
}

const CLOSINGS_HEADER =
  "Negozio;Cassa;Matricola RT;Data;Chiusura;Scontrini;Corrispettivi €;di cui IVA €";

/** The daily closings of the fiscal recorders. Returns the number of files. */
export function writeClosings(world: World, dir: string): number {
  return byMonth(
    dailyClosings(world),
    ({ date }) => date.slice(0, 7),
    (month, own) => {
      const lines = [CLOSINGS_HEADER, ...own.map(closingRow)];
      writeCsv(join(dir, `chiusure_${month}.csv`), "utf8-bom", lines);
    },
  );
}

const closingRow = ({ shop, till, date, number, receipts, total, vat }: Closing): string =>
  [
    shop.code,
    till,
    fiscalSerial(shop, till),
    italianDate(date),
    number,
    receipts,
    italian(total),
    italian(vat),
  ].join(";");

const REASONS: Readonly<Record<PointMovement["reason"], string>> = {
  brought_forward: "RIPORTO",
  earned: "ACCUMULO",
  returned: "STORNO RESO",
  reward: "PREMIO",
  replaced_card: "CAMBIO TESSERA",
};

const POINTS_HEADER = "Tessera;Data;Ora;Negozio;Causale;Punti;Importo €;Scontrino";

/** The accounts of the loyalty cards. Returns the number of files. */
export function writePoints({ points, calendar }: World, dir: string): number {
  const dated = points.map((movement) => ({ movement, clock: calendar.local(movement.at) }));
  return byMonth(
    dated,
    ({ clock }) => clock.slice(0, 7),
    (month, own) => {
      const rows = own.map(({ movement, clock }) =>
        [
          movement.card,
          italianDate(clock.slice(0, 10)),
          clock.slice(11, 16),
          movement.shop?.code ?? "",
          REASONS[movement.reason],
          movement.points,
          italian(movement.amount),
          movement.receipt,
        ].join(";"),
      );
      writeCsv(join(dir, `movimenti_${month}.csv`), "utf8-bom", [POINTS_HEADER, ...rows]);
    },
  );
}
