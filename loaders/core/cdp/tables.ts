import { z } from "zod";
import { column } from "../schema.ts";
import { rawTable } from "../tables.ts";

const text = () => column.string().nullish();

const before = {
  message_id: column.string(),
  anonymous_id: text(),
  user_id: text(),
};

const after = {
  timestamp: column.timestamp(),
  received_at: column.timestamp(),
  url: text(),
  referrer: text(),
  context: column.json(),
};

const identity = {
  contact_key: text(),
  loyalty_card: text(),
};

const campaign = {
  gclid: text(),
  fbclid: text(),
  ttclid: text(),
  msclkid: text(),
  utm_source: text(),
  utm_medium: text(),
  utm_campaign: text(),
  utm_content: text(),
  utm_term: text(),
  utm_id: text(),
  consent_analytics: column.bool().nullish(),
  consent_advertising: column.bool().nullish(),
};

const common = {
  key: ["message_id"],
  partitionBy: "received_at",
};

export const tracks = rawTable({
  ...common,
  name: "raw_cdp_tracks",
  description: "One row per track call, the first delivered of each message_id.",
  clusterBy: ["event", "user_id"],
  columns: z.object({
    ...before,
    event: column.string(),
    ...after,
    properties: column.json(),
    ...identity,
    ...campaign,
  }),
});

export const identifies = rawTable({
  ...common,
  name: "raw_cdp_identifies",
  description: "One row per identify call, the first delivered of each message_id.",
  clusterBy: ["user_id"],
  columns: z.object({ ...before, ...after, traits: column.json(), ...identity, ...campaign }),
});

export const pages = rawTable({
  ...common,
  name: "raw_cdp_pages",
  description: "One row per page call, the first delivered of each message_id.",
  clusterBy: ["user_id"],
  columns: z.object({
    ...before,
    name: text(),
    ...after,
    properties: column.json(),
    ...identity,
    ...campaign,
  }),
});
