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
export const SALES_CHANNELS = {
  online: "Online",
  store: "Shop",
  click_and_collect: "Ordered online, collected in a shop",
  marketplace: "Marketplace",
  remote: "Remote sale",
};

/** @type {Readonly<Record<string, string>>} */
const PLATFORMS = {
  meta: "Meta",
  google: "Google",
  tiktok: "TikTok",
  microsoft: "Microsoft",
  linkedin: "LinkedIn",
  youtube: "YouTube",
};

/**
 * Names for people of channels, platforms, campaigns and models; what has none is shown as it is, with spaces.
 * @param {string} locale
 */
export function names(locale) {
  const list = new Intl.ListFormat(locale.startsWith("en") ? locale : "en-GB");
  const plain = (/** @type {string} */ text) => {
    const spaced = text.replaceAll("_", " ");
    return spaced.charAt(0).toUpperCase() + spaced.slice(1);
  };
  const channel = (/** @type {string} */ id) => CHANNELS[id] ?? plain(id);
  const platform = (/** @type {string} */ id) => PLATFORMS[id] ?? plain(id);
  return {
    list: (/** @type {readonly string[]} */ items) => list.format(items),
    channel,
    platform,
    model: (/** @type {string} */ id) => MODELS[id]?.name ?? plain(id),
    salesChannel: (/** @type {string} */ id) => SALES_CHANNELS[id] ?? plain(id),
    /** A platform within its channel, such as "Meta, paid social". */
    platformOf: (/** @type {{ channel: string, platform: string | null }} */ row) =>
      row.platform === null
        ? channel(row.channel)
        : `${platform(row.platform)}, ${channel(row.channel).toLowerCase()}`,
  };
}
