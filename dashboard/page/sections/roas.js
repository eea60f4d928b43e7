import { chart, roasBars } from "../charts.js";
import { card, empty, h, table } from "../dom.js";
import { platformName } from "../words.js";

/** @import { CampaignFigures, PlatformFigures, RoasFigures } from "../../queries/roas.ts" */
/** @import { OverviewAnswer } from "../backend.js" */
/** @import { Formats } from "../format.js" */
/** @import { View } from "../state.js" */

/** How many bars the chart shows: the table below has all. */
const MOST_BARS = 12;

/**
 * ROAS online beside ROAS with the shops, by platform or campaign, and the revenue that no cost stands behind.
 * @param {OverviewAnswer} overview
 * @param {{ format: Formats, view: View, change: (change: Partial<View>) => void }} look
 */
export function roas({ platforms, campaigns }, { format, view, change }) {
  const paid = platforms.filter(costs);
  const rows = (view.by === "campaign" ? campaigns : paid).map((row) => ({
    ...row,
    name: view.by === "campaign" ? campaignName(row) : platformName(row),
  }));
  const charted = rows.filter((row) => row.roas !== null).slice(0, MOST_BARS);
  return card(
    {
      id: "roas-by",
      title: "What each platform and campaign earned",
      lead:
        "ROAS is net revenue over cost. Online is what web analytics see; with the shops adds what the same " +
        "customers bought at the till after the same touches.",
    },
    h(
      "div",
      { class: "tabs", role: "group", "aria-label": "Show by" },
      ...[
        /** @type {const} */ (["platform", "Platforms"]),
        /** @type {const} */ (["campaign", "Campaigns"]),
      ].map(([by, text]) =>
        h(
          "button",
          {
            type: "button",
            id: `by-${by}`,
            "aria-pressed": String(view.by === by),
            onclick: () => change({ by }),
          },
          text,
        ),
      ),
    ),
    rows.length === 0
      ? empty(
          "Nothing was spent in this period. Choose a longer one above, or add an advertising source to filo.json.",
        )
      : h(
          "div",
          {},
          charted.length > 0 &&
            chart(
              `ROAS online and with the shops of ${charted.map(({ name }) => name).join(", ")}; the table below has the figures.`,
              64 + charted.length * 46,
              () => roasBars(charted, format),
            ),
          roasTable(rows, format),
        ),
  );
}

/** Cost something, or should have. @param {RoasFigures} row */
function costs(row) {
  return Number(row.spend_amount) !== 0 || Number(row.revenue_without_cost_amount) !== 0;
}

/** @param {PlatformFigures & Partial<CampaignFigures>} row */
function campaignName(row) {
  return row.campaign_name ?? row.campaign_id ?? `${platformName(row)}, no campaign named`;
}

/** @param {readonly (PlatformFigures & { name: string })[]} rows @param {Formats} format */
function roasTable(rows, format) {
  const apart = rows.some((row) => Number(row.revenue_without_cost_amount) !== 0);
  const claimed = rows.some((row) => row.platform_revenue_amount !== null);
  return table(
    "ROAS",
    [
      { head: "" },
      { head: "Cost", number: true },
      {
        head: "Orders",
        number: true,
        hint: "Orders it earned; where touches share an order, the shares of it",
      },
      { head: "New customers", number: true },
      { head: "Revenue online", number: true },
      { head: "Revenue in the shops", number: true },
      { head: "ROAS online", number: true },
      { head: "ROAS with the shops", number: true },
      ...(apart
        ? [
            {
              head: "Cost not known yet",
              number: true,
              hint: "Revenue of days whose cost is still missing: in no ROAS",
            },
          ]
        : []),
      ...(claimed
        ? [
            {
              head: "The platform claims",
              number: true,
              hint: "Revenue as the platform counts it, by rules of its own",
            },
          ]
        : []),
    ],
    rows.map((row) => [
      h(
        "span",
        {},
        row.name,
        row.is_provisional &&
          h(
            "span",
            { class: "badge warn", title: "A source does not reach all days yet" },
            "provisional",
          ),
      ),
      format.money(row.spend_amount),
      format.days(row.orders),
      format.days(row.new_customers),
      format.money(row.online_revenue_amount),
      format.money(row.store_revenue_amount),
      format.ratio(row.online_roas),
      h("strong", {}, format.ratio(row.roas)),
      ...(apart ? [format.money(row.revenue_without_cost_amount)] : []),
      ...(claimed ? [format.money(row.platform_revenue_amount)] : []),
    ]),
  );
}

/**
 * Revenue by channels without a cost: visits that came by themselves, and what nobody can attribute.
 * @param {OverviewAnswer} overview
 * @param {{ format: Formats }} look
 */
export function unpaid({ platforms, totals }, { format }) {
  const rows = platforms.filter((row) => !costs(row));
  return card(
    {
      id: "unpaid",
      title: "Where the rest of the revenue came from",
      lead: "Revenue that no cost of this period stands behind. It is in no ROAS; with the table above it makes the whole.",
    },
    rows.length === 0
      ? empty("All revenue of this period belongs to platforms that cost something.")
      : table(
          "Revenue without a cost",
          [
            { head: "" },
            { head: "Orders", number: true },
            { head: "Revenue online", number: true },
            { head: "Revenue in the shops", number: true },
            { head: "Revenue", number: true },
            { head: "Of all revenue", number: true },
          ],
          rows.map((row) => [
            platformName(row),
            format.days(row.orders),
            format.money(row.online_revenue_amount),
            format.money(row.store_revenue_amount),
            format.money(row.revenue_amount),
            Number(totals.net_revenue_amount) > 0
              ? format.percent(Number(row.revenue_amount) / Number(totals.net_revenue_amount))
              : "–",
          ]),
        ),
  );
}
