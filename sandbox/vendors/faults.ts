import type { FastifyReply } from "fastify";

/**
 * What a vendor can do wrong. In its own manner: `expired_token`, `throttled`, `too_much_data`, `job_failed`. In any
 * vendor's: `server_error` (500), `reset` (the connection breaks in mid-body), `truncated_body` (half a JSON document,
 * politely ended), `no_answer` (the connection is closed without a byte), `slow_body` (half, a pause, the rest). In the
 * rows: `repeated_row` (the page begins with the last row of the one before), `dropped_row` (the page lacks its first
 * row), `vanished_row` (a report lacks a row that was there before). In HubSpot's: `quota` (the day's requests are used
 * up), `late_index` (a search does not know of the latest change yet).
 */
export type FaultKind =
  | "expired_token"
  | "throttled"
  | "too_much_data"
  | "job_failed"
  | "server_error"
  | "reset"
  | "truncated_body"
  | "no_answer"
  | "slow_body"
  | "repeated_row"
  | "dropped_row"
  | "vanished_row"
  | "quota"
  | "late_index";

/** The simulated vendors by the name that `sandbox://NAME` gives. */
export type VendorName = "meta" | "google" | "tiktok" | "hubspot" | "twilio" | "commify";

export interface Fault {
  readonly vendor: VendorName;
  /** A route of the vendor's server, such as Meta's `submit` or `rows`; any where it is left out. */
  readonly route?: string;
  readonly kind: FaultKind;
  /** How many requests it strikes; 1 by default, `Infinity` for good. */
  readonly times?: number;
  /** How many requests of the route pass before. */
  readonly after?: number;
  /** Of `throttled`: the stated minutes until access is regained. 0 by default. */
  readonly minutes?: number;
  /** Of `throttled`: 80000 (insights, the default), 17 (account), 4 (app). */
  readonly code?: number;
  /** Of `slow_body`: the pause. 50 by default. */
  readonly milliseconds?: number;
}

export interface FaultBoard {
  /** The fault that strikes this request, if any. */
  take(vendor: VendorName, route: string): Fault | undefined;
  set(faults: readonly Fault[]): void;
}

export function faultBoard(initial: readonly Fault[]): FaultBoard {
  let active: { fault: Fault; seen: number }[] = [];
  const set = (faults: readonly Fault[]) => {
    active = faults.map((fault) => ({ fault, seen: 0 }));
  };
  set(initial);
  return {
    set,
    take(vendor, route) {
      for (const entry of active) {
        const { fault } = entry;
        if (fault.vendor !== vendor || (fault.route ?? route) !== route) continue;
        const number = entry.seen++;
        const first = fault.after ?? 0;
        if (number >= first && number < first + (fault.times ?? 1)) return fault;
      }
      return undefined;
    },
  };
}

/** Where a page begins that starts at row `from`. */
export function firstOfPage(from: number, fault: Fault | undefined): number {
  if (fault?.kind === "repeated_row") return Math.max(0, from - 1);
  return fault?.kind === "dropped_row" ? from + 1 : from;
}

/** Rows of queries that are read page by page: one that lacks a row on its first page lacks it on all. */
export function vanishingRows() {
  const struck = new Set<string>();
  return <T>(query: string, isFirst: boolean, rows: readonly T[], fault: Fault | undefined) => {
    if (isFirst && fault?.kind === "vanished_row") struck.add(query);
    else if (isFirst) struck.delete(query);
    return struck.has(query) ? rows.slice(1) : rows;
  };
}

/** Sends a JSON body the way the fault says. Returns the reply, as fastify's handlers do. */
export function sendJson(
  reply: FastifyReply,
  body: unknown,
  fault: Fault | undefined,
): FastifyReply {
  const bytes = Buffer.from(JSON.stringify(body));
  const half = bytes.subarray(0, Math.ceil(bytes.length / 2));
  reply.type("application/json; charset=utf-8");
  if (fault?.kind === "truncated_body") return reply.send(half);
  if (fault?.kind === "no_answer") {
    reply.hijack();
    reply.raw.destroy();
    return reply;
  }
  if (fault?.kind !== "reset" && fault?.kind !== "slow_body") return reply.send(bytes);

  reply.hijack();
  const { raw } = reply;
  for (const [name, value] of Object.entries(reply.getHeaders())) raw.setHeader(name, value ?? "");
  raw.setHeader("content-length", bytes.length);
  if (fault.kind === "reset") {
    raw.write(half, () => raw.destroy());
  } else {
    raw.write(half);
    const timer = setTimeout(() => raw.end(bytes.subarray(half.length)), fault.milliseconds ?? 50);
    raw.on("close", () => clearTimeout(timer));
  }
  return reply;
}
