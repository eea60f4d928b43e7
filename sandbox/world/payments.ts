import type { Cents } from "../money.ts";
import { between, chance, type Random, stream } from "../random.ts";
import { documentLines, receiptId } from "./documents.ts";
import type { Settings } from "./settings.ts";
import { isFiscal } from "./tills.ts";
import type { Receipt, Shop } from "./types.ts";

export type PaymentMethod = "cash" | "card" | "gift_card" | "voucher";

/** One way in which a receipt was paid, negative where money or a voucher was given back. */
export interface Payment {
  readonly receipt: Receipt;
  /** 1, 2 … within the receipt. */
  readonly number: number;
  readonly method: PaymentMethod;
  readonly amount: Cents;
}

const DAY = 86_400_000;
const CASH_SHARE = 0.28;

/** A gift card or a voucher that somebody holds and will bring to a shop from an instant on. */
interface Credit {
  readonly method: "gift_card" | "voucher";
  readonly from: number;
  left: Cents;
}

type Tender = readonly [PaymentMethod, Cents];

export interface PaymentInput {
  readonly seed: number;
  readonly settings: Settings;
  /** By shop and then by time. */
  readonly receipts: readonly Receipt[];
}

/**
 * How each receipt was paid; the payments of a receipt add up to it. Gift cards and vouchers are used in the shop that
 * gave them out, later, and pay what they can. Voids and documents that are not fiscal are not paid.
 */
export function planPayments({ seed, settings, receipts }: PaymentInput): Payment[] {
  const { giftCardsRedeemed, splitTenders } = settings.difficulty;
  const credits = new Map<Shop, Credit[]>();
  return receipts.flatMap((receipt) => {
    const { document, key } = receipt;
    if (!isFiscal(document)) return [];
    const total = documentLines(document).reduce((sum, line) => sum + line.amount, 0);
    if (total === 0) return [];
    const random = tenderStream(seed, receipt);
    const held = credits.get(key.shop) ?? [];
    credits.set(key.shop, held);
    const tenders =
      total < 0
        ? givenBack(random, total)
        : document.kind === "sale"
          ? [...withCredit(random, held, receipt.at, total, splitTenders)]
          : [inMoney(random, total)];
    const kept = chance(random, giftCardsRedeemed);
    const from = receipt.at + between(random, 1, 40) * DAY;
    const given = tenders.find(([method, amount]) => method === "voucher" && amount < 0);
    if (kept && document.kind === "gift_card")
      held.push({ method: "gift_card", from, left: total });
    if (kept && given) held.push({ method: "voucher", from, left: -given[1] });
    return tenders.map(([method, amount], i) => ({ receipt, number: i + 1, method, amount }));
  });
}

/** A document's own stream, so that another document does not change how this one is paid. */
function tenderStream(seed: number, { document, key }: Receipt): Random {
  if (document.kind === "sale")
    return stream(seed, `tender ${document.order.purpose}`, document.order.key);
  if (document.kind === "return") {
    const { order } = document.refund;
    return stream(seed, `tender back ${order.purpose}`, order.key);
  }
  return stream(seed, `tender ${receiptId(key)} ${key.date}`);
}

const inMoney = (random: Random, amount: Cents): Tender => [
  chance(random, CASH_SHARE) ? "cash" : "card",
  amount,
];

const givenBack = (random: Random, amount: Cents): Tender[] =>
  chance(random, 0.3) ? [["voucher", amount]] : [inMoney(random, amount)];

function withCredit(
  random: Random,
  held: Credit[],
  at: number,
  total: Cents,
  splitTenders: number,
): Tender[] {
  const wantsTo = chance(random, 0.5);
  const usable = held.find((credit) => credit.left > 0 && credit.from <= at);
  const credit = wantsTo ? usable : undefined;
  const used = credit ? Math.min(credit.left, total) : 0;
  const left = total - used;
  if (credit) credit.left -= used;
  const first: Tender[] = credit ? [[credit.method, used]] : [];
  if (left === 0) return first;
  const notes = Math.floor(left / 20_00) * 10_00;
  if (chance(random, splitTenders) && notes > 0)
    return [...first, ["cash", notes], ["card", left - notes]];
  return [...first, inMoney(random, left)];
}
