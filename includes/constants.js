// The only reader of the project's variables. Their values come from dataform.json or from `--vars`.
const { vars, defaultDatabase, schemaSuffix, datasetSuffix } = dataform.projectConfig;

/** Attribution models that need no fit, in the order in which reports show them. */
const MODELS = [
  "first_touch",
  "last_touch",
  "last_non_direct",
  "linear",
  "position_based",
  "time_decay",
];

function isoDateOrEmpty(value) {
  if (value && !/^\d{4}-\d{2}-\d{2}$/.test(value)) {
    throw new Error(`Variable asOf is "${value}"; give a date as YYYY-MM-DD, or nothing.`);
  }
  return value || "";
}

function oneOf(name, value, allowed) {
  if (!allowed.includes(value)) {
    throw new Error(`Variable ${name} is "${value}"; it must be one of ${allowed.join(", ")}.`);
  }
  return value;
}

function matching(name, value, pattern, example) {
  if (!pattern.test(value || "")) {
    throw new Error(`Variable ${name} is "${value}"; it must look like ${example}.`);
  }
  return value;
}

/** The name of a dataset in the environment that is compiled for: `raw`, or `raw_dev`. */
function dataset(name) {
  const suffix = datasetSuffix || schemaSuffix;
  return suffix ? `${name}_${suffix}` : name;
}

module.exports = {
  MODELS,
  /** Last day counted, whole, in TIME_ZONE; empty: all that is loaded. */
  AS_OF: isoDateOrEmpty(vars.asOf),
  /** Fingerprint of the night's inputs; every mart carries it. */
  RUN_ID: matching("runId", vars.runId, /^[\w.:-]+$/, "20261101-3f9a"),
  TIME_ZONE: matching("timeZone", vars.timeZone, /^[A-Za-z_]+(\/[A-Za-z_+-]+)*$/, "Europe/Rome"),
  CURRENCY: matching("currency", vars.currency, /^[A-Z]{3}$/, "EUR"),
  DEFAULT_MODEL: oneOf("defaultModel", vars.defaultModel, MODELS),
  /** A visit ends after so long without an event. */
  VISIT_MINUTES: 30,
  DATABASE: defaultDatabase,
  dataset,
};
