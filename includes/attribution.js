// What a touch may earn, and how an order's revenue is shared among the touches that may.
const { CHANNELS } = require("./channels.js");
const { MODELS } = require("./constants.js");

/**
 * For how many days after a touch an order may owe it something. A kind of touch without a row earns nothing: a mail
 * merely delivered or opened, an ad merely seen. `*`: however the person took part.
 */
const WINDOWS = [
  { channel: "paid_search", interaction: "click", days: 30 },
  { channel: "shopping", interaction: "click", days: 30 },
  { channel: "paid_social", interaction: "click", days: 7 },
  { channel: "display", interaction: "click", days: 7 },
  { channel: "video", interaction: "click", days: 7 },
  { channel: "affiliate", interaction: "click", days: 30 },
  { channel: "email", interaction: "click", days: 7 },
  { channel: "sms", interaction: "click", days: 7 },
  { channel: "sms", interaction: "delivered", days: 3 },
  { channel: "whatsapp", interaction: "click", days: 7 },
  { channel: "whatsapp", interaction: "delivered", days: 3 },
  { channel: "push", interaction: "click", days: 3 },
  { channel: "direct_mail", interaction: "*", days: 30 },
  { channel: "qr_code", interaction: "*", days: 1 },
  { channel: "event", interaction: "*", days: 30 },
  { channel: "appointment", interaction: "*", days: 30 },
  { channel: "store_visit", interaction: "*", days: 7 },
  { channel: "customer_care", interaction: "*", days: 1 },
  { channel: "organic_search", interaction: "visit", days: 30 },
  { channel: "organic_social", interaction: "visit", days: 30 },
  { channel: "referral", interaction: "visit", days: 30 },
  { channel: "direct", interaction: "visit", days: 30 },
  { channel: "other", interaction: "visit", days: 30 },
];

/** What a list says of people who got nothing: the control group of a campaign, a message that came back. */
const NOT_RECEIVED = ["suppressed", "bounced", "failed"];

/** Of one message, the strongest interaction before the order counts: greater is stronger. */
const INTERACTION_RANKS = { sent: 1, delivered: 2, open: 3, scan: 4, visit: 4, click: 5 };

/** Position-based: the share of the first and of the last touch; those between share the rest. */
const POSITION_ENDS = 0.4;

/** Time decay: days after which a touch counts half. */
const HALF_LIFE_DAYS = 7;

/** For how many days after an order a text message counts as its follow-up. */
const FOLLOWUP_DAYS = 30;

/** Channels whose visits are clicks on something bought or sent. */
const CLICKED = [
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
];

function check(windows) {
  const seen = new Set();
  for (const { channel, interaction, days } of windows) {
    const where = `Attribution window of ${channel}, ${interaction}`;
    if (!CHANNELS.includes(channel)) throw new Error(`${where}: unknown channel.`);
    if (NOT_RECEIVED.includes(interaction)) {
      throw new Error(`${where}: who got nothing owes it nothing; leave the row out.`);
    }
    if (!(days > 0)) throw new Error(`${where}: ${days} days; it must be more than none.`);
    const clash =
      interaction === "*" ? [...seen].find((key) => key.startsWith(`${channel}/`)) : `${channel}/*`;
    if (seen.has(`${channel}/${interaction}`) || (clash && seen.has(clash))) {
      throw new Error(`${where}: there is another window for the same touches.`);
    }
    seen.add(`${channel}/${interaction}`);
  }
  return windows;
}

/** The windows as rows (channel, interaction, window_days). */
const windows = (table = WINDOWS) =>
  `select * from unnest(array<struct<channel string, interaction string, window_days int64>>[\n${check(
    table,
  )
    .map(({ channel, interaction, days }) => `    ('${channel}', '${interaction}', ${days})`)
    .join(",\n")}\n  ])`;

/** The longest window in days: how far before an order a model must look. */
const LONGEST_WINDOW_DAYS = Math.max(...WINDOWS.map(({ days }) => days));

/** How a visit of this channel is called. */
const visitInteraction = (channel) =>
  `case
      when ${channel} in (${CLICKED.map((name) => `'${name}'`).join(", ")}) then 'click'
      when ${channel} = 'qr_code' then 'scan'
      else 'visit'
    end`;

/** True where the person got something; a window for `*` does not make a control group earn. */
const isReceived = (interaction) =>
  `${interaction} not in (${NOT_RECEIVED.map((name) => `'${name}'`).join(", ")})`;

/** True for a kind of touch that some order may owe something: it has a window. */
const mayEarn = (channel, interaction) => {
  const list = (rows, text) => rows.map((row) => `'${text(row)}'`).join(", ");
  const whole = WINDOWS.filter((row) => row.interaction === "*");
  const single = WINDOWS.filter((row) => row.interaction !== "*");
  return `(
      ${isReceived(interaction)}
      and (
        ${channel} in (${list(whole, (row) => row.channel)})
        or concat(${channel}, ' ', ${interaction}) in (${list(single, (row) => `${row.channel} ${row.interaction}`)})
      )
    )`;
};

/** Greater is stronger; 0 for an interaction that only a file knows. */
const interactionRank = (interaction) =>
  `case ${interaction} ${Object.entries(INTERACTION_RANKS)
    .map(([name, rank]) => `when '${name}' then ${rank}`)
    .join(" ")} else 0 end`;

/**
 * The unnormalised weight of a touch in each model, as an array of STRUCT<model, weight NUMERIC>. NUMERIC, so that sums do
 * not depend on the order of adding. Columns: position, path_length, last_non_direct_position, age_days.
 */
const weights = () => {
  const middle = (1 - 2 * POSITION_ENDS).toFixed(6);
  const formulas = {
    first_touch: "if(position = 1, 1, 0)",
    last_touch: "if(position = path_length, 1, 0)",
    last_non_direct: "if(position = last_non_direct_position, 1, 0)",
    linear: "1",
    // times path_length - 2, so that no division rounds
    position_based: `case
          when path_length <= 2 then 1
          when position in (1, path_length) then ${POSITION_ENDS} * (path_length - 2)
          else ${middle}
        end`,
    time_decay: `pow(2, -age_days / ${HALF_LIFE_DAYS})`,
  };
  const structs = MODELS.map(
    (model) => `      struct('${model}' as model, cast(${formulas[model]} as numeric) as weight)`,
  );
  return `[\n${structs.join(",\n")}\n    ]`;
};

/** The models as an array of their names. */
const models = () => `[${MODELS.map((model) => `'${model}'`).join(", ")}]`;

module.exports = {
  WINDOWS,
  INTERACTION_RANKS,
  LONGEST_WINDOW_DAYS,
  FOLLOWUP_DAYS,
  windows,
  isReceived,
  mayEarn,
  visitInteraction,
  interactionRank,
  weights,
  models,
};
