import type { Calendar, Day } from "../calendar.ts";
import { between, chance, type Random, type Weighted, weighted } from "../random.ts";
import { isSale } from "./products.ts";
import { isClosed, OPENING } from "./shops.ts";
import type { Campaign, Person, Shop } from "./types.ts";

/** A decision to buy: who, when and where, before it is known what. */
export interface Purchase {
  /** With `key`, names the random streams of everything that follows from this purchase. */
  readonly purpose: string;
  readonly key: number;
  readonly person: Person | null;
  readonly channel: "online" | "store";
  readonly shop: Shop | null;
  readonly at: number;
  readonly cause: Campaign | null;
  readonly causedDay: number;
}

/** Web orders leave room for the visit's last events before the calendar ends. */
const LAST_WEB_MINUTE = 21 * 60;

/** What a purchase is planned from. */
export interface Wish {
  readonly purpose: string;
  readonly key: number;
  readonly person: Person | null;
  readonly day: number;
  readonly storeShare: number;
  readonly cause?: Campaign;
  readonly causedDay?: number;
}

export interface Planner {
  readonly byDay: Weighted;
  /** Null where the period ends before the purchase. */
  plan(random: Random, wish: Wish): Purchase | null;
}

/** Turns wishes into purchases at times and places at which one can buy. */
export function makePlanner(calendar: Calendar, shops: readonly Shop[]): Planner {
  const shopChoice = weighted(shops.map((shop) => shop.weight));
  const last = calendar.days.length - 1;

  const openShop = (random: Random, wished: Shop | undefined, day: number): Shop | null => {
    for (let attempt = 0; attempt < 20; attempt++) {
      const shop = attempt === 0 && wished ? wished : shops[shopChoice.draw(random)];
      if (shop && shop.firstDay <= day) return shop;
    }
    return null;
  };

  return {
    byDay: weighted(calendar.days.map(appetite)),
    plan(random, wish) {
      const { person } = wish;
      const inStore =
        person === null ||
        person.online === 0 ||
        (person.online < 1 && chance(random, wish.storeShare));
      let day = wish.day;
      while (inStore && day <= last && isClosed(calendar.day(day).date)) day++;
      if (day > last) return null;
      const home = person && chance(random, 0.85) ? person.homeShop : undefined;
      const shop = inStore ? openShop(random, home, day) : null;
      if (inStore && !shop) return null;
      const minute = inStore
        ? between(random, OPENING.from, OPENING.to)
        : webMinute(random, day === last);
      const seconds = inStore ? 0 : between(random, 0, 59_999);
      return {
        purpose: wish.purpose,
        key: wish.key,
        person,
        channel: inStore ? "store" : "online",
        shop,
        at: calendar.instant(calendar.day(day), minute) + seconds,
        cause: wish.cause ?? null,
        causedDay: wish.causedDay ?? day,
      };
    },
  };
}

const SHOPPING_HOURS = weighted([
  2, 1, 0.5, 0.3, 0.3, 0.5, 1, 2, 3, 4, 5, 5, 5, 6, 5, 5, 5, 6, 7, 8, 10, 12, 9, 5,
]);

/** A minute of the day at which people are online. */
export function webMinute(random: Random, isLastDay: boolean): number {
  const minute = SHOPPING_HOURS.draw(random) * 60 + between(random, 0, 59);
  return isLastDay ? Math.min(minute, LAST_WEB_MINUTE) : minute;
}

/** How much people want to buy on a day: season, weekday, sales, Christmas. */
function appetite(day: Day): number {
  const month = [0.9, 0.7, 0.9, 1, 1.05, 1, 1.05, 0.6, 1, 1.1, 1.15, 1.5][day.month - 1] ?? 1;
  const weekday = [0.8, 0.8, 0.85, 0.9, 1.1, 1.5, 1.05][day.weekday - 1] ?? 1;
  const monthDay = day.date.slice(5);
  const peak = isSale(monthDay) ? 1.3 : monthDay >= "11-24" && monthDay <= "11-30" ? 1.7 : 1;
  return month * weekday * peak;
}
