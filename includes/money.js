/** An amount as NUMERIC with whole cents, half away from zero. */
const amount = (expression) => `round(cast(${expression} as numeric), 2)`;

/** The same from text inside JSON; null where there is none or it is no number. */
const amountFromJson = (json, path) =>
  `round(safe_cast(json_value(${json}, '${path}') as numeric), 2)`;

/** An amount as a whole number of cents, for sharing out without remainder. */
const cents = (amountExpression) => `cast(${amountExpression} * 100 as int64)`;

/** Back from cents. */
const fromCents = (centsExpression) => `cast(${centsExpression} as numeric) * numeric '0.01'`;

module.exports = { amount, amountFromJson, cents, fromCents };
