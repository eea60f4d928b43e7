import { readFileSync } from "node:fs";
import { z } from "zod";

const share = z.number().min(0).max(1);
const date = z.iso.date();

const flight = z.object({ from: date, to: date, factor: z.number().positive() });

const metaCampaign = z.object({
  id: z.string(),
  name: z.string(),
  objective: z.string(),
  /** Who sees it: people in proportion to openness, to how often they buy, to both, or near a shop. */
  audience: z.enum(["new", "returning", "all", "near_shops"]),
  /** True incremental net revenue, refunds not deducted, per euro spent. */
  effectPerEuro: z.number().min(0),
  /** Share of the caused orders that is made in a shop. */
  storeShare: share,
  /** Euro per visit that lands. */
  costPerVisit: z.number().positive(),
  dailyBudgetPerThousandPeople: z.number().positive(),
  flights: z.array(flight).min(1),
  adsets: z.record(z.string(), z.array(z.string()).min(1)),
});

const caused = { effectPerContact: z.number().min(0), storeShare: share };

const schema = z.object({
  retailer: z.object({ name: z.string(), site: z.url(), paymentSite: z.url() }),
  firstDay: date,
  lastDay: date,
  timeZone: z.string(),
  difficulty: z.object({
    unnamedReceipts: share,
    passerByReceipts: share,
    neverNamedPeople: share,
    mistypedTillContacts: share,
    peopleOnAnotherPhone: share,
    peopleWithTwoEmails: share,
    peopleWithTwoPhones: share,
    cardHolders: share,
    cardsReplaced: share,
    sharedDevices: share,
    cookieLifeDays: z.number().positive(),
    guestCheckouts: share,
    cdpDuplicates: share,
    cdpLate: share,
    ordersSentTwice: share,
    analyticsRefused: share,
    advertisingRefused: share,
    adClicksWithoutUtm: share,
    adClicksWithoutClickId: share,
    adClicksTaggedOtherwise: share,
    webReturns: share,
    webReturnsInShop: share,
    tillReturns: share,
    tillReturnsWithoutReference: share,
    voidReceipts: share,
    giftCardReceipts: share,
    viewsClaimedByMeta: share,
  }),
  demand: z.object({
    /** Organic orders a person makes in the whole period, on average. */
    ordersPerPerson: z.number().positive(),
    /** Sigma of the log-normal by which people differ. */
    heterogeneity: z.number().min(0),
    onlyInShop: share,
    onlyOnline: share,
    eventsPerPerson: z.number().positive(),
    visitsByStrangers: share,
    strangersPerPerson: z.number().positive(),
  }),
  shops: z
    .array(
      z.object({
        code: z.string(),
        city: z.string(),
        postalCode: z.string(),
        weight: z.number().positive(),
        opens: date.optional(),
      }),
    )
    .min(1),
  peoplePerShop: z.number().positive(),
  fewestShops: z.number().int().positive(),
  nightOpening: z.object({ shop: z.string(), day: date, closesAtMinute: z.number().int() }),
  meta: z.object({
    account: z.object({
      id: z.string(),
      account_id: z.string(),
      name: z.string(),
      currency: z.string(),
      timezone_name: z.string(),
      account_status: z.number(),
    }),
    campaigns: z.array(metaCampaign).min(1),
  }),
  postcards: z.array(
    z.object({
      id: z.string(),
      name: z.string(),
      day: date,
      shareOfCardHolders: share,
      costPerPiece: z.string(),
      ...caused,
    }),
  ),
  events: z.array(
    z.object({
      id: z.string(),
      name: z.string(),
      day: date,
      shop: z.string(),
      guestsPerThousandPeople: z.number().positive(),
      ...caused,
    }),
  ),
  newsletter: z.object({
    everyDays: z.number().int().positive(),
    firstDay: date,
    subscribers: share,
    clicks: share,
    ...caused,
  }),
});

/** What `world.json` states. Shares are of one; effects are net revenue in euro. */
export type Settings = z.infer<typeof schema>;
export type ShopSettings = Settings["shops"][number];
export type MetaCampaign = Settings["meta"]["campaigns"][number];

/** Reads `world.json`. Throws with the path of the field that is wrong. */
export function readSettings(): Settings {
  return schema.parse(JSON.parse(readFileSync(new URL("../world.json", import.meta.url), "utf8")));
}
