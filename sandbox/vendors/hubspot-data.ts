import { join } from "node:path";
import { iso } from "../drops/segment-calls.ts";
import { writeJson, writeNdjson } from "../files.ts";
import type { SourceRecord } from "../truth.ts";
import type { CrmContact, CrmState } from "../world/crm.ts";
import type { Person, World } from "../world/types.ts";

/** The portal, as `hubspot.json` has it. */
export interface HubspotPortal {
  readonly portalId: number;
  readonly timeZone: string;
  readonly companyCurrency: string;
  readonly lastDay: string;
}

/** A contact and what became of it, a line of `hubspot_contacts.ndjson`. */
export interface HubspotContact {
  readonly id: string;
  /** In the order of time. */
  readonly states: readonly HubspotState[];
  readonly archived: Moment | null;
  /** When another contact absorbed it. */
  readonly absorbed: Moment | null;
}

export interface Moment {
  readonly at: string;
  /** The day of the portal's zone. */
  readonly day: string;
}

/** What a contact has been since. */
export interface HubspotState extends Moment {
  readonly properties: Readonly<Record<string, string | null>>;
}

/** HubSpot lists what was archived for so many days, then forgets it. */
const ARCHIVED_DAYS = 90;

export const isForgotten = (archivedOn: string, today: string): boolean =>
  Date.parse(archivedOn) < Date.parse(today) - ARCHIVED_DAYS * 86_400_000;

/** Writes what the vendor server answers from. */
export function writeHubspotData(world: World, dir: string): void {
  const { settings, calendar } = world;
  const portal: HubspotPortal = {
    portalId: settings.crm.portalId,
    timeZone: settings.timeZone,
    companyCurrency: settings.meta.account.currency,
    lastDay: settings.lastDay,
  };
  const moment = (at: number): Moment => ({
    at: iso(at),
    day: calendar.local(at).slice(0, 10),
  });
  writeJson(join(dir, "hubspot.json"), portal);
  writeNdjson(
    join(dir, "hubspot_contacts.ndjson"),
    world.crm.map((contact): HubspotContact => {
      const [created] = contact.states;
      return {
        id: contact.id,
        states: contact.states.map((state) => ({
          ...moment(state.at),
          properties: properties(contact.person, state, created.at),
        })),
        archived: contact.archivedAt === null ? null : moment(contact.archivedAt),
        absorbed: contact.absorbedAt === null ? null : moment(contact.absorbedAt),
      };
    }),
  );
}

/** Every property is text or null; what somebody emptied is an empty text. */
function properties(
  person: Person,
  state: CrmState,
  createdAt: number,
): HubspotState["properties"] {
  return {
    email: state.email === "" ? null : state.email,
    hs_additional_emails: state.otherEmails.join(";") || null,
    phone: state.phone,
    firstname: state.firstName,
    lastname: state.lastName,
    date_of_birth: state.card === "" ? null : person.birthDate,
    address: state.card === "" ? "" : person.street,
    city: person.city,
    zip: person.postalCode,
    country: null,
    numero_tessera: state.card,
    id_account_shop: state.userId === "" ? null : state.userId,
    negozio_preferito: state.shop,
    lifecyclestage: state.stage,
    hs_merged_object_ids: state.merged.join(";") || null,
    createdate: iso(createdAt),
    lastmodifieddate: iso(state.at),
  };
}

/** Whether HubSpot still tells of the contact when the calendar ends: absorbed ones and those long archived are gone. */
const isThere = ({ absorbedAt, archivedAt }: CrmContact, { calendar, settings }: World): boolean =>
  absorbedAt === null &&
  (archivedAt === null || !isForgotten(calendar.local(archivedAt).slice(0, 10), settings.lastDay));

/** The contacts as HubSpot delivers them when the calendar ends, as source records. */
export function* hubspotRecords(world: World): Generator<SourceRecord> {
  for (const contact of world.crm) {
    const state = contact.states.at(-1);
    if (!state || !isThere(contact, world)) continue;
    yield {
      source: "hubspot",
      key: contact.id,
      person_id: contact.person.id,
      email: state.email,
      phone: state.phone,
      loyalty_card: state.card,
      user_id: state.userId,
      anonymous_id: "",
      mistyped: contact.badPhone,
    };
  }
}

/** Sums for `totals.json`. */
export function contactTotals(world: World) {
  const { crm } = world;
  const there = crm.filter((contact) => isThere(contact, world));
  return {
    count: there.length,
    archived: there.filter(({ archivedAt }) => archivedAt !== null).length,
    absorbed: crm.filter(({ absorbedAt }) => absorbedAt !== null).length,
    forgotten: crm.length - there.length - crm.filter((c) => c.absorbedAt !== null).length,
    with_card: there.filter(({ states }) => states.at(-1)?.card).length,
    with_account: there.filter(({ states }) => states.at(-1)?.userId).length,
  };
}
