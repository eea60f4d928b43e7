import { readFileSync } from "node:fs";
import { z } from "zod";

const share = z.number().min(0).max(1);
const date = z.iso.date();

const flight = z.object({ from: date, to: date, factor: z.number().positive() });

const adCampaign = z.object({
  id: z.string(),
  name: z.string(),
  /**
   * Who sees it: people in proportion to openness, to how often they buy, to both, or near a shop; `seeking` are those
   * who look for the retailer by name, most of them to buy anyway.
   */
  audience: z.enum(["new", "returning", "all", "near_shops", "seeking"]),
  /** True incremental net revenue, refunds not deducted, per euro spent. */
  effectPerEuro: z.number().min(0),
  /** Share of the caused orders that is made in a shop. */
  storeShare: share,
  /** Euro per visit that lands. */
  costPerVisit: z.number().positive(),
  dailyBudgetPerThousandPeople: z.number().positive(),
  flights: z.array(flight).min(1),
  /** Names of the ads by ad set (TikTok, Google: ad group). */
  adsets: z.record(z.string(), z.array(z.string()).min(1)),
});

/** What has become of a campaign in the platform's account by now. */
const campaignState = z.enum(["active", "paused", "removed"]);

const asked = z.object({ granted: share, withdrawn: share });

const caused = { effectPerContact: z.number().min(0), storeShare: share };

const messageCampaign = z.object({
  /** What the sender calls it: in Commify's order ids, in Twilio's texts, in the link's `utm_campaign`. */
  key: z.string(),
  name: z.string(),
  provider: z.enum(["twilio", "commify"]),
  channel: z.enum(["sms", "whatsapp"]),
  text: z.string(),
  /** When a recipient gets it: all on `from`, on their birthday, or some time after leaving a cart. */
  trigger: z.enum(["once", "birthday", "cart"]),
  from: date,
  to: date.optional(),
  /** Share of those who agreed; of `cart` how often it happens to each, on average. */
  share: z.number().positive(),
  /** Share of the audience that gets nothing, drawn at random. */
  holdout: share,
  clicks: share,
  /** Begins the personal codes, each good for so many days. */
  promo: z.object({ prefix: z.string(), days: z.number().int().positive() }).optional(),
  ...caused,
});

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
    /** Of the receipts: bought by the retailer's own people. */
    staffReceipts: share,
    /** Of the goods brought back to a shop: exchanged for others. */
    exchanges: share,
    /** Of the web orders of people who go to shops, too. */
    collectedWebOrders: share,
    invoicedReceipts: share,
    splitTenders: share,
    giftCardsRedeemed: share,
    /** Of the receipts of people who are on the web, too: put into a cart there first. */
    cartsBoughtInShop: share,
    viewsClaimedByMeta: share,
    viewsClaimedByTiktok: share,
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
        name: z.string(),
        brand: z.string(),
        legalEntity: z.string(),
        region: z.string(),
        street: z.string(),
        phone: z.string(),
        weight: z.number().positive(),
        opens: date,
        /** The day of the first shop list that holds it, where it is not there from its opening. */
        listed: date.optional(),
        /** Where it moves to within the period. */
        moves: z.object({ day: date, street: z.string(), postalCode: z.string() }).optional(),
        /** Whose tills it has: they export in different layouts. */
        tills: z.enum(["north", "south"]),
      }),
    )
    .min(1),
  peoplePerShop: z.number().positive(),
  fewestShops: z.number().int().positive(),
  /** Days from which another price list holds. */
  newPriceLists: z.array(date),
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
    campaigns: z.array(adCampaign.extend({ objective: z.string() })).min(1),
  }),
  google: z.object({
    customer: z.object({
      id: z.string(),
      name: z.string(),
      currency: z.string(),
      timeZone: z.string(),
    }),
    campaigns: z
      .array(
        adCampaign.extend({
          channelType: z.enum(["SEARCH", "SHOPPING", "PERFORMANCE_MAX", "VIDEO"]),
          state: campaignState,
        }),
      )
      .min(1),
  }),
  tiktok: z.object({
    advertiser: z.object({
      id: z.string(),
      name: z.string(),
      currency: z.string(),
      timeZone: z.string(),
    }),
    campaigns: z.array(adCampaign.extend({ state: campaignState })).min(1),
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
  /** From this day on, visits with Android are told by RudderStack instead of Segment. */
  rudderstack: z.object({ since: date }),
  crm: z.object({
    portalId: z.number().int(),
    /** The day on which it was introduced: whoever was known by then was imported. */
    since: date,
    knownPeople: share,
    otherPeople: share,
    /** Contacts that somebody edits some day. */
    edited: share,
    archived: share,
    badPhones: share,
    /** People with two e-mails who are in it twice, and how many of those are merged. */
    twins: share,
    twinsMerged: share,
  }),
  appointments: z.object({
    firstDay: date,
    perThousandPeopleAndMonth: z.number().positive(),
    noShow: share,
    cancelled: share,
    ...caused,
  }),
  /** Who agrees of those who are asked, and who of them withdraws some day. */
  consents: z.object({
    post: asked,
    profiling: asked,
    ads: asked,
    measurement: asked,
  }),
  newsletter: z.object({
    everyDays: z.number().int().positive(),
    firstDay: date,
    subscribers: share,
    clicks: share,
    /** Share of the subscribers who do not get a newsletter, drawn anew for each. */
    holdout: share,
    bounces: share,
    ...caused,
  }),
  messages: z.object({
    /** Share of the people with a phone who agreed to get messages. */
    consent: share,
    failed: share,
    blocked: share,
    /** Share of states and prices that are known a day later only. */
    late: share,
    /** Chance that a message is answered with STOP. */
    stops: share,
    /** Share of the caused orders, and of the recipient's other orders, that redeem a code. */
    redeemed: share,
    redeemedAnyway: share,
    twilio: z.object({
      account: z.string(),
      /** Euro per segment. */
      prices: z.object({ sms: z.string(), whatsapp: z.string(), inbound: z.string() }),
    }),
    commify: z.object({
      user: z.string(),
      /** The contract: euro per message by its type, from a day on. */
      prices: z.array(z.object({ messageType: z.string(), from: date, price: z.string() })),
    }),
    campaigns: z.array(messageCampaign),
    /** About an order, sent whatever was agreed; they cause nothing. `share` is of the web orders. */
    service: z.array(
      z.object({
        key: z.string(),
        provider: z.enum(["twilio", "commify"]),
        text: z.string(),
        share,
        /** Of a web order: at once, when its parcel leaves, or when it can be collected. */
        trigger: z.enum(["ordered", "shipped", "ready"]),
      }),
    ),
  }),
});

/** What `world.json` states. Shares are of one; effects are net revenue in euro. */
export type Settings = z.infer<typeof schema>;
export type ShopSettings = Settings["shops"][number];
export type MessageCampaign = Settings["messages"]["campaigns"][number];

export const AD_PLATFORMS = ["meta", "google", "tiktok"] as const;
export type AdPlatform = (typeof AD_PLATFORMS)[number];

/** A campaign of an ad platform, as far as all platforms' are alike. */
export type AdCampaign = z.infer<typeof adCampaign> & {
  readonly platform: AdPlatform;
  /** Whether the landing page's address names it; Google's templates know its id only, names are typed by hand. */
  readonly isNamedInUrl: boolean;
};

/** The campaigns of all ad platforms. */
export function adCampaigns(settings: Settings): AdCampaign[] {
  return AD_PLATFORMS.flatMap((platform) =>
    settings[platform].campaigns.map((campaign) => ({
      ...campaign,
      platform,
      isNamedInUrl: !("channelType" in campaign) || campaign.channelType === "SEARCH",
    })),
  );
}

/** Reads `world.json`. Throws with the path of the field that is wrong. */
export function readSettings(): Settings {
  return schema.parse(JSON.parse(readFileSync(new URL("../world.json", import.meta.url), "utf8")));
}
