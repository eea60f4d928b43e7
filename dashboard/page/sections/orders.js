import { Refused } from "../backend.js";
import { card, empty, h } from "../dom.js";
import { table } from "../table.js";
import { orderPlace } from "../words.js";
import { journeyOf } from "./journey.js";

/** @import { Journey, OrderRow } from "../../queries/journeys.ts" */
/** @import { Formats } from "../format.js" */
/** @import { View } from "../state.js" */

/**
 * @typedef {object} Look
 * @property {Formats} format
 * @property {View} view
 * @property {readonly string[]} models
 * @property {(change: Partial<View>) => void} change
 */

/**
 * The last orders of the period, and the touches before the one that is opened.
 * @param {readonly OrderRow[]} rows
 * @param {Journey | Refused | undefined} journey undefined where no order is opened
 * @param {Look} look
 */
export function orders(rows, journey, look) {
  return card(
    {
      id: "journeys",
      title: "The way to one order",
      lead: "Open an order to see the touches before it, online and not, and what each is credited by each rule.",
    },
    searchForm(look),
    h(
      "div",
      { class: "journey-columns" },
      h("div", { id: "order-list" }, orderTable(rows, look)),
      h(
        "div",
        { id: "journey", "aria-live": "polite" },
        journey instanceof Refused
          ? h("p", { class: "notice bad" }, journey.message)
          : journey && journeyOf(journey, look),
      ),
    ),
  );
}

/** @param {Look} look */
function searchForm({ view, change }) {
  const search = h("input", {
    type: "search",
    id: "order-search",
    placeholder: "part of its number",
    value: view.find,
  });
  const onsubmit = (/** @type {Event} */ event) => {
    event.preventDefault();
    change({ find: search.value.trim() });
  };
  return h(
    "form",
    { class: "row", onsubmit },
    h("label", {}, "Find an order ", search),
    h("button", { type: "submit", id: "order-find" }, "Find"),
    h(
      "label",
      { class: "check" },
      h("input", {
        type: "checkbox",
        id: "order-untouched",
        checked: view.untouched,
        onchange: () => change({ untouched: !view.untouched }),
      }),
      "also orders that no touch earned",
    ),
  );
}

/** @param {readonly OrderRow[]} rows @param {Look} look */
function orderTable(rows, { format, view, change }) {
  if (rows.length === 0) {
    return empty(
      "No such order. Choose a longer period above, or include the orders that no touch earned.",
    );
  }
  return table(
    "Orders",
    [
      { head: "Order" },
      { head: "When" },
      { head: "Where" },
      { head: "Net revenue", number: true },
      { head: "Touches", number: true },
    ],
    rows.map((row) => [
      h(
        "button",
        {
          type: "button",
          class: "link",
          id: `open-${row.order_id}`,
          "aria-current": row.order_id === view.order && "true",
          onclick: () => change({ order: row.order_id }),
        },
        row.order_id,
      ),
      h("time", { class: "moment", datetime: row.ordered_at }, format.moment(row.ordered_at)),
      orderPlace(row),
      format.money(row.net_revenue_amount),
      format.count(row.touches),
    ]),
  );
}
