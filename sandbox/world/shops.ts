import type { Calendar } from "../calendar.ts";
import type { Settings } from "./settings.ts";
import type { Shop } from "./types.ts";

/** Minutes of the local day between which tills print. */
export const OPENING = { from: 9 * 60 + 30, to: 19 * 60 + 45 };

const CLOSED = new Set(["08-15", "12-25", "12-26", "01-01"]);
/** Easter Sundays of the years that a world may span. */
const EASTER = new Set(["2025-04-20", "2026-04-05", "2027-03-28"]);

/** Whether all shops are closed on a date. */
export const isClosed = (date: string): boolean => CLOSED.has(date.slice(5)) || EASTER.has(date);

/** The shops in use: the first ones of `world.json`, more of them the more customers there are. */
export function makeShops(settings: Settings, calendar: Calendar, customers: number): Shop[] {
  const count = Math.max(settings.fewestShops, Math.round(customers / settings.peoplePerShop));
  return settings.shops.slice(0, count).map((shop, index) => ({
    ...shop,
    index,
    firstDay: Math.max(0, calendar.indexOf(shop.opens)),
    tillCount: shop.weight >= 2 ? 2 : 1,
  }));
}
