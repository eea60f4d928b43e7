import type { TillFile } from "./drops/till.ts";
import { type Cents, decimal } from "./money.ts";
import type { SourceRecord } from "./truth.ts";
import { dailyClosings } from "./world/closings.ts";
import { documentHead, receiptId } from "./world/documents.ts";
import { groupBy } from "./world/group.ts";
import type { RefundKind, TillDocument, World } from "./world/types.ts";

/** The documents of the tills that name somebody, as source records. */
export function* tillRecords(world: World): Generator<SourceRecord> {
  for (const { key, document } of world.receipts) {
    const { order, named } = documentHead(document);
    if (!order?.person || !named) continue;
    yield {
      source: "till",
      key: receiptId(key),
      person_id: order.person.id,
      email: named.email,
      phone: named.phone,
      loyalty_card: named.card,
      user_id: "",
      anonymous_id: "",
      mistyped: named.mistyped,
    };
  }
}

export const closingRows = (world: World) =>
  dailyClosings(world).map(({ shop, till, date, number, receipts, total, vat }) => ({
    store: shop.code,
    till: String(till),
    business_date: date,
    closing_number: number,
    receipts,
    total: decimal(total),
    vat: decimal(vat),
  }));

/** What is on each loyalty card in the end, as far as the movements go. */
export const pointBalances = (world: World) =>
  [...groupBy(world.points, ({ card }) => card)].map(([card, own]) => ({
    loyalty_card: card,
    person_id: own[0]?.person.id ?? "",
    points: sum(own, ({ points }) => points),
  }));

/** What the tills, their books and the registers add up to. */
export function tillTotals(world: World, files: readonly TillFile[]) {
  const closings = dailyClosings(world);
  const byMethod = groupBy(world.payments, ({ method }) => method);
  return {
    till: {
      files: files.map((file) => ({ ...file, total: decimal(file.total) })),
      lines: sum(files, (file) => file.lines),
      total: decimal(sum(files, (file) => file.total)),
      documents: documentCounts(world),
    },
    exchanges: exchangeTotals(world),
    payments: {
      count: world.payments.length,
      total: decimal(sum(world.payments, ({ amount }) => amount)),
      methods: Object.fromEntries(
        [...byMethod].map(([method, own]) => [method, decimal(sum(own, ({ amount }) => amount))]),
      ),
    },
    till_closings: {
      count: closings.length,
      receipts: sum(closings, ({ receipts }) => receipts),
      total: decimal(sum(closings, ({ total }) => total)),
      vat: decimal(sum(closings, ({ vat }) => vat)),
    },
    loyalty_movements: {
      count: world.points.length,
      points: sum(world.points, ({ points }) => points),
    },
    stores: world.shops.length,
    products: sum(world.products, ({ sizes }) => sizes.length),
  };
}

function documentCounts({ receipts }: World): Record<TillDocument["kind"], number> {
  const counts = { sale: 0, return: 0, void: 0, gift_card: 0, pickup: 0, invoice: 0 };
  for (const { document } of receipts) counts[document.kind]++;
  return counts;
}

/** What was taken instead of goods brought back, by whether the order was known and where it had been made. */
function exchangeTotals({ refunds }: World) {
  const kinds: RefundKind[] = ["web_in_store", "store_with_reference", "store_without_reference"];
  return Object.fromEntries(
    kinds.map((kind) => {
      const taken = refunds.flatMap((refund) => (refund.kind === kind && refund.exchange) || []);
      const gross = sum(taken, (exchange) => exchange.gross);
      const discount = sum(taken, (exchange) => exchange.discount);
      const tax = sum(taken, (exchange) => exchange.tax);
      return [
        kind,
        {
          count: taken.length,
          gross: decimal(gross),
          discount: decimal(discount),
          tax: decimal(tax),
          net: decimal(gross - discount - tax),
        },
      ];
    }),
  );
}

const sum = <T>(items: Iterable<T>, of: (item: T) => Cents): Cents => {
  let total = 0;
  for (const item of items) total += of(item);
  return total;
};
