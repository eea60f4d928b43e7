import { h } from "../dom.js";

/** @import { OverviewAnswer } from "../backend.js" */
/** @import { Formats } from "../format.js" */

/**
 * The period in five figures.
 * @param {OverviewAnswer} overview
 * @param {{ format: Formats }} look
 */
export function summary({ totals, receipts }, { format }) {
  const [allShops] = receipts;
  const apart = Number(totals.revenue_without_cost_amount) !== 0;
  const roas =
    totals.roas === null
      ? tile("ROAS", "–", "Nothing was spent in this period.", "roas")
      : h(
          "div",
          { class: "tile hero" },
          h("h3", {}, `ROAS: what ${format.amount(1)} of marketing earned`),
          h(
            "p",
            { class: "versus" },
            h("span", { class: "figure", id: "roas-online" }, format.ratio(totals.online_roas)),
            h("span", { class: "arrow", "aria-hidden": true }, "→"),
            h("span", { class: "figure strong", id: "roas" }, format.ratio(totals.roas)),
          ),
          h(
            "p",
            { class: "versus-names" },
            h("span", {}, "Online only"),
            h("span", {}, "With the shops"),
          ),
          h(
            "p",
            { class: "small" },
            "Net revenue over cost, of the platforms that cost something. All revenue over all cost: " +
              `${format.ratio(totals.blended_roas)}.`,
          ),
        );
  return h(
    "div",
    { class: "tiles" },
    roas,
    tile(
      "Net revenue",
      format.amount(totals.net_revenue_amount),
      `${format.amount(totals.online_revenue_amount)} online, ${format.amount(totals.store_revenue_amount)} in the shops` +
        (apart
          ? `, ${format.amount(totals.revenue_without_cost_amount)} whose cost is not known yet`
          : ""),
      "net-revenue",
    ),
    tile(
      "Marketing cost",
      format.amount(totals.spend_amount),
      `earned ${format.amount(totals.paid_revenue_amount)}, of which ${format.amount(totals.paid_online_revenue_amount)} online`,
      "spend",
    ),
    tile(
      "New customers",
      format.count(totals.new_customers),
      "ordered for the first time",
      "new-customers",
    ),
    tile(
      "Receipts with a name",
      format.percent(allShops?.identified_rate),
      `${format.count(allShops?.identified_receipts)} of ${format.count(allShops?.receipts)} till receipts`,
      "identified",
    ),
  );
}

/** @param {string} name @param {string} figure @param {string} remark @param {string} [id] */
function tile(name, figure, remark, id) {
  return h(
    "div",
    { class: "tile" },
    h("h3", {}, name),
    h("p", { class: "figure", id }, figure),
    h("p", { class: "small" }, remark),
  );
}
