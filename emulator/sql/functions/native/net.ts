import { BIGINT, BLOB, DuckDBBlobValue, VARCHAR } from "@duckdb/node-api";
import {
  addressOfBytes,
  bytesOfAddress,
  hostOf,
  netMask,
  publicSuffix,
  registeredDomain,
  truncateAddress,
} from "./addresses.ts";
import { bytes, type Native } from "./define.ts";

function ipFromString(address: string): DuckDBBlobValue {
  const found = bytesOfAddress(address);
  if (!found)
    throw new Error(`NET.IP_FROM_STRING() encountered an unparseable IP-address: ${address}`);
  return new DuckDBBlobValue(found);
}

export const netNatives: readonly Native[] = [
  { name: "bq_net_host", args: [VARCHAR], returns: VARCHAR, call: hostOf },
  { name: "bq_net_reg_domain", args: [VARCHAR], returns: VARCHAR, call: registeredDomain },
  { name: "bq_net_public_suffix", args: [VARCHAR], returns: VARCHAR, call: publicSuffix },
  { name: "bq_net_ip_from_string", args: [VARCHAR], returns: BLOB, call: ipFromString },
  {
    name: "bq_net_safe_ip_from_string",
    args: [VARCHAR],
    returns: BLOB,
    call: (address: string) => {
      const found = bytesOfAddress(address);
      return found ? new DuckDBBlobValue(found) : null;
    },
  },
  bytes("bq_net_ip_to_string", VARCHAR, addressOfBytes),
  {
    name: "bq_net_ip_net_mask",
    args: [BIGINT, BIGINT],
    returns: BLOB,
    call: (size: bigint, bits: bigint) => new DuckDBBlobValue(netMask(size, bits)),
  },
  {
    name: "bq_net_ip_trunc",
    args: [BLOB, BIGINT],
    returns: BLOB,
    call: (address: DuckDBBlobValue, bits: bigint) =>
      new DuckDBBlobValue(truncateAddress(address.bytes, bits)),
  },
];
