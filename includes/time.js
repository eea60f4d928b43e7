const { AS_OF, TIME_ZONE } = require("./constants.js");

/** The day of a timestamp where the retailer is. */
const localDate = (timestamp) => `date(${timestamp}, '${TIME_ZONE}')`;

/** The instant at which a local day begins. */
const startOfDay = (date) => `timestamp(${date}, '${TIME_ZONE}')`;

/** True for what happened up to the last day counted. */
const untilAsOf = (timestamp) =>
  AS_OF
    ? `${timestamp} < timestamp(date_add(date '${AS_OF}', interval 1 day), '${TIME_ZONE}')`
    : "true";

/** The same for a DATE. */
const dateUntilAsOf = (date) => (AS_OF ? `${date} <= date '${AS_OF}'` : "true");

module.exports = { localDate, startOfDay, untilAsOf, dateUntilAsOf };
