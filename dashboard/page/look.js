import { byId } from "./dom.js";

/** How numbers and dates are written: as chosen before, else as the browser's language has it. */
export function locale() {
  return byId("locale", HTMLSelectElement).value;
}

/** Lets the reader choose light or dark and how numbers are written; both are remembered. @param {() => void} changed */
export function startLook(changed) {
  startTheme(changed);
  const choice = byId("locale", HTMLSelectElement);
  const usual = navigator.language.startsWith("it") ? "it-IT" : "en-GB";
  choice.value = localStorage.getItem("locale") ?? usual;
  choice.addEventListener("change", () => {
    localStorage.setItem("locale", choice.value);
    changed();
  });
}

/** @param {() => void} changed */
function startTheme(changed) {
  const button = byId("theme", HTMLButtonElement);
  const system = matchMedia("(prefers-color-scheme: dark)");
  const root = document.documentElement;
  const isDark = () => (root.dataset.theme ? root.dataset.theme === "dark" : system.matches);
  const say = () => {
    button.setAttribute("aria-pressed", String(isDark()));
    changed();
  };
  button.addEventListener("click", () => {
    root.dataset.theme = isDark() ? "light" : "dark";
    localStorage.setItem("theme", root.dataset.theme);
    say();
  });
  system.addEventListener("change", say);
  button.setAttribute("aria-pressed", String(isDark()));
}
