import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { calendar } from "../../sandbox/calendar.ts";

const rome = calendar("2025-05-01", "2026-10-31", "Europe/Rome");
const HOUR = 3_600_000;

const wallClock = new Intl.DateTimeFormat("sv-SE", {
  timeZone: "Europe/Rome",
  dateStyle: "short",
  timeStyle: "medium",
});

describe("calendar", () => {
  it("has every day from the first to the last, with the clock changes of Rome", () => {
    const length = (date: string) => {
      const day = rome.day(rome.indexOf(date));
      return ((rome.days[day.index + 1]?.start ?? rome.end) - day.start) / HOUR;
    };
    expect(rome.days).toHaveLength(549);
    expect(rome.days[0]).toMatchObject({
      date: "2025-05-01",
      start: Date.parse("2025-04-30T22:00:00Z"),
      weekday: 4,
    });
    expect(rome.end).toBe(Date.parse("2026-10-31T23:00:00Z"));
    expect([
      length("2025-10-26"),
      length("2026-03-29"),
      length("2026-10-25"),
      length("2026-06-01"),
    ]).toEqual([25, 23, 25, 24]);
  });

  it("tells the wall clock of any instant as Intl does", () => {
    fc.assert(
      fc.property(fc.integer({ min: rome.days[0]?.start ?? 0, max: rome.end - 1 }), (instant) => {
        expect(rome.local(instant).slice(0, 19).replace("T", " ")).toBe(wallClock.format(instant));
        expect(rome.dayAt(instant).date).toBe(wallClock.format(instant).slice(0, 10));
      }),
    );
  });

  it("finds the instant of a minute of the day; of a repeated hour, the first", () => {
    const day = rome.day(rome.indexOf("2026-10-25"));
    expect(new Date(rome.instant(day, 150)).toISOString()).toBe("2026-10-25T00:30:00.000Z");
    expect(new Date(rome.instant(day, 210)).toISOString()).toBe("2026-10-25T02:30:00.000Z");
    fc.assert(
      fc.property(fc.nat(548), fc.integer({ min: 180, max: 1439 }), (index, minute) => {
        const instant = rome.instant(rome.day(index), minute);
        const clock = rome.local(instant);
        expect(Number(clock.slice(11, 13)) * 60 + Number(clock.slice(14, 16))).toBe(minute);
        expect(clock.slice(0, 10)).toBe(rome.day(index).date);
      }),
    );
  });
});
