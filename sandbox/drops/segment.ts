import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import type { Calendar } from "../calendar.ts";
import { between, chance, stream } from "../random.ts";
import type { SourceRecord } from "../truth.ts";
import type { World } from "../world/types.ts";
import { iso } from "./segment-calls.ts";
import { orderRefunded } from "./segment-orders.ts";
import { renderVisit } from "./segment-visits.ts";

const DAY = 86_400_000;
/** Lines per file: a day of a large world becomes several. */
const LINES_PER_PART = 50_000;

/** The vendors that archive calls, by the folder of their drops. */
export type Archive = "segment" | "rudderstack";

/** One call as the CDP keeps it, before it is known when it arrives. `text` ends where the value of receivedAt begins. */
export interface Call {
  readonly archive: Archive;
  readonly text: string;
  readonly receivedAt: number;
}

/** What both archives hold, and RudderStack's alone. */
export interface SegmentSummary extends ArchiveSummary {
  readonly rudderstack: ArchiveSummary;
}

export interface ArchiveSummary {
  readonly files: number;
  /** Lines written, repeated ones included. */
  readonly lines: number;
  /** Distinct messageIds. */
  readonly events: number;
}

/**
 * Writes the archives of both vendors: one folder per UTC day of arrival. Days are written as soon as nothing
 * can arrive on them any more, so that memory holds a few days only.
 */
export function writeSegment(
  world: World,
  dir: string,
  record: (row: SourceRecord) => void,
): SegmentSummary {
  const inbox = makeInbox(world.seed, world.settings.difficulty.cdpDuplicates, world.calendar, dir);
  const byPost = world.refunds.filter((refund) => refund.kind === "web_by_post");
  let next = 0;
  world.visits.forEach((visit, number) => {
    for (let refund = byPost[next]; refund && refund.at <= visit.at; refund = byPost[++next]) {
      inbox.add(orderRefunded(world, refund));
    }
    inbox.closeBefore(visit.at);
    renderVisit(world, visit, number, inbox.add, record);
  });
  for (const refund of byPost.slice(next)) inbox.add(orderRefunded(world, refund));
  inbox.closeBefore(Number.POSITIVE_INFINITY);
  return inbox.summary();
}

/** The calls of one day of arrival, as bytes: a day's texts held as strings would outlive the young heap. */
interface Day {
  bytes: Buffer;
  used: number;
  readonly lines: { readonly receivedAt: number; readonly start: number; readonly end: number }[];
}

function put(day: Day, { text, receivedAt }: Call): void {
  const line = `${text}${iso(receivedAt)}"}\n`;
  const most = line.length * 3;
  if (day.bytes.length - day.used < most) {
    day.bytes = Buffer.concat([day.bytes, Buffer.alloc(day.bytes.length + most)]);
  }
  const start = day.used;
  day.used += day.bytes.write(line, start);
  day.lines.push({ receivedAt, start, end: day.used });
}

/** What has arrived at one vendor's, until its days are written. */
function makeArchive(dir: string) {
  const days = new Map<number, Day>();
  const counts = { files: 0, lines: 0 };

  const write = (index: number, day: Day) => {
    const folder = join(dir, new Date(index * DAY).toISOString().slice(0, 10));
    mkdirSync(folder, { recursive: true });
    day.lines.sort((a, b) => a.receivedAt - b.receivedAt);
    for (let from = 0, part = 1; from < day.lines.length; from += LINES_PER_PART, part++) {
      const lines = day.lines.slice(from, from + LINES_PER_PART);
      const bytes = Buffer.concat(lines.map((line) => day.bytes.subarray(line.start, line.end)));
      writeFileSync(join(folder, `part-${part}.json.gz`), gzipSync(bytes, { level: 1 }));
      counts.files++;
    }
    counts.lines += day.lines.length;
  };
  return {
    counts,
    receive(call: Call) {
      const index = Math.floor(call.receivedAt / DAY);
      let day = days.get(index);
      if (!day) {
        day = { bytes: Buffer.alloc(1 << 16), used: 0, lines: [] };
        days.set(index, day);
      }
      put(day, call);
    },
    /** Writes the days on which nothing more can arrive once everything up to `instant` has been added. */
    closeBefore(instant: number) {
      const open = Math.floor(instant / DAY);
      for (const [index, day] of days) {
        if (index >= open) continue;
        write(index, day);
        days.delete(index);
      }
    },
  };
}

function makeInbox(seed: number, duplicates: number, { end }: Calendar, dir: string) {
  const random = stream(seed, "cdp duplicates");
  const archives: Readonly<Record<Archive, ReturnType<typeof makeArchive>>> = {
    segment: makeArchive(join(dir, "segment")),
    rudderstack: makeArchive(join(dir, "rudderstack")),
  };
  const events = { segment: 0, rudderstack: 0 };
  return {
    add(call: Call) {
      const archive = archives[call.archive];
      archive.receive(call);
      events[call.archive]++;
      if (!chance(random, duplicates)) return;
      const later = chance(random, 0.8)
        ? between(random, 1_000, 120_000)
        : between(random, 3_600_000, 20 * 3_600_000);
      archive.receive({ ...call, receivedAt: Math.min(call.receivedAt + later, end - 1) });
    },
    closeBefore(instant: number) {
      for (const archive of Object.values(archives)) archive.closeBefore(instant);
    },
    summary(): SegmentSummary {
      const [{ counts: own }, { counts: other }] = [archives.segment, archives.rudderstack];
      return {
        files: own.files + other.files,
        lines: own.lines + other.lines,
        events: events.segment + events.rudderstack,
        rudderstack: { ...other, events: events.rudderstack },
      };
    },
  };
}
