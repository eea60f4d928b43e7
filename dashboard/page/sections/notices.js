import { Refused } from "../backend.js";
import { h } from "../dom.js";
import { brought } from "../words.js";
import { toDo } from "./sources.js";

/** @import { MissingDay, SourceStatus } from "../../queries/sources.ts" */
/** @import { AboutAnswer } from "../backend.js" */
/** @import { Formats } from "../format.js" */

/**
 * Says which sources the period lacks, on how many days, and what to do; null where it lacks none.
 * @param {readonly MissingDay[]} missing
 * @param {readonly SourceStatus[]} status
 * @param {Formats} format
 */
export function provisionalNotice(missing, status, format) {
  if (missing.length === 0) return null;
  const names = [...new Set(missing.map(({ source }) => source))];
  return h(
    "div",
    { class: "notice warn", role: "note", id: "provisional" },
    h("h2", {}, "Some days are provisional"),
    h(
      "ul",
      {},
      ...names.map((name) => {
        const days = missing.filter(({ source }) => source === name).map(({ date }) => date);
        const [first = "", last = first] = [days[0], days.at(-1)];
        const row = status.find(({ source }) => source === name);
        return h(
          "li",
          {},
          h("strong", {}, name),
          row?.brings ? ` (${brought(row.brings)})` : "",
          first === last
            ? ` is missing on ${format.day(first)}. `
            : ` is missing on ${days.length} days between ${format.day(first)} and ${format.day(last)}. `,
          row?.is_stale
            ? toDo(row)
            : "What they cost is not known yet, or they are before the source's startDate.",
        );
      }),
    ),
    h(
      "p",
      {},
      "Where a day's cost is missing, its revenue stands apart (“cost not known yet”) and in no ROAS, so that late data " +
        "never make a campaign look better or worse.",
    ),
  );
}

/** The marts keep their figures when a check of the last run failed; the status of the sources goes on. @param {AboutAnswer} about */
export function olderFigures({ run_id, sources }) {
  const latest = sources[0]?.run_id;
  if (latest === undefined || latest === run_id) return null;
  return h(
    "div",
    { class: "notice bad", role: "note" },
    h("h2", {}, "These figures are of an earlier run"),
    h(
      "p",
      {},
      `The last run (${latest}) failed a check and left the figures of ${run_id} as they were. ` +
        "Run filo transform: its report says which.",
    ),
  );
}

/** Why there are no figures, and what to do. @param {unknown} error */
export function failure(error) {
  const noMarts = error instanceof Refused && error.noMarts;
  return h(
    "div",
    { class: "notice bad", role: "alert" },
    h("h2", {}, noMarts ? "Nothing to show yet" : "The figures could not be read"),
    h("p", {}, error instanceof Error ? error.message : String(error)),
    h(
      "p",
      {},
      noMarts
        ? "Run filo nightly, then load this page again."
        : "Load this page again; if it stays, run filo doctor.",
    ),
  );
}
