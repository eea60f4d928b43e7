// Where a visit came from. One table, read from the top: the first rule that fits gives channel and platform.
// A click id proves the platform, so it stands above the UTM parameters that people type.

/** The channels of the contract that a touch may have. */
const CHANNELS = [
  ...[
    "paid_search",
    "paid_social",
    "display",
    "video",
    "shopping",
    "affiliate",
    "email",
    "sms",
    "whatsapp",
    "push",
  ],
  ...["direct_mail", "qr_code", "event", "appointment", "store_visit", "customer_care"],
  ...["organic_search", "organic_social", "referral", "direct", "other"],
];

/** Channels whose visits nobody paid for: a paid campaign is never behind them. */
const FREE_CHANNELS = ["organic_search", "organic_social", "referral", "direct"];

/** Channels in which the retailer sends something itself, by whichever provider. */
const SENT_CHANNELS = ["email", "sms", "whatsapp", "push", "direct_mail"];

/** Channels of touches in the physical world. */
const OFFLINE_CHANNELS = [
  ...["direct_mail", "qr_code", "event", "appointment", "store_visit", "customer_care"],
];

/** Channels of credit that no touch earned. */
const CREDIT_ONLY_CHANNELS = ["unattributed", "unidentified", "no_consent"];

/**
 * click: column of a click id that must be there. medium, source, referrer: regular expressions, in lower case, over
 * utm_medium, utm_source and the referrer's host. All conditions of a rule must hold. platform: a fixed one, or none:
 * then the one that the source or the referrer is known by.
 */
const RULES = [
  { channel: "paid_search", platform: "google", click: "google_click_id" },
  { channel: "paid_search", platform: "microsoft", click: "microsoft_click_id" },
  { channel: "paid_social", platform: "tiktok", click: "tiktok_click_id" },
  // Meta appends its click id to posts as well; a tag that says so is believed
  {
    channel: "organic_social",
    platform: "meta",
    click: "meta_click_id",
    medium: "^(organic|social|organic_social|post)$",
  },
  { channel: "paid_social", platform: "meta", click: "meta_click_id" },

  { channel: "shopping", medium: "^(shopping|pla|free_?listings?)$" },
  { channel: "paid_social", medium: "^(paid_?social|social_?paid|paid-social|social_ads?)$" },
  {
    channel: "paid_social",
    medium: "^(cpc|cpm|ppc|paid|ads?)$",
    source: "^(facebook|fb|instagram|ig|meta|tiktok|pinterest|linkedin|snapchat)",
  },
  { channel: "display", medium: "^(display|banner|cpm|native|programmatic)$" },
  { channel: "video", medium: "^(video|cpv)$" },
  { channel: "paid_search", medium: "^(cpc|ppc|sem|paid_?search|paid)$" },
  { channel: "affiliate", medium: "^(affiliates?|affiliazione)$" },
  { channel: "email", medium: "^(e-?mail|newsletter|dem)$" },
  { channel: "sms", medium: "^sms$" },
  { channel: "whatsapp", medium: "^(whatsapp|wa)$" },
  { channel: "push", medium: "push" },
  { channel: "direct_mail", medium: "^(direct_?mail|postcard|cartolina|print|mailing)$" },
  { channel: "qr_code", medium: "^(qr|qr_?code|offline)$" },
  { channel: "organic_social", medium: "^(social|organic_?social|social-media|post|bio)$" },
  { channel: "organic_search", medium: "^organic$" },
  { channel: "referral", medium: "^(referral|partner|press)$" },
  { channel: "email", source: "^(newsletter|email|mailing)$" },
  { channel: "qr_code", source: "^qr" },
  { channel: "other", source: "." },
  { channel: "other", medium: "." },

  { channel: "email", referrer: "^(mail|webmail|outlook)\\." },
  {
    channel: "organic_search",
    referrer: "(^|\\.)(google|bing|yahoo|duckduckgo|ecosia|qwant|yandex|virgilio)\\.[a-z.]+$",
  },
  {
    channel: "organic_social",
    referrer:
      "(^|\\.)(facebook|instagram|tiktok|pinterest|linkedin|youtube|twitter|x|t|threads|reddit)\\.(com|it|co|net)$",
  },
  { channel: "referral", referrer: "." },
  { channel: "direct" },
];

/** What sources and referrers of one company are called. */
const PLATFORMS = [
  {
    platform: "meta",
    names: "^(facebook|fb|instagram|ig|meta)$|(^|\\.)(facebook|instagram)\\.com$",
  },
  {
    platform: "google",
    names: "^(google|adwords|googleads|youtube)$|(^|\\.)(google|youtube)\\.[a-z.]+$",
  },
  { platform: "microsoft", names: "^(bing|microsoft)$|(^|\\.)bing\\.com$" },
  { platform: "tiktok", names: "tiktok" },
  { platform: "pinterest", names: "pinterest" },
  { platform: "linkedin", names: "linkedin" },
];

/** The channel of a Google Ads campaign by its type. Performance Max is sold as shopping with other places added. */
const GOOGLE_CHANNELS = {
  SEARCH: "paid_search",
  SHOPPING: "shopping",
  PERFORMANCE_MAX: "shopping",
  VIDEO: "video",
  DEMAND_GEN: "video",
  DISPLAY: "display",
};

/** Pages on which people pay: coming back from one is not coming from somewhere. */
const PAYMENT_PAGES =
  "(^|\\.)(paypal|klarna|scalapay|satispay|nexi|stripe|adyen|worldpay|amazonpay|arcot|3dsecure|gestpay|cassasicura)\\.[a-z.]+$|^(pay|checkout|3ds|acs|secure)\\.";

const MATCHED = { medium: "utm_medium", source: "utm_source", referrer: "referrer_host" };

function condition(rule) {
  const parts = Object.entries(MATCHED)
    .filter(([key]) => rule[key])
    .map(([key, column]) => `regexp_contains(${column}, r'${rule[key]}')`);
  if (rule.click) parts.unshift(`${rule.click} is not null`);
  return parts.length ? parts.join(" and ") : "true";
}

function check(rules) {
  const seen = new Map();
  rules.forEach((rule, i) => {
    const where = `Channel rule ${i + 1} (${JSON.stringify(rule)})`;
    if (!CHANNELS.includes(rule.channel)) throw new Error(`${where}: unknown channel.`);
    const key = condition(rule);
    if (seen.has(key))
      throw new Error(`${where} can never fit: rule ${seen.get(key)} fits the same visits.`);
    seen.set(key, i + 1);
  });
  return rules;
}

/** Channels as a list of SQL strings. */
const quoted = (channels) => channels.map((channel) => `'${channel}'`).join(", ");

/** Both results of the rules at once: STRUCT<channel, platform>, over the columns that the rules name. */
const classify = (rules = RULES) =>
  [
    "case",
    ...check(rules).map((rule) => {
      const platform = rule.platform ? `'${rule.platform}'` : "known_platform";
      return `      when ${condition(rule)} then struct('${rule.channel}' as channel, ${platform} as platform)`;
    }),
    "    end",
  ].join("\n");

/** The channel of a Google Ads campaign, from its advertising_channel_type; `other` for a type that is not listed. */
const ofGoogle = (channelType) =>
  `case ${channelType} ${Object.entries(GOOGLE_CHANNELS)
    .map(([type, channel]) => `when '${type}' then '${channel}'`)
    .join(" ")} else 'other' end`;

/** The company behind a source or a referrer's host; another source under its own name; null for other referrers. */
const platform = (source, referrerHost) =>
  [
    "case",
    ...PLATFORMS.map(
      (entry) =>
        `      when regexp_contains(coalesce(${source}, ${referrerHost}), r'${entry.names}') then '${entry.platform}'`,
    ),
    `      else ${source}`,
    "    end",
  ].join("\n");

/** The host of a URL in lower case, without `www.` and `m.`. */
const host = (url) =>
  `regexp_replace(regexp_extract(lower(${url}), r'^[a-z]+://([^/:?#]+)'), r'^(www|m)\\.', '')`;

/** True where a referrer is the site itself or a page on which people pay; both are hosts as `host` makes them. */
const isInternal = (referrerHost, pageHost) =>
  `(
      ${referrerHost} = ${pageHost}
      or ends_with(${referrerHost}, concat('.', ${pageHost}))
      or ends_with(${pageHost}, concat('.', ${referrerHost}))
      or regexp_contains(${referrerHost}, r'${PAYMENT_PAGES}')
    )`;

module.exports = {
  CHANNELS,
  FREE_CHANNELS,
  SENT_CHANNELS,
  OFFLINE_CHANNELS,
  CREDIT_ONLY_CHANNELS,
  RULES,
  quoted,
  classify,
  ofGoogle,
  platform,
  host,
  isInternal,
};
