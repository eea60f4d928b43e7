import { type Cents, vatInside } from "../money.ts";
import { sku } from "./products.ts";
import type { Named, Order, OrderLine, ReceiptKey, Refund, TillDocument } from "./types.ts";

export type TillLineType = "SALE" | "RETURN" | "VOID" | "GIFT_CARD" | "PICKUP" | "INVOICE";

/** A line of a till's document before a layout makes text of it. Returns are negative. */
export interface TillLine {
  readonly type: TillLineType;
  readonly sku: string;
  readonly text: string;
  readonly quantity: number;
  readonly unit: Cents;
  readonly discount: Cents;
  /** quantity × unit − discount */
  readonly amount: Cents;
  /** VAT inside `amount`. */
  readonly vat: Cents;
  /** A gift card is no supply yet: no VAT. */
  readonly exempt: boolean;
}

export function documentLines(document: TillDocument): TillLine[] {
  switch (document.kind) {
    case "sale":
      return document.order.lines.map(pieces("SALE", ""));
    case "return":
      return [
        ...document.refund.pieces.map(pieceBack),
        ...(document.refund.exchange?.lines.map(pieces("SALE", "")) ?? []),
      ];
    case "pickup":
      return document.order.lines.map(pieces("PICKUP", "RITIRO "));
    case "invoice":
      return document.order.lines.map(pieces("INVOICE", "FATTURA "));
    case "void":
      return [{ ...NOTHING, type: "VOID", text: "ANNULLO SCONTRINO" }];
    case "gift_card": {
      const { amount } = document;
      const sold = { sku: "BUONO", text: "Buono regalo", quantity: 1, unit: amount, amount };
      return [{ ...NOTHING, ...sold, type: "GIFT_CARD", exempt: true }];
    }
  }
}

const NOTHING = { sku: "", quantity: 0, unit: 0, discount: 0, amount: 0, vat: 0, exempt: false };

const pieces =
  (type: TillLineType, prefix: string) =>
  (line: OrderLine): TillLine => {
    const { quantity, unit, discount } = line;
    const amount = quantity * unit - discount;
    return {
      type,
      sku: sku(line),
      text: prefix + line.product.name,
      quantity,
      unit,
      discount,
      amount,
      vat: vatInside(amount),
      exempt: false,
    };
  };

const pieceBack = ({ line, paid, vat }: Refund["pieces"][number]): TillLine => ({
  ...NOTHING,
  type: "RETURN",
  sku: sku(line),
  text: `RESO ${line.product.name}`,
  quantity: -1,
  unit: paid,
  amount: -paid,
  vat: -vat,
});

/** What a document says besides its lines. */
export interface DocumentHead {
  readonly named: Named | null;
  /** The person whom `named` names. */
  readonly order: Order | null;
  /** The document it refers to: a web order's number, a receipt's, or nothing. */
  readonly reference: string;
  readonly priceList: "BASE" | "DIP";
  readonly promoCode: string;
}

export function documentHead(document: TillDocument): DocumentHead {
  const plain = { priceList: "BASE", promoCode: "" } as const;
  switch (document.kind) {
    case "sale": {
      const { order } = document;
      const priceList = order.type === "staff" ? "DIP" : "BASE";
      const promoCode = order.promoCode ?? "";
      return { named: order.named, order, reference: "", priceList, promoCode };
    }
    case "return": {
      const { refund } = document;
      const reference = returnReference(refund);
      return { ...plain, named: refund.named, order: refund.order, reference };
    }
    case "pickup": {
      const { order, collection } = document;
      return { ...plain, named: collection.named, order, reference: order.webOrder };
    }
    case "invoice": {
      const { order, named } = document;
      return { ...plain, named, order, reference: orderNumber(order) };
    }
    default:
      return { ...plain, named: null, order: null, reference: "" };
  }
}

/** The document that a return gives: the web order's number, the receipt's, or nothing. */
export const returnReference = ({ kind, order }: Refund): string =>
  kind === "store_without_reference" ? "" : orderNumber(order);

const orderNumber = ({ webOrder, receipt }: Order): string =>
  webOrder !== "" ? webOrder : receipt ? receiptId(receipt) : "";

/** A receipt as other documents refer to it: `MIL1-1-0412-0007`. */
export const receiptId = ({ shop, till, number }: ReceiptKey): string =>
  `${shop.code}-${till}-${number}`;
