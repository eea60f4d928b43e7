// One name, one meaning, in every model. A model documents its columns from here; an unknown name fails the compile.
const MEANINGS = {
  // who
  customer_id:
    "The person, resolved from every identifier; the same from night to night. Null where nobody is known",
  anonymous_id: "A browser, as the site's tag knows it",
  shop_account_id: "Account of the online shop",
  crm_contact_id: "Contact of the CRM",
  merged_crm_contact_ids: "Contacts that were merged into this one, with commas between them",
  lifecycle_stage: "Stage of the CRM's own funnel",
  is_archived: "True for a contact that the CRM no longer shows; it is still a person",
  contact_key: "Points to the contact values of the row in pii.contacts",
  contact_source: "Source of the raw row that held the contact values",
  person_ref: "What a list calls the person",
  household_id: "People who live together; null: no source says who does",
  loyalty_card: "Number of the loyalty card, as delivered",
  replaced_loyalty_card: "Number of the lost card that this one replaces",
  loyalty_card_id: "The customer's loyalty card, the last one issued",
  email: "E-mail address",
  phone: "Phone number",
  first_name: "First name",
  last_name: "Last name",
  birth_date: "Date of birth",
  street: "Street and number",
  postal_code: "Postal code",
  city: "Town of the customer's address",
  country:
    "Country: of an order the shop's that sold or handed over, of a customer the address's, else that of the home shop; null where neither is known",

  // identity
  record_id: "A source record that names a person: its system and its key there",
  person_record_id: "Line of a list of people: file and line",
  identifier_type:
    "Kind of identifier: crm_contact, loyalty_card, shop_account, email, phone, email_relay, promo_code",
  identifier_value: "The identifier in the form in which it is compared",
  identifier_node: "The identifier as a number: a fingerprint of its kind and value",
  identifier_key: "The identifier as a fingerprint, so that no contact value leaves pii",
  identifier_set_id: "Identifiers seen together, as a fingerprint of them all",
  contact_value: "What one writes to or calls",
  match_value: "What links records: null for a contact that does not stand for one person",
  value_class:
    "valid, repaired (one obvious damage undone), no_key (a contact, but not one person's) or invalid",
  invalid_reason: "Why the value links nothing: the rule's name",
  repair: "The damage that was undone: the rule's name",
  trust:
    "How far the record is believed about who it names: 1 a system of record, 2 logged in, 3 a form, 4 typed at the till, 5 repaired",
  weakness: "How little a link proves: by trust, then by kind of identifier. Greater is weaker",
  is_strong: "True for identifiers that a system gave to one person",
  records: "Source records behind the row",
  refusal_reason: "Why the link does not count; null where it does",
  home_node: "The identifier on which the id was founded, as a fingerprint",
  founded_at: "When that identifier was first seen",
  rejected_at: "When the refused evidence was last seen",
  identified_by: "What tied the row to its customer: a kind of identifier, or device",
  sources: "Names of the sources, in order of the alphabet",
  valid_from: "From then on: an instant for a device, a day for a shop, an article or a code",
  valid_to:
    "Up to then: for a device an instant, not included; for a shop or a code its last day, null while it lasts",
  seen_at: "When the record was made, null where the list has no dates",
  first_seen_at: "When it was first seen in any source",
  last_seen_at: "When it was last seen in any source",

  // consent
  has_analytics_consent:
    "True where the visitor had agreed to analytics; nothing said is no consent",
  has_advertising_consent: "True where the visitor had agreed to advertising",
  has_measurement_consent: "True where the person had agreed that the touch be measured",
  consent_email:
    "True where the customer agreed to marketing by e-mail; withdrawn or nothing said is no",
  consent_sms: "The same by SMS; a number that told a provider to stop is no, whatever was signed",
  consent_profiling: "The same to profiling",
  consent_ads: "The same to audiences on ad platforms",
  consent_measurement: "The same to being measured",
  consent_channel: "What the statement is about: email, sms, whatsapp, post, phone or all of them",
  consent_purpose: "What for: marketing, profiling, ads or measurement",
  consent_status: "granted or withdrawn",
  consent_origin: "Where it was said",
  text_version: "Version of the text agreed to",
  collected_at: "When it was said",
  opted_out_at: "When the person said no; null where the provider does not say",

  // site
  event_id: "The event's own id (messageId), the same however often it is sent",
  event_name: "Name of the event",
  page_name: "Name of the page",
  page_url: "Address of the page",
  referrer_url: "Address of the page before",
  properties: "Properties of the event, as sent",
  google_click_id: "Google's click id (gclid)",
  meta_click_id: "Meta's click id (fbclid)",
  tiktok_click_id: "TikTok's click id (ttclid)",
  microsoft_click_id: "Microsoft's click id (msclkid)",
  utm_source: "UTM source",
  utm_medium: "UTM medium",
  utm_campaign: "UTM campaign",
  utm_content: "UTM content",
  utm_id: "UTM id: the platform's campaign id",
  session_id: "A visit: the id of the event that began it",
  is_inherited:
    "True where the visit only continues the source of the one before, and so earns nothing",
  tag_channel: "Channel of the visit by the rules in includes/channels.js",
  tag_platform: "Platform of the visit by its click id or tag",
  campaign_ref: "Campaign id that the tag carried",
  campaign_label: "Campaign name that the tag carried",
  click_id: "Click id of whichever platform",
  message_record_id: "A text message: its provider and its id there",
  provider: "Provider of text messages: twilio or commify",
  provider_message_id: "The message, as its provider knows it",
  provider_order_id: "The sending that the message was part of",
  direction: "outbound or inbound",
  sender: "Who the message came from, as the receiver saw it",
  body_tag: "What the text shows about its campaign, such as the tag of a link",
  message_status: "queued, sent, failed, blocked, delivered or received",
  message_status_rank: "How final the status is: greater is later",
  error_code: "The provider's reason for a failure",
  segments: "Parts that the text was billed as",
  price_amount: "Price in price_currency",
  price_currency: "ISO 4217 code of the price",
  is_price_missing:
    "True where the provider has not said the price yet; a message that failed or was blocked may have none",
  messages_without_price:
    "Messages whose price is not known yet: cost_amount holds the others, and is not complete",
  is_price_estimated: "True where the price comes from a list, not from the provider's bill",
  sent_at: "When it was sent",
  delivered_at: "When it was delivered",
  started_at: "First event of the visit",
  started_date: "Local day of the visit's first event",
  occurred_at: "When it happened, corrected for the device's clock",
  received_at: "When it reached the collector",

  // files
  feed: "Name of the source in filo.json that delivered the file",
  file_id: "The file as a source delivered it: the source and the SHA-256 of the content",
  file_path: "Where the file lay",
  file_line: "Line in the file",
  file_first_seen_at: "When the file was first seen",
  pos_line_id: "Line of a till file: file and line",
  touch_record_id: "Line of a list of touches: file and line",
  touch_ref: "What the list calls the touch",
  recorded_at: "When the person was entered in the list",
  file_record_id: "Line of a delivered file: file and line",
  created_at: "When the source made the record",
  updated_at: "When the source last changed the record; null where it does not say",

  // shops and tills
  store_id: "The shop that sold, or that took the return; null online",
  store_name: "Name of the shop",
  legal_entity: "Company that runs the shop",
  region: "Region of the shop",
  is_registered:
    "True for what a register or price list knows, false for what only receipts and orders show",
  opened_date: "First day of business",
  closed_date: "Last day of business; null while the shop is open",
  home_store_id: "The shop in which the customer bought most often",
  fulfilment_store_id:
    "The shop that handed the goods over: the one that sold, or where a web order was collected or is to be; null for what was sent",
  till_code: "Till of the shop",
  recorder_serial: "Serial of the fiscal recorder",
  receipt_id: "A receipt: shop, till, day and number",
  receipt_number: "Number printed on the receipt",
  receipt_line: "Number of the line within the receipt",
  receipt_line_id: "A line of a receipt, whichever file it came in",
  line_type: "SALE, RETURN, VOID, GIFT_CARD, PICKUP or INVOICE",
  return_of: "The order or receipt that the line refers to, as written",
  business_date: "Day of the till",
  closing_number: "Number of the daily closing",
  receipts: "Receipts with fiscal lines",
  closing_receipts: "The same, by the till's closing",
  fiscal_amount: "What the fiscal lines add up to, VAT included",
  closing_tax_amount: "VAT by the till's closing",
  comparison:
    "equal, differs, closing_missing, receipts_missing, not_closed_yet, lines_rejected, or no_closings where the shop sends none",
  closing_amount:
    "What the till took by its closing: sales and gift cards less returns, VAT included",
  payment_number: "Number of the payment within the receipt",
  payment_method: "Means of payment, as the till calls it",
  payment_amount: "Paid in this way; a gift card redeemed is such a way, not a discount",
  sold_at: "When the receipt was printed",
  brand:
    "Brand of the shop that sold or handed over, by the register of that day; null where there is none",

  // orders
  order_id:
    "A web order's number, a till receipt's shop, till, day and number, or a return without an order",
  order_number: "Number of the web order",
  delivery_method: "How a web order reaches the customer; click_and_collect is told apart",
  pickup_store_id: "The shop where the customer means to collect the web order",
  order_line_id: "A line of an order",
  document_id: "A web order or a refund of one by post, by its number; a receipt",
  document_line_id: "A line of such a document",
  is_refund: "True for a refund, false for the order",
  products: "Products of the document, as sent",
  unreadable: "Why the report cannot be counted; null where it can",
  product_id: "Article (SKU)",
  product_code: "The article without size and colour",
  product_name: "Name of the article",
  category: "Category of the article",
  season: "Season for which it was made",
  list_price_amount: "Price on the label, VAT included",
  cost_amount:
    "Cost, without VAT: of a touch or ad as the platform or the list says it, of an article its purchase",
  quantity: "Pieces; negative when given back",
  ordered_at: "When it was ordered, or the receipt printed",
  order_date: "Local day of the order",
  sales_channel:
    "online, store, click_and_collect, marketplace or remote; only store is a shop's revenue",
  order_type: "consumer, staff, wholesale or test; only consumer orders are attributed",
  is_return: "True for goods given back",
  is_first_order:
    "True for the customer's first order anywhere; null where the customer is unknown",
  promo_code: "Code redeemed",
  refund_id: "A refund: the shop's number, or the return receipt and the order it names",
  refund_record_id: "The source record of the refund",
  refunded_at: "When the goods were taken back",
  refund_date: "Local day of the refund",
  appointment_id: "An appointment",
  appointment_name: "What the appointment is for",
  appointment_status: "booked, held, no_show or cancelled",
  starts_at: "When it begins",
  ends_at: "When it ends",
  points: "Loyalty points, negative when spent or expired",
  movement_amount: "Purchase behind the movement of points",
  moved_at: "When the points moved",
  reason: "Why: of a refund as it was noted, of a refused link the rule's name",

  // money
  gross_amount: "Merchandise including VAT, before discounts, without shipping",
  discount_amount: "Discounts, VAT included",
  tax_amount: "VAT inside gross less discount; of a refund, the VAT given back",
  paid_amount: "Gross less discount",
  is_vat_stated: "True where the line says its VAT, be it none",
  refund_amount: "Given back later, net of VAT",
  net_refund_amount: "Given back, net of VAT",
  net_revenue_amount: "Gross less discount, VAT and refunds",
  margin_amount:
    "Net revenue less what the pieces cost by the price list of the order's day; null where the cost of one is unknown",
  currency_code: "ISO 4217 code",

  // touches
  touchpoint_id: "A touch; null where no single touch earned the credit",
  message_id:
    "The click or the message behind the touch: interactions with one message are one touch",
  channel:
    "Where the touch came from, by the rules in includes/channels.js; unattributed, unidentified and no_consent for what no touch earned",
  platform: "Company or system behind the touch, such as meta; null where there is none",
  campaign_id: "Campaign, by the platform's id where known, else as tagged",
  campaign_name: "Name the campaign had last",
  interaction:
    "What the person did or received: click, visit, scan, sent, delivered, open, appointment, …",
  purpose: "marketing or service; only marketing earns",
  is_offline:
    "True for touches in the physical world: a postcard, a code on paper, an event, an appointment, a visit to a shop",
  touched_at: "When the touch happened",
  touch_date: "Local day of the touch",
  age_days: "Days from the touch to the order, with fractions",
  days_before_order: "Days from the touch to the order, with fractions; null without a touch",
  position: "Place of the touch in the order's path, from 1",
  path_length: "Touches in the order's path",
  last_non_direct_position:
    "Place of the last touch that was not direct; the last touch where all are",

  // journeys
  first_touch_campaign_name: "Campaign of the first measured touch",
  offline_interaction:
    "Channel of the last touch in the physical world that the order may owe something to",
  followup_sms_campaign:
    "Campaign of the first marketing SMS or WhatsApp message after the order, within 30 days and before the next order",
  followup_sms_status: "What became of that message: queued, sent, delivered, failed or blocked",
  next_order_id: "The customer's next order",
  next_order_date: "Local day of the next order",
  next_order_net_revenue_amount: "Net revenue of the next order",

  // credit
  model:
    "Attribution model: first_touch, last_touch, last_non_direct, linear, position_based or time_decay",
  credit: "Share of the order, above 0 and up to 1; the shares of an order sum to 1 in each model",
  attributed_revenue_amount:
    "Share of the order's net revenue, to the cent; the shares of an order sum to it in each model",

  // costs
  account_id: "Ad account, or the feed that listed the cost",
  ad_id: "Ad, by the platform's id",
  actions: "What the platform counts as results, as delivered",
  action_values: "What the platform says they were worth, as delivered",
  cost_date: "Day of the cost, in the ad account's time zone",
  cost_kind: "media, message, print, postage, event or fee",
  impressions: "Times shown; null where nobody counts them",
  clicks: "Clicks, as the platform counts them",
  platform_conversions: "Purchases that the platform claims, by its own rules",
  platform_revenue_amount:
    "Revenue that the platform claims, by its own rules; never added up across platforms",

  // ROAS
  date_basis:
    "By which day revenue is counted: order, or touch (the day on which the money worked)",
  date: "Day of the order; of spend, its own day",
  spend_amount: "Cost of the day, all kinds",
  orders: "Orders; where touches share an order, the shares of it",
  new_customers: "The same, of customers who ordered for the first time",
  online_revenue_amount: "Net revenue of every sales channel but the shops",
  store_revenue_amount: "Net revenue of the shops",
  revenue_amount:
    "Net revenue, online and shops: over spend_amount it is the offline-assisted ROAS",
  revenue_without_cost_amount:
    "Net revenue of days whose spend is not loaded yet; kept out of revenue_amount so that no ratio is flattered",
  extrapolated_store_revenue_amount:
    "What unnamed receipts add, estimated; filled in by a later version",
  extrapolated_store_revenue_low_amount: "The same, cautious end; filled in by a later version",
  extrapolated_store_revenue_high_amount: "The same, generous end; filled in by a later version",
  is_provisional: "True where a source that the row needs does not reach its day yet",
  missing_sources: "Those sources, by name",

  // customers
  first_order_date: "Day of the first order",
  last_order_date: "Day of the last order",
  is_omnichannel: "True for who bought both in a shop and online",
  first_touch_channel: "Channel of the first measured touch",
  first_touch_platform: "Platform of the first measured touch",
  points_balance:
    "Points left on all the customer's loyalty cards; null without a card, or where the movements of one do not reach back to its beginning",

  // operations
  run_id: "The run that wrote the row",
  source: "Name of the source in filo.json; cdp and pos for the site and the tills",
  stream: "Stream of the source",
  brings:
    "What the stream brings every day: online_revenue, store_revenue or costs; null for lists that come now and then",
  cost_platform: "The platform whose costs it brings",
  account: "Account at the source",
  slice_from: "Start of the slice",
  slice_to: "End of the slice",
  status: "How it ended",
  rows_read: "Rows delivered",
  rows_loaded: "Rows that became rows of a raw table",
  rows_duplicate: "Rows delivered before",
  rows_suppressed: "Rows of erased persons",
  rows_rejected: "Rows refused and kept in ops.dead_letters",
  note: "What else is worth knowing: shops whose tills have fallen silent",
  last_sale_date: "Last day of the shop's tills",
  silent_days: "Days from there to the last day of the feed",
  remedy: "What to do about a failure; null where there is none",
  last_success_at: "When the source last brought something new",
  data_from_date: "The first day that was asked for and came; null for files",
  data_until_date: "The last day that its data reach",
  missing_date: "A day that was asked for and did not come",
  is_stale: "True where its data end before the last day counted, or its last load failed",
  committed_at: "When the rows were committed",
};

/** The descriptions of these columns, for a model's `columns`. @throws where a name has no meaning yet */
function describe(...names) {
  const unknown = names.filter((name) => !(name in MEANINGS));
  if (unknown.length > 0) {
    throw new Error(
      `No meaning for column ${unknown.join(", ")}: add it to includes/columns.js, or use a name from there.`,
    );
  }
  const twice = names.filter((name, i) => names.indexOf(name) !== i);
  if (twice.length > 0) throw new Error(`Column ${twice.join(", ")} is described twice.`);
  return Object.fromEntries(names.map((name) => [name, MEANINGS[name]]));
}

module.exports = { MEANINGS, describe };
