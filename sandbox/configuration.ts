import { cpSync } from "node:fs";
import { join } from "node:path";
import { writeJson } from "./files.ts";
import type { Settings } from "./world/settings.ts";

/** The retailer's mapping files, in the form that the file-feed loader's README describes. */
const MAPPINGS = new URL("mappings", import.meta.url);

/** A source of type `file-feed` whose mapping is `mappings/NAME.json`. */
const feed = (name: string, folder: string) => ({
  type: "file-feed",
  path: `drops/${folder}`,
  mapping: `mappings/${name}.json`,
});

/** Writes `mappings/` and the `filo.json` that points at the world's drops and vendors. */
export function writeConfiguration(settings: Settings, dir: string): void {
  cpSync(MAPPINGS, join(dir, "mappings"), { recursive: true });
  writeJson(join(dir, "filo.json"), {
    warehouse: { type: "embedded", dataDir: "warehouse" },
    timeZone: settings.timeZone,
    currency: settings.meta.account.currency,
    defaultModel: "position_based",
    sandbox: { dir: ".", lastDay: settings.lastDay },
    sources: {
      segment: { type: "segment", path: "drops/segment" },
      rudderstack: { type: "rudderstack", path: "drops/rudderstack" },
      meta: {
        type: "meta-ads",
        baseUrl: "sandbox://meta",
        accountId: settings.meta.account.id,
        startDate: settings.firstDay,
        accessToken: { env: "META_ACCESS_TOKEN" },
      },
      google: {
        type: "google-ads",
        baseUrl: "sandbox://google",
        oauthBaseUrl: "sandbox://google",
        customerId: settings.google.customer.id,
        startDate: settings.firstDay,
        clientId: { env: "GOOGLE_ADS_CLIENT_ID" },
        clientSecret: { env: "GOOGLE_ADS_CLIENT_SECRET" },
        refreshToken: { env: "GOOGLE_ADS_REFRESH_TOKEN" },
      },
      tiktok: {
        type: "tiktok-ads",
        baseUrl: "sandbox://tiktok",
        advertiserId: settings.tiktok.advertiser.id,
        startDate: settings.firstDay,
        accessToken: { env: "TIKTOK_ACCESS_TOKEN" },
      },
      twilio: {
        type: "twilio",
        baseUrl: "sandbox://twilio",
        accountSid: settings.messages.twilio.account,
        startDate: settings.firstDay,
        apiKey: { env: "TWILIO_API_KEY" },
        apiSecret: { env: "TWILIO_API_SECRET" },
      },
      sms: {
        type: "commify-sms",
        baseUrl: "sandbox://commify",
        user: settings.messages.commify.user,
        password: { env: "COMMIFY_PASSWORD" },
        startDate: settings.firstDay,
        prices: settings.messages.commify.prices,
      },
      hubspot: {
        type: "hubspot",
        baseUrl: "sandbox://hubspot",
        startDate: settings.firstDay,
        accessToken: { env: "HUBSPOT_ACCESS_TOKEN" },
        properties: {
          loyaltyCard: "numero_tessera",
          shopAccountId: "id_account_shop",
          store: "negozio_preferito",
        },
      },
      till: feed("till", "till"),
      till_south: feed("till_south", "till-south"),
      payments: feed("payments", "payments"),
      till_closings: feed("till_closings", "till-closings"),
      loyalty_movements: feed("loyalty_movements", "loyalty-movements"),
      stores: feed("stores", "stores"),
      products: feed("products", "products"),
      loyalty: feed("loyalty", "loyalty"),
      event_signups: feed("event_signups", "event-signups"),
      postcards: feed("postcards", "postcards"),
      newsletter: feed("newsletter", "newsletter"),
      holdouts: feed("holdouts", "holdouts"),
      promo_codes: feed("promo_codes", "promo-codes"),
      consents: feed("consents", "consents"),
      appointments: feed("appointments", "appointments"),
    },
  });
}
