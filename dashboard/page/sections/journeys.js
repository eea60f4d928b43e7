import { fetchJourney, fetchOrders } from "../backend.js";
import { card, empty, h, table } from "../dom.js";
import { MODELS, WITHOUT_TOUCH } from "../words.js";

/** @import { Journey, OrderRow, Touch } from "../../journeys.ts" */
/** @import { Formats } from "../format.js" */
/** @import { View } from "../state.js" */

/**
 * @typedef {object} Look
 * @property {Formats} format
 * @property {View} view
 * @property {readonly string[]} models
 * @property {(order: string) => void} open
 */

/**
 * The last orders of the period, and the touches before the one that is opened.
 * @param {Look} look
 */
export function journeys(look) {
  const list = h("div", { id: "order-list", "aria-live": "polite" });
  const opened = h("div", { id: "journey", "aria-live": "polite" });
  const search = h("input", {
    type: "search",
    id: "order-search",
    placeholder: "part of an order's number",
  });
  const touched = h("input", { type: "checkbox", id: "order-touched", checked: true });
  const refresh = async () => {
    const { from, to, model } = look.view;
    const rows = await fetchOrders({
      from,
      to,
      model,
      search: search.value.trim(),
      touched: String(touched.checked),
    });
    list.replaceChildren(orderTable(rows, look));
  };
  const form = h(
    "form",
    {
      class: "row",
      onsubmit: (event) => {
        event.preventDefault();
        show(list, refresh);
      },
    },
    h("label", {}, "Find an order ", search),
    h("button", { type: "submit" }, "Find"),
    h("label", { class: "check" }, touched, " only orders that a touch earned"),
  );
  touched.addEventListener("change", () => show(list, refresh));
  show(list, refresh);
  if (look.view.order) show(opened, () => showJourney(opened, look));
  return card(
    {
      id: "journeys",
      title: "The way to one order",
      lead: "Open an order to see the touches before it, online and not, and what each is credited by each rule.",
    },
    form,
    h("div", { class: "journey-columns" }, list, opened),
  );
}

/** Runs what fills a part of the page; a failure is said in its place. @param {HTMLElement} part @param {() => Promise<void>} fill */
function show(part, fill) {
  fill().catch((error) => part.replaceChildren(h("p", { class: "notice bad" }, error.message)));
}

/** @param {readonly OrderRow[]} rows @param {Look} look */
function orderTable(rows, { format, view, open }) {
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
          "aria-current": row.order_id === view.order ? "true" : undefined,
          onclick: () => open(row.order_id),
        },
        row.order_id,
      ),
      format.moment(row.ordered_at),
      where(row, format),
      format.money(row.net_revenue_amount),
      format.count(row.touches),
    ]),
  );
}

/** @param {{ sales_channel: string, store_id: string | null }} order @param {Formats} format */
function where({ sales_channel, store_id }, format) {
  const place = format.names.salesChannel(sales_channel);
  return store_id ? `${place} ${store_id}` : place;
}

/** @param {HTMLElement} part @param {Look} look */
async function showJourney(part, look) {
  const journey = await fetchJourney(look.view.order);
  part.replaceChildren(journeyOf(journey, look));
}

/** @param {Journey} journey @param {Look} look */
function journeyOf({ order, touches }, { format, view, models }) {
  const seen = touches.filter(({ touchpoint_id }) => touchpoint_id !== null);
  const reasons = touches.flatMap(({ channel, touchpoint_id }) =>
    touchpoint_id === null ? [WITHOUT_TOUCH[channel] ?? format.names.channel(channel)] : [],
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
        h(
          "strong",
          {},
          `${format.money(order.net_revenue_amount)}, ${where(order, format).toLowerCase()}`,
        ),
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
    h("strong", {}, touchName(touch, format)),
    h(
      "span",
      { class: "small" },
      `${touch.interaction ?? ""}, ${format.days(touch.days_before_order)} days before`,
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

/** @param {Touch} touch @param {Formats} format */
function touchName(touch, format) {
  const name = format.names.platformOf(touch);
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
          head: `${format.names.model(model)}${model === chosen ? " ✓" : ""}`,
          hint: MODELS[model]?.hint ?? "",
          number: true,
        })),
      ],
      touches.map((touch) => [
        touchName(touch, format),
        ...models.map((model) => {
          const share = touch.credits.find((credit) => credit.model === model);
          return share ? format.percent(share.credit) : "–";
        }),
      ]),
    ),
  );
}
