import type { Calendar } from "../calendar.ts";
import { between, chance, pick, poisson, type Random, stream, weighted } from "../random.ts";
import { formatPhone } from "./contacts.ts";
import { type CrmContact, stateOf } from "./crm.ts";
import { groupBy } from "./group.ts";
import { dateOn, instantOn } from "./instants.ts";
import { cardOn } from "./people.ts";
import type { Planner, Purchase } from "./planner.ts";
import type { Settings } from "./settings.ts";
import { isClosed } from "./shops.ts";
import type { Campaign, Person, Shop } from "./types.ts";

export type AppointmentStatus = "booked" | "held" | "no_show" | "cancelled";

/** An hour with a personal shopper. */
export interface Appointment {
  readonly id: string;
  readonly index: number;
  readonly person: Person;
  readonly shop: Shop;
  readonly startsAt: number;
  readonly endsAt: number;
  /** What was known of it when, in the order of time; the first is its booking. */
  readonly updates: readonly [AppointmentUpdate, ...AppointmentUpdate[]];
  /** How the shop wrote down for whom it is. */
  readonly named: {
    readonly crmContact: string;
    readonly card: string;
    readonly email: string;
    readonly phone: string;
  };
}

export interface AppointmentUpdate {
  readonly at: number;
  readonly status: AppointmentStatus;
}

/** Appointments as a cause. */
export const PERSONAL_SHOPPER: Campaign = {
  id: "personal-shopper",
  name: "Personal shopper",
  kind: "appointment",
};

const MINUTE = 60_000;
/** Appointments that are already booked when the calendar ends. */
const BOOKED_AHEAD_DAYS = 7;

export interface AppointmentInput {
  readonly seed: number;
  readonly settings: Settings;
  readonly calendar: Calendar;
  readonly people: readonly Person[];
  readonly shops: readonly Shop[];
  readonly crm: readonly CrmContact[];
}

/** All appointments, in the order in which they were booked. */
export function planAppointments(input: AppointmentInput): Appointment[] {
  const { seed, settings, calendar, people, crm } = input;
  const { perThousandPeopleAndMonth, firstDay } = settings.appointments;
  const guests = people.filter(
    (person) => person.online < 1 && person.emails.length + person.phones.length > 0,
  );
  if (guests.length === 0) return [];
  const byOpenness = weighted(guests.map((person) => person.openness));
  const contacts = groupBy(crm, (contact) => contact.person);
  const from = calendar.indexOf(firstDay);
  const to = calendar.days.length - 1 + BOOKED_AHEAD_DAYS;
  const months = (to - from) / 30.4;
  const count = Math.round((perThousandPeopleAndMonth * people.length * months) / 1000);
  const planned = Array.from({ length: count }, (_, n) => {
    const random = stream(seed, "appointment", n);
    const person = guests[byOpenness.draw(random)] ?? pick(random, guests);
    return book(input, random, person, between(random, from, to), contacts.get(person) ?? []);
  });
  return planned
    .filter(({ updates }) => updates[0].at < calendar.end)
    .sort((a, b) => a.updates[0].at - b.updates[0].at || a.person.index - b.person.index)
    .map((appointment, index) => ({
      ...appointment,
      index,
      id: `PS-${String(index + 1).padStart(5, "0")}`,
    }));
}

type Booked = Omit<Appointment, "id" | "index">;

function book(
  { settings, calendar, shops }: AppointmentInput,
  random: Random,
  person: Person,
  wished: number,
  contacts: readonly CrmContact[],
): Booked {
  let day = wished;
  while (isClosed(dateOn(calendar, day))) day++;
  const shop = person.homeShop.firstDay <= day ? person.homeShop : (shops[0] ?? person.homeShop);
  const startsAt = instantOn(calendar, day, between(random, 20, 36) * 30);
  const bookedOn = day - between(random, 1, 14);
  const bookedAt = instantOn(calendar, bookedOn, between(random, 9 * 60, 19 * 60));
  const end = lastUpdate(random, settings, calendar, { startsAt, bookedAt, bookedOn, day });
  return {
    person,
    shop,
    startsAt,
    endsAt: startsAt + pick(random, [45, 60, 90]) * MINUTE,
    updates:
      end.at < calendar.end
        ? [{ at: bookedAt, status: "booked" }, end]
        : [{ at: bookedAt, status: "booked" }],
    named: nameIt(random, calendar, person, contacts, bookedAt),
  };
}

/** Who came is written down within the hour; who did not, at times days later. */
function lastUpdate(
  random: Random,
  { appointments }: Settings,
  calendar: Calendar,
  booked: { startsAt: number; bookedAt: number; bookedOn: number; day: number },
): AppointmentUpdate {
  const outcome = random();
  if (outcome < appointments.noShow) {
    const late = between(random, 0, 3);
    const at = instantOn(calendar, booked.day + late, 19 * 60 + between(random, 1, 30));
    return { at, status: "no_show" };
  }
  if (outcome < appointments.noShow + appointments.cancelled) {
    const span = Math.floor((booked.startsAt - booked.bookedAt) / MINUTE);
    return { at: booked.bookedAt + between(random, 1, span - 30) * MINUTE, status: "cancelled" };
  }
  return { at: booked.startsAt + between(random, 60, 115) * MINUTE, status: "held" };
}

/** By the CRM's contact (as it was then: it may have been merged since), the card, or an e-mail or phone. */
function nameIt(
  random: Random,
  calendar: Calendar,
  person: Person,
  contacts: readonly CrmContact[],
  at: number,
): Appointment["named"] {
  const none = { crmContact: "", card: "", email: "", phone: "" };
  const present = contacts.filter(
    (contact) =>
      stateOf(contact, at) !== undefined &&
      at < (contact.archivedAt ?? contact.absorbedAt ?? Number.POSITIVE_INFINITY),
  );
  if (present.length > 0 && chance(random, 0.65)) {
    return { ...none, crmContact: pick(random, present).id };
  }
  const card = cardOn(person, calendar.dayAt(at).index)?.number;
  if (card !== undefined && chance(random, 0.5)) return { ...none, card };
  const byPhone = person.phones.length > 0 && (person.emails.length === 0 || chance(random, 0.6));
  return byPhone
    ? { ...none, phone: formatPhone(random, pick(random, person.phones)) }
    : { ...none, email: pick(random, person.emails) };
}

export const isHeld = ({ updates }: Appointment): boolean => updates.at(-1)?.status === "held";

/** Purchases that would not have been made without the appointment: most of them on the spot. */
export function appointmentPurchases(
  input: Pick<AppointmentInput, "seed" | "settings" | "calendar"> & {
    readonly appointments: readonly Appointment[];
    readonly averageNet: number;
  },
  planner: Planner,
): Purchase[] {
  const { seed, settings, calendar, averageNet } = input;
  const { effectPerContact, storeShare } = settings.appointments;
  return input.appointments.filter(isHeld).flatMap(({ index, person, shop, startsAt, endsAt }) => {
    const random = stream(seed, "caused appointment", index);
    const causedDay = calendar.dayAt(startsAt).index;
    return Array.from({ length: poisson(random, effectPerContact / averageNet) }, (_, n) => {
      const common = { purpose: "appointment", key: index * 64 + n, person };
      const cause = { cause: PERSONAL_SHOPPER, causedDay };
      if (chance(random, 0.6)) {
        const at = endsAt + between(random, 2, 12) * MINUTE;
        return { ...common, ...cause, channel: "store" as const, shop, at };
      }
      const day = causedDay + between(random, 1, 8);
      return planner.plan(random, { ...common, ...cause, day, storeShare });
    }).filter((purchase) => purchase !== null);
  });
}
