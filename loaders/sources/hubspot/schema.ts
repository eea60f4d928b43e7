import { z } from "zod";
import { column } from "../../core/schema.ts";
import { rawTable } from "../../core/tables.ts";

/** HubSpot's own properties that hold contact values: they go to `pii.contacts` only. */
export const CONTACT_PROPERTIES = [
  "email",
  "hs_additional_emails",
  "phone",
  "mobilephone",
  "firstname",
  "lastname",
  "date_of_birth",
  "address",
  "zip",
  "city",
  "country",
] as const;

const property = () =>
  z
    .string()
    .min(1)
    .refine(
      (name) => !(CONTACT_PROPERTIES as readonly string[]).includes(name),
      "holds contact values, which are kept in pii.contacts",
    );

/** A source of type `hubspot` in filo.json: the contacts of one portal. */
export const hubspotConfig = z.strictObject({
  type: z.literal("hubspot"),
  baseUrl: z.string().default("https://api.hubapi.com"),
  startDate: z.iso
    .date()
    .describe("The first day to load; what was last changed before it is read with it"),
  accessToken: z
    .strictObject({ env: z.string() })
    .describe("The environment variable that holds the token (scope crm.objects.contacts.read)"),
  properties: z
    .strictObject({
      loyaltyCard: property().default("loyalty_card"),
      shopAccountId: property().default("shop_account_id"),
      store: property().default("preferred_store"),
    })
    .prefault({})
    .describe("Internal names of the properties that hold card, web shop account and shop"),
  keep: z
    .array(property())
    .default([])
    .describe("Internal names of other properties to keep; none that hold contact values"),
});

export type HubspotConfig = z.infer<typeof hubspotConfig>;

const text = () => column.string().nullish();

export const contacts = rawTable({
  name: "raw_hubspot_contacts",
  description: "One row per contact of the CRM as last changed, archived ones too.",
  key: ["id"],
  clusterBy: ["id"],
  columns: z.object({
    id: column.string(),
    created_at: column.timestamp().nullish(),
    updated_at: column.timestamp(),
    archived: column.bool(),
    merged_ids: column.json(),
    loyalty_card: text(),
    shop_account_id: text(),
    store_code: text(),
    lifecycle_stage: text(),
    contact_key: text(),
    properties: column.json(),
  }),
});

export const accountBody = z.looseObject({ portalId: z.number(), timeZone: z.string() });

/** A contact: every property is text or null, and an emptied one is empty text. */
export const contactRecord = z.looseObject({
  id: z.string().regex(/^\d+$/),
  properties: z.record(z.string(), z.string().nullable()),
  createdAt: z.string().optional(),
  updatedAt: z.string(),
  archived: z.boolean().default(false),
  archivedAt: z.string().optional(),
});

const paging = z.looseObject({ next: z.looseObject({ after: z.string() }).optional() }).optional();

/** Of a record only what paging needs: the rest is judged row by row. */
const records = z.array(z.looseObject({ id: z.string() }));

export const searchPage = z.looseObject({ total: z.int(), results: records, paging });

export const listPage = z.looseObject({ results: records, paging });
