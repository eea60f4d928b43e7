import fc from "fast-check";
import { DateTime } from "luxon";
import { describe, expect, it } from "vitest";
import {
  addDays,
  createDateReader,
  dayIn,
  daysBetween,
  isoTimestamp,
} from "../../../loaders/core/dates.ts";

const rome = createDateReader({
  date: "dd/MM/yyyy",
  time: "HH:mm",
  timestamp: "iso",
  zone: "Europe/Rome",
});

describe("dates", () => {
  it("reads the declared format and nothing else", () => {
    expect(rome.date("19/11/2026")).toBe("2026-11-19");
    expect(rome.date("29/02/2028")).toBe("2028-02-29");
    for (const text of ["31/02/2026", "29/02/2026", "00/01/2026", "1/1/2026", "2026-11-19", ""]) {
      expect(rome.date(text)).toBeUndefined();
    }
  });
});

describe("local times", () => {
  it("become UTC by the zone's offset of the day", () => {
    expect(rome.dateAndTime("19/11/2026", "11:11")).toEqual({
      utc: "2026-11-19T10:11:00.000Z",
      localDate: "2026-11-19",
      isFold: false,
    });
    expect(rome.dateAndTime("19/07/2026", "00:30")).toMatchObject({
      utc: "2026-07-18T22:30:00.000Z",
      localDate: "2026-07-19",
    });
  });

  it("that the clocks show twice are the first of the two, and say so", () => {
    expect(rome.dateAndTime("25/10/2026", "02:30")).toMatchObject({
      utc: "2026-10-25T00:30:00.000Z",
      isFold: true,
    });
    expect(rome.dateAndTime("25/10/2026", "03:00")).toMatchObject({ isFold: false });
  });

  it("that the clocks skip are refused, as are impossible ones", () => {
    expect(rome.dateAndTime("29/03/2026", "02:30")).toEqual({ problem: "skipped_by_clock" });
    expect(rome.dateAndTime("19/11/2026", "25:61")).toEqual({ problem: "not_a_time" });
    expect(rome.dateAndTime("31/02/2026", "11:11")).toEqual({ problem: "not_a_date" });
  });

  it("a day without a time begins at its first moment", () => {
    expect(rome.dateAndTime("19/11/2026", undefined)).toMatchObject({
      utc: "2026-11-18T23:00:00.000Z",
      localDate: "2026-11-19",
    });
    const beirut = createDateReader({
      date: "yyyy-MM-dd",
      time: "HH:mm",
      timestamp: "iso",
      zone: "Asia/Beirut",
    });
    // The clocks went from 00:00 to 01:00 that night.
    expect(beirut.dateAndTime("2024-03-31", undefined)).toMatchObject({
      utc: "2024-03-30T22:00:00.000Z",
    });
  });

  it("agree with luxon for any unambiguous minute of any zone", () => {
    const zones = ["Europe/Rome", "America/New_York", "Australia/Lord_Howe", "Asia/Kolkata"];
    const readers = new Map(
      zones.map((zone) => [
        zone,
        createDateReader({ date: "yyyy-MM-dd", time: "HH:mm", timestamp: "iso", zone }),
      ]),
    );
    const start = Date.UTC(2024, 0, 1) / 60_000;
    fc.assert(
      fc.property(
        fc.constantFrom(...zones),
        fc.integer({ min: start, max: start + 3 * 366 * 1440 }),
        (zone, minute) => {
          const moment = DateTime.fromMillis(minute * 60_000, { zone });
          const read = readers
            .get(zone)
            ?.dateAndTime(moment.toFormat("yyyy-MM-dd"), moment.toFormat("HH:mm"));
          const isAmbiguous = moment.getPossibleOffsets().length > 1;
          expect(read).toMatchObject({ localDate: moment.toISODate(), isFold: isAmbiguous });
          if (!isAmbiguous) expect(read).toMatchObject({ utc: moment.toUTC().toISO() });
        },
      ),
      { numRuns: 500 },
    );
  });
});

describe("ISO timestamps", () => {
  it("with an offset are what they say, and their day is the zone's", () => {
    expect(rome.timestamp("2026-11-19T23:40:00-01:00")).toEqual({
      utc: "2026-11-20T00:40:00.000Z",
      localDate: "2026-11-20",
      isFold: false,
    });
  });

  it("without an offset are local", () => {
    expect(rome.timestamp("2026-11-19 12:01:07")).toMatchObject({
      utc: "2026-11-19T11:01:07.000Z",
    });
  });

  it("of events must have an offset and an existing day", () => {
    expect(isoTimestamp("2026-11-19T09:41:11.120Z")).toBe("2026-11-19T09:41:11.120Z");
    expect(isoTimestamp("2026-11-30T09:41:11Z")).toBe("2026-11-30T09:41:11.000Z");
    expect(isoTimestamp("2026-11-19T09:41:11+01:00")).toBe("2026-11-19T08:41:11.000Z");
    for (const text of ["2026-02-30T09:41:11.120Z", "2026-11-19T09:41:11", "2026-11-19", "x", 7]) {
      expect(isoTimestamp(text)).toBeUndefined();
    }
  });
});

it("days are counted and added on the calendar", () => {
  expect(addDays("2026-02-28", 1)).toBe("2026-03-01");
  expect(addDays("2026-03-30", -1)).toBe("2026-03-29");
  expect(daysBetween("2026-03-28", "2026-03-30")).toBe(2);
  expect(dayIn("Europe/Rome", Date.parse("2026-11-19T23:30:00Z"))).toBe("2026-11-20");
});
