import type { RestField } from "../warehouse/schema.ts";
import type { QueryParameter } from "./parameters.ts";

export interface DatasetReference {
  readonly projectId?: string;
  readonly datasetId?: string;
}
export interface TableReference extends DatasetReference {
  readonly tableId?: string;
}

export interface TimePartitioningRequest {
  readonly type?: string;
  readonly field?: string;
  readonly expirationMs?: string;
  readonly requirePartitionFilter?: boolean;
}
export interface RangePartitioningRequest {
  readonly field?: string;
  readonly range?: { readonly start?: string; readonly end?: string; readonly interval?: string };
}

/** Where a job writes and how, alike in query, load and copy jobs. */
export interface DestinationConfiguration {
  readonly destinationTable?: TableReference;
  readonly createDisposition?: string;
  readonly writeDisposition?: string;
  readonly schemaUpdateOptions?: readonly string[];
  readonly timePartitioning?: TimePartitioningRequest;
  readonly rangePartitioning?: RangePartitioningRequest;
  readonly clustering?: { readonly fields?: readonly string[] };
}

export interface QueryConfiguration extends DestinationConfiguration {
  readonly query?: string;
  readonly useLegacySql?: boolean;
  readonly defaultDataset?: DatasetReference;
  readonly parameterMode?: string;
  readonly queryParameters?: readonly QueryParameter[];
  readonly createSession?: boolean;
  readonly connectionProperties?: readonly { readonly key?: string; readonly value?: string }[];
  readonly tableDefinitions?: object;
  readonly userDefinedFunctionResources?: readonly object[];
}

export interface LoadConfiguration extends DestinationConfiguration {
  readonly sourceUris?: readonly string[];
  readonly sourceFormat?: string;
  readonly schema?: { readonly fields?: readonly RestField[] };
  readonly autodetect?: boolean;
  readonly skipLeadingRows?: number | string;
  readonly fieldDelimiter?: string;
  readonly quote?: string;
  readonly nullMarker?: string;
  readonly encoding?: string;
  readonly allowQuotedNewlines?: boolean;
  readonly allowJaggedRows?: boolean;
  readonly ignoreUnknownValues?: boolean;
  readonly maxBadRecords?: number | string;
}

export interface CopyConfiguration extends DestinationConfiguration {
  readonly sourceTable?: TableReference;
  readonly sourceTables?: readonly TableReference[];
}

export interface JobConfiguration {
  readonly jobType?: string;
  readonly query?: QueryConfiguration;
  readonly load?: LoadConfiguration;
  readonly copy?: CopyConfiguration;
  readonly extract?: object;
  readonly dryRun?: boolean;
  readonly labels?: Readonly<Record<string, string>>;
  readonly jobTimeoutMs?: string;
}

export interface JobReference {
  readonly projectId?: string;
  readonly jobId?: string;
  readonly location?: string;
}
