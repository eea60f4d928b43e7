import { z } from "zod";
import type { RestField } from "../warehouse/schema.ts";

/**
 * What a job is asked to do, as jobs.insert and jobs.query take it. Fields that are not listed are not kept, as in
 * BigQuery. `exactOptional`, because requests are read with their nulls taken out: see routes/body.ts.
 */

/** REST writes 64-bit numbers as text; clients send numbers, too. */
const int64 = z.union([z.string(), z.number()]);
const strings = z.array(z.string());
const labels = z.record(z.string(), z.string());

export const datasetReference = z.object({
  projectId: z.string().exactOptional(),
  datasetId: z.string().exactOptional(),
});
export const tableReference = datasetReference.extend({ tableId: z.string().exactOptional() });

/** How a table is partitioned and clustered: alike in tables and in jobs. */
export const partitioningFields = {
  timePartitioning: z
    .object({
      type: z.string().exactOptional(),
      field: z.string().exactOptional(),
      expirationMs: int64.exactOptional(),
      requirePartitionFilter: z.boolean().exactOptional(),
    })
    .exactOptional(),
  rangePartitioning: z
    .object({
      field: z.string().exactOptional(),
      range: z
        .object({
          start: int64.exactOptional(),
          end: int64.exactOptional(),
          interval: int64.exactOptional(),
        })
        .exactOptional(),
    })
    .exactOptional(),
  clustering: z.object({ fields: strings.exactOptional() }).exactOptional(),
};

const tableField: z.ZodType<RestField> = z.lazy(() =>
  z.object({
    name: z.string(),
    type: z.string(),
    mode: z.string().exactOptional(),
    description: z.string().exactOptional(),
    fields: z.array(tableField).exactOptional(),
    policyTags: z.object({ names: strings.exactOptional() }).exactOptional(),
    maxLength: int64.exactOptional(),
    precision: int64.exactOptional(),
    scale: int64.exactOptional(),
    roundingMode: z.string().exactOptional(),
    defaultValueExpression: z.string().exactOptional(),
    collation: z.string().exactOptional(),
    timestampPrecision: int64.exactOptional(),
    rangeElementType: z.object({ type: z.string() }).exactOptional(),
  }),
);
export const tableSchema = z.object({ fields: z.array(tableField).exactOptional() });

/** Where a job writes and how, alike in query, load and copy jobs. */
const destination = z.object({
  destinationTable: tableReference.exactOptional(),
  createDisposition: z.string().exactOptional(),
  writeDisposition: z.string().exactOptional(),
  schemaUpdateOptions: strings.exactOptional(),
  ...partitioningFields,
});

/** The type of a query parameter, nested as the type is. */
export interface ParameterType {
  readonly type?: string;
  readonly arrayType?: ParameterType;
  readonly structTypes?: readonly { readonly name?: string; readonly type: ParameterType }[];
  readonly rangeElementType?: ParameterType;
}
const parameterType: z.ZodType<ParameterType> = z.lazy(() =>
  z.object({
    type: z.string().exactOptional(),
    arrayType: parameterType.exactOptional(),
    structTypes: z
      .array(z.object({ name: z.string().exactOptional(), type: parameterType }))
      .exactOptional(),
    rangeElementType: parameterType.exactOptional(),
  }),
);

/** A parameter's value; without `value` it is NULL. */
export interface ParameterValue {
  readonly value?: string | number | boolean;
  readonly arrayValues?: readonly ParameterValue[];
  readonly structValues?: Readonly<Record<string, ParameterValue>>;
  readonly rangeValue?: { readonly start?: ParameterValue; readonly end?: ParameterValue };
}
const parameterValue: z.ZodType<ParameterValue> = z.lazy(() =>
  z.object({
    value: z.union([z.string(), z.number(), z.boolean()]).exactOptional(),
    arrayValues: z.array(parameterValue).exactOptional(),
    structValues: z.record(z.string(), parameterValue).exactOptional(),
    rangeValue: z
      .object({ start: parameterValue.exactOptional(), end: parameterValue.exactOptional() })
      .exactOptional(),
  }),
);

const queryParameter = z.object({
  name: z.string().exactOptional(),
  parameterType: parameterType.exactOptional(),
  parameterValue: parameterValue.exactOptional(),
});

export const queryConfiguration = destination.extend({
  query: z.string().exactOptional(),
  useLegacySql: z.boolean().exactOptional(),
  defaultDataset: datasetReference.exactOptional(),
  parameterMode: z.string().exactOptional(),
  queryParameters: z.array(queryParameter).exactOptional(),
  createSession: z.boolean().exactOptional(),
  connectionProperties: z
    .array(z.object({ key: z.string().exactOptional(), value: z.string().exactOptional() }))
    .exactOptional(),
  maximumBytesBilled: int64.exactOptional(),
  priority: z.string().exactOptional(),
  useQueryCache: z.boolean().exactOptional(),
  tableDefinitions: z.record(z.string(), z.unknown()).exactOptional(),
  userDefinedFunctionResources: z.array(z.unknown()).exactOptional(),
});

/** Options of a load job that change what is read and are not followed here. */
export const REFUSED_LOAD_OPTIONS = [
  ...["dateFormat", "datetimeFormat", "timeFormat", "timestampFormat", "timeZone"],
  ...["columnNameCharacterMap", "decimalTargetTypes", "fileSetSpecType", "hivePartitioningOptions"],
  ...["jsonExtension", "projectionFields", "referenceFileSchemaUri"],
  ...["sourceColumnMatch", "timestampTargetPrecision", "useAvroLogicalTypes"],
] as const;

export const loadConfiguration = destination.extend({
  sourceUris: strings.exactOptional(),
  sourceFormat: z.string().exactOptional(),
  schema: tableSchema.exactOptional(),
  autodetect: z.boolean().exactOptional(),
  skipLeadingRows: int64.exactOptional(),
  fieldDelimiter: z.string().exactOptional(),
  quote: z.string().exactOptional(),
  nullMarker: z.string().exactOptional(),
  nullMarkers: strings.exactOptional(),
  encoding: z.string().exactOptional(),
  allowQuotedNewlines: z.boolean().exactOptional(),
  allowJaggedRows: z.boolean().exactOptional(),
  preserveAsciiControlCharacters: z.boolean().exactOptional(),
  ignoreUnknownValues: z.boolean().exactOptional(),
  maxBadRecords: int64.exactOptional(),
  destinationTableProperties: z
    .object({
      description: z.string().exactOptional(),
      friendlyName: z.string().exactOptional(),
      labels: labels.exactOptional(),
    })
    .exactOptional(),
  parquetOptions: z
    .object({
      enableListInference: z.boolean().exactOptional(),
      enumAsString: z.boolean().exactOptional(),
    })
    .exactOptional(),
  ...Object.fromEntries(REFUSED_LOAD_OPTIONS.map((name) => [name, z.unknown().exactOptional()])),
});

const copyConfiguration = destination.extend({
  sourceTable: tableReference.exactOptional(),
  sourceTables: z.array(tableReference).exactOptional(),
  operationType: z.string().exactOptional(),
});

const jobConfiguration = z.object({
  jobType: z.string().exactOptional(),
  query: queryConfiguration.exactOptional(),
  load: loadConfiguration.exactOptional(),
  copy: copyConfiguration.exactOptional(),
  extract: z.record(z.string(), z.unknown()).exactOptional(),
  dryRun: z.boolean().exactOptional(),
  labels: labels.exactOptional(),
  jobTimeoutMs: int64.exactOptional(),
});

/** The body of jobs.insert, and the first part of an upload. */
export const jobBody = z.object({
  configuration: jobConfiguration.exactOptional(),
  jobReference: z
    .object({
      projectId: z.string().exactOptional(),
      jobId: z
        .string()
        .regex(/^[\w-]{1,1024}$/, "a job id is 1 to 1024 letters, digits, underscores and dashes")
        .exactOptional(),
      location: z.string().exactOptional(),
    })
    .exactOptional(),
});

/** The body of jobs.query: a query and how to answer. */
export const queryBody = queryConfiguration.extend({
  requestId: z.string().exactOptional(),
  maxResults: int64.exactOptional(),
  timeoutMs: int64.exactOptional(),
  jobTimeoutMs: int64.exactOptional(),
  location: z.string().exactOptional(),
  labels: labels.exactOptional(),
  dryRun: z.boolean().exactOptional(),
  formatOptions: z
    .object({
      useInt64Timestamp: z.union([z.boolean(), z.string()]).exactOptional(),
      timestampOutputFormat: z.string().exactOptional(),
    })
    .exactOptional(),
});

export type DatasetReference = z.infer<typeof datasetReference>;
export type TableReference = z.infer<typeof tableReference>;
export type QueryParameter = z.infer<typeof queryParameter>;
export type DestinationConfiguration = z.infer<typeof destination>;
export type QueryConfiguration = z.infer<typeof queryConfiguration>;
export type LoadConfiguration = z.infer<typeof loadConfiguration>;
export type CopyConfiguration = z.infer<typeof copyConfiguration>;
export type JobConfiguration = z.infer<typeof jobConfiguration>;
export type JobBody = z.infer<typeof jobBody>;
export type JobReference = NonNullable<JobBody["jobReference"]>;
export type QueryBody = z.infer<typeof queryBody>;
