import { z } from "zod";

/**
 * The mapping of a file feed: how one kind of file, as some system exports it, becomes rows of an entity. The README
 * explains it with examples. Everything here is declared, nothing is guessed cell by cell.
 */

/** The columns of each entity that a mapping can fill, with the kind of value each holds. */
export const ENTITY_FIELDS = {
  receipts: {
    store_code: "text",
    till_code: "text",
    rt_serial: "text",
    receipt_number: "text",
    business_date: "date",
    receipt_ts: "timestamp",
    line_no: "integer",
    sku: "text",
    description: "text",
    qty: "quantity",
    unit_gross: "money",
    discount: "money",
    vat_rate: "quantity",
    vat_nature: "text",
    vat_amount: "money",
    line_gross: "money",
    loyalty_card: "text",
    operator: "text",
    return_of: "text",
    line_type: "text",
  },
  people: {
    person_ref: "text",
    loyalty_card: "text",
    shop_account_id: "text",
    crm_contact_id: "text",
    store_code: "text",
    recorded_at: "timestamp",
  },
  touches: {
    touch_ref: "text",
    touched_at: "timestamp",
    channel: "text",
    platform: "text",
    campaign_id: "text",
    campaign_name: "text",
    interaction: "text",
    purpose: "text",
    store_code: "text",
    person_ref: "text",
    loyalty_card: "text",
    cost: "money",
  },
} as const satisfies Record<string, Record<string, FieldKind>>;

export type FieldKind = "text" | "date" | "timestamp" | "integer" | "quantity" | "money";
export type Entity = keyof typeof ENTITY_FIELDS;

/** Fields without which a row means nothing; a mapping can ask for more with `required`. */
export const REQUIRED_FIELDS: Readonly<Record<Entity, readonly string[]>> = {
  receipts: ["store_code", "receipt_number", "business_date", "qty", "line_gross"],
  people: ["recorded_at"],
  touches: ["touched_at", "channel", "interaction"],
};

export const LINE_TYPES = ["SALE", "RETURN", "VOID", "GIFT_CARD"] as const;
export type LineType = (typeof LINE_TYPES)[number];

const aliases = z
  .union([z.string(), z.array(z.string()).min(1)])
  .transform((names) => (typeof names === "string" ? [names] : names))
  .describe("The header, or the headers it may be called by; in NDJSON a key or a dotted path");

const fieldSource = z.union([
  aliases,
  z
    .strictObject({ date: aliases, time: aliases.optional() })
    .describe(
      "A time made of a date column and a time column; without the latter, the day's start",
    ),
]);

const pattern = z
  .string()
  .refine(isPattern, "is not a regular expression")
  .describe("A regular expression, upper and lower case alike");

const lineTypeRule = z.strictObject({
  type: z.enum(LINE_TYPES),
  when: z
    .record(z.string(), pattern)
    .describe("Field of the entity → pattern its cell, as delivered, must match; all must"),
});

const footer = z.strictObject({
  pattern: pattern.describe("Matches the first cell that is not empty of the total row"),
  total: z.string().describe("The amount field whose sum over all lines the row states"),
  totalCell: z
    .int()
    .min(1)
    .optional()
    .describe("Which cell, from 1, holds the sum; by default the one under the field's header"),
  except: z.array(z.enum(LINE_TYPES)).default([]).describe("Line types that the sum leaves out"),
});

const vatCode = z.strictObject({ rate: z.string().optional(), nature: z.string().optional() });

const contactFields = [
  "email",
  "phone",
  "first_name",
  "last_name",
  "birth_date",
  "street",
  "postal_code",
  "city",
  "country",
] as const;

/** A mapping file, checked. */
export const mappingSchema = z
  .strictObject({
    $schema: z.string().optional(),
    entity: z.enum(["receipts", "people", "touches"]),
    format: z.enum(["csv", "ndjson"]).default("csv"),
    files: z.string().optional().describe("Which files of the folder, as a glob such as **/*.csv"),
    encoding: z
      .enum(["auto", "utf-8", "windows-1252"])
      .default("auto")
      .describe("auto: byte order mark, else UTF-8 if valid, else Windows-1252"),
    delimiter: z.enum(["auto", ";", ",", "\t", "|"]).default("auto"),
    decimal: z.enum([",", "."]).default("."),
    thousands: z.enum([".", ",", " ", "'"]).optional(),
    wholeAmounts: z
      .boolean()
      .default(false)
      .describe("Amounts come without decimals: with thousands '.', 1.234 is one thousand …"),
    trailingMinus: z.boolean().default(false),
    dateFormat: z
      .string()
      .default("yyyy-MM-dd")
      .refine(...formatCheck("yMd")),
    timeFormat: z
      .string()
      .default("HH:mm:ss")
      .refine(...formatCheck("Hms")),
    timestampFormat: z
      .string()
      .default("iso")
      .refine(...formatCheck("yMdHms"))
      .describe("For a time in one column: `iso`, or a pattern such as yyyy-MM-dd HH:mm"),
    timeZone: z
      .string()
      .optional()
      .describe("IANA zone of local times; by default the retailer's timeZone"),
    columns: z
      .record(z.string(), fieldSource)
      .describe("Field of the entity → where it comes from"),
    contacts: z
      .partialRecord(z.enum(contactFields), aliases)
      .default({})
      .describe("Contact values: they go to pii.contacts only, as received"),
    attributes: z
      .record(z.string(), aliases)
      .default({})
      .describe(
        "Other columns to keep (not contact values): in `attributes`, on receipts in `_payload`",
      ),
    constants: z
      .record(z.string(), z.string())
      .default({})
      .describe("Field of the entity → the same value on every row"),
    required: z
      .array(z.string())
      .default([])
      .describe("Fields besides the usual ones that must be filled"),
    lineTypes: z
      .array(lineTypeRule)
      .default([])
      .describe("How a line's type is recognised; the first rule that fits, else SALE"),
    returnsWritten: z
      .enum(["negative", "positive"])
      .default("negative")
      .describe("Whether returns carry a minus sign in the file; rows in raw always do"),
    vatCodes: z
      .record(z.string(), vatCode)
      .default({})
      .describe("Texts in the VAT column that are no rate, such as ES → nature N4"),
    rowCheck: z
      .strictObject({
        tolerance: z
          .string()
          .regex(/^\d+(\.\d+)?$/)
          .default("0.005"),
        except: z.array(z.enum(LINE_TYPES)).default([]),
      })
      .optional()
      .describe(
        "qty × unit_gross − discount must equal line_gross; by default on receipts that have all four",
      ),
    footer: footer.optional(),
  })
  .superRefine((mapping, context) => {
    const fields: Readonly<Record<string, FieldKind>> = ENTITY_FIELDS[mapping.entity];
    const complain = (path: string[], message: string) =>
      context.addIssue({ code: "custom", path, message });
    for (const group of ["columns", "constants"] as const) {
      for (const field of Object.keys(mapping[group])) {
        if (!(field in fields)) complain([group, field], `${mapping.entity} have no such field`);
      }
    }
    const clear = new Set(Object.values(mapping.contacts).flat());
    for (const group of ["columns", "attributes"] as const) {
      for (const [field, source] of Object.entries(mapping[group])) {
        const leak = Array.isArray(source) && source.find((name) => clear.has(name));
        if (leak) complain([group, field], `${leak} is a contact value: it belongs to pii only`);
      }
    }
    for (const [field, source] of Object.entries(mapping.columns)) {
      const isPair = !Array.isArray(source);
      if (isPair && fields[field] !== "timestamp") {
        complain(["columns", field], "date and time belong to a timestamp field only");
      }
    }
    const filled = (field: string) => field in mapping.columns || field in mapping.constants;
    for (const field of [...REQUIRED_FIELDS[mapping.entity], ...mapping.required]) {
      const derived = field === "business_date" && filled("receipt_ts");
      if (!filled(field) && !derived) complain(["columns"], `must say where ${field} comes from`);
    }
    for (const rule of mapping.lineTypes) {
      for (const field of Object.keys(rule.when)) {
        if (!(field in mapping.columns))
          complain(["lineTypes"], `${field} is not among the columns`);
      }
    }
    const total = mapping.footer?.total;
    if (total !== undefined && fields[total] !== "money") {
      complain(["footer", "total"], "must be an amount field");
    } else if (total !== undefined && !(total in mapping.columns)) {
      complain(["footer", "total"], "is not among the columns");
    }
    if (mapping.footer && mapping.format === "ndjson")
      complain(["footer"], "NDJSON has no total row");
  });

export type Mapping = z.infer<typeof mappingSchema>;
export type ContactField = (typeof contactFields)[number];

function isPattern(text: string): boolean {
  try {
    new RegExp(text, "iu");
    return true;
  } catch {
    return false;
  }
}

/** Tokens of a date format: yyyy MM dd HH mm ss, and signs between them. */
function formatCheck(allowed: string): [(format: string) => boolean, string] {
  const tokens = ["yyyy", "MM", "dd", "HH", "mm", "ss"].filter((t) =>
    allowed.includes(t.charAt(0)),
  );
  const shape = new RegExp(`^(${tokens.join("|")}|[^A-Za-z]|T)+$`);
  return [
    (format) => (format === "iso" ? allowed === "yMdHms" : shape.test(format)),
    `must be made of ${tokens.join(", ")} and signs between them`,
  ];
}
