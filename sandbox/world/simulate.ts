import { type Day, calendar as makeCalendar } from "../calendar.ts";
import { stream } from "../random.ts";
import { planAppointments } from "./appointments.ts";
import { makeAds, planContacts, planSpend } from "./campaigns.ts";
import { planConsents } from "./consents.ts";
import { planCrm } from "./crm.ts";
import { planMessages } from "./messages.ts";
import { makeOrders } from "./orders.ts";
import { planPayments } from "./payments.ts";
import { makePeople } from "./people.ts";
import { movePoints } from "./points.ts";
import { makeBaskets, makeCatalogue } from "./products.ts";
import { redeemCodes } from "./promo-codes.ts";
import { planPurchases } from "./purchases.ts";
import { makeRefunds } from "./refunds.ts";
import { withServiceMessages } from "./service-messages.ts";
import { readSettings, type Settings } from "./settings.ts";
import { makeShops } from "./shops.ts";
import { printReceipts } from "./tills.ts";
import type { World } from "./types.ts";
import { planVisits } from "./visits.ts";

export interface WorldSize {
  readonly seed: number;
  readonly customers: number;
  /** How many CDP events at least; by default what `world.json` says per person. */
  readonly events?: number | undefined;
}

/** Makes the whole world in memory, visits in outline only. The same arguments make the same world. */
export function simulate(
  { seed, customers, events }: WorldSize,
  settings: Settings = readSettings(),
): World {
  const calendar = makeCalendar(settings.firstDay, settings.lastDay, settings.timeZone);
  const shops = makeShops(settings, calendar, customers);
  const people = makePeople({ seed, customers, settings, calendar, shops });
  const ads = makeAds(settings);
  const adDays = planSpend(seed, customers, settings, calendar, ads);
  const contacts = planContacts(seed, settings, calendar, people);
  const crm = planCrm({ seed, settings, calendar, people, contacts });
  const appointments = planAppointments({ seed, settings, calendar, people, shops, crm });
  const campaignMessages = planMessages({ seed, settings, calendar }, people);
  const products = makeCatalogue(seed, settings, calendar);
  const fillBasket = makeBaskets(products);
  const averageNet = averageOrder(fillBasket, calendar.days, seed);
  const purchases = planPurchases({
    seed,
    settings,
    calendar,
    shops,
    people,
    adDays,
    contacts,
    appointments,
    messages: campaignMessages.sent,
    averageNet,
  });
  const orders = makeOrders({ seed, settings, calendar, shops, fillBasket }, purchases);
  redeemCodes({ seed, settings, calendar }, campaignMessages.sent, orders);
  const messages = withServiceMessages({ seed, settings, calendar }, campaignMessages, orders);
  const refunds = makeRefunds({ seed, settings, calendar, shops, fillBasket }, orders);
  const receipts = printReceipts({ seed, settings, calendar, shops, orders, refunds });
  const visits = planVisits({
    seed,
    settings,
    calendar,
    people,
    ads,
    adDays,
    orders: orders.filter((order) => order.type === "consumer"),
    messages: messages.sent,
    events: events ?? customers * settings.demand.eventsPerPerson,
  });
  return {
    seed,
    customers,
    settings,
    calendar,
    shops,
    products,
    people,
    ads,
    adDays,
    orders: [...orders, ...refunds.flatMap(({ exchange }) => exchange?.order ?? [])],
    refunds,
    receipts,
    payments: planPayments({ seed, settings, receipts }),
    points: movePoints({ seed, calendar, people, receipts }),
    visits,
    contacts,
    crm,
    appointments,
    consents: planConsents({ seed, settings, calendar, people, messages }),
    messages,
  };
}

const BASKETS_PER_DAY = 20;

/** Net revenue in euro of an average basket, over the days of the period. */
function averageOrder(
  fillBasket: ReturnType<typeof makeBaskets>,
  days: readonly Day[],
  seed: number,
): number {
  const random = stream(seed, "average order");
  let net = 0;
  for (const day of days) {
    for (let i = 0; i < BASKETS_PER_DAY; i++) {
      const { gross, discount } = fillBasket(random, day);
      net += (gross - discount) / 1.22;
    }
  }
  return net / (days.length * BASKETS_PER_DAY) / 100;
}
