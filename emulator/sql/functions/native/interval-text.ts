/** `Y-M D H:M:S.F` from the left or from the right, as long as it is clear which part is which; one sign for each group. */
const CANONICAL = [
  /^(?<ym>[+-]?)(?<y>\d+)-(?<m>\d+)(?: (?<d>[+-]?\d+)(?: (?<hms>[+-]?)(?<h>\d+)(?::(?<min>\d+)(?::(?<s>\d+)(?:\.(?<f>\d{1,9}))?)?)?)?)?$/,
  /^(?<d>[+-]?\d+) (?<hms>[+-]?)(?<h>\d+):(?<min>\d+)(?::(?<s>\d+)(?:\.(?<f>\d{1,9}))?)?$/,
  /^(?<hms>[+-]?)(?<h>\d+):(?<min>\d+):(?<s>\d+)(?:\.(?<f>\d{1,9}))?$/,
];
/** ISO 8601, every part with a sign of its own. */
const ISO =
  /^P(?=.)(?:(?<y>-?\d+)Y)?(?:(?<m>-?\d+)M)?(?:(?<w>-?\d+)W)?(?:(?<d>-?\d+)D)?(?:T(?=.)(?:(?<h>-?\d+)H)?(?:(?<min>-?\d+)M)?(?:(?<seconds>-?)(?<s>\d+)(?:\.(?<f>\d{1,9}))?S)?)?$/;

/** Each part of an INTERVAL may have this many months, days, and microseconds, either way. */
const LIMITS = [120_000n, 3_660_000n, 316_224_000_000_000_000n];

/** `months days microseconds` of a text that CAST makes an INTERVAL of; empty for any other text. */
export function intervalParts(text: string): string {
  const parts = canonical(text) ?? iso(text);
  const fits = parts?.every((part, i) => (part < 0n ? -part : part) <= (LIMITS[i] ?? 0n));
  return parts && fits ? parts.join(" ") : "";
}

function canonical(text: string): readonly bigint[] | undefined {
  const groups = CANONICAL.map((form) => form.exec(text)?.groups).find((found) => found);
  if (!groups) return undefined;
  const { ym, y, m, d, hms, h, min } = groups;
  const months = number(y) * 12n + number(m);
  const micros = seconds(number(h), number(min), groups);
  return [ym === "-" ? -months : months, number(d), hms === "-" ? -micros : micros];
}

function iso(text: string): readonly bigint[] | undefined {
  const groups = ISO.exec(text)?.groups;
  if (!groups) return undefined;
  const { y, m, w, d, h, min } = groups;
  const ofSeconds = seconds(0n, 0n, groups);
  const micros = seconds(number(h), number(min), {});
  return [
    number(y) * 12n + number(m),
    number(w) * 7n + number(d),
    micros + (groups.seconds === "-" ? -ofSeconds : ofSeconds),
  ];
}

function seconds(hours: bigint, minutes: bigint, { s, f = "" }: Partial<Record<string, string>>) {
  const whole = (hours * 60n + minutes) * 60n + number(s);
  return whole * 1_000_000n + BigInt(f.slice(0, 6).padEnd(6, "0"));
}

function number(text: string | undefined): bigint {
  return BigInt(text?.replace("+", "") ?? 0);
}
