import type { Calendar } from "../calendar.ts";

const MINUTE = 60_000;
const DAY = 1440 * MINUTE;

/** The instant of a minute of a day that may lie before or after the calendar; there the clock does not change. */
export function instantOn(calendar: Calendar, day: number, minute: number): number {
  const after = day - calendar.days.length;
  if (after >= 0) return calendar.end + after * DAY + minute * MINUTE;
  if (day < 0) return calendar.day(0).start + day * DAY + minute * MINUTE;
  return calendar.instant(calendar.day(day), minute);
}

/** The date of a day that may lie before or after the calendar. */
export function dateOn(calendar: Calendar, day: number): string {
  const first = Date.parse(`${calendar.day(0).date}T00:00:00Z`);
  return new Date(first + day * DAY).toISOString().slice(0, 10);
}

/** Wall clock of an instant with its offset: `2026-10-25T02:30:00+01:00`. */
export function offsetTime(calendar: Calendar, at: number): string {
  const local = calendar.local(at).slice(0, 19);
  const minutes = Math.round((Date.parse(`${local}Z`) - at) / MINUTE);
  return `${local}+${String(Math.floor(minutes / 60)).padStart(2, "0")}:${String(minutes % 60).padStart(2, "0")}`;
}
