import { z } from "zod";
import { smsSettings } from "../../core/sms.ts";

/** A source of type `commify-sms` in filo.json: one user of Skebby, Aruba SMS or another gateway of the family. */
export const commifyConfig = z.strictObject({
  type: z.literal("commify-sms"),
  baseUrl: z.string().default("https://api.skebby.it").describe("The gateway's host"),
  user: z.string().min(1),
  password: z
    .strictObject({ env: z.string() })
    .describe("The environment variable that holds the user's password"),
  startDate: z.iso.date().describe("The first day to load"),
  currency: z.string().length(3).default("EUR"),
  prices: z
    .array(
      z.strictObject({
        messageType: z.string(),
        /** The first day on which it holds; from ever where it is absent. */
        from: z.iso.date().optional(),
        price: z.string().regex(/^\d{1,9}(\.\d{1,9})?$/),
      }),
    )
    .default([])
    .describe("What the contract charges per message, by its type: the gateway tells no prices"),
  /** Looked for in the order's id, which the sender chooses: `KEY-001`. */
  ...smsSettings("^(.+)-\\d+$"),
});

export type CommifyConfig = z.infer<typeof commifyConfig>;

/** The answer to a login is text. */
export const loginBody = z.string().regex(/^[^;\s]+;[^;\s]+$/);

const page = { result: z.literal("OK"), total: z.number().int() };

export const orderRecord = z.looseObject({
  order_id: z.string().min(1),
  create_time: z.string(),
  schedule_time: z.string().nullish(),
  message_type: z.string(),
  sender: z.string().nullish(),
  num_recipients: z.number().int(),
});

export type OrderRecord = z.infer<typeof orderRecord>;

export const ordersPage = z.looseObject({ ...page, smshistory: z.array(orderRecord) });

export const recipientsBody = z.looseObject({
  result: z.literal("OK"),
  recipient_number: z.number().int(),
  recipients: z.array(z.unknown()),
});

export const recipientRecord = z.looseObject({
  destination: z.string().min(1),
  status: z.string(),
  delivery_date: z.string().nullish(),
});

export const blacklistRecord = z.looseObject({
  phone_number: z.string().min(1),
  date: z.string(),
  origin: z.string().nullish(),
});

export const blacklistPage = z.looseObject({ ...page, blacklist: z.array(z.unknown()) });
