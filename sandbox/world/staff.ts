import { pick, stream } from "../random.ts";
import { groupBy } from "./group.ts";
import type { Planner, Purchase } from "./planner.ts";
import type { Settings } from "./settings.ts";
import type { Person, Shop } from "./types.ts";

/** Purpose of the purchases of the retailer's own people. */
export const STAFF = "staff";

const PEOPLE_PER_SHOP = 5;

export interface StaffInput {
  readonly seed: number;
  readonly settings: Settings;
  readonly shops: readonly Shop[];
  readonly people: readonly Person[];
}

/** Who works in the shops buys there at a price list of their own: so many receipts that their share is as set. */
export function staffPurchases(
  { seed, settings, shops, people }: StaffInput,
  planner: Planner,
  others: readonly Purchase[],
): Purchase[] {
  const goesToShops = people.filter((person) => person.online < 1);
  const local = groupBy(goesToShops, (person) => person.homeShop);
  const staff = shops.flatMap((shop) => {
    const random = stream(seed, "staff", shop.index);
    const neighbours = local.get(shop) ?? [];
    return neighbours.length === 0
      ? []
      : Array.from({ length: PEOPLE_PER_SHOP }, () => pick(random, neighbours));
  });
  if (staff.length === 0) return [];
  const share = settings.difficulty.staffReceipts;
  const receipts = others.filter((purchase) => purchase.channel === "store").length;
  return Array.from({ length: Math.round((receipts * share) / (1 - share)) }, (_, n) => {
    const random = stream(seed, "staff purchase", n);
    return planner.plan(random, {
      purpose: STAFF,
      key: n,
      person: pick(random, staff),
      day: planner.byDay.draw(random),
      storeShare: 1,
    });
  }).filter((purchase) => purchase !== null);
}
