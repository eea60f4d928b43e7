import { textTable } from "../table.ts";
import type { Spread } from "./pairs.ts";

/** One line of the report. */
export interface Figure {
  readonly name: string;
  /** Of the ratio, or of what `unit` says. */
  readonly spread: Spread;
  readonly unit: "×" | "ms" | "MB";
  /** What the median may be at most; without it the figure is only told. */
  readonly limit?: number;
  /** What the figure was made of. */
  readonly note?: string;
}

export function isMet({ spread, limit }: Figure): boolean {
  return limit === undefined || spread.median <= limit;
}

export function printFigures(figures: readonly Figure[]): string {
  const rows = figures.map((figure) => {
    const { name, spread, unit, limit, note = "" } = figure;
    const shown = (value: number) => `${value.toFixed(unit === "×" ? 2 : 0)} ${unit}`;
    const verdict = limit === undefined ? "" : isMet(figure) ? "met" : "MISSED";
    const most = limit === undefined ? "" : shown(limit);
    return [name, shown(spread.min), shown(spread.median), shown(spread.max), most, verdict, note];
  });
  const head = ["figure", "min", "median", "max", "at most", "", "medians"];
  return textTable(head, rows, ["min", "median", "max", "at most"]);
}
