import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { GoogleAccount, GoogleConversion, GoogleDay } from "./google-data.ts";
import { type Condition, type Gaql, GaqlError } from "./google-gaql.ts";

export interface GoogleBooks {
  readonly account: GoogleAccount;
  readonly days: readonly GoogleDay[];
}

/** Reads what a world's generation left in `vendors/`. */
export function readGoogleBooks(dir: string): GoogleBooks {
  const read = (name: string) => readFileSync(join(dir, "vendors", name), "utf8");
  const lines = read("google_daily.ndjson").split("\n").filter(Boolean);
  return {
    account: JSON.parse(read("google.json")) as GoogleAccount,
    days: lines.map((line) => JSON.parse(line) as GoogleDay),
  };
}

export type Row = Record<string, unknown>;

interface Context {
  readonly books: GoogleBooks;
  readonly campaign?: GoogleAccount["campaigns"][number] | undefined;
  readonly day?: GoogleDay;
  readonly asOf: string | null;
}

/** A value as Google states it: int64 as text, doubles as numbers. */
type Value = string | number | boolean | undefined;

const int64 = (value: number | undefined): string => String(value ?? 0);
const sixDecimals = (value: number): number => Math.round(value * 1e6) / 1e6;

const known = ({ day, asOf }: Context): readonly GoogleConversion[] =>
  (day?.conversions ?? []).filter(({ on }) => asOf === null || on <= asOf);
const conversions = (context: Context): number =>
  sixDecimals(known(context).reduce((sum, { share }) => sum + share, 0));

/** Every field that a query can name, by resource. */
const FIELDS: Readonly<Record<string, (context: Context) => Value>> = {
  "customer.id": ({ books }) => books.account.customer.id,
  "customer.descriptive_name": ({ books }) => books.account.customer.name,
  "customer.currency_code": ({ books }) => books.account.customer.currency,
  "customer.time_zone": ({ books }) => books.account.customer.timeZone,
  "customer.manager": () => false,
  "campaign.id": ({ campaign }) => campaign?.id,
  "campaign.name": ({ campaign }) => campaign?.name,
  "campaign.status": ({ campaign }) => campaign?.status,
  "campaign.advertising_channel_type": ({ campaign }) => campaign?.channel_type,
  "segments.date": ({ day }) => day?.date,
  "metrics.impressions": ({ day }) => int64(day?.impressions),
  "metrics.clicks": ({ day }) => int64(day?.clicks),
  "metrics.cost_micros": ({ day, asOf }) =>
    int64(
      day && asOf !== null && asOf < day.credited_on ? day.first_cost_micros : day?.cost_micros,
    ),
  "metrics.conversions": conversions,
  "metrics.conversions_value": (context) =>
    sixDecimals(known(context).reduce((sum, { value }) => sum + value, 0)),
  "metrics.all_conversions": (context) =>
    sixDecimals(conversions(context) + (context.day?.other_actions ?? 0)),
  "metrics.view_through_conversions": ({ day }) => int64(day?.view_through),
};

const isAbout = (resource: string) => (field: string) => field.startsWith(`${resource}.`);

/**
 * The rows of a query, as of a day. Nothing filters removed campaigns but the query itself.
 * @throws GaqlError for what the simulated vendor cannot answer faithfully
 */
export function queryRows(books: GoogleBooks, query: Gaql, asOf: string | null): Row[] {
  const named = [
    ...query.fields,
    ...query.conditions.map(({ field }) => field),
    ...query.orderBy.map(({ field }) => field),
  ];
  const unknown = named.find((field) => !(field in FIELDS));
  if (unknown !== undefined) throw new GaqlError(`unrecognized field ${unknown}`);
  return contexts(books, query, asOf)
    .filter((context) => query.conditions.every((condition) => holds(condition, context)))
    .sort((a, b) => compareBy(query.orderBy, a, b))
    .map((context) => row(query.fields, context));
}

function contexts(books: GoogleBooks, query: Gaql, asOf: string | null): Context[] {
  const { fields, from, conditions } = query;
  if (from === "customer") {
    const foreign = fields.find((field) => !isAbout("customer")(field));
    if (foreign !== undefined) throw new GaqlError(`${foreign} cannot be asked of customer here`);
    return [{ books, asOf }];
  }
  if (from !== "campaign") throw new GaqlError(`the simulated vendor has no resource ${from}`);
  const campaigns = new Map(books.account.campaigns.map((campaign) => [campaign.id, campaign]));
  const isDaily = fields.includes("segments.date");
  if (
    !isDaily &&
    (fields.some(isAbout("metrics")) || conditions.some(({ field }) => isAbout("segments")(field)))
  ) {
    throw new GaqlError("the simulated vendor sums no days: select segments.date");
  }
  if (!isDaily) return [...campaigns.values()].map((campaign) => ({ books, campaign, asOf }));
  if (!conditions.some(({ field }) => field === "segments.date")) {
    throw new GaqlError("segments.date needs a finite range in WHERE");
  }
  return books.days
    .filter(({ date }) => asOf === null || date <= asOf)
    .map((day) => ({ books, campaign: campaigns.get(day.campaign_id), day, asOf }));
}

function holds({ field, operator, values }: Condition, context: Context): boolean {
  const value = String(FIELDS[field]?.(context) ?? "");
  const [first = "", second = ""] = values;
  const order = compare(value, first);
  switch (operator) {
    case "=":
      return order === 0;
    case "!=":
      return order !== 0;
    case "<":
      return order < 0;
    case "<=":
      return order <= 0;
    case ">":
      return order > 0;
    case ">=":
      return order >= 0;
    case "IN":
      return values.includes(value);
    case "NOT IN":
      return !values.includes(value);
    case "BETWEEN":
      return order >= 0 && compare(value, second) <= 0;
  }
}

/** Numbers by value, everything else as text. */
function compare(a: string, b: string): number {
  const isNumeric = a !== "" && b !== "" && !Number.isNaN(Number(a)) && !Number.isNaN(Number(b));
  if (isNumeric) return Number(a) - Number(b);
  return a < b ? -1 : a > b ? 1 : 0;
}

function compareBy(orderBy: Gaql["orderBy"], a: Context, b: Context): number {
  for (const { field, descending } of orderBy) {
    const order = compare(String(FIELDS[field]?.(a) ?? ""), String(FIELDS[field]?.(b) ?? ""));
    if (order !== 0) return descending ? -order : order;
  }
  return 0;
}

const camelCase = (name: string): string =>
  name.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());

/** Nested, in camel case, without the values that are the default of their type: as JSON of protocol buffers is. */
function row(fields: readonly string[], context: Context): Row {
  const { customer } = context.books.account;
  const names: Readonly<Record<string, string>> = {
    customer: `customers/${customer.id}`,
    campaign: `customers/${customer.id}/campaigns/${context.campaign?.id}`,
  };
  const made: Record<string, Row> = {};
  for (const field of fields) {
    const [resource = "", name = ""] = field.split(".");
    const resourceName = names[resource];
    made[resource] ??= resourceName === undefined ? {} : { resourceName };
    const value = FIELDS[field]?.(context);
    if (value === undefined || value === "" || value === "0" || value === 0 || value === false)
      continue;
    made[resource][camelCase(name)] = value;
  }
  return made;
}
