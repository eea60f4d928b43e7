// The laws that must hold before a mart is published, by what they are about. A mart names those that it relies on:
// where one fails, it keeps yesterday's rows. They are assertions in definitions/assertions.
// The models before the marts, by dataset.
const MODELS = {
  staging: [
    "stg_cdp__identifies",
    "stg_cdp__pages",
    "stg_cdp__tracks",
    "stg_feed__appointments",
    "stg_feed__consents",
    "stg_feed__loyalty_movements",
    "stg_feed__payments",
    "stg_feed__people",
    "stg_feed__products",
    "stg_feed__promo_codes",
    "stg_feed__stores",
    "stg_feed__till_closings",
    "stg_feed__touches",
    "stg_google_ads__campaigns",
    "stg_hubspot__contacts",
    "stg_meta__insights",
    "stg_ops__slices",
    "stg_pos__lines",
    "stg_sms__messages",
    "stg_sms__optouts",
    "stg_tiktok__ads",
  ],
  intermediate: [
    "int_ads_unioned",
    "int_appointments_held",
    "int_campaign_tags_matched",
    "int_campaigns_named",
    "int_consents_decided",
    "int_credits_weighted",
    "int_customers_summarized",
    "int_devices_attached",
    "int_exchanges_found",
    "int_identifier_sets_built",
    "int_identifiers_normalized",
    "int_identity_links_built",
    "int_listed_touches_deduplicated",
    "int_marketing_costs_unioned",
    "int_measurement_refusals_found",
    "int_messages_sent",
    "int_order_journeys_followed",
    "int_order_lines_unioned",
    "int_orders_built",
    "int_person_records_unioned",
    "int_pickups_found",
    "int_points_balanced",
    "int_products_described",
    "int_products_versioned",
    "int_promo_codes_owned",
    "int_receipt_lines_deduplicated",
    "int_records_identified",
    "int_refunds_matched",
    "int_rejected_links",
    "int_return_lines_matched",
    "int_return_references_found",
    "int_roas_daily_joined",
    "int_sales_unioned",
    "int_sessions_built",
    "int_silent_shops_found",
    "int_source_holes_found",
    "int_sources_reported",
    "int_stores_versioned",
    "int_till_days_compared",
    "int_touches_eligible",
    "int_touchpoints_unioned",
    "int_visits_started",
    "int_web_documents_deduplicated",
    "int_web_documents_parsed",
    "int_web_lines_allocated",
  ],
  pii: [
    "int_contacts_normalized",
    "int_customer_identifiers_collected",
    "int_customer_profiles_chosen",
    "stg_pii__contacts",
  ],
};

// One row per something that no single column names.
const WITHOUT_KEY = ["int_contacts_normalized", "stg_ops__slices"];

// Dataform's option waits for the assertions of a mart's own inputs only: those of the models further back are named here.
const keysOf = (dataset, model) =>
  [...(WITHOUT_KEY.includes(model) ? [] : ["uniqueKey_0"]), "rowConditions"].map(
    (kind) => `${dataset}_${model}_assertions_${kind}`,
  );

const keys = Object.entries(MODELS).flatMap(([dataset, models]) =>
  models.flatMap((model) => keysOf(dataset, model)),
);

// Every mart waits for these.
const rows = ["assert_rows_read_are_accounted_for", ...keys];
const identity = [
  "assert_identifiers_have_one_customer",
  "assert_devices_have_one_owner_at_a_time",
];
const currency = ["assert_amounts_are_in_reporting_currency"];
const revenue = [
  "assert_till_files_equal_their_control_total",
  "assert_receipts_equal_till_closings",
  "assert_staged_orders_are_counted_once",
  "assert_till_lines_state_their_vat",
  "assert_customer_revenue_equals_receipt_revenue",
  "assert_refunds_in_equal_refunds_out",
  "assert_order_lines_add_up",
  ...currency,
];
const costs = ["assert_costs_in_equal_costs_out", ...currency];
const credit = [
  "assert_credit_equals_revenue",
  "assert_no_touch_after_its_order",
  "assert_one_touch_per_message",
];
const roas = ["assert_roas_sums_to_costs_and_credit", "assert_credit_stands_where_cost_stands"];

const all = [...new Set([rows, identity, revenue, costs, credit, roas].flat())];

module.exports = { rows, identity, revenue, costs, credit, roas, all };
