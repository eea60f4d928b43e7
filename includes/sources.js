// What each stream of the loaders brings to a ROAS, and so what is missing where it is late.
const { AS_OF } = require("./constants.js");

/**
 * Streams that must reach the last day counted. Lists that come now and then (enrolments, mailings) are not here: their
 * last day says nothing. costPlatform: whose spend it is.
 */
const DAILY_STREAMS = [
  { stream: "events", brings: "online_revenue" },
  { stream: "receipts", brings: "store_revenue" },
  { stream: "insights_daily", brings: "costs", costPlatform: "meta" },
  { stream: "campaign_daily", brings: "costs", costPlatform: "google" },
  { stream: "ad_daily", brings: "costs", costPlatform: "tiktok" },
  { stream: "twilio_messages", brings: "costs", costPlatform: "twilio" },
  { stream: "commify_messages", brings: "costs", costPlatform: "commify" },
];

/**
 * The last day that a slice reaches. Days asked of a vendor and answered are known, be it that nothing happened on them:
 * a campaign pauses, no message is sent. A file reaches as far as its rows.
 */
const reach = (sliceTo, dataUntil) => `coalesce(safe_cast(${sliceTo} as date), ${dataUntil})`;

const cases = (stream, key) =>
  `case ${stream} ${DAILY_STREAMS.filter((entry) => entry[key])
    .map((entry) => `when '${entry.stream}' then '${entry[key]}'`)
    .join(" ")} end`;

/** What a stream brings every day: 'online_revenue', 'store_revenue', 'costs', or null. */
const brings = (stream) => cases(stream, "brings");

/** The platform whose costs a stream brings, or null. */
const costPlatform = (stream) => cases(stream, "costPlatform");

/** The last day counted as a DATE, null when it is all that is loaded. */
const asOfDate = () => (AS_OF ? `date '${AS_OF}'` : "cast(null as date)");

/** A last day of data, but none after the last day counted. */
const cutAtAsOf = (date) => (AS_OF ? `least(${date}, ${asOfDate()})` : date);

module.exports = { DAILY_STREAMS, brings, costPlatform, reach, asOfDate, cutAtAsOf };
