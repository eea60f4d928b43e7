import { isIPv4, isIPv6 } from "node:net";
import { parse } from "tldts";

/** The NET.* functions on plain values: https://cloud.google.com/bigquery/docs/reference/standard-sql/net_functions */

/** The host of a URL as it is written, without user, port and leading dots; without `//` the first word counts as host. */
export function hostOf(url: string): string | null {
  const trimmed = url.trim();
  const authority = /^(?:[A-Za-z0-9+.-]*:)?\/\/([^/?#\\]*)/.exec(trimmed)?.[1];
  const rest = authority ?? /^[^/?#\\]*/.exec(trimmed)?.[0] ?? "";
  const server = rest.slice(rest.lastIndexOf("@") + 1);
  const host = /^\[[^\]]*\]?/.exec(server)?.[0] ?? server.split(":")[0] ?? "";
  return host.replace(/^\.+/, "") || null;
}

/** The part of a host under which names are registered; private suffixes and unknown ones do not count. */
export function publicSuffix(url: string): string | null {
  return lastLabels(url, (found) => found.publicSuffix);
}

/** The public suffix with the label before it. */
export function registeredDomain(url: string): string | null {
  return lastLabels(url, (found) => found.domain);
}

function lastLabels(
  url: string,
  pick: (found: ReturnType<typeof parse>) => string | null,
): string | null {
  const host = hostOf(url);
  if (host === null) return null;
  // One dot at the end stays; an empty label elsewhere is no part of a domain.
  const dots = host.endsWith(".") ? "." : "";
  const written = host.replace(/\.+$/, "");
  const name = written.replace(/\.+/g, ".");
  const found = parse(name.toLowerCase(), { extractHostname: false, allowPrivateDomains: false });
  const labels = pick(found)?.split(".").length;
  if (!found.isIcann || labels === undefined) return null;
  const last = written.split(".").slice(-labels);
  return last.includes("") ? null : last.join(".") + dots;
}

/** 4 or 16 bytes; undefined for what is no address. */
export function bytesOfAddress(address: string): Uint8Array | undefined {
  if (isIPv4(address)) return Uint8Array.from(address.split("."), Number);
  if (!isIPv6(address) || address.includes("%")) return undefined;
  const [head = "", tail] = address.split("::");
  const first = groupsOf(head);
  const last = tail === undefined ? [] : groupsOf(tail);
  const zeros = Array.from({ length: 16 - first.length - last.length }, () => 0);
  return Uint8Array.from([...first, ...zeros, ...last]);
}

/** The bytes of groups between colons; the last may be an IPv4 address. */
function groupsOf(text: string): readonly number[] {
  return text.split(":").flatMap((group) => {
    if (group === "") return [];
    if (group.includes(".")) return group.split(".").map(Number);
    const value = Number.parseInt(group, 16);
    return [value >> 8, value & 255];
  });
}

/** @throws Error for anything but 4 or 16 bytes */
export function addressOfBytes(bytes: Uint8Array): string {
  if (bytes.length === 4) return bytes.join(".");
  if (bytes.length !== 16) {
    throw new Error(
      `NET.IP_TO_STRING() encountered an invalid IP address. Expected 4 (for IPv4) or 16 (for IPv6) bytes but got ${bytes.length}`,
    );
  }
  const isMapped =
    bytes.subarray(0, 10).every((byte) => byte === 0) && bytes[10] === 255 && bytes[11] === 255;
  if (isMapped) return `::ffff:${bytes.subarray(12).join(".")}`;
  const groups = Array.from({ length: 8 }, (_, i) =>
    (((bytes[2 * i] ?? 0) << 8) | (bytes[2 * i + 1] ?? 0)).toString(16),
  );
  return shortened(groups);
}

/** The longest run of two or more zero groups, the first of several, becomes `::`. */
function shortened(groups: readonly string[]): string {
  let best = { start: 0, length: 1 };
  for (let start = 0; start < groups.length; start++) {
    let length = 0;
    while (groups[start + length] === "0") length += 1;
    if (length > best.length) best = { start, length };
  }
  if (best.length < 2) return groups.join(":");
  return `${groups.slice(0, best.start).join(":")}::${groups.slice(best.start + best.length).join(":")}`;
}

/** The first bits of an address of so many bytes are 1. @throws Error for other sizes or too many bits */
export function netMask(size: bigint, bits: bigint): Uint8Array {
  if (size !== 4n && size !== 16n) {
    throw new Error(
      `The first argument of NET.IP_NET_MASK() must be either 4 (for IPv4) or 16 (for IPv6); got ${size}`,
    );
  }
  if (bits < 0n || bits > size * 8n) {
    throw new Error(
      `The second argument of NET.IP_NET_MASK() must be between 0 and the first argument * 8; got ${bits}`,
    );
  }
  return Uint8Array.from({ length: Number(size) }, (_, i) => {
    const ones = Math.min(Math.max(Number(bits) - 8 * i, 0), 8);
    return (255 << (8 - ones)) & 255;
  });
}

/** The address with all but its first bits 0. */
export function truncateAddress(address: Uint8Array, bits: bigint): Uint8Array {
  if (bits < 0n || bits > BigInt(8 * address.length)) {
    throw new Error(
      `The second argument of NET.IP_TRUNC() must be between 0 and 8 * LENGTH(first argument); got ${bits}`,
    );
  }
  const mask = netMask(BigInt(address.length), bits);
  return address.map((byte, i) => byte & (mask[i] ?? 0));
}
