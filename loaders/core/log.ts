/** Writes one structured entry. Entries hold no secret and no personal data: see `redactUrl` and `scrub`. */
export type Log = (entry: Readonly<Record<string, unknown>>) => void;

const SHOWN_PARAMETERS: ReadonlySet<string> = new Set([
  "limit",
  "level",
  "time_increment",
  "time_range",
  "fields",
  "page",
  "page_size",
  "since",
  "until",
  "start_date",
  "end_date",
]);

/** A URL fit for logs and errors: values of query parameters are shown only where the name is known to be harmless. */
export function redactUrl(url: string | URL): string {
  const parsed = new URL(url);
  const shown = [...parsed.searchParams].map(([name, value]) =>
    SHOWN_PARAMETERS.has(name) ? `${name}=${value}` : `${name}=…`,
  );
  return `${parsed.origin}${parsed.pathname}${shown.length > 0 ? `?${shown.join("&")}` : ""}`;
}

const EMAIL = /[\p{L}\p{N}._%+'-]+(?:@|%40)[\p{L}\p{N}-]+(?:\.[\p{L}\p{N}-]+)+/giu;
const PHONE = /\+?\d[\d ().-]{7,}\d/g;
/** As an address or a form holds them, `token=…`, or as JSON does, `"token":"…"`. */
const TOKEN =
  /\b(access_token|appsecret_proof|client_id|client_secret|refresh_token|session_key|token|password)(=|\\?"\s*:\s*\\?")[^&\s"'\\]+/gi;

/**
 * Text of a vendor's message made fit for logs and errors: known secrets, tokens in addresses, e-mail addresses and
 * what looks like a telephone number are replaced.
 */
export function scrub(text: string, secrets: readonly string[] = []): string {
  return hideSecrets(text, secrets)
    .replace(TOKEN, "$1$2[secret]")
    .replace(EMAIL, "[e-mail]")
    .replace(PHONE, "[number]");
}

/** Text without these secrets, as they are or as an address holds them. */
export function hideSecrets(text: string, secrets: readonly string[]): string {
  let clean = text;
  for (const secret of secrets) {
    if (secret === "") continue;
    for (const form of [secret, encodeURIComponent(secret)]) {
      clean = clean.replaceAll(form, "[secret]");
    }
  }
  return clean;
}
