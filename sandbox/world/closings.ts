import type { Cents } from "../money.ts";
import { documentLines } from "./documents.ts";
import { groupBy } from "./group.ts";
import { closingNumber, isFiscal } from "./tills.ts";
import type { Receipt, Shop, World } from "./types.ts";

/** What a till's fiscal recorder sends to the tax office at the end of a day. */
export interface Closing {
  readonly shop: Shop;
  readonly till: number;
  readonly date: string;
  readonly number: string;
  /** Documents with a sale, a return or a gift card sold; voids are none. */
  readonly receipts: number;
  readonly total: Cents;
  readonly vat: Cents;
}

/** One per till and day on which it printed, by day, shop and till. */
export function dailyClosings({ receipts, calendar }: World): Closing[] {
  const fiscal = receipts.filter(({ document }) => isFiscal(document));
  const days = groupBy(fiscal, ({ key }) => `${key.date} ${key.shop.index} ${key.till}`);
  const closings = [...days.values()].flatMap((printed) => {
    const [first] = printed;
    return first ? closingOf(first, printed, calendar.indexOf(first.key.date)) : [];
  });
  return closings.sort((a, b) =>
    a.date < b.date ? -1 : a.date > b.date ? 1 : a.shop.index - b.shop.index || a.till - b.till,
  );
}

function closingOf({ key }: Receipt, printed: readonly Receipt[], day: number): Closing {
  const { shop, till, date } = key;
  const lines = printed.flatMap(({ document }) => documentLines(document));
  return {
    shop,
    till,
    date,
    number: closingNumber(shop, till, day),
    receipts: printed.filter(({ document }) => document.kind !== "void").length,
    total: lines.reduce((sum, line) => sum + line.amount, 0),
    vat: lines.reduce((sum, line) => sum + line.vat, 0),
  };
}
