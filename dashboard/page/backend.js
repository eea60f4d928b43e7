/** @import { Bucket, CampaignFigures, PlatformFigures, Totals } from "../queries/roas.ts" */
/** @import { StoreReceipts } from "../queries/shops.ts" */
/** @import { About, MissingDay, SourceStatus } from "../queries/sources.ts" */
/** @import { Journey, OrderRow } from "../queries/journeys.ts" */

/** @typedef {About & { currency: string, timeZone: string, defaultModel: string, sources: readonly SourceStatus[] }} AboutAnswer */
/**
 * @typedef {object} OverviewAnswer
 * @property {Totals} totals
 * @property {readonly Bucket[]} buckets
 * @property {readonly PlatformFigures[]} platforms
 * @property {readonly CampaignFigures[]} campaigns
 * @property {readonly MissingDay[]} missing
 * @property {readonly StoreReceipts[]} receipts
 */

/** The server's refusal; `noMarts` where no night has run yet. */
export class Refused extends Error {
  /** @param {{ error?: string, noMarts?: boolean }} answer */
  constructor(answer) {
    super(answer.error ?? "The page's server does not answer.");
    this.noMarts = answer.noMarts === true;
  }
}

/** The last answer of each path: what did not change is not asked again until the page is loaded anew. @type {Map<string, { address: string, answer: Promise<unknown> }>} */
const last = new Map();

/**
 * @param {string} path
 * @param {Record<string, string>} [query]
 * @returns {Promise<unknown>}
 */
function get(path, query = {}) {
  const address = `/api/${path}?${new URLSearchParams(query)}`;
  const known = last.get(path);
  if (known?.address === address) return known.answer;
  const answer = ask(address);
  last.set(path, { address, answer });
  answer.catch(() => last.delete(path));
  return answer;
}

/** @param {string} address @returns {Promise<unknown>} */
async function ask(address) {
  const response = await fetch(address).catch(() => undefined);
  if (!response) {
    throw new Refused({ error: "The page's server has ended: start `filo dashboard` again." });
  }
  const answer = await response.json();
  if (!response.ok) throw new Refused(answer);
  return answer;
}

/** @returns {Promise<AboutAnswer>} */
export async function fetchAbout() {
  return /** @type {AboutAnswer} */ (await get("about"));
}

/**
 * @param {{ from: string, to: string, model: string, grain: string }} wanted
 * @returns {Promise<OverviewAnswer>}
 */
export async function fetchOverview(wanted) {
  return /** @type {OverviewAnswer} */ (await get("overview", wanted));
}

/**
 * @param {{ from: string, to: string, find: string, untouched: string }} wanted
 * @returns {Promise<readonly OrderRow[]>}
 */
export async function fetchOrders(wanted) {
  return /** @type {readonly OrderRow[]} */ (await get("orders", wanted));
}

/**
 * @param {string} order
 * @returns {Promise<Journey>}
 */
export async function fetchJourney(order) {
  return /** @type {Journey} */ (await get("journey", { order }));
}
