import { createHash } from "node:crypto";
import {
  BIGINT,
  BLOB,
  DOUBLE,
  DuckDBBlobValue,
  type DuckDBConnection,
  DuckDBScalarFunction,
  type DuckDBValue,
  INTEGER,
  LIST,
  listValue,
  VARCHAR,
} from "@duckdb/node-api";
import { bigqueryFingerprint } from "farmhash-modern";
import { bignumericNatives } from "./native/bignumeric.ts";
import { divide, floatDigits, multiply, wholeQuotient } from "./native/decimals.ts";
import { bytes, type Native, text } from "./native/define.ts";
import { intervalParts } from "./native/interval-text.ts";
import { jsonNatives } from "./native/json.ts";
import { bytesLiteral, bytesText, fixedDecimal, layOut, stringLiteral } from "./native/literals.ts";
import { netNatives } from "./native/net.ts";
import { regexpFunctions } from "./native/regexp.ts";
import { roundDouble, truncateDouble } from "./native/rounding.ts";
import {
  decodeUtf8,
  editDistance,
  fromBase32,
  initcap,
  instr,
  normalizeAndCasefold,
  reverse,
  soundex,
  toBase32,
} from "./native/texts.ts";
import { formatTime, type TimeKind } from "./native/time-format.ts";
import { parseTime } from "./native/time-parse.ts";
import { zoneChecker } from "./native/zone-names.ts";

const natives: readonly Native[] = [
  text("bq_raise", 1, (message) => {
    throw new Error(message);
  }),
  {
    name: "bq_format_time",
    args: [VARCHAR, VARCHAR, BIGINT, INTEGER],
    returns: VARCHAR,
    call: (format: string, kind: TimeKind, local: bigint, offset: number) =>
      formatTime(format, kind, { local, offset }),
  },
  {
    name: "bq_parse_time",
    args: [VARCHAR, VARCHAR, VARCHAR],
    returns: BIGINT,
    call: (format: string, kind: TimeKind, value: string) => parseTime(format, kind, value),
  },
  text("bq_zone", 1, zoneChecker()),
  { name: "bq_round", args: [DOUBLE, BIGINT], returns: DOUBLE, call: roundDouble },
  { name: "bq_trunc", args: [DOUBLE, BIGINT], returns: DOUBLE, call: truncateDouble },
  text("bq_lower", 1, (value) => value.toLowerCase()),
  text("bq_upper", 1, (value) => value.toUpperCase()),
  text("bq_reverse", 1, reverse),
  text("bq_initcap1", 1, (value) => initcap(value)),
  text("bq_initcap2", 2, initcap),
  text("bq_normalize", 2, (value, form) => value.normalize(form)),
  text("bq_normalize_and_casefold", 2, normalizeAndCasefold),
  text("bq_soundex", 1, soundex),
  { name: "bq_instr", args: [VARCHAR, VARCHAR, BIGINT, BIGINT], returns: BIGINT, call: instr },
  { name: "bq_edit_distance", args: [VARCHAR, VARCHAR], returns: BIGINT, call: editDistance },
  { name: "bq_farm_fingerprint", args: [VARCHAR], returns: BIGINT, call: bigqueryFingerprint },
  bytes("bq_farm_fingerprint_bytes", BIGINT, bigqueryFingerprint),
  bytes(
    "bq_sha512",
    BLOB,
    (value) => new DuckDBBlobValue(createHash("sha512").update(value).digest()),
  ),
  bytes("bq_text_of_bytes", VARCHAR, (value) => Buffer.from(value).toString("latin1")),
  {
    name: "bq_bytes_of_text",
    args: [VARCHAR],
    returns: BLOB,
    call: (value: string) => new DuckDBBlobValue(Buffer.from(value, "latin1")),
  },
  bytes("bq_to_base32", VARCHAR, toBase32),
  bytes("bq_decode", VARCHAR, decodeUtf8),
  {
    name: "bq_from_base32",
    args: [VARCHAR],
    returns: BLOB,
    call: (value: string) => new DuckDBBlobValue(fromBase32(value)),
  },
  { name: "bq_float_digits", args: [DOUBLE, INTEGER], returns: VARCHAR, call: floatDigits },
  text("bq_numeric_multiply", 2, multiply),
  text("bq_numeric_divide", 2, divide),
  text("bq_numeric_whole_quotient", 2, wholeQuotient),
  text("bq_interval_parts", 1, intervalParts),
  text("bq_string_literal", 1, stringLiteral),
  bytes("bq_bytes_literal", VARCHAR, bytesLiteral),
  bytes("bq_bytes_text", VARCHAR, bytesText),
  { name: "bq_lay_out", args: [VARCHAR, VARCHAR, INTEGER], returns: VARCHAR, call: layOut },
  { name: "bq_fixed_decimal", args: [VARCHAR, INTEGER], returns: VARCHAR, call: fixedDecimal },
  ...regexpNatives(),
  ...jsonNatives,
  ...netNatives,
  ...bignumericNatives,
];

function regexpNatives(): readonly Native[] {
  const { extractedGroup, extract, extractAll, instr: position, rewrite } = regexpFunctions();
  return [
    {
      name: "bq_regexp_group",
      args: [VARCHAR],
      returns: INTEGER,
      call: extractedGroup,
    },
    {
      name: "bq_regexp_extract",
      args: [VARCHAR, VARCHAR, BIGINT, BIGINT],
      returns: VARCHAR,
      call: extract,
    },
    {
      name: "bq_regexp_extract_all",
      args: [VARCHAR, VARCHAR],
      returns: LIST(VARCHAR),
      call: (value: string, pattern: string) => listValue(extractAll(value, pattern)),
    },
    {
      name: "bq_regexp_instr",
      args: [VARCHAR, VARCHAR, BIGINT, BIGINT, BIGINT],
      returns: BIGINT,
      call: position,
    },
    text("bq_regexp_rewrite", 2, rewrite),
  ];
}

/** Makes the functions that SQL of this folder calls known to a connection's database; needed once per database. */
export function registerNatives(connection: DuckDBConnection): void {
  for (const native of natives) connection.registerScalarFunction(scalarFunction(native));
}

function scalarFunction({ name, args, returns, call }: Native): DuckDBScalarFunction {
  const invoke = call as (...values: DuckDBValue[]) => DuckDBValue;
  return DuckDBScalarFunction.create({
    name,
    parameterTypes: args,
    returnType: returns,
    mainFunction: (_info, input, output) => {
      const columns = args.map((_, i) => input.getColumnVector(i));
      for (let row = 0; row < input.rowCount; row++) {
        const values = columns.map((column) => column.getItem(row));
        output.setItem(row, values.includes(null) ? null : invoke(...values));
      }
      output.flush();
    },
  });
}
