import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import type { Calendar } from "../calendar.ts";
import { between, chance, stream } from "../random.ts";
import type { SourceRecord } from "../truth.ts";
import type { World } from "../world/types.ts";
import { orderRefunded } from "./segment-orders.ts";
import { renderVisit } from "./segment-visits.ts";

const DAY = 86_400_000;
/** Lines per file: a day of a large world becomes several. */
const LINES_PER_PART = 50_000;

/** One call as the CDP keeps it, before it is known when it arrives. `text` ends where the value of receivedAt begins. */
export interface Call {
  readonly text: string;
  readonly receivedAt: number;
}

export interface SegmentSummary {
  readonly files: number;
  /** Lines written, repeated ones included. */
  readonly lines: number;
  /** Distinct messageIds. */
  readonly events: number;
}

/**
 * Writes the CDP's archive: one folder per UTC day of arrival. Days are written as soon as nothing
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

function makeInbox(seed: number, duplicates: number, { end }: Calendar, dir: string) {
  const random = stream(seed, "cdp duplicates");
  const days = new Map<number, Call[]>();
  const counts = { files: 0, lines: 0, events: 0 };

  const put = (call: Call) => {
    const day = Math.floor(call.receivedAt / DAY);
    const calls = days.get(day);
    if (calls) calls.push(call);
    else days.set(day, [call]);
  };
  return {
    add(call: Call) {
      put(call);
      counts.events++;
      if (!chance(random, duplicates)) return;
      const later = chance(random, 0.8)
        ? between(random, 1_000, 120_000)
        : between(random, 3_600_000, 20 * 3_600_000);
      put({ text: call.text, receivedAt: Math.min(call.receivedAt + later, end - 1) });
    },
    /** Writes the days on which nothing more can arrive once everything up to `instant` has been added. */
    closeBefore(instant: number) {
      const open = Math.floor(instant / DAY);
      for (const [day, calls] of [...days].sort(([a], [b]) => a - b)) {
        if (day >= open) return;
        days.delete(day);
        calls.sort((a, b) => a.receivedAt - b.receivedAt);
        const folder = join(dir, new Date(day * DAY).toISOString().slice(0, 10));
        mkdirSync(folder, { recursive: true });
        for (let from = 0, part = 1; from < calls.length; from += LINES_PER_PART, part++) {
          const lines = calls.slice(from, from + LINES_PER_PART);
          const text = lines
            .map((call) => `${call.text}${new Date(call.receivedAt).toISOString()}"}\n`)
            .join("");
          writeFileSync(join(folder, `part-${part}.json.gz`), gzipSync(text, { level: 1 }));
          counts.files++;
        }
        counts.lines += calls.length;
      }
    },
    summary: (): SegmentSummary => ({ ...counts }),
  };
}
