import { fetchAbout, fetchJourney, fetchOrders, fetchOverview, Refused } from "./backend.js";
import { dispose } from "./charts.js";
import { showControls, startControls } from "./controls.js";
import { byId } from "./dom.js";
import { formats } from "./format.js";
import { locale, startLook } from "./look.js";
import { failure, olderFigures, provisionalNotice } from "./sections/notices.js";
import { orders as orderSection } from "./sections/orders.js";
import { revenue } from "./sections/revenue.js";
import { roas, unpaid } from "./sections/roas.js";
import { shops } from "./sections/shops.js";
import { sources } from "./sections/sources.js";
import { summary } from "./sections/summary.js";
import { grainOf, knownOf, readView, writeView } from "./state.js";

/** @import { AboutAnswer } from "./backend.js" */
/** @import { Formats } from "./format.js" */
/** @import { Known, View } from "./state.js" */

const sections = byId("sections", HTMLElement);
const notices = byId("notices", HTMLElement);
const scope = byId("scope", HTMLElement);

/** Draws what the address asks for, and again whenever it or the look changes. @param {AboutAnswer} about */
function start(about) {
  const known = knownOf(about);
  let draws = 0;
  let shownOrder = "";

  const change = (/** @type {Partial<View>} */ changes) => {
    const view = { ...readView(location.search, known), ...changes };
    history.pushState(null, "", writeView(view, known.defaultModel));
    draw();
  };

  const draw = async () => {
    const turn = ++draws;
    const view = readView(location.search, known);
    showControls(view);
    sections.setAttribute("aria-busy", "true");
    try {
      const found = await fetchFigures(view);
      // a slow answer never overwrites a later one
      if (turn !== draws) return;
      const format = formats({ ...about, locale: locale() });
      show(about, found, { format, models: about.models, view, change });
      showScope(about, known, view, format);
      if (view.order !== shownOrder) {
        byId("journey", HTMLElement).scrollIntoView({ block: "nearest" });
      }
      shownOrder = view.order;
    } catch (error) {
      if (turn === draws) fail(error);
    }
  };

  startControls(about.models, change);
  startLook(draw);
  addEventListener("popstate", draw);
  draw();
}

/** All that a view shows; an order that is not there is said in its place. @param {View} view */
function fetchFigures(view) {
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

/**
 * @param {AboutAnswer} about
 * @param {Awaited<ReturnType<typeof fetchFigures>>} found
 * @param {{ format: Formats, models: readonly string[], view: View, change: (change: Partial<View>) => void }} look
 */
function show(about, [overview, orders, journey], look) {
  const said = [
    olderFigures(about),
    provisionalNotice(overview.missing, about.sources, look.format),
  ];
  notices.replaceChildren(...said.filter((notice) => notice !== null));
  replaceSections(
    summary(overview, look),
    revenue(overview, look),
    roas(overview, look),
    unpaid(overview, look),
    shops(overview, look),
    orderSection(orders, journey, look),
    sources(about.sources, look),
  );
}

/** Draws the page anew under the reader's eyes: where they were and what they were at stay. @param {...HTMLElement} parts */
function replaceSections(...parts) {
  const { scrollX, scrollY } = window;
  const focused = document.activeElement?.id;
  dispose(sections);
  sections.replaceChildren(...parts);
  sections.setAttribute("aria-busy", "false");
  if (focused) document.getElementById(focused)?.focus({ preventScroll: true });
  scrollTo(scrollX, scrollY);
}

/**
 * What the figures are of: period, last day counted, run.
 * @param {AboutAnswer} about
 * @param {Known} known
 * @param {View} view
 * @param {Formats} format
 */
function showScope(about, known, view, format) {
  scope.textContent = `${format.day(view.from)} – ${format.day(view.to)}`;
  byId("run", HTMLElement).textContent =
    `Counted up to ${format.day(known.lastDate)}, whole. ` +
    `Amounts in ${about.currency}, days in ${about.timeZone}. ` +
    `Credit by ${view.model}. Run ${about.run_id ?? "unknown"}.`;
}

/** @param {unknown} error */
function fail(error) {
  scope.textContent = "";
  replaceSections();
  notices.replaceChildren(failure(error));
}

try {
  start(await fetchAbout());
} catch (error) {
  startLook(() => {});
  fail(error);
}
