import { chart, revenueAndCost } from "../charts.js";
import { card, empty, h } from "../dom.js";
import { grainOf } from "../state.js";
import { table } from "../table.js";

/** @import { Bucket } from "../../queries/roas.ts" */
/** @import { OverviewAnswer } from "../backend.js" */
/** @import { Formats } from "../format.js" */
/** @import { View } from "../state.js" */

const GRAINS = { auto: "as it fits", day: "by day", week: "by week", month: "by month" };

/**
 * Revenue and cost over time.
 * @param {OverviewAnswer} overview
 * @param {{ format: Formats, view: View, change: (change: Partial<View>) => void }} look
 */
export function revenue({ buckets, missing }, { format, view, change }) {
  const grain = grainOf(view);
  const name = bucketName(grain, format);
  const provisional = new Set(
    buckets
      .filter((b) => missing.some(({ date }) => date >= b.start_date && date <= b.end_date))
      .map((b) => b.start_date),
  );
  const sold = buckets.some(
    (b) =>
      Number(b.online_revenue_amount) ||
      Number(b.store_revenue_amount) ||
      Number(b.spend_amount) ||
      Number(b.revenue_without_cost_amount),
  );
  return card(
    {
      id: "revenue",
      title: "Revenue and marketing cost",
      lead:
        "Net of tax, discounts and returns. An order counts on the day it was made, cost on the day it was spent." +
        (provisional.size > 0 ? " Shaded: not complete yet." : ""),
    },
    h(
      "label",
      { class: "corner" },
      "Bars ",
      h(
        "select",
        {
          id: "grain",
          onchange: (event) =>
            change({ grain: /** @type {HTMLSelectElement} */ (event.target).value }),
        },
        ...Object.entries(GRAINS).map(([value, text]) =>
          h("option", { value, selected: value === view.grain }, text),
        ),
      ),
    ),
    sold
      ? chart(
          "Revenue online and in the shops, and marketing cost; the table below has the figures.",
          340,
          () => revenueAndCost({ buckets, name, provisional, format }),
        )
      : empty("No order and no cost in this period. Choose a longer one above."),
    h(
      "details",
      {},
      h("summary", {}, "The figures as a table"),
      table(
        "Revenue and marketing cost over time",
        [
          { head: "Days" },
          { head: "Online", number: true },
          { head: "In the shops", number: true },
          {
            head: "Cost not known yet",
            number: true,
            hint: "Revenue of days whose cost is still missing",
          },
          { head: "Marketing cost", number: true },
          { head: "State" },
        ],
        buckets.map((b) => [
          name.long(b),
          format.money(b.online_revenue_amount),
          format.money(b.store_revenue_amount),
          format.money(b.revenue_without_cost_amount),
          format.money(b.spend_amount),
          provisional.has(b.start_date) ? "not complete yet" : "complete",
        ]),
      ),
    ),
  );
}

/**
 * What a bar is called: on the axis, and where there is room.
 * @param {string} grain
 * @param {Formats} format
 * @returns {{ short: (bucket: Bucket) => string, long: (bucket: Bucket) => string }}
 */
function bucketName(grain, format) {
  const day = (/** @type {Bucket} */ b) => format.day(b.start_date);
  if (grain === "month") {
    const month = (/** @type {Bucket} */ b) => format.month(b.start_date);
    return { short: month, long: month };
  }
  if (grain === "week") return { short: day, long: (b) => `${day(b)} – ${format.day(b.end_date)}` };
  return { short: day, long: day };
}
