import { fetchAbout, fetchJourney, fetchOrders, fetchOverview, Refused } from "./backend.js";
import { dispose } from "./charts.js";
import { byId, h } from "./dom.js";
import { formats } from "./format.js";

import { orders as orderSection } from "./sections/orders.js";
import { revenue } from "./sections/revenue.js";
import { roas, unpaid } from "./sections/roas.js";
import { shops } from "./sections/shops.js";
import { provisionalNotice, sources } from "./sections/sources.js";
import { summary } from "./sections/summary.js";
import { grainOf, PRESETS, readView, writeView } from "./state.js";
import { MODELS, modelName } from "./words.js";

/** @import { AboutAnswer } from "./backend.js" */
/** @import { Formats } from "./format.js" */
/** @import { View } from "./state.js" */

const controls = byId("controls", HTMLFormElement);
const inputs = {
  preset: byId("preset", HTMLSelectElement),
  from: byId("from", HTMLInputElement),
  to: byId("to", HTMLInputElement),
  model: byId("model", HTMLSelectElement),
  locale: byId("locale", HTMLSelectElement),
  theme: byId("theme", HTMLButtonElement),
};
const sections = byId("sections", HTMLElement);
const notices = byId("notices", HTMLElement);
const scope = byId("scope", HTMLElement);

/** Counts the draws, so that a slow answer never overwrites a later one. */
let draws = 0;

/** The order whose journey was last drawn. */
let shownOrder = "";

/** @param {AboutAnswer} about @returns {import("./state.js").Range & { models: readonly string[], defaultModel: string }} */
function known(about) {
  const asOf = lastDayCounted(about);
  return {
    firstDate: about.first_date ?? asOf,
    lastDate: asOf,
    models: about.models,
    defaultModel: about.defaultModel,
  };
}

/** The last day counted: a run's id begins with it; of a run that does not say, the last day with figures. @param {AboutAnswer} about */
function lastDayCounted({ run_id, last_date }) {
  return /^\d{4}-\d{2}-\d{2}_/.test(run_id ?? "") ? (run_id ?? "").slice(0, 10) : (last_date ?? "");
}

/** @param {AboutAnswer} about */
function start(about) {
  inputs.preset.replaceChildren(
    ...Object.entries(PRESETS).map(([value, { name }]) => h("option", { value }, name)),
    h("option", { value: "custom" }, "Chosen days"),
  );
  inputs.model.replaceChildren(
    ...about.models.map((model) => h("option", { value: model }, modelName(model))),
  );
  const redraw = () => draw(about);
  const change = (/** @type {Partial<View>} */ changes) => {
    const view = { ...readView(location.search, known(about)), ...changes };
    history.pushState(null, "", writeView(view, about.defaultModel));
    redraw();
  };
  inputs.preset.addEventListener("change", () => {
    const preset = inputs.preset.value;
    change(
      preset === "custom" ? { preset, from: inputs.from.value, to: inputs.to.value } : { preset },
    );
  });
  for (const input of [inputs.from, inputs.to]) {
    input.addEventListener("change", () => {
      const [from, to] = [inputs.from.value, inputs.to.value];
      inputs.to.setCustomValidity(from > to ? "The last day lies before the first." : "");
      if (controls.reportValidity()) change({ preset: "custom", from, to });
    });
  }
  inputs.model.addEventListener("change", () => change({ model: inputs.model.value }));
  inputs.locale.addEventListener("change", redraw);
  addEventListener("popstate", redraw);
  addEventListener("themechange", redraw);
  controls.addEventListener("submit", (event) => event.preventDefault());
  controls.hidden = false;
  redraw();

  /** @param {AboutAnswer} about */
  async function draw(about) {
    const turn = ++draws;
    const view = readView(location.search, known(about));
    showControls(view);
    sections.setAttribute("aria-busy", "true");
    try {
      const [overview, orders, journey] = await figures(view);
      if (turn !== draws) return;
      const look = {
        format: formats({ ...about, locale: inputs.locale.value }),
        models: about.models,
        view,
        change,
      };
      showScope(about, view, look.format);
      notices.replaceChildren(
        ...[
          olderFigures(about),
          provisionalNotice(overview.missing, about.sources, look.format),
        ].filter((notice) => notice !== null),
      );
      replaceSections(
        summary(overview, look),
        revenue(overview, look),
        roas(overview, look),
        unpaid(overview, look),
        shops(overview, look),
        orderSection(orders, journey, look),
        sources(about.sources, look),
      );
      if (view.order !== shownOrder)
        byId("journey", HTMLElement).scrollIntoView({ block: "nearest" });
      shownOrder = view.order;
      sections.setAttribute("aria-busy", "false");
    } catch (error) {
      fail(error);
    }
  }
}

/** All that a view shows; an order that is not there is said in its place. @param {View} view */
function figures(view) {
  const { from, to, model } = view;
  return Promise.all([
    fetchOverview({ from, to, model, grain: grainOf(view) }),
    fetchOrders({ from, to, find: view.find, untouched: String(view.untouched) }),
    view.order === ""
      ? undefined
      : fetchJourney(view.order).catch((error) =>
          error instanceof Refused ? error : Promise.reject(error),
        ),
  ]);
}

/** Draws the page anew under the reader's eyes: where they were and what they were at stay. @param {...HTMLElement} parts */
function replaceSections(...parts) {
  const { scrollX, scrollY } = window;
  const focused = document.activeElement?.id;
  dispose(sections);
  sections.replaceChildren(...parts);
  if (focused) document.getElementById(focused)?.focus({ preventScroll: true });
  scrollTo(scrollX, scrollY);
}

/** @param {View} view */
function showControls(view) {
  inputs.preset.value = view.preset;
  inputs.from.value = view.from;
  inputs.to.value = view.to;
  inputs.model.value = view.model;
  byId("model-hint", HTMLElement).textContent = MODELS[view.model]?.hint ?? "";
}

/** What the figures are of: period, last day counted, run. @param {AboutAnswer} about @param {View} view @param {Formats} format */
function showScope(about, view, format) {
  const asOf = lastDayCounted(about);
  scope.textContent = `${format.day(view.from)} – ${format.day(view.to)}`;
  byId("run", HTMLElement).textContent =
    `Counted up to ${format.day(asOf)}, whole. Amounts in ${about.currency}, days in ${about.timeZone}. ` +
    `Credit by ${view.model}. Run ${about.run_id ?? "unknown"}.`;
}

/** The marts keep their figures when a check of the last run failed; the status of the sources goes on. @param {AboutAnswer} about */
function olderFigures({ run_id, sources }) {
  const latest = sources[0]?.run_id;
  if (latest === undefined || latest === run_id) return null;
  return h(
    "div",
    { class: "notice bad", role: "note" },
    h("h2", {}, "These figures are of an earlier run"),
    h(
      "p",
      {},
      `The last run (${latest}) failed a check and left the figures of ${run_id} as they were. Its report says which: run filo transform.`,
    ),
  );
}

/** @param {unknown} error */
function fail(error) {
  scope.textContent = "";
  sections.setAttribute("aria-busy", "false");
  const noMarts = error instanceof Refused && error.noMarts;
  notices.replaceChildren(
    h(
      "div",
      { class: "notice bad", role: "alert" },
      h("h2", {}, noMarts ? "Nothing to show yet" : "The figures could not be read"),
      h("p", {}, error instanceof Error ? error.message : String(error)),
      h(
        "p",
        {},
        noMarts
          ? "Run filo nightly, then load this page again."
          : "Load this page again; if it stays, run filo doctor.",
      ),
    ),
  );
}

function startLook() {
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const root = document.documentElement;
  const isDark = () => (root.dataset.theme ? root.dataset.theme === "dark" : dark.matches);
  const say = () => inputs.theme.setAttribute("aria-pressed", String(isDark()));
  inputs.theme.addEventListener("click", () => {
    root.dataset.theme = isDark() ? "light" : "dark";
    localStorage.setItem("theme", root.dataset.theme);
    say();
    dispatchEvent(new Event("themechange"));
  });
  dark.addEventListener("change", () => {
    say();
    dispatchEvent(new Event("themechange"));
  });
  say();
  const italian = navigator.language.startsWith("it");
  inputs.locale.value = localStorage.getItem("locale") ?? (italian ? "it-IT" : "en-GB");
  inputs.locale.addEventListener("change", () =>
    localStorage.setItem("locale", inputs.locale.value),
  );
}

startLook();
try {
  const about = await fetchAbout();
  if (about.last_date === null) throw new Refused({ error: "The marts are empty.", noMarts: true });
  start(about);
} catch (error) {
  fail(error);
}
