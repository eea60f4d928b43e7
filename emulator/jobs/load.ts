import { open, stat } from "node:fs/promises";
import type { Context } from "../context.ts";
import { BigQueryError, refused } from "../errors.ts";
import type { CsvFormat, FileFormat } from "../warehouse/load/source.ts";
import type { LoadTarget } from "../warehouse/load/target.ts";
import { loadFile } from "../warehouse/load.ts";
import { columnsFromRest } from "../warehouse/schema.ts";
import { withSession } from "../warehouse/warehouse.ts";
import type { DestinationConfiguration, LoadConfiguration } from "./configuration.ts";
import { tableTarget } from "./names.ts";
import { clusteringOf, partitioningOf } from "./partitioning.ts";
import { CREATE, oneOf, WRITE } from "./query.ts";
import type { Work } from "./registry.ts";

/** Options that change what is read and are not followed here. */
const REFUSED_OPTIONS = new Set([
  ...["dateFormat", "datetimeFormat", "timeFormat", "timestampFormat", "timeZone", "nullMarkers"],
  ...["columnNameCharacterMap", "decimalTargetTypes", "fileSetSpecType", "hivePartitioningOptions"],
  ...["jsonExtension", "parquetOptions", "preserveAsciiControlCharacters", "projectionFields"],
  ...[
    "referenceFileSchemaUri",
    "sourceColumnMatch",
    "timestampTargetPrecision",
    "useAvroLogicalTypes",
  ],
]);

/** The work of a load job: `file` is the upload, which is the caller's to remove. */
export function loadWork(load: LoadConfiguration, file: string, context: Context): Work {
  const option = Object.entries(load).find(([name, value]) => value && REFUSED_OPTIONS.has(name));
  if (option) throw refused(`option ${option[0]} of a load job`);
  const target = targetOf(
    load,
    context.project,
    load.schema?.fields ? columnsFromRest(load.schema.fields) : undefined,
  );
  const format = formatOf(load);
  if (load.autodetect && !target.schema && !context.warehouse.catalogue.table(target.name)) {
    throw refused("autodetect of a load job", undefined, "an explicit schema");
  }
  return (onCancel) =>
    withSession(context.warehouse, async (session) => {
      onCancel(() => session.cancel());
      const outcome = await loadFile(session, {
        ...{ file, format, target },
        gzip: await isGzip(file),
        inputBytes: (await stat(file)).size,
        ignoreUnknownValues: load.ignoreUnknownValues ?? false,
        maxBadRecords: Number(load.maxBadRecords ?? 0),
      });
      return { kind: "load", load: outcome };
    });
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

function formatOf(load: LoadConfiguration): FileFormat {
  const name = load.sourceFormat ?? "CSV";
  if (name === "NEWLINE_DELIMITED_JSON") return { kind: "NDJSON" };
  if (name === "CSV") return csvFormat(load);
  throw refused(`loading ${name} files`, undefined, "NEWLINE_DELIMITED_JSON or CSV");
}

const ENCODINGS: Readonly<Record<string, CsvFormat["encoding"]>> = {
  "UTF-8": "utf-8",
  "ISO-8859-1": "latin-1",
};

function csvFormat(load: LoadConfiguration): CsvFormat {
  const encoding = ENCODINGS[(load.encoding ?? "UTF-8").toUpperCase()];
  if (!encoding)
    throw refused(`encoding ${load.encoding} of a load job`, undefined, "UTF-8 or ISO-8859-1");
  const delimiter = load.fieldDelimiter ?? ",";
  return {
    kind: "CSV",
    encoding,
    delimiter: delimiter === "\\t" || delimiter === "tab" ? "\t" : delimiter,
    quote: load.quote ?? '"',
    nullMarker: load.nullMarker ?? "",
    skipLeadingRows: skippedRows(load.skipLeadingRows),
    allowQuotedNewlines: load.allowQuotedNewlines ?? false,
    allowJaggedRows: load.allowJaggedRows ?? false,
  };
}

function skippedRows(value: number | string | undefined): number {
  const rows = Number(value ?? 0);
  if (Number.isSafeInteger(rows) && rows >= 0) return rows;
  throw new BigQueryError("invalid", `Invalid value for skipLeadingRows: ${value}`);
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
