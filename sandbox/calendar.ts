import { DateTime } from "luxon";

const MINUTE = 60_000;

export interface Day {
  readonly index: number;
  /** `2026-10-25` */
  readonly date: string;
  /** First instant of the day, in milliseconds UTC. */
  readonly start: number;
  /** 1 Monday … 7 Sunday. */
  readonly weekday: number;
  readonly month: number;
}

export interface Calendar {
  readonly days: readonly Day[];
  /** First instant after the last day. */
  readonly end: number;
  day(index: number): Day;
  /** Position of a date; negative before the first day. */
  indexOf(date: string): number;
  /** The local day that holds an instant, clamped to the calendar. */
  dayAt(instant: number): Day;
  /** Wall clock of an instant: `2026-10-25T02:30:00.000`, without offset. */
  local(instant: number): string;
  /** The instant of a minute of the local day; the first of two where the hour repeats. */
  instant(day: Day, minute: number): number;
}

/** The local days from `firstDay` to `lastDay`, with the zone's clock changes. */
export function calendar(firstDay: string, lastDay: string, timeZone: string): Calendar {
  const first = DateTime.fromISO(firstDay, { zone: timeZone });
  const count = Math.round(
    DateTime.fromISO(lastDay, { zone: "utc" }).diff(
      DateTime.fromISO(firstDay, { zone: "utc" }),
      "days",
    ).days,
  );
  const days: Day[] = [];
  for (let index = 0; index <= count; index++) {
    const day = first.plus({ days: index });
    days.push({
      index,
      date: day.toISODate() ?? "",
      start: day.toMillis(),
      weekday: day.weekday,
      month: day.month,
    });
  }
  const end = first.plus({ days: count + 1 }).toMillis();
  const changes = offsetChanges(first, end);

  const offset = (instant: number) => {
    let minutes = first.offset;
    for (const change of changes) if (instant >= change.at) minutes = change.offset;
    return minutes * MINUTE;
  };
  const day = (index: number) => {
    const found = days[index];
    if (!found) throw new RangeError(`no day ${index} in the calendar`);
    return found;
  };
  const midnight = Date.parse(`${firstDay}T00:00:00Z`);
  return {
    days,
    end,
    day,
    indexOf: (date) => Math.round((Date.parse(`${date}T00:00:00Z`) - midnight) / (1440 * MINUTE)),
    dayAt: (instant) => {
      const index = Math.floor((instant + offset(instant) - midnight) / (1440 * MINUTE));
      return day(Math.min(Math.max(index, 0), count));
    },
    local: (instant) => new Date(instant + offset(instant)).toISOString().slice(0, 23),
    instant: (day, minute) => {
      const wall = Date.parse(`${day.date}T00:00:00Z`) + minute * MINUTE;
      return wall - offset(wall - offset(day.start));
    },
  };
}

function offsetChanges(first: DateTime, end: number): { at: number; offset: number }[] {
  const changes: { at: number; offset: number }[] = [];
  for (let day = first; day.toMillis() < end; day = day.plus({ days: 1 })) {
    if (day.plus({ days: 1 }).offset === day.offset) continue;
    let hour = day;
    while (hour.offset === day.offset) hour = hour.plus({ hours: 1 });
    changes.push({ at: hour.toMillis(), offset: hour.offset });
  }
  return changes;
}
