import { open, stat } from "node:fs/promises";
import type { Context } from "../context.ts";
import { BigQueryError, refused } from "../errors.ts";
import { parquetColumns } from "../warehouse/load/parquet.ts";
import type { CsvFormat, FileFormat } from "../warehouse/load/source.ts";
import type { LoadTarget } from "../warehouse/load/target.ts";
import { loadFile } from "../warehouse/load.ts";
import { columnsFromRest } from "../warehouse/schema.ts";
import type { Session } from "../warehouse/session.ts";
import { withSession } from "../warehouse/warehouse.ts";
import {
  type DestinationConfiguration,
  type LoadConfiguration,
  REFUSED_LOAD_OPTIONS,
} from "./configuration.ts";
import { tableTarget } from "./names.ts";
import { wholeNumber } from "./numbers.ts";
import { clusteringOf, partitioningOf } from "./partitioning.ts";
import { CREATE, oneOf, WRITE } from "./query.ts";
import type { Work } from "./registry.ts";

/** The work of a load job: `file` is the upload, which is the caller's to remove. */
export function loadWork(load: LoadConfiguration, file: string, context: Context): Work {
  assertFollowed(load);
  const schema = load.schema?.fields ? columnsFromRest(load.schema.fields) : undefined;
  const target = targetOf(load, context.project, schema);
  const formatOf = formatReader(load);
  const maxBadRecords = wholeNumber("maxBadRecords", load.maxBadRecords) ?? 0;
  return (onCancel) =>
    withSession(context.warehouse, async (session) => {
      onCancel(() => session.cancel());
      const format = await formatOf(session, file);
      // A Parquet file says itself what columns it has.
      const columns = schema ?? (format.kind === "PARQUET" ? format.columns : undefined);
      const outcome = await loadFile(session, {
        ...{ file, format },
        target: columns ? { ...target, schema: columns } : target,
        gzip: await isGzip(file),
        inputBytes: (await stat(file)).size,
        ignoreUnknownValues: load.ignoreUnknownValues ?? false,
        maxBadRecords,
      });
      return { kind: "load", load: outcome };
    });
}

/** Throws a refusal, by its name, of an option that changes what is read and is not followed here. */
function assertFollowed(load: LoadConfiguration): void {
  const { autodetect = false, sourceFormat = "CSV", sourceUris, schema } = load;
  const given: Readonly<Record<string, unknown>> = load;
  const option = REFUSED_LOAD_OPTIONS.find((name) => given[name]);
  if (option) throw refused(`option ${option} of a load job`);
  if (sourceUris?.length) {
    throw new BigQueryError("invalid", "sourceUris must be absent from a load job with an upload");
  }
  // Of a CSV file BigQuery would also detect whether its first line is a header.
  if (autodetect && sourceFormat !== "PARQUET" && (sourceFormat === "CSV" || !schema)) {
    throw refused("autodetect of a load job", undefined, "an explicit schema");
  }
}

/** Where a load or copy job writes. */
export function targetOf(
  configuration: DestinationConfiguration,
  project: string,
  schema: LoadTarget["schema"],
  write: LoadTarget["write"] = "WRITE_APPEND",
): LoadTarget {
  const { table, partition } = tableTarget(configuration.destinationTable, project);
  const partitioning = partitioningOf(configuration);
  const clustering = clusteringOf(configuration);
  const disposition = oneOf(WRITE, configuration.writeDisposition, write);
  const schemaUpdateOptions = configuration.schemaUpdateOptions ?? [];
  checkSchemaUpdateOptions(schemaUpdateOptions, disposition, partition);
  return {
    name: table,
    ...(partition === undefined ? {} : { partition }),
    ...(schema === undefined ? {} : { schema }),
    write: disposition,
    create: oneOf(CREATE, configuration.createDisposition, "CREATE_IF_NEEDED"),
    schemaUpdateOptions,
    ...(partitioning ? { partitioning } : {}),
    ...(clustering ? { clustering } : {}),
  };
}

/** Throws `invalid` where schema updates have no meaning: a table that is replaced whole has a new schema anyway. */
function checkSchemaUpdateOptions(
  options: readonly string[],
  write: string,
  partition: string | undefined,
): void {
  if (options.length === 0 || write === "WRITE_APPEND") return;
  if (write === "WRITE_TRUNCATE" && partition !== undefined) return;
  throw new BigQueryError(
    "invalid",
    "Schema update options should only be specified with WRITE_APPEND disposition, or with WRITE_TRUNCATE disposition on a table partition.",
  );
}

/** How a file is to be read: known at once, but for what the file itself must be asked. */
function formatReader(
  load: LoadConfiguration,
): (session: Session, file: string) => Promise<FileFormat> {
  const { sourceFormat = "CSV", parquetOptions } = load;
  if (sourceFormat === "PARQUET") {
    const listInference = parquetOptions?.enableListInference ?? false;
    return async (session, file) => ({
      kind: "PARQUET",
      columns: await parquetColumns(session, file, listInference),
    });
  }
  const format = textFormat(load, sourceFormat);
  return async () => format;
}

function textFormat(load: LoadConfiguration, sourceFormat: string): FileFormat {
  if (sourceFormat === "NEWLINE_DELIMITED_JSON") return { kind: "NDJSON" };
  if (sourceFormat === "CSV") return csvFormat(load);
  throw refused(
    `loading ${sourceFormat} files`,
    undefined,
    "NEWLINE_DELIMITED_JSON, CSV or PARQUET",
  );
}

const ENCODINGS: Readonly<Record<string, CsvFormat["encoding"]>> = {
  "UTF-8": "utf-8",
  "ISO-8859-1": "latin-1",
};

function csvFormat(load: LoadConfiguration): CsvFormat {
  const encoding = ENCODINGS[(load.encoding || "UTF-8").toUpperCase()];
  if (!encoding)
    throw refused(`encoding ${load.encoding} of a load job`, undefined, "UTF-8 or ISO-8859-1");
  const delimiter = load.fieldDelimiter || ",";
  const quote = load.quote ?? '"';
  if (quote.length > 1) throw invalidValue("quote", quote);
  return {
    kind: "CSV",
    ...{ encoding, quote },
    delimiter: delimiterOf(delimiter),
    nullMarkers: nullMarkersOf(load),
    skipLeadingRows: wholeNumber("skipLeadingRows", load.skipLeadingRows) ?? 0,
    allowQuotedNewlines: load.allowQuotedNewlines ?? false,
    allowJaggedRows: load.allowJaggedRows ?? false,
    preserveControlCharacters: load.preserveAsciiControlCharacters ?? false,
  };
}

function delimiterOf(text: string): string {
  if (text === "\\t" || text === "tab") return "\t";
  if (/^[^\r\n]$/.test(text)) return text;
  throw invalidValue("fieldDelimiter", text);
}

function nullMarkersOf({ nullMarker, nullMarkers }: LoadConfiguration): readonly string[] {
  if (nullMarker !== undefined && nullMarkers !== undefined) {
    throw new BigQueryError("invalid", "nullMarker and nullMarkers cannot both be set");
  }
  return nullMarkers ?? [nullMarker ?? ""];
}

function invalidValue(name: string, value: string): BigQueryError {
  return new BigQueryError("invalid", `Invalid value for ${name}: ${JSON.stringify(value)}`);
}

/** gzip files begin with 1f 8b (RFC 1952, 2.3.1). */
async function isGzip(file: string): Promise<boolean> {
  const handle = await open(file);
  try {
    const { bytesRead, buffer } = await handle.read(Buffer.alloc(2), 0, 2, 0);
    return bytesRead === 2 && buffer[0] === 0x1f && buffer[1] === 0x8b;
  } finally {
    await handle.close();
  }
}
