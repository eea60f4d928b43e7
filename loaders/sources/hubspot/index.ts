import { defineSource } from "../../core/define-source.ts";
import { contacts, hubspotConfig } from "./schema.ts";
import { contactsStream } from "./streams.ts";

/** The contacts of one HubSpot portal. */
export const hubspot = defineSource({
  type: "hubspot",
  config: hubspotConfig,
  example: {
    type: "hubspot",
    startDate: "2026-01-01",
    accessToken: { env: "HUBSPOT_ACCESS_TOKEN" },
    properties: {
      loyaltyCard: "loyalty_card",
      shopAccountId: "shop_account_id",
      store: "preferred_store",
    },
  },
  tables: [contacts],
  streams: (config, context) => [contactsStream(config, context)],
});
