import { BYTES, INT64, type ScalarType, STRING } from "../types.ts";
import { once, raise } from "./body.ts";
import { type Call, define, type FunctionDef, type Typed } from "./define.ts";

/** NET.X(arguments) as a JavaScript function. */
function native(
  name: string,
  args: readonly ("STRING" | "BYTES" | "INT64")[],
  type: ScalarType,
  duckdb: string,
): FunctionDef {
  const compile = (call: Call): Typed => ({
    sql: once(
      args.map((as, i) => call.arg(i, as).sql),
      (...values) => `${duckdb}(${values.join(", ")})`,
    ),
    type,
  });
  const words = args.map((as) => as.toLowerCase()).join(", ");
  return { name, signature: `${name}(${words})`, args: [args.length, args.length], compile };
}

function fromInteger(call: Call): Typed {
  const sql = once([call.arg(0, "INT64").sql], (n) => {
    const failure = raise(
      "NET.IPV4_FROM_INT64() encountered an invalid integer IP. Expected range: [-0x80000000, 0xFFFFFFFF]",
      BYTES,
    );
    return `CASE WHEN ${n} NOT BETWEEN -2147483648 AND 4294967295 THEN ${failure} ELSE unhex(printf('%08x', ${n} & 4294967295)) END`;
  });
  return { sql, type: BYTES };
}

function toInteger(call: Call): Typed {
  const sql = once([call.arg(0, "BYTES").sql], (b) => {
    const failure = raise(
      "NET.IPV4_TO_INT64() encountered a non-IPv4 address. Expected 4 bytes",
      INT64,
    );
    return `CASE WHEN octet_length(${b}) <> 4 THEN ${failure} ELSE ('0x' || hex(${b}))::BIGINT END`;
  });
  return { sql, type: INT64 };
}

export const net: readonly FunctionDef[] = [
  native("NET.HOST", ["STRING"], STRING, "bq_net_host"),
  native("NET.REG_DOMAIN", ["STRING"], STRING, "bq_net_reg_domain"),
  native("NET.PUBLIC_SUFFIX", ["STRING"], STRING, "bq_net_public_suffix"),
  native("NET.IP_FROM_STRING", ["STRING"], BYTES, "bq_net_ip_from_string"),
  native("NET.SAFE_IP_FROM_STRING", ["STRING"], BYTES, "bq_net_safe_ip_from_string"),
  native("NET.IP_TO_STRING", ["BYTES"], STRING, "bq_net_ip_to_string"),
  native("NET.IP_NET_MASK", ["INT64", "INT64"], BYTES, "bq_net_ip_net_mask"),
  native("NET.IP_TRUNC", ["BYTES", "INT64"], BYTES, "bq_net_ip_trunc"),
  define("NET.IPV4_FROM_INT64", "int64", [1, 1], fromInteger),
  define("NET.IPV4_TO_INT64", "bytes", [1, 1], toInteger),
];
