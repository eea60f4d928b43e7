import { chart, roasBars } from "../charts.js";
import { card, empty, h } from "../dom.js";
import { sortable, table } from "../table.js";
import { platformName } from "../words.js";

/** @import { CampaignFigures, PlatformFigures, RoasFigures } from "../../queries/roas.ts" */
/** @import { OverviewAnswer } from "../backend.js" */
/** @import { Formats } from "../format.js" */
/** @import { Column } from "../table.js" */
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
          roasTable(rows, view.by, format),
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

/**
 * One column of the table: its head, what a row shows in it and what rows are ordered by.
 * @typedef {Column & { cell: (row: Row) => Node | string, value: (row: Row) => number | string | null }} RoasColumn
 */

/** @typedef {PlatformFigures & { name: string }} Row */

/** @param {readonly Row[]} rows @param {View["by"]} by @param {Formats} format */
function roasTable(rows, by, format) {
  const columns = roasColumns(rows, by, format);
  return sortable(
    table(
      `ROAS by ${by}`,
      columns,
      rows.map((row) => columns.map(({ cell }) => cell(row))),
    ),
    rows.map((row) => columns.map(({ value }) => value(row))),
  );
}

/** @param {readonly Row[]} rows @param {View["by"]} by @param {Formats} format @returns {RoasColumn[]} */
function roasColumns(rows, by, format) {
  /**
   * @param {string} head
   * @param {keyof RoasFigures & string} name
   * @param {(value: string | null) => Node | string} written
   * @param {string} [hint]
   * @returns {RoasColumn}
   */
  const figure = (head, name, written, hint) => {
    const of = (/** @type {Row} */ row) => /** @type {string | null} */ (row[name]);
    return {
      head,
      ...(hint ? { hint } : {}),
      number: true,
      cell: (row) => written(of(row)),
      value: (row) => (of(row) === null ? null : Number(of(row))),
    };
  };
  const { money, days, ratio } = format;
  const some = (/** @type {(row: Row) => boolean} */ holds) => rows.some(holds);
  return [
    {
      head: by === "campaign" ? "Campaign" : "Platform",
      cell: (row) => nameCell(row, by),
      value: ({ name }) => name,
    },
    figure("Cost", "spend_amount", money),
    figure(
      "Orders",
      "orders",
      days,
      "Orders it earned; where touches share an order, the shares of it",
    ),
    figure("New customers", "new_customers", days),
    figure("Revenue online", "online_revenue_amount", money),
    figure("Revenue in the shops", "store_revenue_amount", money),
    figure("ROAS online", "online_roas", ratio),
    figure("ROAS with the shops", "roas", (value) => h("strong", {}, ratio(value))),
    ...(some((row) => Number(row.revenue_without_cost_amount) !== 0)
      ? [
          figure(
            "Cost not known yet",
            "revenue_without_cost_amount",
            money,
            "Revenue of days whose cost is still missing: in no ROAS",
          ),
        ]
      : []),
    ...(some((row) => row.platform_revenue_amount !== null)
      ? [
          figure(
            "The platform claims",
            "platform_revenue_amount",
            money,
            "Revenue as the platform counts it, by rules of its own",
          ),
        ]
      : []),
  ];
}

/** @param {Row} row @param {View["by"]} by */
function nameCell(row, by) {
  return h(
    "span",
    {},
    row.name,
    row.is_provisional &&
      h(
        "span",
        { class: "badge warn", title: "A source does not reach all days yet" },
        "provisional",
      ),
    by === "campaign" && h("span", { class: "under" }, platformName(row)),
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
      ? empty("No revenue without a cost in this period.")
      : table(
          "Revenue without a cost",
          [
            { head: "From" },
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
