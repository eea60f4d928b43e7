/** The tables that others rely on, and the columns that they must have. Columns may be added, never taken away. */
export const CONTRACT: Readonly<Record<string, readonly string[]>> = {
  "pii.customer_identifiers": words(
    "customer_id identifier_type identifier_value first_seen_at last_seen_at sources",
  ),
  "pii.customer_profiles": words(
    "customer_id email phone loyalty_card_id crm_contact_id first_name last_name birth_date postal_code",
  ),
  "intermediate.int_rejected_links": words("identifier_type identifier_key reason rejected_at"),
  "marts.dim_customers": words(
    `customer_id household_id home_store_id city country first_seen_at first_order_date last_order_date orders
     net_revenue_amount online_revenue_amount store_revenue_amount is_omnichannel first_touch_channel
     first_touch_platform points_balance consent_email consent_sms consent_profiling consent_ads
     consent_measurement`,
  ),
  "marts.dim_stores": words(
    "store_id store_name brand legal_entity country region opened_date valid_from valid_to",
  ),
  "marts.dim_products": words(
    "product_id product_name category season list_price_amount cost_amount",
  ),
  "marts.fct_orders": words(
    `order_id customer_id ordered_at order_date sales_channel order_type store_id fulfilment_store_id brand country
     gross_amount discount_amount tax_amount refund_amount net_revenue_amount margin_amount is_first_order
     identified_by promo_code`,
  ),
  "marts.fct_order_lines": words(
    "order_line_id order_id product_id quantity net_revenue_amount is_return",
  ),
  "marts.fct_refunds": words(
    "refund_id order_id refunded_at refund_date store_id net_refund_amount tax_amount reason",
  ),
  "marts.fct_touchpoints": words(
    `touchpoint_id customer_id touched_at touch_date channel platform campaign_id campaign_name interaction purpose
     is_offline`,
  ),
  "marts.fct_attribution_credits": words(
    `order_id touchpoint_id customer_id model channel platform campaign_id credit attributed_revenue_amount order_date
     touch_date days_before_order sales_channel`,
  ),
  "marts.fct_marketing_costs": words(
    `cost_date channel platform account_id campaign_id campaign_name cost_kind impressions clicks cost_amount
     platform_conversions platform_revenue_amount`,
  ),
  "marts.mart_roas_daily": roas(),
  "marts.mart_roas_by_touch_daily": roas(),
  "marts.mart_roas_models_daily": ["model", ...roas()],
  "marts.mart_order_journeys": words(
    `order_id customer_id order_date sales_channel store_id net_revenue_amount first_touch_channel
     first_touch_platform first_touch_campaign_name offline_interaction promo_code followup_sms_campaign
     followup_sms_status next_order_id next_order_date next_order_net_revenue_amount`,
  ),
  "marts.mart_source_status": words(
    "source last_success_at data_until_date is_stale rows_loaded rows_rejected remedy",
  ),
};

function roas(): readonly string[] {
  return words(
    `date channel platform campaign_id campaign_name spend_amount impressions clicks orders new_customers
     online_revenue_amount store_revenue_amount revenue_amount revenue_without_cost_amount
     extrapolated_store_revenue_amount extrapolated_store_revenue_low_amount extrapolated_store_revenue_high_amount
     platform_revenue_amount is_provisional missing_sources`,
  );
}

function words(text: string): readonly string[] {
  return text.split(/\s+/);
}
