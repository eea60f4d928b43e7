import { card, h } from "../dom.js";
import { table } from "../table.js";
import { brought } from "../words.js";

/** @import { SourceStatus } from "../../queries/sources.ts" */
/** @import { Formats } from "../format.js" */

/**
 * How far each source reaches and what to do where that is not far enough.
 * @param {readonly SourceStatus[]} rows
 * @param {{ format: Formats }} look
 */
export function sources(rows, { format }) {
  return card(
    {
      id: "sources",
      title: "Where the figures come from",
      lead: "A source that is late makes its days provisional: its cost or revenue is still missing from them.",
    },
    table(
      "Sources",
      [
        { head: "Source" },
        { head: "Brings" },
        { head: "State" },
        { head: "Data until" },
        { head: "Last brought something new" },
        { head: "Rows loaded", number: true },
        { head: "Rows refused", number: true },
        { head: "What to do" },
      ],
      rows.map((row) => [
        row.source,
        brought(row.brings),
        row.is_stale
          ? h("span", { class: "badge warn" }, "late")
          : h("span", { class: "badge good" }, "up to date"),
        dataUntil(row, format),
        row.last_success_at ? format.moment(row.last_success_at) : "never",
        format.count(row.rows_loaded),
        format.count(row.rows_rejected),
        h("span", {}, toDo(row), row.note !== null && h("span", { class: "under" }, row.note)),
      ]),
    ),
  );
}

/** A list without days, such as a register of shops, reaches none. @param {SourceStatus} row @param {Formats} format */
function dataUntil(row, format) {
  if (row.data_until_date) return format.day(row.data_until_date);
  return row.is_stale ? "never" : "–";
}

/** What to do about a source, as a sentence. @param {SourceStatus} row */
export function toDo(row) {
  if (row.remedy) return `${row.remedy.charAt(0).toUpperCase()}${row.remedy.slice(1)}.`;
  if (row.is_stale) return "Deliver the missing days, then run filo nightly.";
  return row.rows_rejected > 0 ? "Look at the refused rows in ops.dead_letters." : "–";
}
