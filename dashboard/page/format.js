/**
 * How numbers, amounts and days are written: by locale, currency and the retailer's clock. Decimal strings go to
 * `Intl` as they are, so that no figure is rounded before it is written.
 * @param {{ locale: string, currency: string, timeZone: string }} settings
 */
export function formats({ locale, currency, timeZone }) {
  const numbers = (/** @type {Intl.NumberFormatOptions} */ options) => {
    const format = new Intl.NumberFormat(locale, options);
    return (/** @type {string | number | null | undefined} */ value) =>
      value === null || value === undefined
        ? "–"
        : format.format(/** @type {Intl.StringNumericLiteral} */ (String(value)));
  };
  const dates = (/** @type {Intl.DateTimeFormatOptions} */ options) => {
    const format = new Intl.DateTimeFormat(locale, options);
    return (/** @type {string} */ value) => format.format(new Date(value));
  };
  const style = /** @type {const} */ ({ style: "currency", currency });
  return {
    /** With cents. */
    money: numbers(style),
    /** Whole units of the currency: for large amounts. */
    amount: numbers({ ...style, maximumFractionDigits: 0 }),
    /** For axes: 12K €. */
    short: numbers({ ...style, notation: "compact", maximumFractionDigits: 1 }),
    count: numbers({ maximumFractionDigits: 0 }),
    ratio: numbers({ minimumFractionDigits: 2, maximumFractionDigits: 2 }),
    percent: numbers({ style: "percent", minimumFractionDigits: 1, maximumFractionDigits: 1 }),
    wholePercent: numbers({ style: "percent", maximumFractionDigits: 0 }),
    days: numbers({ maximumFractionDigits: 1 }),
    /** A calendar day, `YYYY-MM-DD`. */
    day: dates({ day: "numeric", month: "short", year: "numeric", timeZone: "UTC" }),
    dayOfYear: dates({ day: "numeric", month: "short", timeZone: "UTC" }),
    month: dates({ month: "short", year: "numeric", timeZone: "UTC" }),
    /** A moment, on the retailer's clock. */
    moment: dates({ dateStyle: "medium", timeStyle: "short", timeZone }),
  };
}

/** @typedef {ReturnType<typeof formats>} Formats */
