/** String functions that DuckDB does not have, or has with another meaning, on plain JavaScript strings. */

/** The code points in the opposite order; combining marks do not stay with their letter. */
export function reverse(text: string): string {
  return [...text].reverse().join("");
}

/** White space and the punctuation after which INITCAP starts a new word. */
const WORD_END = /[\s\u0085[\](){}/|<>!?@"^#$&~_,.:;*%+\-\\]/;

/** The first letter of each word in upper case, the others in lower; letters change one to one. */
export function initcap(text: string, delimiters?: string): string {
  let starts = true;
  let result = "";
  for (const character of text) {
    const ends =
      delimiters === undefined ? WORD_END.test(character) : delimiters.includes(character);
    const changed = starts ? character.toUpperCase() : character.toLowerCase();
    result += ends ? character : oneToOne(character, changed);
    starts = ends;
  }
  return result;
}

/** ß has no upper case of one letter, so it stays as it is. */
function oneToOne(from: string, to: string): string {
  return [...to].length === 1 ? to : from;
}

/** Unicode's full case folding of the normalized text: ß is ss, ς is σ. */
export function normalizeAndCasefold(text: string, form: string): string {
  let folded = "";
  for (const character of text.normalize(form)) folded += fold(character);
  return folded;
}

function fold(character: string): string {
  // The two scripts where folding does not lead to lower case by way of upper case.
  if (character === "ı") return character;
  if (/[\u13A0-\u13FD\uAB70-\uABBF]/.test(character)) return character.toUpperCase();
  return character.toUpperCase().toLowerCase().replaceAll("ς", "σ");
}

const SOUNDS: Readonly<Record<string, string>> = {
  ...soundsOf("BFPV", "1"),
  ...soundsOf("CGJKQSXZ", "2"),
  ...soundsOf("DT", "3"),
  ...soundsOf("L", "4"),
  ...soundsOf("MN", "5"),
  ...soundsOf("R", "6"),
};

function soundsOf(letters: string, code: string): Readonly<Record<string, string>> {
  return Object.fromEntries([...letters].map((letter) => [letter, code]));
}

/** The first ASCII letter as it is and up to three codes; letters without a code do not separate equal codes. */
export function soundex(text: string): string {
  const letters = text.replace(/[^A-Za-z]/g, "");
  if (letters === "") return "";
  let result = letters.charAt(0);
  let last = SOUNDS[result.toUpperCase()];
  for (const letter of letters.slice(1).toUpperCase()) {
    const code = SOUNDS[letter];
    if (code !== undefined && code !== last) result += code;
    last = code ?? last;
  }
  return result.slice(0, 4).padEnd(4, "0");
}

/** Levenshtein distance in code points. */
export function editDistance(a: string, b: string): bigint {
  const second = [...b];
  let row = Array.from({ length: second.length + 1 }, (_, i) => i);
  [...a].forEach((letter, i) => {
    const next = [i + 1];
    second.forEach((other, j) => {
      const substitute = (row[j] ?? 0) + (letter === other ? 0 : 1);
      next.push(Math.min(substitute, (row[j + 1] ?? 0) + 1, (next[j] ?? 0) + 1));
    });
    row = next;
  });
  return BigInt(row.at(-1) ?? 0);
}

/**
 * INSTR: where the text is found for the n-th time, from 1, or 0. From a negative position the search goes backwards;
 * finds may overlap.
 */
export function instr(text: string, wanted: string, position: bigint, occurrence: bigint): bigint {
  if (position === 0n) throw new Error("Position must be non-zero");
  if (occurrence < 1n) throw new Error("Occurrence must be positive");
  const characters = [...text];
  const pattern = [...wanted];
  const last = characters.length - pattern.length;
  const forward = position > 0n;
  const fromEnd = characters.length + Number(position) + (pattern.length === 0 ? 1 : 0);
  let at = forward ? Number(position) - 1 : Math.min(fromEnd, last);
  let left = occurrence;
  for (; at >= 0 && at <= last; at += forward ? 1 : -1) {
    if (pattern.every((character, i) => characters[at + i] === character) && --left === 0n) {
      return BigInt(at + 1);
    }
  }
  return 0n;
}

/** The text of bytes; each byte that is not part of valid UTF-8 becomes U+FFFD. */
export function decodeUtf8(bytes: Uint8Array): string {
  const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
  let text = "";
  for (let at = 0; at < bytes.length; ) {
    const length = utf8Length(bytes[at] ?? 0);
    try {
      text += decoder.decode(bytes.subarray(at, at + length));
      at += length;
    } catch {
      text += "\uFFFD";
      at += 1;
    }
  }
  return text;
}

/** The bytes of the character that starts with this one. */
function utf8Length(first: number): number {
  if (first >= 0xf0) return 4;
  if (first >= 0xe0) return 3;
  return first >= 0xc0 ? 2 : 1;
}

const BASE32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/** RFC 4648. */
export function toBase32(bytes: Uint8Array): string {
  let bits = "";
  for (const byte of bytes) bits += byte.toString(2).padStart(8, "0");
  const groups = bits.match(/.{1,5}/g) ?? [];
  const text = groups
    .map((group) => BASE32.charAt(Number.parseInt(group.padEnd(5, "0"), 2)))
    .join("");
  return text.padEnd(Math.ceil(text.length / 8) * 8, "=");
}

/** @throws Error for a character outside the alphabet or a wrong length */
export function fromBase32(text: string): Uint8Array {
  if (
    !/^(?:[A-Z2-7]{8})*(?:[A-Z2-7]{2}={6}|[A-Z2-7]{4}={4}|[A-Z2-7]{5}={3}|[A-Z2-7]{7}=)?$/.test(
      text,
    )
  ) {
    throw new Error("Failed to decode invalid base32 string");
  }
  let bits = "";
  for (const character of text.replaceAll("=", "")) {
    bits += BASE32.indexOf(character).toString(2).padStart(5, "0");
  }
  const bytes = bits.match(/.{8}/g) ?? [];
  return Uint8Array.from(bytes, (byte) => Number.parseInt(byte, 2));
}
