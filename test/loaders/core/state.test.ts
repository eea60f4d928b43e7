import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { addDays, daysBetween } from "../../../loaders/core/dates.ts";
import type { DateSlice } from "../../../loaders/core/define-stream.ts";
import { advanceCursor, cutDays, joinDays, planSlices } from "../../../loaders/core/state.ts";

const plan = { startDate: "2026-01-01", lastDay: "2026-03-31", rereadDays: 28, sliceDays: 30 };

describe("the days to read", () => {
  it("are all of them at first, in slices of at most 30", () => {
    expect(planSlices({ ...plan, cursor: undefined })).toEqual([
      { from: "2026-01-01", to: "2026-01-30" },
      { from: "2026-01-31", to: "2026-03-01" },
      { from: "2026-03-02", to: "2026-03-31" },
    ]);
  });

  it("begin 28 days back once a cursor is there, and never before the start", () => {
    expect(planSlices({ ...plan, cursor: "2026-03-30" })).toEqual([
      { from: "2026-03-03", to: "2026-03-31" },
    ]);
    expect(planSlices({ ...plan, lastDay: "2026-01-10", cursor: "2026-01-09" })).toEqual([
      { from: "2026-01-01", to: "2026-01-10" },
    ]);
  });

  it("end with the day asked for, also where the cursor is ahead", () => {
    expect(planSlices({ ...plan, lastDay: "2026-03-01", cursor: "2026-03-30" })).toEqual([
      { from: "2026-02-02", to: "2026-03-01" },
    ]);
    expect(planSlices({ ...plan, lastDay: "2025-12-31", cursor: undefined })).toEqual([]);
  });

  it("that follow one another are joined again, around those that are missing", () => {
    const [first, second, , fourth] = cutDays("2026-01-01", "2026-04-30", 30);
    if (!first || !second || !fourth) throw new Error("four slices");
    expect(joinDays([first, second, fourth])).toEqual([
      { from: "2026-01-01", to: "2026-03-01" },
      { from: "2026-04-01", to: "2026-04-30" },
    ]);
  });

  it("are each in exactly one slice", () => {
    const days = fc.integer({ min: 0, max: 400 });
    fc.assert(
      fc.property(days, fc.integer({ min: 1, max: 40 }), (length, sliceDays) => {
        const from = "2026-01-01";
        const to = addDays(from, length);
        const slices = cutDays(from, to, sliceDays);
        const all = slices.flatMap((slice) =>
          Array.from({ length: daysBetween(slice.from, slice.to) + 1 }, (_, i) =>
            addDays(slice.from, i),
          ),
        );
        expect(all).toEqual(Array.from({ length: length + 1 }, (_, i) => addDays(from, i)));
        expect(slices.every((s) => daysBetween(s.from, s.to) < sliceDays)).toBe(true);
      }),
    );
  });
});

describe("the cursor", () => {
  const slices = cutDays("2026-01-01", "2026-03-31", 30);
  const done = (...indices: number[]) =>
    new Set(indices.map((i) => slices[i]).filter((s): s is DateSlice => s !== undefined));

  it("moves over completed slices as far as they are unbroken", () => {
    expect(advanceCursor(undefined, slices, done(0, 1, 2))).toBe("2026-03-31");
    expect(advanceCursor(undefined, slices, done(0, 2))).toBe("2026-01-30");
    expect(advanceCursor(undefined, slices, done(1, 2))).toBeUndefined();
  });

  it("never moves back", () => {
    expect(advanceCursor("2026-05-01", slices, done(0, 1, 2))).toBe("2026-05-01");
    expect(advanceCursor("2026-01-15", slices, done())).toBe("2026-01-15");
  });
});
