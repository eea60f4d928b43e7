import type { Cents } from "../money.ts";
import { groupBy } from "../world/group.ts";
import type { AdPlatform } from "../world/settings.ts";
import type { Ad, Order, Visit, World } from "../world/types.ts";

/** A visit from an ad. */
export type AdVisit = Visit & { readonly source: { readonly ad: Ad } };

/** Visits that landed from the ads of a platform, in the order of time. */
export function adVisits(world: World, platform: AdPlatform): AdVisit[] {
  return world.visits.filter((visit): visit is AdVisit => visit.source.ad?.platform === platform);
}

/** Those of known people, by the person's index. */
export const byPerson = (visits: readonly AdVisit[]): Map<number, AdVisit[]> =>
  groupBy(
    visits.filter((visit) => visit.person),
    (visit) => visit.person?.index ?? -1,
  );

/** The value that the shop's pixel sends: what the customer paid, VAT and shipping included. */
export const paid = (order: Order): Cents => order.gross - order.discount + order.shipping;
