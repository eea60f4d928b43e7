// What every ROAS mart shows. They differ in the model and in the day by which revenue is counted.
const { RUN_ID } = require("./constants.js");

/** The columns, in order; a mart of several models has `model` before them. */
const COLUMNS = [
  ...["date", "channel", "platform", "campaign_id", "campaign_name"],
  ...["spend_amount", "impressions", "clicks"],
  ...["orders", "new_customers", "online_revenue_amount", "store_revenue_amount", "revenue_amount"],
  "revenue_without_cost_amount",
  "extrapolated_store_revenue_amount",
  "extrapolated_store_revenue_low_amount",
  "extrapolated_store_revenue_high_amount",
  "platform_revenue_amount",
  ...["is_provisional", "missing_sources", "run_id"],
];

const FILLED_HERE = {
  extrapolated_store_revenue_amount: "cast(null as numeric)",
  extrapolated_store_revenue_low_amount: "cast(null as numeric)",
  extrapolated_store_revenue_high_amount: "cast(null as numeric)",
  run_id: `'${RUN_ID}'`,
};

/** The columns as a select list over int_roas_daily_joined. */
const published = () =>
  COLUMNS.map((name) => (FILLED_HERE[name] ? `${FILLED_HERE[name]} as ${name}` : name)).join(
    ",\n    ",
  );

/** The key of a mart and what must hold in each of its rows. */
const assertions = (...keys) => ({
  uniqueKey: [...keys, "date", "channel", "platform", "campaign_id"],
  nonNull: [...keys, "date", "channel", "spend_amount", "revenue_amount", "is_provisional"],
  rowConditions: [
    "revenue_amount is not null",
    "revenue_amount = online_revenue_amount + store_revenue_amount",
    "is_provisional = (missing_sources is not null)",
  ],
});

module.exports = { COLUMNS, published, assertions };
