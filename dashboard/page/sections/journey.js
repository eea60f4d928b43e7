import { h } from "../dom.js";
import { table } from "../table.js";
import {
  channelName,
  duration,
  MODELS,
  modelName,
  orderPlace,
  platformName,
  WITHOUT_TOUCH,
} from "../words.js";

/** @import { Journey, Touch } from "../../queries/journeys.ts" */
/** @import { Formats } from "../format.js" */
/** @import { Look } from "./orders.js" */

/**
 * One order: the touches before it, what came after, and the credit of each touch by every model.
 * @param {Journey} journey
 * @param {Look} look
 */
export function journeyOf({ order, touches }, { format, view, models, change }) {
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
        h("strong", {}, `${format.money(order.net_revenue_amount)}, ${orderPlace(order)}`),
        order.is_first_order === true && h("span", { class: "badge good" }, "first order"),
      ),
      followUp(order),
      nextOrder(order, format, change),
    ),
    ...reasons.map((reason) => h("p", { class: "notice" }, reason)),
    seen.length > 0 && creditTable(seen, models, view.model, format),
  );
}

/** The message that followed the order. @param {Journey["order"]} order */
function followUp({ followup_sms_campaign: campaign, followup_sms_status: status }) {
  if (campaign === null) return null;
  return h(
    "li",
    { class: "after" },
    h("strong", {}, `Message ${campaign}`),
    h("span", { class: "small" }, status ? `after the order: ${status}` : "after the order"),
  );
}

/** @param {Journey["order"]} order @param {Formats} format @param {Look["change"]} change */
function nextOrder(
  { next_order_id: id, next_order_date: date, next_order_net_revenue_amount: amount },
  format,
  change,
) {
  if (id === null) return null;
  return h(
    "li",
    { class: "after" },
    date && h("time", { datetime: date }, format.day(date)),
    h(
      "strong",
      {},
      "The next order: ",
      h("button", { type: "button", class: "link", onclick: () => change({ order: id }) }, id),
    ),
    h("span", { class: "credit" }, format.money(amount)),
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
