// The laws that must hold before a mart is published, by what they are about. A mart names those that it relies on:
// where one fails, it keeps yesterday's rows. They are assertions in definitions/assertions.
const rows = ["assert_rows_read_are_accounted_for"];
const identity = [
  "assert_identifiers_have_one_customer",
  "assert_devices_have_one_owner_at_a_time",
];
const currency = ["assert_amounts_are_in_reporting_currency"];
const revenue = [
  "assert_staged_orders_are_counted_once",
  "assert_till_lines_state_their_vat",
  "assert_customer_revenue_equals_receipt_revenue",
  "assert_refunds_in_equal_refunds_out",
  "assert_order_lines_add_up",
  ...currency,
];
const costs = ["assert_costs_in_equal_costs_out", ...currency];
const credit = ["assert_credit_equals_revenue", "assert_no_touch_after_its_order"];
const roas = ["assert_roas_sums_to_costs_and_credit"];

const all = [...new Set([rows, identity, revenue, costs, credit, roas].flat())];

module.exports = { rows, identity, revenue, costs, credit, roas, all };
