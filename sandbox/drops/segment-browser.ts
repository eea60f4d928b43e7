import type { SourceRecord } from "../truth.ts";
import { cardOn } from "../world/people.ts";
import type { Person } from "../world/types.ts";
import type { Call } from "./segment.ts";
import { call, type Sender } from "./segment-calls.ts";

export type Add = (call: Call) => void;
export type RecordRow = (row: SourceRecord) => void;

/** Where the browser stands while a visit is rendered. */
export interface Browser {
  readonly sender: Sender;
  readonly add: Add;
  readonly site: string;
  /** Query of the landing page; empty after it. */
  query: string;
  /** `context.campaign` while the address has UTM: on the landing page only. */
  campaign: string;
  /** The referrer that the next page will have. */
  from: string;
  url: string;
  referrer: string;
  clock: number;
}

export function page(browser: Browser, name: string, path: string, title: string): void {
  browser.url = `${browser.site}${path}${browser.query}`;
  browser.referrer = browser.from;
  if (browser.query === "") browser.campaign = "";
  browser.query = "";
  browser.from = `${browser.site}${path}`;
  const properties = `{"url":"${browser.url}","referrer":"${browser.referrer}","title":"${title}"}`;
  browser.add(
    call(
      browser.sender,
      browser.clock,
      "page",
      `"name":"${name}","properties":${properties},`,
      browser.campaign,
    ),
  );
}

export function track(
  browser: Browser,
  event: string,
  properties: string,
): ReturnType<typeof call> {
  const context = `${browser.campaign},"page":{"url":"${browser.url}","referrer":"${browser.referrer}"}`;
  const made = call(
    browser.sender,
    browser.clock,
    "track",
    `"event":"${event}","properties":${properties},`,
    context,
  );
  browser.add(made);
  return made;
}

export interface Traits {
  readonly email?: string;
  readonly phone?: string;
  readonly loyalty_card?: string;
  readonly firstName?: string;
  readonly lastName?: string;
}

export function identify(
  browser: Browser,
  person: Person,
  traits: Traits,
  record: RecordRow,
): void {
  const { sender, clock, campaign } = browser;
  const said = `"traits":${JSON.stringify(traits)}`;
  const made =
    sender.archive === "rudderstack"
      ? call(sender, clock, "identify", "", `${campaign},${said}`)
      : call(sender, clock, "identify", `${said},`, campaign);
  browser.add(made);
  record({
    source: "segment",
    key: made.messageId,
    person_id: person.id,
    email: traits.email ?? "",
    phone: traits.phone ?? "",
    loyalty_card: traits.loyalty_card ?? "",
    user_id: browser.sender.userId ?? "",
    anonymous_id: browser.sender.anonymousId ?? "",
    mistyped: false,
  });
}

export function accountTraits(person: Person, day: number): Traits {
  const { account } = person;
  const card = account?.showsCard ? cardOn(person, day)?.number : undefined;
  return {
    email: person.emails[0] ?? "",
    ...(account?.phone && { phone: account.phone }),
    ...(card && { loyalty_card: card }),
    firstName: person.firstName,
    lastName: person.lastName,
  };
}
