import { chart, shareBars } from "../charts.js";
import { card, empty, h } from "../dom.js";
import { table } from "../table.js";
import { shopName } from "../words.js";

/** @import { OverviewAnswer } from "../backend.js" */
/** @import { Formats } from "../format.js" */

/**
 * The share of till receipts that name a customer: only those can be tied to what brought the customer in.
 * @param {OverviewAnswer} overview
 * @param {{ format: Formats }} look
 */
export function shops({ receipts }, { format }) {
  const [all, ...each] = receipts;
  const rows = each.map((row) => ({
    ...row,
    name: shopName(row),
    rate: row.identified_rate,
  }));
  return card(
    {
      id: "shops",
      title: "Receipts with a name, by shop",
      lead: "Only a receipt that names its customer (by card, e-mail or phone) can be tied to the touches before it.",
    },
    rows.length === 0
      ? empty(
          "No till receipt in this period. Choose a longer one above, or add a till to filo.json.",
        )
      : h(
          "div",
          { class: "side-by-side" },
          chart(
            "Share of receipts with a name, by shop; the table beside has the figures.",
            24 + rows.length * 30,
            () => shareBars(rows, format),
          ),
          table(
            "Receipts by shop",
            [
              { head: "Shop" },
              { head: "Receipts", number: true },
              { head: "With a name", number: true },
              { head: "Share", number: true },
              { head: "Net revenue", number: true },
            ],
            rows.map((row) => [
              row.name,
              format.count(row.receipts),
              format.count(row.identified_receipts),
              format.percent(row.identified_rate),
              format.money(row.net_revenue_amount),
            ]),
            all && [
              "All shops",
              format.count(all.receipts),
              format.count(all.identified_receipts),
              format.percent(all.identified_rate),
              format.money(all.net_revenue_amount),
            ],
          ),
        ),
  );
}
