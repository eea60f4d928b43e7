// E-mail addresses, phone numbers and cards as people write them, made comparable.
// Every function here is plain JavaScript that also runs as the body of a BigQuery function (see udf.js): it uses
// nothing but the constants of this file and the functions before it.
//
// A result says: identifier_type; contact_value, what one would write to or call; match_value, what links records
// (null: it links nothing); value_class, one of
//   valid     as received
//   repaired  one obvious damage undone, `repair` says which; a weaker proof of who somebody is
//   no_key    a true contact that does not stand for one person, `reason` says why
//   invalid   not a contact, `reason` says why
const udf = require("./udf.js");

const INVISIBLE = /[\u200B-\u200F\u202A-\u202E\u2060\u2066-\u2069\uFEFF\u00AD]/g;
// What people and tills type for "none", compared without dots, slashes, dashes and blanks.
const NOTHING = [
  ...[
    "",
    "na",
    "nc",
    "nd",
    "np",
    "nn",
    "no",
    "non",
    "none",
    "null",
    "nil",
    "nessuno",
    "nessuna",
    "niente",
    "vuoto",
  ],
  ...[
    "nonfornito",
    "nonfornita",
    "nondisponibile",
    "noncomunicato",
    "nonpresente",
    "nonspecificato",
    "assente",
  ],
  ...[
    "senza",
    "senzaemail",
    "senzamail",
    "senzatelefono",
    "noemail",
    "nomail",
    "notel",
    "notelefono",
    "mancante",
  ],
  ...[
    "notavailable",
    "notgiven",
    "notprovided",
    "notapplicable",
    "unknown",
    "sconosciuto",
    "undefined",
  ],
];

const DOTLESS_DOMAINS = ["gmail.com"];
const DOMAIN_ALIASES = { "googlemail.com": "gmail.com" };
const PLUS_TAG_DOMAINS =
  /^(gmail\.com|(outlook|hotmail|live)\.[a-z.]+|msn\.com|(icloud|me|mac)\.com|(proton|pm)\.me|protonmail\.com|fastmail\.com)$/;
const DASH_TAG_DOMAINS = /^(yahoo\.[a-z.]+|ymail\.com)$/;
const RELAY_DOMAINS =
  /^(privaterelay\.appleid\.com|marketplace\.amazon\.[a-z.]+|members\.ebay\.[a-z.]+|relay\.firefox\.com)$/;
const DISPOSABLE_DOMAINS =
  /^(mailinator\.com|yopmail\.com|guerrillamail\.com|10minutemail\.com|tempmail\.com|trashmail\.com)$/;
const ROLE_NAMES =
  /^(no-?reply|do-?not-?reply|info|ordini|orders?|admin|amministrazione|assistenza|support|servizioclienti|vendite|sales|negozio|shop|store|cassa\d*|postmaster|webmaster|privacy|marketing|contatti|contact)$/;
const PLACEHOLDER_NAMES =
  /^(prova\d*|test\d*|esempio|example|cliente|nome|mail|email|pippo|aaa+|xxx+|asd+|qwerty|abc|no|no-?e?mail\d*|nessuna?|nonha(-?e?mail)?|senza(-?e?mail)?)$/;
const PLACEHOLDER_DOMAINS = /^(no-?e?mail|nonha-?e?mail|senza-?e?mail|example)\.[a-z.]+$/;
// One letter wrong, dropped or swapped in the domains that most people use. Never corrected, only suggested.
const TYPO_DOMAINS = {
  "gmial.com": "gmail.com",
  "gmai.com": "gmail.com",
  "gmal.com": "gmail.com",
  "gamil.com": "gmail.com",
  "gnail.com": "gmail.com",
  "gmail.con": "gmail.com",
  "gmail.it": "gmail.com",
  "gmail.co": "gmail.com",
  "hotmial.com": "hotmail.com",
  "hotmai.com": "hotmail.com",
  "hotmal.it": "hotmail.it",
  "hotmial.it": "hotmail.it",
  "hotmail.con": "hotmail.com",
  "outlok.it": "outlook.it",
  "outloook.com": "outlook.com",
  "outlook.con": "outlook.com",
  "libero.com": "libero.it",
  "lbero.it": "libero.it",
  "libro.it": "libero.it",
  "liberi.it": "libero.it",
  "virglio.it": "virgilio.it",
  "virgillio.it": "virgilio.it",
  "tiscal.it": "tiscali.it",
  "yaho.it": "yahoo.it",
  "yahoo.con": "yahoo.com",
  "yhaoo.it": "yahoo.it",
  "iclod.com": "icloud.com",
  "icloud.con": "icloud.com",
};

// Numbers that people type rather than dial: counting up or down.
const COUNTED_DIGITS = /(0123456|1234567|2345678|3456789|4567890|9876543|7654321|6543210)$/;
// Four digits that also begin an Italian fixed line, so that a 0 before a mobile may be no mistake.
const AMBIGUOUS_ZERO = /^0(31\d|32[1-4]|33[12]|34[1-6]|35\d|36[2-59]|37[1-7]|38[1-6]|39\d)/;
const SERVICE_NUMBER = /^(800|803|840|841|847|848|199|178|144|166|89\d|70\d)/;
// Mobile numbers of the countries whose people shop in Italy most, by country code, national part.
const FOREIGN_MOBILE = {
  31: /^6\d{8}$/,
  32: /^4\d{8}$/,
  33: /^[67]\d{8}$/,
  34: /^[67]\d{8}$/,
  351: /^9[1236]\d{7}$/,
  355: /^6\d{8}$/,
  380: /^[3569]\d{8}$/,
  385: /^9\d{7,8}$/,
  386: /^[3-7]\d{7}$/,
  40: /^7\d{8}$/,
  41: /^7[5-9]\d{7}$/,
  43: /^6\d{8,11}$/,
  44: /^7[1-9]\d{8}$/,
  48: /^[4-8]\d{8}$/,
  49: /^1[5-7]\d{8,9}$/,
};

/** Text without the damage that copying does to it: full-width letters, invisible marks, Arabic digits, blanks. */
function clean(raw) {
  return raw
    .normalize("NFKC")
    .replace(INVISIBLE, "")
    .replace(/[\u0660-\u0669]/g, (digit) => String(digit.charCodeAt(0) - 0x660))
    .replace(/[\u06F0-\u06F9]/g, (digit) => String(digit.charCodeAt(0) - 0x6f0))
    .replace(/\s+/g, " ")
    .trim();
}

/** True for a blank, lone punctuation, or a word for "none". */
function saysNothing(text) {
  const letters = text.toLowerCase().replace(/[\s.,;:/\\|_\-'"*#+?!()]/g, "");
  return NOTHING.includes(letters) || /^x+$/.test(letters);
}

function result(type, value, key, valueClass, reason, repair) {
  return {
    identifier_type: type,
    contact_value: value,
    match_value: key,
    value_class: valueClass,
    invalid_reason: reason,
    repair,
  };
}

/** Why an address in lower case is none, or null. */
function emailFault(address) {
  const parts = address.split("@");
  if (address.startsWith('"')) return "quoted_local";
  if (parts.length > 2) return "two_at";
  if (parts.length < 2) return "no_at";
  const [local, domain] = parts;
  if (local.length === 0) return "empty_local";
  if (local.length > 64 || address.length > 254) return "too_long";
  if (/[\s"(),:;<>[\\\]]/.test(address)) return "illegal_character";
  if (/^\.|\.$|\.\./.test(local)) return "dots";
  const labels = domain.split(".");
  if (labels.length < 2) return "no_tld";
  if (!labels.every((label) => /^[\p{L}\p{N}]([\p{L}\p{N}-]*[\p{L}\p{N}])?$/u.test(label)))
    return "bad_domain";
  return /^(\p{L}{2,}|xn--[a-z0-9-]+)$/u.test(labels[labels.length - 1]) ? null : "bad_domain";
}

/** An address out of its wrapping, and the name of the wrapping. */
function unwrapEmail(text) {
  const steps = [
    ["mailto", (value) => value.replace(/^mailto:\s*/, "")],
    ["display_name", (value) => (/<([^<>]+)>\s*$/.exec(value) || [value, value])[1].trim()],
    ["trailing_punctuation", (value) => value.replace(/[.,;:\s]+$/, "")],
  ];
  let value = text;
  for (const [repair, step] of steps) {
    value = step(value);
    if (emailFault(value) === null) return { value, repair };
  }
  return null;
}

/** What links two spellings of one mailbox. */
function emailKey(address) {
  let [local, domain] = address.split("@");
  domain = DOMAIN_ALIASES[domain] || domain;
  if (PLUS_TAG_DOMAINS.test(domain)) local = local.split("+")[0];
  if (DASH_TAG_DOMAINS.test(domain)) local = local.split("-")[0];
  if (DOTLESS_DOMAINS.includes(domain)) local = local.replace(/\./g, "");
  return local === "" ? null : `${local}@${domain}`;
}

function classifyEmail(address, repair) {
  const [local, domain] = address.split("@");
  const key = emailKey(address);
  const noKey = (reason) => result("email", address, null, "no_key", reason, repair);
  if (key === null) return noKey("empty_local");
  if (TYPO_DOMAINS[domain]) return noKey("typo_domain");
  if (ROLE_NAMES.test(local)) return noKey("role");
  if (PLACEHOLDER_NAMES.test(local) || PLACEHOLDER_DOMAINS.test(domain))
    return noKey("placeholder");
  if (/^(.)\1*$/.test(local) && domain.startsWith(`${local}.`)) return noKey("placeholder");
  if (DISPOSABLE_DOMAINS.test(domain)) return noKey("disposable");
  const type = RELAY_DOMAINS.test(domain) ? "email_relay" : "email";
  return result(type, address, key, repair ? "repaired" : "valid", null, repair);
}

/** The e-mail addresses of one cell: usually one, none for a blank. */
function normalizeEmail(raw) {
  const text = clean(raw).toLowerCase();
  if (saysNothing(text)) return [];
  if (emailFault(text) === null) return [classifyEmail(text, null)];
  const pieces = text.split(/\s*[;,|]\s*|\s+/).filter((piece) => piece !== "");
  if (pieces.length > 1 && pieces.every((piece) => emailFault(piece) === null)) {
    return [...new Set(pieces)].map((piece) => classifyEmail(piece, null));
  }
  const unwrapped = unwrapEmail(text);
  if (unwrapped) return [classifyEmail(unwrapped.value, unwrapped.repair)];
  return [result("email", null, null, "invalid", emailFault(text), null)];
}

function validPhone(e164, repair) {
  if (/(\d)\1{6}$/.test(e164))
    return result("phone", e164, null, "no_key", "repeated_digits", repair);
  if (COUNTED_DIGITS.test(e164))
    return result("phone", e164, null, "no_key", "counted_digits", repair);
  return result("phone", e164, e164, repair ? "repaired" : "valid", null, repair);
}

function invalidPhone(reason) {
  return result("phone", null, null, "invalid", reason, null);
}

/** An Italian number without its country code. `international`: a +39 stood before it. */
function italianPhone(number, international, repair) {
  if (number.length < 6) return invalidPhone("too_short");
  if (/^3[1-9]\d{8}$/.test(number)) return validPhone(`+39${number}`, repair);
  if (/^3[1-9]\d{7}$/.test(number)) return validPhone(`+39${number}`, repair || "short_mobile");
  if (number.startsWith("3"))
    return invalidPhone(number.length > 10 ? "voicemail_length" : "bad_length");
  if (/^03[1-9]\d{8}$/.test(number) && !AMBIGUOUS_ZERO.test(number)) {
    return validPhone(`+39${number.slice(1)}`, "zero_dropped");
  }
  if (number.startsWith("0")) {
    const reason = /^03[1-9]\d{8}$/.test(number) ? "ambiguous_zero" : "fixed_line";
    return /^0[1-9]\d{4,9}$/.test(number)
      ? result("phone", `+39${number}`, null, "no_key", reason, repair)
      : invalidPhone("bad_length");
  }
  if (SERVICE_NUMBER.test(number)) {
    return result("phone", `+39${number}`, null, "no_key", "service_number", repair);
  }
  return invalidPhone(international ? "missing_zero" : "missing_area_code");
}

/** A number of another country, digits behind the +. */
function foreignPhone(digits, repair) {
  if (digits.length < 8 || digits.length > 15) return invalidPhone("bad_length");
  const code = Object.keys(FOREIGN_MOBILE).find((prefix) => digits.startsWith(prefix));
  return code && FOREIGN_MOBILE[code].test(digits.slice(code.length))
    ? validPhone(`+${digits}`, repair)
    : result("phone", `+${digits}`, null, "no_key", "line_type_unknown", repair);
}

/** One number: digits, an optional + or 00 before them, an optional (0), blanks and punctuation between. */
function phoneFromDigits(text, repaired) {
  let repair = repaired;
  let value = text.replace(/^\+?00(?=\s*[1-9])/, "+");
  const trunk = /^\+\s*(\d{1,3}?)\s*\(0\)/.exec(value.replace(/^\+\s*39/, "+39"));
  if (trunk) {
    const keepsZero = trunk[1] === "39" && !/\(0\)\s*3/.test(value);
    if (trunk[1] === "39" && !keepsZero) repair = repair || "trunk_zero_dropped";
    value = value.replace("(0)", keepsZero ? "0" : "");
  }
  const digits = value.replace(/\D/g, "");
  if (!value.startsWith("+")) {
    return /^393\d{8,9}$/.test(digits)
      ? italianPhone(digits.slice(2), true, repair)
      : italianPhone(digits, false, repair);
  }
  if (!digits.startsWith("39")) return foreignPhone(digits, repair);
  const national = digits.slice(2).replace(/^00(?=39)/, "");
  return /^393\d{9}$/.test(national)
    ? italianPhone(national.slice(2), true, repair || "double_country_code")
    : italianPhone(national, true, repair);
}

/** One piece of a cell: a number, at times with a note behind it. */
function phoneFromText(text, repair) {
  const [, head, tail] = /^([^\p{L}#]*)([\p{L}#].*)?$/su.exec(text);
  if (head.replace(/\D/g, "").length < 3) {
    return invalidPhone(tail ? "not_a_number" : "too_short");
  }
  if (!tail) return phoneFromDigits(head, repair);
  const extension = /^(int|ext|interno|x|#)[.:\s]*\d+$/i.test(tail);
  if (/\d/.test(tail) && !extension && !/\s$/.test(head)) return invalidPhone("letters_inside");
  return phoneFromDigits(head.trim(), repair || "text_cut");
}

/** Undoes what a spreadsheet does to a number. */
function fromSpreadsheet(text) {
  const scientific = /^(\d)(?:[.,](\d+))?e\+?(\d+)$/i.exec(text);
  if (scientific) {
    const [, first, rest = "", exponent] = scientific;
    const digits = first + rest;
    return digits.length === Number(exponent) + 1 ? { text: digits, repair: "scientific" } : null;
  }
  if (/^\+?\d{6,}[.,]0+$/.test(text))
    return { text: text.replace(/[.,]0+$/, ""), repair: "decimal_zero" };
  return { text, repair: null };
}

/** The phone numbers of one cell, Italian where no country code says otherwise: usually one, none for a blank. */
function normalizePhone(raw) {
  const labelled = clean(raw).replace(/^'+/, "");
  if (saysNothing(labelled)) return [];
  const unlabelled = labelled.replace(/^(telefono|tel|cellulare|cell|mobile|phone)[\s.:]*/i, "");
  const sheet = fromSpreadsheet(unlabelled);
  if (sheet === null) return [invalidPhone("precision_lost")];
  const isNumber = (found) => found.value_class !== "invalid";
  const pieces = sheet.text
    .split(/\s*[/;,|]\s*|\s+-\s+|\s+(?:o|e|oppure)\s+/i)
    .filter((piece) => piece !== "");
  const [first, ...others] = pieces;
  if (others.length > 0 && others.every((piece) => /^\d{1,3}$/.test(piece))) {
    return [phoneFromText(first, "alternative_ending")];
  }
  const found = pieces.map((piece) => phoneFromText(piece, null));
  if (pieces.length > 1 && found.every(isNumber)) {
    return found.filter(
      (one, i) => found.findIndex((other) => other.contact_value === one.contact_value) === i,
    );
  }
  return [phoneFromText(sheet.text, sheet.repair)];
}

/** True when the last of 13 digits is the check digit of the twelve before it (weights 1 and 3 from the left). */
function ean13Holds(digits) {
  const sum = [...digits.slice(0, 12)].reduce(
    (total, digit, i) => total + Number(digit) * (i % 2 ? 3 : 1),
    0,
  );
  return (10 - (sum % 10)) % 10 === Number(digits[12]);
}

/** A loyalty card number: thirteen digits with their check digit, or any other form of at least five characters. */
function normalizeLoyaltyCard(raw) {
  const text = clean(raw).replace(/^'+/, "");
  if (saysNothing(text)) return [];
  const invalid = (reason) => [result("loyalty_card", null, null, "invalid", reason, null)];
  const sheet = fromSpreadsheet(text);
  if (sheet === null) return invalid("precision_lost");
  const number = sheet.text.toUpperCase().replace(/[\s.\-/]/g, "");
  if (/^\dE\d+$/.test(number)) return invalid("precision_lost");
  if (!/^[A-Z0-9]+$/.test(number) || number.length < 5) return invalid("not_a_card");
  if (/^(.)\1+$/.test(number)) return invalid("repeated_digits");
  if (/^\d{13}$/.test(number) && !ean13Holds(number)) return invalid("bad_check_digit");
  const valueClass = sheet.repair ? "repaired" : "valid";
  return [result("loyalty_card", number, number, valueClass, null, sheet.repair)];
}

const textConstants = { INVISIBLE, NOTHING };
const textFunctions = [clean, saysNothing, result];

/** Bodies of the BigQuery functions of the same names, argument `raw`. */
const bodies = {
  normalize_email: udf.body(
    {
      ...textConstants,
      DOTLESS_DOMAINS,
      DOMAIN_ALIASES,
      PLUS_TAG_DOMAINS,
      DASH_TAG_DOMAINS,
      RELAY_DOMAINS,
      DISPOSABLE_DOMAINS,
      ROLE_NAMES,
      PLACEHOLDER_NAMES,
      PLACEHOLDER_DOMAINS,
      TYPO_DOMAINS,
    },
    [...textFunctions, emailFault, unwrapEmail, emailKey, classifyEmail, normalizeEmail],
    "raw",
  ),
  normalize_phone: udf.body(
    { ...textConstants, COUNTED_DIGITS, AMBIGUOUS_ZERO, SERVICE_NUMBER, FOREIGN_MOBILE },
    [
      ...textFunctions,
      validPhone,
      invalidPhone,
      italianPhone,
      foreignPhone,
      phoneFromDigits,
      phoneFromText,
      fromSpreadsheet,
      normalizePhone,
    ],
    "raw",
  ),
  normalize_loyalty_card: udf.body(
    textConstants,
    [...textFunctions, fromSpreadsheet, ean13Holds, normalizeLoyaltyCard],
    "raw",
  ),
};

module.exports = { normalizeEmail, normalizePhone, normalizeLoyaltyCard, bodies };
