import { z } from "zod";
import { column } from "../../core/schema.ts";
import { rawTable, type Table } from "../../core/tables.ts";
import type { Entity } from "./mapping.ts";

/** A source of type `file-feed` in filo.json: any CSV or NDJSON, brought onto an entity by a mapping. */
export const fileFeedConfig = z.strictObject({
  type: z.literal("file-feed"),
  path: z.string().describe("Folder of the files, relative to filo.json"),
  mapping: z.string().describe("The mapping file, relative to filo.json"),
});

export type FileFeedConfig = z.infer<typeof fileFeedConfig>;

const text = () => column.string().nullish();
const amount = () => column.numeric().nullish();

/** Where a row lies: every entity of a file feed has these. */
const place = {
  file_id: column.string(),
  line_no_in_file: column.int64(),
  feed: column.string(),
};

const receiptColumns = z.object({
  ...place,
  store_code: column.string(),
  till_code: text(),
  rt_serial: text(),
  receipt_number: column.string(),
  business_date: column.date(),
  receipt_ts: column.timestamp().nullish(),
  is_dst_fold: column.bool().nullish(),
  line_no: column.int64().nullish(),
  line_type: column.string(),
  sku: text(),
  description: text(),
  qty: column.numeric(),
  unit_gross: amount(),
  discount: amount(),
  vat_rate: amount(),
  vat_nature: text(),
  vat_amount: amount(),
  line_gross: column.numeric(),
  loyalty_card: text(),
  contact_key: text(),
  operator_key: text(),
  return_of: text(),
});

const peopleColumns = z.object({
  ...place,
  person_ref: text(),
  loyalty_card: text(),
  shop_account_id: text(),
  crm_contact_id: text(),
  store_code: text(),
  recorded_at: column.timestamp(),
  contact_key: text(),
  attributes: column.json(),
});

const touchColumns = z.object({
  ...place,
  touch_ref: text(),
  touched_at: column.timestamp(),
  channel: column.string(),
  platform: text(),
  campaign_id: text(),
  campaign_name: text(),
  interaction: column.string(),
  purpose: text(),
  store_code: text(),
  person_ref: text(),
  loyalty_card: text(),
  contact_key: text(),
  cost: amount(),
  attributes: column.json(),
});

const key = ["file_id", "line_no_in_file"];

/** The raw table of each entity. */
export const ENTITY_TABLES: Readonly<Record<Entity, Table>> = {
  receipts: rawTable({
    name: "raw_pos_lines",
    description: "One row per line of an accepted till file; amounts include VAT.",
    columns: receiptColumns,
    key,
    partitionBy: "business_date",
    clusterBy: ["store_code"],
  }),
  people: rawTable({
    name: "raw_people",
    description: "One row per line of an accepted file of people, such as loyalty enrolments.",
    columns: peopleColumns,
    key,
    // Not partitioned: enrolments of many years in one load would exceed the partitions that a job may touch.
    clusterBy: ["feed"],
  }),
  touches: rawTable({
    name: "raw_touches",
    description: "One row per line of an accepted file of touches, such as postcards or sign-ups.",
    columns: touchColumns,
    key,
    partitionBy: "touched_at",
    clusterBy: ["feed", "campaign_id"],
  }),
};
