/** What the marts' names mean to somebody who plans marketing. */

/** @type {Readonly<Record<string, { name: string, hint: string }>>} */
export const MODELS = {
  first_touch: { name: "First touch", hint: "All of an order goes to the touch that began it." },
  last_touch: { name: "Last touch", hint: "All of an order goes to the last touch before it." },
  last_non_direct: {
    name: "Last touch but direct",
    hint: "All of an order goes to the last touch that was not a direct visit, as most web analytics do.",
  },
  linear: { name: "All touches alike", hint: "An order is shared equally among its touches." },
  position_based: {
    name: "First and last most",
    hint: "40 % of an order goes to the first touch, 40 % to the last, the rest to those between.",
  },
  time_decay: {
    name: "Later touches more",
    hint: "An order is shared among its touches, the more the nearer they are to it.",
  },
  markov: {
    name: "Markov chain",
    hint: "A channel earns what would be lost without it, judged by the paths of all customers.",
  },
  shapley: {
    name: "Shapley value",
    hint: "A channel earns what it adds on average to the channels it works with.",
  },
};

/** @type {Readonly<Record<string, string>>} */
const CHANNELS = {
  paid_search: "Paid search",
  paid_social: "Paid social",
  display: "Display",
  video: "Video",
  shopping: "Shopping ads",
  affiliate: "Affiliates",
  email: "E-mail",
  sms: "SMS",
  whatsapp: "WhatsApp",
  push: "App messages",
  direct_mail: "Direct mail",
  qr_code: "QR codes",
  event: "Events",
  appointment: "Appointments",
  store_visit: "Shop visits",
  customer_care: "Customer care",
  organic_search: "Unpaid search",
  organic_social: "Unpaid social",
  referral: "Other sites",
  direct: "Direct visits",
  other: "Other",
  unattributed: "No touch known",
  unidentified: "Unnamed receipts",
  no_consent: "No consent to measure",
};

/** Why no touch earned an order: its channel says it. @type {Readonly<Record<string, string>>} */
export const WITHOUT_TOUCH = {
  unattributed: "The customer is known, and no touch of theirs was near enough before this order.",
  unidentified: "Nobody knows who bought: no card, e-mail or phone was given at the till.",
  no_consent: "The customer did not agree to have their visits measured, so no touch is shown.",
};

/** @type {Readonly<Record<string, string>>} */
const SALES_CHANNELS = {
  online: "Online",
  store: "Shop",
  click_and_collect: "Click and collect",
  marketplace: "Marketplace",
  remote: "Remote sale",
};

/** @type {Readonly<Record<string, string>>} */
const BROUGHT = {
  costs: "cost",
  online_revenue: "online revenue",
  store_revenue: "shop revenue",
};

/** What a source brings every day, such as "online revenue, cost"; "–" for lists that come now and then. @param {string | null} brings */
export function brought(brings) {
  return (
    brings
      ?.split(", ")
      .map((one) => BROUGHT[one] ?? spaced(one))
      .join(", ") ?? "–"
  );
}

/** @type {Readonly<Record<string, string>>} */
const PLATFORMS = {
  meta: "Meta",
  google: "Google",
  tiktok: "TikTok",
  microsoft: "Microsoft",
  linkedin: "LinkedIn",
  youtube: "YouTube",
};

/** A name of the marts without a word of its own here: as it is, with spaces. @param {string} id */
function spaced(id) {
  const text = id.replaceAll("_", " ");
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** @param {string} id */
export function modelName(id) {
  return MODELS[id]?.name ?? spaced(id);
}

/** @param {string} id */
export function channelName(id) {
  return CHANNELS[id] ?? spaced(id);
}

/** A shop by the name of the register, else by its code. @param {{ store_id: string | null, store_name: string | null }} shop */
export function shopName({ store_id, store_name }) {
  return store_name ?? store_id ?? "Shop not stated";
}

/** Where an order was made. @param {{ sales_channel: string, store_id: string | null, store_name: string | null }} order */
export function orderPlace(order) {
  const channel = SALES_CHANNELS[order.sales_channel] ?? spaced(order.sales_channel);
  return order.store_id === null ? channel : `${channel}, ${shopName(order)}`;
}

/** A platform within its channel, such as "Meta · Paid social". @param {{ channel: string, platform: string | null }} row */
export function platformName({ channel, platform }) {
  if (platform === null) return channelName(channel);
  return `${PLATFORMS[platform] ?? spaced(platform)} · ${channelName(channel)}`;
}

/** A time of so many days, in the unit that fits. @param {number} days */
export function duration(days) {
  const [amount, unit] = days < 1 ? [days * 24, "hour"] : [days, "day"];
  const rounded = Math.round(amount);
  if (rounded === 0) return "less than an hour";
  return `${rounded} ${unit}${rounded === 1 ? "" : "s"}`;
}
