import { Refused } from "../backend.js";
import { card, empty, h, table } from "../dom.js";
import {
  channelName,
  duration,
  MODELS,
  modelName,
  platformName,
  salesChannelName,
  WITHOUT_TOUCH,
} from "../words.js";

/** @import { Journey, OrderRow, Touch } from "../../journeys.ts" */
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
 * @param {readonly OrderRow[]} orders
 * @param {Journey | Refused | undefined} journey undefined where no order is opened
 * @param {Look} look
 */
export function journeys(orders, journey, look) {
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
      h("div", { id: "order-list" }, orderTable(orders, look)),
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
      format.moment(row.ordered_at),
      where(row),
      format.money(row.net_revenue_amount),
      format.count(row.touches),
    ]),
  );
}

/** @param {{ sales_channel: string, store_id: string | null }} order */
function where({ sales_channel, store_id }) {
  const place = salesChannelName(sales_channel);
  return store_id ? `${place} ${store_id}` : place;
}

/** @param {Journey} journey @param {Look} look */
function journeyOf({ order, touches }, { format, view, models }) {
  const seen = touches.filter(({ touchpoint_id }) => touchpoint_id !== null);
  const reasons = touches.flatMap(({ channel, touchpoint_id }) =>
    touchpoint_id === null ? [WITHOUT_TOUCH[channel] ?? channelName(channel)] : [],
  );
  return h(
    "div",
    { class: "journey" },
    h("h3", {}, `Order ${order.order_id}`),
    h("p", { class: "small" }, orderLine(order, format)),
    h(
      "ol",
      { class: "thread" },
      ...seen.map((touch) => step(touch, view.model, format)),
      h(
        "li",
        { class: "bought" },
        h("time", { datetime: order.ordered_at }, format.moment(order.ordered_at)),
        h("strong", {}, `${format.money(order.net_revenue_amount)}, ${where(order)}`),
        order.is_first_order ? h("span", { class: "badge good" }, "first order") : null,
      ),
    ),
    ...reasons.map((reason) => h("p", { class: "notice" }, reason)),
    seen.length > 0 && creditTable(seen, models, view.model, format),
  );
}

/** @param {Journey["order"]} order @param {Formats} format */
function orderLine(order, format) {
  const parts = [
    `Goods of ${format.money(order.gross_amount)}, tax included`,
    Number(order.discount_amount) ? `${format.money(order.discount_amount)} of discount` : "",
    Number(order.refund_amount) ? `${format.money(order.refund_amount)} given back` : "",
    order.promo_code ? `code ${order.promo_code}` : "",
    order.identified_by
      ? `customer known by ${order.identified_by.replaceAll("_", " ")}`
      : "customer not known",
  ];
  return `${parts.filter(Boolean).join("; ")}.`;
}

/** @param {Touch} touch @param {string} model @param {Formats} format */
function step(touch, model, format) {
  const share = touch.credits.find((credit) => credit.model === model);
  return h(
    "li",
    { class: touch.is_offline ? "offline" : "online" },
    h(
      "time",
      { datetime: touch.touched_at ?? "" },
      touch.touched_at ? format.moment(touch.touched_at) : "",
    ),
    h("strong", {}, touchName(touch)),
    h(
      "span",
      { class: "small" },
      `${touch.interaction ?? ""}, ${duration(touch.days_before_order ?? 0)} before`,
    ),
    h(
      "span",
      { class: "credit" },
      share
        ? `${format.percent(share.credit)} · ${format.money(share.attributed_revenue_amount)}`
        : "no credit",
    ),
  );
}

/** @param {Touch} touch */
function touchName(touch) {
  const name = platformName(touch);
  return touch.campaign_name ? `${name}: ${touch.campaign_name}` : name;
}

/** @param {readonly Touch[]} touches @param {readonly string[]} models @param {string} chosen @param {Formats} format */
function creditTable(touches, models, chosen, format) {
  return h(
    "details",
    { open: true },
    h("summary", {}, "The credit by every rule"),
    table(
      "Credit of each touch by every rule",
      [
        { head: "Touch" },
        ...models.map((model) => ({
          head: `${modelName(model)}${model === chosen ? " ✓" : ""}`,
          hint: MODELS[model]?.hint ?? "",
          number: true,
        })),
      ],
      touches.map((touch) => [
        touchName(touch),
        ...models.map((model) => {
          const share = touch.credits.find((credit) => credit.model === model);
          return share ? format.percent(share.credit) : "–";
        }),
      ]),
    ),
  );
}
