import { join } from "node:path";
import { writeJson, writeNdjson } from "../files.ts";
import { pick, stream } from "../random.ts";
import { groupBy } from "../world/group.ts";
import { type Message, messageType } from "../world/messages.ts";
import type { World } from "../world/types.ts";

/** One order: the same text to many. Times are local, `yyyyMMddHHmmss`. */
export interface CommifyOrder {
  readonly order_id: string;
  readonly create_time: string;
  readonly schedule_time: string;
  readonly message_type: string;
  readonly sender: string;
  readonly recipients: readonly CommifyRecipient[];
}

export interface CommifyRecipient {
  readonly destination: string;
  readonly status: string;
  readonly delivery_date: string;
  /** What was told before, until the local day on which the state was known. */
  readonly status_before: string;
  readonly final_on: string;
}

/** A phone that is written to no more; `yyyy-MM-dd HH:mm:ss`, local. */
export interface CommifyBlacklisted {
  readonly phone_number: string;
  readonly date: string;
  readonly origin: string;
}

export interface CommifyAccount {
  readonly user: string;
  readonly blacklist: readonly CommifyBlacklisted[];
}

const FAILED = ["ERROR", "TIMEOUT", "KO", "UNKNRCPT", "INVALIDDST"];

/** The sender puts the campaign's key into the order's id: campaigns are one order, occasions one per day. */
export function commifyOrderId(
  { settings, calendar }: Pick<World, "settings" | "calendar">,
  { key, at }: Pick<Message, "key" | "at">,
): string {
  const campaign = settings.messages.campaigns.find((item) => item.key === key);
  const isOnce = campaign?.trigger === "once";
  return `${key}-${isOnce ? "001" : calendar.dayAt(at).date.replaceAll("-", "")}`;
}

/** Writes what the gateway's server answers from, in the order of time. */
export function writeCommifyData(world: World, dir: string): void {
  const messages = world.messages.sent.filter(({ provider }) => provider === "commify");
  const byOrder = groupBy(messages, (message) => commifyOrderId(world, message));
  const orders = [...byOrder].flatMap(([id, own]) => order(world, id, own) ?? []);
  writeNdjson(
    join(dir, "commify_orders.ndjson"),
    [...orders, trial(world)].sort((a, b) => (a.create_time < b.create_time ? -1 : 1)),
  );
  const account: CommifyAccount = {
    user: world.settings.messages.commify.user,
    blacklist: world.messages.optOuts
      .filter(({ provider }) => provider === "commify")
      .map(({ phone, at, origin }) => ({
        phone_number: phone,
        date: world.calendar.local(at).slice(0, 19).replace("T", " "),
        origin,
      })),
  };
  writeJson(join(dir, "commify.json"), account);
}

const compact = (world: World, at: number): string =>
  world.calendar.local(at).slice(0, 19).replace(/\D/g, "");

function order(world: World, id: string, messages: readonly Message[]): CommifyOrder | undefined {
  const [first] = messages;
  if (!first) return undefined;
  return {
    order_id: id,
    create_time: compact(world, first.at),
    schedule_time: compact(world, first.at),
    message_type: messageType(first.purpose),
    sender: "VENTOLANA",
    recipients: messages.map((message) => recipient(world, message)),
  };
}

function recipient(world: World, { sid, phone, state, finalAt }: Message): CommifyRecipient {
  const random = stream(world.seed, `commify ${sid}`);
  return {
    destination: phone,
    status:
      state === "delivered" ? "DLVRD" : state === "blocked" ? "BLACKLISTED" : pick(random, FAILED),
    delivery_date: state === "delivered" ? compact(world, finalAt) : "",
    status_before: pick(random, ["SENT", "WAIT4DLVR"]),
    final_on: world.calendar.dayAt(finalAt).date,
  };
}

/** Somebody tried the gateway out: nothing was sent. */
function trial(world: World): CommifyOrder {
  const day = world.calendar.day(world.calendar.days.length - 20);
  const time = compact(world, world.calendar.instant(day, 600));
  return {
    order_id: `PROVA-${day.date.replaceAll("-", "")}`,
    create_time: time,
    schedule_time: time,
    message_type: "GP",
    sender: "VENTOLANA",
    recipients: [
      {
        destination: "+393120000002",
        status: "DEMO",
        delivery_date: "",
        status_before: "DEMO",
        final_on: day.date,
      },
    ],
  };
}
