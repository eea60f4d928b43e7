/**
 * What the page shows, kept in its address, so that a view can be bookmarked, shared on this machine and gone back to.
 * @typedef {object} View
 * @property {string} preset a key of PRESETS, or `custom`
 * @property {string} from YYYY-MM-DD
 * @property {string} to YYYY-MM-DD
 * @property {string} model
 * @property {string} grain `auto`, day, week or month
 * @property {"platform" | "campaign"} by
 * @property {string} find part of an order's id; empty for the last orders
 * @property {boolean} untouched also orders that no touch earned
 * @property {string} order the order whose journey is open; empty for none
 */

/** @typedef {{ readonly firstDate: string, readonly lastDate: string }} Range */
/** @typedef {Range & { readonly models: readonly string[], readonly defaultModel: string }} Known */

const DAY_MS = 86_400_000;

/**
 * What views there are. The last day counted stands at the head of a run's id; of a run that does not say it, the
 * last day with figures is taken.
 * @param {import("../queries/sources.ts").About & { defaultModel: string }} about
 * @returns {Known}
 */
export function knownOf({ run_id, first_date, last_date, models, defaultModel }) {
  const [asOf] = /^\d{4}-\d{2}-\d{2}(?=_)/.exec(run_id ?? "") ?? [];
  const lastDate = asOf ?? last_date ?? "";
  return { firstDate: first_date ?? lastDate, lastDate, models, defaultModel };
}

/** @param {string} date @param {number} days */
export function addDays(date, days) {
  return new Date(Date.parse(date) + days * DAY_MS).toISOString().slice(0, 10);
}

/** Days from one date to another, both included. @param {string} from @param {string} to */
export function daysBetween(from, to) {
  return Math.round((Date.parse(to) - Date.parse(from)) / DAY_MS) + 1;
}

/** @param {string} date @param {number} months */
function startOfMonth(date, months = 0) {
  const [year = 0, month = 1] = date.split("-").map(Number);
  return new Date(Date.UTC(year, month - 1 + months, 1)).toISOString().slice(0, 10);
}

/** Periods by name, each counted back from the last day counted. @type {Readonly<Record<string, { name: string, of: (range: Range) => [string, string] }>>} */
export const PRESETS = {
  last7: { name: "Last 7 days", of: ({ lastDate }) => [addDays(lastDate, -6), lastDate] },
  last30: { name: "Last 30 days", of: ({ lastDate }) => [addDays(lastDate, -29), lastDate] },
  last90: { name: "Last 90 days", of: ({ lastDate }) => [addDays(lastDate, -89), lastDate] },
  month: { name: "This month", of: ({ lastDate }) => [startOfMonth(lastDate), lastDate] },
  lastMonth: {
    name: "Last month",
    of: ({ lastDate }) => [startOfMonth(lastDate, -1), addDays(startOfMonth(lastDate), -1)],
  },
  year: { name: "This year", of: ({ lastDate }) => [`${lastDate.slice(0, 4)}-01-01`, lastDate] },
  last365: { name: "Last 12 months", of: ({ lastDate }) => [addDays(lastDate, -364), lastDate] },
  all: { name: "All days", of: ({ firstDate, lastDate }) => [firstDate, lastDate] },
};

const DEFAULT_PRESET = "last90";
const GRAINS = ["day", "week", "month"];

/** @param {string} text YYYY-MM-DD of a day that exists */
function isDate(text) {
  return (
    /^\d{4}-\d{2}-\d{2}$/.test(text) && !Number.isNaN(Date.parse(text)) && addDays(text, 0) === text
  );
}

/**
 * The view that an address asks for; what it does not say, or says wrongly, is as by default.
 * @param {string} search `location.search`
 * @param {Known} known
 * @returns {View}
 */
export function readView(search, known) {
  const asked = new URLSearchParams(search);
  const ask = (/** @type {string} */ name) => asked.get(name) ?? "";
  const [from, to] = [ask("from"), ask("to")];
  const custom = isDate(from) && isDate(to) && from <= to;
  const preset = Object.hasOwn(PRESETS, ask("period")) ? ask("period") : DEFAULT_PRESET;
  const [start = "", end = ""] = custom ? [from, to] : (PRESETS[preset]?.of(known) ?? []);
  const models = [ask("model"), known.defaultModel, ...known.models];
  return {
    preset: custom ? "custom" : preset,
    from: start,
    to: end,
    model: models.find((model) => known.models.includes(model)) ?? known.defaultModel,
    grain: GRAINS.includes(ask("grain")) ? ask("grain") : "auto",
    by: ask("by") === "campaign" ? "campaign" : "platform",
    find: ask("find"),
    untouched: asked.has("untouched"),
    order: ask("order"),
  };
}

/** The address of a view: only what is not as by default. @param {View} view @param {string} defaultModel */
export function writeView(view, defaultModel) {
  const say = new URLSearchParams();
  if (view.preset === "custom") {
    say.set("from", view.from);
    say.set("to", view.to);
  } else if (view.preset !== DEFAULT_PRESET) say.set("period", view.preset);
  if (view.model !== defaultModel) say.set("model", view.model);
  if (view.grain !== "auto") say.set("grain", view.grain);
  if (view.by !== "platform") say.set("by", view.by);
  if (view.find) say.set("find", view.find);
  if (view.untouched) say.set("untouched", "");
  if (view.order) say.set("order", view.order);
  const text = say.toString();
  return text ? `?${text}` : location.pathname;
}

/** Bars that can be told apart: days for a quarter, weeks for a year, months beyond. @param {View} view */
export function grainOf({ grain, from, to }) {
  if (grain !== "auto") return grain;
  const days = daysBetween(from, to);
  if (days <= 93) return "day";
  return days <= 400 ? "week" : "month";
}
