import { z } from "zod";
import { CONTACT_FIELDS } from "../../core/pii.ts";
import { checkMapping } from "./check-mapping.ts";
import { ENTITIES, type Entity, LINE_TYPES, ORDER_TYPES } from "./entities.ts";

/**
 * The mapping of a file feed: how one kind of file, as some system exports it, becomes rows of an entity. The README
 * explains it with examples. Everything here is declared, nothing is guessed cell by cell.
 */

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

const when = z
  .record(z.string(), pattern)
  .describe("Field of the entity → pattern its cell, as delivered, must match; all must");
const lineTypeRule = z.strictObject({ type: z.enum(LINE_TYPES), when });
const orderTypeRule = z.strictObject({ type: z.enum(ORDER_TYPES), when });

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

/** A mapping file, checked. */
export const mappingSchema = z
  .strictObject({
    $schema: z.string().optional(),
    entity: z.enum(Object.keys(ENTITIES) as [Entity, ...Entity[]]),
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
      .partialRecord(z.enum(CONTACT_FIELDS), aliases)
      .default({})
      .describe("Contact values: they go to pii.contacts only, as received"),
    attributes: z
      .record(z.string(), aliases)
      .default({})
      .describe("Other columns to keep (not contact values): in `attributes`, else in `_payload`"),
    constants: z
      .record(z.string(), z.string())
      .default({})
      .describe("Field of the entity → the same value on every row"),
    values: z
      .record(z.string(), z.record(z.string(), z.string()))
      .default({})
      .describe("Field of the entity → text in the file → its value; another text is rejected"),
    required: z
      .array(z.string())
      .default([])
      .describe("Fields besides the usual ones that must be filled"),
    lineTypes: z
      .array(lineTypeRule)
      .default([])
      .describe("How a line's type is recognised; the first rule that fits, else SALE"),
    orderTypes: z
      .array(orderTypeRule)
      .default([])
      .describe("Who a line was sold to; the first rule that fits, else consumer"),
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
    for (const { path, message } of checkMapping(mapping)) {
      context.addIssue({ code: "custom", path: [...path], message });
    }
  });

export type Mapping = z.infer<typeof mappingSchema>;

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
