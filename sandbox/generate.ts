import { existsSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { writeConfiguration } from "./configuration.ts";
import { writeAppointments } from "./drops/appointments.ts";
import { writeConsents } from "./drops/consents.ts";
import { writeLoyalty, writePostcards, writeSignups } from "./drops/lists.ts";
import { writeHoldouts, writePromoCodes } from "./drops/message-lists.ts";
import { writeNewsletters } from "./drops/newsletters.ts";
import { writeProducts, writeShops } from "./drops/registers.ts";
import { writeSegment } from "./drops/segment.ts";
import { writeTill } from "./drops/till.ts";
import { writeClosings, writePayments, writePoints } from "./drops/till-books.ts";
import { ndjsonFile, writeJson } from "./files.ts";
import { type SourceRecord, writeTruth } from "./truth.ts";
import { messageRecords } from "./truth-messages.ts";
import { tillRecords } from "./truth-tills.ts";
import { writeCommifyData } from "./vendors/commify-data.ts";
import { writeGoogleData } from "./vendors/google-data.ts";
import { hubspotRecords, writeHubspotData } from "./vendors/hubspot-data.ts";
import { writeMetaData } from "./vendors/meta-data.ts";
import { writeTiktokData } from "./vendors/tiktok-data.ts";
import { writeTwilioData } from "./vendors/twilio-data.ts";
import { simulate } from "./world/simulate.ts";

export interface GenerateOptions {
  readonly seed: number;
  readonly customers: number;
  /** How many CDP events at least; by default what `world.json` says per person. */
  readonly events?: number;
  /** Made where it is missing. An older world in it is replaced; anything else is refused. */
  readonly outDir: string;
}

/** What a world holds; also in its `truth/summary.json`. */
export interface Summary {
  readonly seed: number;
  readonly customers: number;
  readonly firstDay: string;
  readonly lastDay: string;
  readonly events: number;
  readonly receipts: number;
  readonly webOrders: number;
  readonly files: number;
}

/** The folder holds something that is not a world made here, or the size makes no world. */
export class SandboxError extends Error {
  override readonly name = "SandboxError";
}

/** `truth` last: while anything is left, the mark that a world left it is too. */
const PARTS = ["filo.json", "drops", "vendors", "mappings", "truth"];
const MARK = join("truth", "settings.json");
const SUMMARY = join("truth", "summary.json");

/**
 * Makes a world and writes its drops, vendor data, truth, mappings and configuration into `outDir`.
 * The same seed and size give the same bytes.
 * @throws SandboxError when `outDir` holds files of these names that no world left there, or a number is out of range
 */
export async function generate(options: GenerateOptions): Promise<Summary> {
  const { seed, customers, outDir } = options;
  if (!Number.isSafeInteger(seed)) throw new SandboxError(`seed ${seed}: must be a whole number`);
  if (!Number.isSafeInteger(customers) || customers < 1) {
    throw new SandboxError(`customers ${customers}: must be a whole number from 1`);
  }
  clear(outDir);
  const world = simulate({ seed, customers, events: options.events });
  writeJson(join(outDir, MARK), { seed, customers, settings: world.settings });
  const drop = (name: string) => join(outDir, "drops", name);
  const records = ndjsonFile<SourceRecord>(join(outDir, "truth", "records.ndjson"));
  const segment = writeSegment(world, join(outDir, "drops"), records.write);
  const till = [
    ...writeTill(world, drop("till"), "north"),
    ...writeTill(world, drop("till-south"), "south"),
  ];
  for (const record of tillRecords(world)) records.write(record);
  const lists =
    writeLoyalty(world, drop("loyalty"), records.write) +
    writeSignups(world, drop("event-signups"), records.write) +
    writePostcards(world, drop("postcards"), records.write) +
    writeNewsletters(world, drop("newsletter")) +
    writeHoldouts(world, drop("holdouts"), records.write) +
    writePromoCodes(world, drop("promo-codes"), records.write) +
    writeConsents(world, drop("consents"), records.write) +
    writeAppointments(world, drop("appointments"), records.write) +
    writePayments(world, drop("payments")) +
    writeClosings(world, drop("till-closings")) +
    writePoints(world, drop("loyalty-movements")) +
    writeShops(world, drop("stores")) +
    writeProducts(world, drop("products"));
  for (const record of hubspotRecords(world)) records.write(record);
  for (const record of messageRecords(world)) records.write(record);
  records.close();
  writeMetaData(world, join(outDir, "vendors"));
  writeGoogleData(world, join(outDir, "vendors"));
  writeTiktokData(world, join(outDir, "vendors"));
  writeTwilioData(world, join(outDir, "vendors"));
  writeCommifyData(world, join(outDir, "vendors"));
  writeHubspotData(world, join(outDir, "vendors"));
  writeTruth(world, join(outDir, "truth"), segment, till);

  const webOrders = world.orders.filter((order) => order.channel === "online").length;
  const summary: Summary = {
    seed,
    customers,
    firstDay: world.settings.firstDay,
    lastDay: world.settings.lastDay,
    events: segment.events,
    receipts: world.receipts.length,
    webOrders,
    files: segment.files + till.length + lists,
  };
  writeJson(join(outDir, SUMMARY), summary);
  // Last: where there is a filo.json, the world is whole.
  writeConfiguration(world.settings, outDir);
  return summary;
}

/** The summary of the world in a folder; null where there is none, or its making was cut short. */
export function readSummary(dir: string): Summary | null {
  const file = join(dir, SUMMARY);
  return existsSync(file) ? (JSON.parse(readFileSync(file, "utf8")) as Summary) : null;
}

function clear(outDir: string): void {
  const found = PARTS.filter((part) => existsSync(join(outDir, part)));
  if (found.length > 0 && !existsSync(join(outDir, MARK))) {
    throw new SandboxError(
      `${outDir} holds ${found.join(", ")} that no sandbox left there: name an empty folder`,
    );
  }
  for (const part of found) rmSync(join(outDir, part), { recursive: true });
}
