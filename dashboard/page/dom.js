/**
 * An element. `class`, `id` and the like are set as attributes, functions as listeners (`onclick`); false and
 * undefined leave an attribute out. Text is text: nothing is ever read as HTML.
 * @template {keyof HTMLElementTagNameMap} Tag
 * @param {Tag} tag
 * @param {Record<string, string | number | boolean | undefined | ((event: Event) => void)>} [attributes]
 * @param {...(Node | string | null | undefined | false)} children
 * @returns {HTMLElementTagNameMap[Tag]}
 */
export function h(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === false || value === undefined) continue;
    if (typeof value === "function") element.addEventListener(name.slice(2), value);
    else element.setAttribute(name, value === true ? "" : String(value));
  }
  element.append(...children.filter((child) => typeof child === "string" || child instanceof Node));
  return element;
}

/**
 * The element of the page with this id.
 * @template {HTMLElement} T
 * @param {string} id
 * @param {new () => T} type
 * @returns {T}
 */
export function byId(id, type) {
  const found = document.getElementById(id);
  if (found instanceof type) return found;
  throw new Error(`the page has no ${type.name} #${id}`);
}

/**
 * A card of the page: a heading, a sentence that says how to read it, and its content.
 * @param {{ id: string, title: string, lead?: string }} about
 * @param {...(Node | string | null | undefined | false)} content
 */
export function card({ id, title, lead }, ...content) {
  return h(
    "section",
    { class: "card", id, "aria-labelledby": `${id}-title` },
    h("h2", { id: `${id}-title` }, title),
    lead ? h("p", { class: "lead" }, lead) : null,
    ...content,
  );
}

/**
 * @typedef {object} Column
 * @property {string} head
 * @property {string} [hint] shown when the head is pointed at, and read with it
 * @property {boolean} [number] aligned right
 */

/**
 * A table that scrolls sideways where it does not fit. The first cell of a row is its head.
 * @param {string} caption read aloud, not shown
 * @param {readonly Column[]} columns
 * @param {readonly (readonly (Node | string)[])[]} rows
 * @param {readonly (Node | string)[]} [total] a last row that sums the others
 */
export function table(caption, columns, rows, total) {
  const kind = (/** @type {number} */ i) => (columns[i]?.number ? "number" : undefined);
  const line = (/** @type {readonly (Node | string)[]} */ cells) =>
    h(
      "tr",
      {},
      ...cells.map((cell, i) =>
        i === 0 ? h("th", { scope: "row" }, cell) : h("td", { class: kind(i) }, cell),
      ),
    );
  return h(
    "div",
    { class: "scroll", tabindex: 0, role: "region", "aria-label": caption },
    h(
      "table",
      {},
      h("caption", { class: "unseen" }, caption),
      h(
        "thead",
        {},
        h(
          "tr",
          {},
          ...columns.map(({ head, hint }, i) =>
            h("th", { scope: "col", class: kind(i), title: hint }, head),
          ),
        ),
      ),
      h("tbody", {}, ...rows.map(line)),
      total ? h("tfoot", {}, line(total)) : null,
    ),
  );
}

/**
 * What stands where there is nothing to show: why, and what to do.
 * @param {string} text
 */
export function empty(text) {
  return h("p", { class: "empty" }, text);
}
