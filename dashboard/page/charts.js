import * as echarts from "/echarts/echarts.esm.min.mjs";
import { h } from "./dom.js";

/** @import { ECharts, EChartsOption } from "/echarts/echarts.esm.min.mjs" */
/** @import { Bucket } from "../queries/roas.ts" */
/** @import { Formats } from "./format.js" */

/** @type {Map<HTMLElement, ECharts>} */
const drawn = new Map();
const resized = new ResizeObserver((entries) => {
  for (const { target } of entries) drawn.get(/** @type {HTMLElement} */ (target))?.resize();
});

/** The page's colours as they are now: charts are drawn anew when the theme changes. */
export function palette() {
  const probe = document.body.appendChild(h("span"));
  const colour = (/** @type {string} */ name) => {
    probe.style.color = `var(--${name})`;
    return getComputedStyle(probe).color;
  };
  const found = {
    ink: colour("ink"),
    muted: colour("muted"),
    line: colour("line"),
    surface: colour("surface"),
    online: colour("online"),
    store: colour("store"),
    cost: colour("cost"),
    apart: colour("apart"),
    provisional: colour("provisional"),
  };
  probe.remove();
  return found;
}

/**
 * A place for a chart, drawn once it is on the page.
 * @param {string} label what the chart says, for who cannot see it
 * @param {number} height in pixels
 * @param {() => EChartsOption} option
 */
export function chart(label, height, option) {
  const place = h("div", { class: "chart", role: "img", "aria-label": label });
  place.style.height = `${height}px`;
  requestAnimationFrame(() => {
    if (!place.isConnected) return;
    const made = echarts.init(place, undefined, { renderer: "canvas" });
    drawn.set(place, made);
    resized.observe(place);
    made.setOption({ animation: false, ...option() });
  });
  return place;
}

/** Frees the charts within a part of the page that is about to be replaced. @param {HTMLElement} part */
export function dispose(part) {
  for (const [place, made] of drawn) {
    if (!part.contains(place)) continue;
    resized.unobserve(place);
    made.dispose();
    drawn.delete(place);
  }
}

/** The parts every chart has alike. @param {ReturnType<typeof palette>} colours */
function base(colours) {
  return {
    grid: { left: 4, bottom: 4, outerBoundsMode: /** @type {const} */ ("same") },
    textStyle: { fontFamily: getComputedStyle(document.body).fontFamily, color: colours.ink },
    legend: {
      type: /** @type {const} */ ("scroll"),
      top: 0,
      left: 0,
      itemGap: 18,
      textStyle: { color: colours.ink },
    },
    tooltip: {
      backgroundColor: colours.surface,
      borderColor: colours.line,
      textStyle: { color: colours.ink },
      confine: true,
    },
  };
}

/** A tooltip as elements: markup with styles of its own would break the page's content policy. @param {string} title @param {readonly (readonly [string, string])[]} lines */
function tip(title, lines) {
  return h(
    "div",
    { class: "tip" },
    h("strong", {}, title),
    h("dl", {}, ...lines.flatMap(([name, value]) => [h("dt", {}, name), h("dd", {}, value)])),
  );
}

/**
 * Revenue online and in the shops as stacked bars, cost as a line, days that are not complete yet shaded.
 * @param {object} shown
 * @param {readonly Bucket[]} shown.buckets
 * @param {{ short: (bucket: Bucket) => string, long: (bucket: Bucket) => string }} shown.name what a bar is called on the axis and elsewhere
 * @param {ReadonlySet<string>} shown.provisional start dates of bars that lack a source
 * @param {Formats} shown.format
 * @returns {EChartsOption}
 */
export function revenueAndCost({ buckets, name, provisional, format }) {
  const colours = palette();
  const amounts = (/** @type {(bucket: Bucket) => string} */ of) =>
    buckets.map((b) => Number(of(b)));
  const hasApart = buckets.some((b) => Number(b.revenue_without_cost_amount) !== 0);
  const bar = /** @type {const} */ ({
    type: "bar",
    stack: "revenue",
    barMaxWidth: 38,
    barCategoryGap: "22%",
  });
  return {
    ...base(colours),
    grid: { ...base(colours).grid, right: 12, top: 44 },
    xAxis: {
      type: "category",
      data: buckets.map(name.short),
      splitArea: {
        show: provisional.size > 0,
        interval: 0,
        areaStyle: {
          color: buckets.map((b) =>
            provisional.has(b.start_date) ? colours.provisional : "transparent",
          ),
        },
      },
      axisTick: { show: false },
      axisLine: { lineStyle: { color: colours.line } },
      axisLabel: { color: colours.muted, hideOverlap: true },
    },
    yAxis: {
      type: "value",
      splitLine: { lineStyle: { color: colours.line } },
      axisLabel: { color: colours.muted, formatter: (/** @type {number} */ v) => format.short(v) },
    },
    tooltip: {
      ...base(colours).tooltip,
      trigger: "axis",
      axisPointer: { type: "shadow" },
      formatter: (params) => {
        const [first] = Array.isArray(params) ? params : [params];
        const bucket = buckets[first?.dataIndex ?? -1];
        return bucket ? revenueTip(bucket, name.long(bucket), provisional, format) : "";
      },
    },
    series: [
      {
        ...bar,
        name: "Online",
        color: colours.online,
        data: amounts((b) => b.online_revenue_amount),
      },
      {
        ...bar,
        name: "In the shops",
        color: colours.store,
        data: amounts((b) => b.store_revenue_amount),
      },
      ...(hasApart
        ? [
            {
              ...bar,
              name: "Cost not known yet",
              color: colours.apart,
              itemStyle: {
                decal: {
                  symbol: "rect",
                  dashArrayX: [1, 0],
                  dashArrayY: [2, 4],
                  rotation: -0.8,
                  color: colours.surface,
                },
              },
              data: amounts((b) => b.revenue_without_cost_amount),
            },
          ]
        : []),
      {
        type: "line",
        name: "Marketing cost",
        color: colours.cost,
        symbol: "none",
        lineStyle: { width: 2.5 },
        z: 5,
        // no line where the cost is not known: it would say that nothing was spent
        data: buckets.map((b) =>
          provisional.has(b.start_date) && Number(b.spend_amount) === 0
            ? null
            : Number(b.spend_amount),
        ),
      },
    ],
  };
}

/** @param {Bucket} bucket @param {string} title @param {ReadonlySet<string>} provisional @param {Formats} format */
function revenueTip(bucket, title, provisional, format) {
  const apart = Number(bucket.revenue_without_cost_amount) !== 0;
  return tip(provisional.has(bucket.start_date) ? `${title}, not complete yet` : title, [
    ["Online", format.money(bucket.online_revenue_amount)],
    ["In the shops", format.money(bucket.store_revenue_amount)],
    ...(apart
      ? [
          /** @type {const} */ ([
            "Cost not known yet",
            format.money(bucket.revenue_without_cost_amount),
          ]),
        ]
      : []),
    ["Marketing cost", format.money(bucket.spend_amount)],
  ]);
}

/**
 * ROAS online beside ROAS with the shops.
 * @param {readonly { name: string, online_roas: string | null, roas: string | null }[]} rows
 * @param {Formats} format
 * @returns {EChartsOption}
 */
export function roasBars(rows, format) {
  const colours = palette();
  const series = (
    /** @type {string} */ name,
    /** @type {string} */ color,
    /** @type {(row: typeof rows[number]) => string | null} */ of,
  ) => ({
    type: /** @type {const} */ ("bar"),
    name,
    color,
    barMaxWidth: 14,
    barGap: "15%",
    itemStyle: { borderRadius: [0, 3, 3, 0] },
    label: {
      show: true,
      position: /** @type {const} */ ("right"),
      color: colours.ink,
      formatter: (/** @type {{ dataIndex: number }} */ { dataIndex }) => {
        const row = rows[dataIndex];
        return row ? format.ratio(of(row)) : "";
      },
    },
    data: rows.map((row) => Number(of(row) ?? 0)),
  });
  return {
    ...base(colours),
    grid: { ...base(colours).grid, right: 48, top: 36 },
    tooltip: { show: false },
    xAxis: {
      type: "value",
      splitLine: { lineStyle: { color: colours.line } },
      axisLabel: { color: colours.muted, formatter: (/** @type {number} */ v) => format.ratio(v) },
    },
    yAxis: {
      type: "category",
      inverse: true,
      data: rows.map(({ name }) => name),
      axisTick: { show: false },
      axisLine: { lineStyle: { color: colours.line } },
      axisLabel: { color: colours.ink, width: 190, overflow: "truncate" },
    },
    series: [
      series("ROAS online", colours.online, (row) => row.online_roas),
      series("ROAS with the shops", colours.store, (row) => row.roas),
    ],
  };
}

/**
 * A share per shop, as bars from 0 to 100 %.
 * @param {readonly { name: string, rate: string | null }[]} rows
 * @param {Formats} format
 * @returns {EChartsOption}
 */
export function shareBars(rows, format) {
  const colours = palette();
  return {
    ...base(colours),
    grid: { ...base(colours).grid, right: 56, top: 8 },
    tooltip: { show: false },
    xAxis: {
      type: "value",
      max: 1,
      splitLine: { lineStyle: { color: colours.line } },
      axisLabel: {
        color: colours.muted,
        formatter: (/** @type {number} */ v) => format.wholePercent(v),
      },
    },
    yAxis: {
      type: "category",
      inverse: true,
      data: rows.map(({ name }) => name),
      axisTick: { show: false },
      axisLine: { lineStyle: { color: colours.line } },
      axisLabel: { color: colours.ink },
    },
    series: [
      {
        type: "bar",
        color: colours.store,
        barMaxWidth: 16,
        itemStyle: { borderRadius: [0, 3, 3, 0] },
        label: {
          show: true,
          position: "right",
          color: colours.ink,
          formatter: ({ dataIndex }) => format.percent(rows[dataIndex]?.rate),
        },
        data: rows.map(({ rate }) => Number(rate ?? 0)),
      },
    ],
  };
}
