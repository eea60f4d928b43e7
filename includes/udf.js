const { DATABASE, dataset } = require("./constants.js");

/**
 * The full name of one of our functions. A plain name, not `ref()`: a unit test replaces every `ref()` by rows,
 * and a function is no table. The model that calls it names it in `dependencies`.
 */
const name = (functionName) => `\`${DATABASE}.${dataset("intermediate")}.${functionName}\``;

/** JavaScript source that declares these constants and functions and returns the last one's result for `argument`. */
function body(constants, functions, argument) {
  const declared = Object.entries(constants).map(
    ([key, value]) => `const ${key} = ${source(value)};`,
  );
  const last = functions[functions.length - 1];
  return [...declared, ...functions.map(String), `return ${last.name}(${argument});`].join("\n");
}

function source(value) {
  if (value instanceof RegExp) return String(value);
  if (Array.isArray(value)) return `[${value.map(source).join(", ")}]`;
  if (value === null || typeof value !== "object") return JSON.stringify(value);
  const entries = Object.entries(value).map(
    ([key, entry]) => `${JSON.stringify(key)}: ${source(entry)}`,
  );
  return `{${entries.join(", ")}}`;
}

module.exports = { name, body };
