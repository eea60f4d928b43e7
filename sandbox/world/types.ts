import type { Calendar } from "../calendar.ts";
import type { Cents } from "../money.ts";
import type { Appointment } from "./appointments.ts";
import type { ConsentEntry } from "./consents.ts";
import type { CrmContact } from "./crm.ts";
import type { Messages } from "./messages.ts";
import type { Payment } from "./payments.ts";
import type { PointMovement } from "./points.ts";
import type { AdPlatform, Settings, ShopSettings } from "./settings.ts";

export interface Shop extends ShopSettings {
  /** Position among the shops in use. */
  readonly index: number;
  /** First day of business as an index of the calendar; 0 where it was always there. */
  readonly firstDay: number;
  readonly tillCount: number;
}

export interface Product {
  readonly id: string;
  readonly code: string;
  readonly name: string;
  readonly category: string;
  readonly slug: string;
  readonly season: "PE" | "AI" | "all";
  readonly cost: Cents;
  /** List prices, VAT included, each from a day on; the first from the first day. */
  readonly prices: readonly { readonly day: number; readonly price: Cents }[];
  readonly sizes: readonly string[];
}

export interface Card {
  readonly number: string;
  /** Day of issue; negative before the first day. */
  readonly day: number;
  readonly shop: Shop;
  /** The lost card that this one replaces. */
  readonly replaces: string | null;
}

/** A browser on a device; after `cookieLifeDays` it gets another anonymous id. */
export interface Device {
  readonly userAgent: string;
  readonly analytics: boolean;
  readonly advertising: boolean;
  /** How far the device's clock is off, in milliseconds. */
  readonly skew: number;
  readonly cookies: readonly { readonly day: number; readonly anonymousId: string }[];
}

export interface Account {
  readonly userId: string;
  /** Day of registration; negative before the first day. */
  readonly day: number;
  readonly phone: string;
  /** Whether the loyalty card was entered in the account. */
  readonly showsCard: boolean;
}

export interface Person {
  readonly index: number;
  readonly id: string;
  readonly firstName: string;
  readonly lastName: string;
  readonly birthDate: string;
  readonly street: string;
  readonly postalCode: string;
  readonly city: string;
  /** Id of the person at the head of the household. */
  readonly household: string;
  readonly emails: readonly string[];
  readonly phones: readonly string[];
  readonly cards: readonly Card[];
  /** Account of the web shop, from a day on. */
  readonly account: Account | null;
  readonly devices: readonly Device[];
  readonly subscribed: boolean;
  readonly homeShop: Shop;
  /** Chance that an organic order is made online. */
  readonly online: number;
  /** Expected organic orders in the whole period. */
  readonly rate: number;
  /** How easily new things reach this person; mean 1, independent of `rate`. */
  readonly openness: number;
  /** Says at the till who they are, at times. */
  readonly named: boolean;
}

/** What made an order happen that would not have happened: a campaign, or nothing. */
export interface Campaign {
  readonly id: string;
  readonly name: string;
  readonly kind:
    | AdPlatform
    | "postcard"
    | "event"
    | "newsletter"
    | "appointment"
    | "sms"
    | "whatsapp";
}

export interface OrderLine {
  readonly product: Product;
  readonly size: string;
  readonly quantity: number;
  readonly unit: Cents;
  readonly discount: Cents;
}

/** A till's receipt number within shop and till. */
export interface ReceiptKey {
  readonly shop: Shop;
  readonly till: number;
  readonly date: string;
  readonly number: string;
}

/** How a customer was named at the till, as it was typed. */
export interface Named {
  readonly card: string;
  readonly phone: string;
  readonly email: string;
  readonly mistyped: boolean;
}

export interface Order {
  readonly index: number;
  /** With `key`, names the random streams of everything that follows from the purchase. */
  readonly purpose: string;
  readonly key: number;
  /** Null: a passer-by whom no source knows. */
  readonly person: Person | null;
  readonly at: number;
  readonly channel: "online" | "store";
  readonly type: "consumer" | "staff";
  readonly cause: Campaign | null;
  /** Day on which the campaign reached the person. */
  readonly causedDay: number;
  readonly lines: readonly OrderLine[];
  readonly coupon: string | null;
  readonly shipping: Cents;
  readonly gross: Cents;
  readonly discount: Cents;
  readonly tax: Cents;
  /** Web order number; empty for receipts. */
  readonly webOrder: string;
  /** Shop of a receipt. */
  readonly shop: Shop | null;
  readonly named: Named | null;
  /** Where and when a web order is collected that is not sent home. */
  readonly collection: Collection | null;
  /** A personal code of a message, shown at the till or typed at the checkout; set when codes are redeemed. */
  promoCode: string | null;
  /** Set when the tills number their receipts. */
  receipt: ReceiptKey | null;
  refund: Refund | null;
}

export interface Collection {
  readonly shop: Shop;
  /** Null: not within the period. */
  readonly at: number | null;
  readonly named: Named | null;
}

export type RefundKind =
  | "web_by_post"
  | "web_in_store"
  | "store_with_reference"
  | "store_without_reference";

export interface Refund {
  readonly id: string;
  readonly kind: RefundKind;
  readonly order: Order;
  readonly at: number;
  readonly shop: Shop | null;
  /** One per piece given back, with what had been paid for it. */
  readonly pieces: readonly {
    readonly line: OrderLine;
    readonly paid: Cents;
    readonly vat: Cents;
  }[];
  readonly total: Cents;
  readonly tax: Cents;
  readonly named: Named | null;
  readonly exchange: Exchange | null;
  receipt: ReceiptKey | null;
}

/** What was taken instead of the goods brought back, on the same receipt. */
export interface Exchange {
  readonly lines: readonly OrderLine[];
  readonly gross: Cents;
  readonly discount: Cents;
  readonly tax: Cents;
  /** Where nothing names the order that the goods came from, the new pieces are an order of their own. */
  readonly order: Order | null;
}

/** One ad on one day. */
export interface AdDay {
  readonly ad: Ad;
  readonly day: number;
  readonly spend: Cents;
}

export interface Ad {
  readonly index: number;
  readonly platform: AdPlatform;
  readonly id: string;
  readonly name: string;
  readonly adsetId: string;
  readonly adsetName: string;
  readonly campaign: Campaign;
  /** Whether its landing page's address names campaign and ad, and not the campaign's id alone. */
  readonly isNamedInUrl: boolean;
}

/** Where a visit of the site came from. */
export interface Source {
  readonly kind:
    | AdPlatform
    | "newsletter"
    | "sms"
    | "whatsapp"
    | "organic_search"
    | "organic_social"
    | "referral"
    | "direct";
  readonly ad: Ad | null;
  /** Referrers to choose from; empty for none. */
  readonly referrers: readonly string[];
  /** UTM campaign of a newsletter or message. */
  readonly campaign: string;
}

export interface Visit {
  readonly at: number;
  /** Null for a stranger who never says who they are. */
  readonly person: Person | null;
  readonly stranger: number;
  readonly source: Source;
  /** The web order made in it, or the purchase in a shop whose cart was left behind in it. */
  readonly order: Order | null;
}

/** The till's documents of one shop, in the order in which they were printed. */
export type TillDocument =
  | { readonly kind: "sale"; readonly order: Order }
  | { readonly kind: "return"; readonly refund: Refund }
  | { readonly kind: "void" }
  | { readonly kind: "gift_card"; readonly amount: Cents }
  | { readonly kind: "pickup"; readonly order: Order; readonly collection: Collection }
  | { readonly kind: "invoice"; readonly order: Order; readonly named: Named | null };

export interface Receipt {
  readonly key: ReceiptKey;
  readonly at: number;
  readonly operator: string;
  readonly document: TillDocument;
}

export interface Contact {
  readonly person: Person;
  readonly at: number;
  readonly ref: string;
}

export interface World {
  readonly seed: number;
  readonly customers: number;
  readonly settings: Settings;
  readonly calendar: Calendar;
  readonly shops: readonly Shop[];
  readonly products: readonly Product[];
  readonly people: readonly Person[];
  readonly ads: readonly Ad[];
  readonly adDays: readonly AdDay[];
  readonly orders: readonly Order[];
  readonly refunds: readonly Refund[];
  readonly receipts: readonly Receipt[];
  readonly payments: readonly Payment[];
  readonly points: readonly PointMovement[];
  /** In order of time. */
  readonly visits: readonly Visit[];
  /** Pieces sent and guests signed up, by campaign id. */
  readonly contacts: ReadonlyMap<string, readonly Contact[]>;
  /** In the order of creation. */
  readonly crm: readonly CrmContact[];
  readonly appointments: readonly Appointment[];
  /** In order of time. */
  readonly consents: readonly ConsentEntry[];
  readonly messages: Messages;
}
