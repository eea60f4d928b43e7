import { BigQueryError } from "../errors.ts";
import type { Partitioning } from "../warehouse/session.ts";
import type { DestinationConfiguration } from "./configuration.ts";

/** How a request says that a table is partitioned and clustered: alike in tables and in jobs. */
export interface PartitioningRequest
  extends Pick<DestinationConfiguration, "timePartitioning" | "rangePartitioning" | "clustering"> {
  readonly requirePartitionFilter?: boolean;
}

const UNITS = ["HOUR", "DAY", "MONTH", "YEAR"] as const;

/** The partitioning a request asks for. Throws `invalid` for an unknown unit. */
export function partitioningOf(request: PartitioningRequest): Partitioning | undefined {
  const { timePartitioning: time, rangePartitioning: range } = request;
  const requireFilter = request.requirePartitionFilter ?? time?.requirePartitionFilter;
  const filter = requireFilter === undefined ? {} : { requireFilter };
  if (time) {
    const type = UNITS.find((unit) => unit === (time.type ?? "DAY").toUpperCase());
    if (!type)
      throw new BigQueryError("invalid", `Invalid value for timePartitioning.type: ${time.type}`);
    const expiration = time.expirationMs ? { expirationMs: String(time.expirationMs) } : {};
    return { type, ...(time.field ? { field: time.field } : {}), ...expiration, ...filter };
  }
  if (!range) return undefined;
  const { start, end, interval } = range.range ?? {};
  if (!range.field || start === undefined || end === undefined || interval === undefined) {
    throw new BigQueryError(
      "invalid",
      "Range partitioning needs a field and a range with start, end and interval",
    );
  }
  return {
    type: "RANGE",
    field: range.field,
    range: { start: String(start), end: String(end), interval: String(interval) },
    ...filter,
  };
}

export function clusteringOf(request: PartitioningRequest): readonly string[] | undefined {
  return request.clustering?.fields;
}
