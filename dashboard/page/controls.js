import { byId, h } from "./dom.js";
import { PRESETS } from "./state.js";
import { MODELS, modelName } from "./words.js";

/** @import { View } from "./state.js" */

const inputs = {
  preset: byId("preset", HTMLSelectElement),
  from: byId("from", HTMLInputElement),
  to: byId("to", HTMLInputElement),
  model: byId("model", HTMLSelectElement),
};

/**
 * The form with period and model.
 * @param {readonly string[]} models the ones that the marts hold
 * @param {(change: Partial<View>) => void} change called with what the reader chose
 */
export function startControls(models, change) {
  const form = byId("controls", HTMLFormElement);
  inputs.preset.replaceChildren(
    ...Object.entries(PRESETS).map(([value, { name }]) => h("option", { value }, name)),
    h("option", { value: "custom" }, "Chosen days"),
  );
  inputs.model.replaceChildren(
    ...models.map((model) => h("option", { value: model }, modelName(model))),
  );
  const chosenDays = () => {
    const [from, to] = [inputs.from.value, inputs.to.value];
    inputs.to.setCustomValidity(from > to ? "The last day lies before the first." : "");
    if (form.reportValidity()) change({ preset: "custom", from, to });
  };
  inputs.preset.addEventListener("change", () => {
    if (inputs.preset.value === "custom") chosenDays();
    else change({ preset: inputs.preset.value });
  });
  inputs.from.addEventListener("change", chosenDays);
  inputs.to.addEventListener("change", chosenDays);
  inputs.model.addEventListener("change", () => change({ model: inputs.model.value }));
  form.addEventListener("submit", (event) => event.preventDefault());
  form.hidden = false;
}

/** @param {View} view */
export function showControls(view) {
  inputs.preset.value = view.preset;
  inputs.from.value = view.from;
  inputs.to.value = view.to;
  inputs.to.setCustomValidity("");
  inputs.model.value = view.model;
  byId("model-hint", HTMLElement).textContent = MODELS[view.model]?.hint ?? "";
}
