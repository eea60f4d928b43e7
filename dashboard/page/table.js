import { h } from "./dom.js";

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
 * Lets the reader order a table by any column: greatest first, then least first. What is empty stays last.
 * @param {HTMLElement} place a table of `table`
 * @param {readonly (readonly (number | string | null)[])[]} values what the cells are ordered by, row by row
 */
export function sortable(place, values) {
  const body = place.querySelector("tbody");
  const rows = [...(body?.rows ?? [])];
  const heads = [...place.querySelectorAll("thead th")];
  const sort = (/** @type {Element} */ head, /** @type {number} */ column) => {
    const sign = head.getAttribute("aria-sort") === "descending" ? 1 : -1;
    for (const other of heads) other.removeAttribute("aria-sort");
    head.setAttribute("aria-sort", sign === 1 ? "ascending" : "descending");
    const valued = rows.map((row, i) => ({ row, value: values[i]?.[column] ?? null }));
    body?.replaceChildren(
      ...valued.sort((a, b) => compare(a.value, b.value, sign)).map(({ row }) => row),
    );
  };
  heads.forEach((head, column) => {
    const button = h("button", {
      type: "button",
      class: "sort",
      onclick: () => sort(head, column),
    });
    button.append(...head.childNodes);
    head.append(button);
  });
  return place;
}

/** @param {number | string | null} a @param {number | string | null} b @param {1 | -1} sign */
function compare(a, b, sign) {
  if (a === null || b === null) return Number(a === null) - Number(b === null);
  if (typeof a === "string" || typeof b === "string")
    return sign * String(a).localeCompare(String(b));
  return sign * (a - b);
}
