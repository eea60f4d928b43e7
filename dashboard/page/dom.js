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
 * What stands where there is nothing to show: why, and what to do.
 * @param {string} text
 */
export function empty(text) {
  return h("p", { class: "empty" }, text);
}
