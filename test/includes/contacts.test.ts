import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { include } from "./load.ts";

interface Found {
  identifier_type: string;
  contact_value: string | null;
  match_value: string | null;
  value_class: "valid" | "repaired" | "no_key" | "invalid";
  invalid_reason: string | null;
  repair: string | null;
}

interface Contacts {
  normalizeEmail(raw: string): Found[];
  normalizePhone(raw: string): Found[];
  normalizeLoyaltyCard(raw: string): Found[];
  bodies: Record<"normalize_email" | "normalize_phone" | "normalize_loyalty_card", string>;
}

const contacts = include<Contacts>("contacts");

/** `key` for what links, `!reason` for what does not, `~repair key` for what was repaired. */
function verdict({ match_value, value_class, invalid_reason, repair }: Found): string {
  if (value_class === "valid") return String(match_value);
  return value_class === "repaired" ? `~${repair} ${match_value}` : `!${invalid_reason}`;
}

const emails: [rule: string, raw: string, ...expected: string[]][] = [
  ["case and blanks", "  Marta.Riva@Alice.IT ", "marta.riva@alice.it"],
  ["dots and tag of Gmail", "mar.ta+sconti@gmail.com", "marta@gmail.com"],
  ["Gmail under its other name", "M.Riva.90@GoogleMail.com", "mriva90@gmail.com"],
  ["tag of Outlook, dot stays", "marta.riva+abc@outlook.it", "marta.riva@outlook.it"],
  ["a + elsewhere belongs to the name", "marta+casa@alice.it", "marta+casa@alice.it"],
  ["dash of Yahoo", "marta-negozi@yahoo.it", "marta@yahoo.it"],
  ["dash elsewhere belongs to the name", "marta-riva@alice.it", "marta-riva@alice.it"],
  ["one provider, two countries", "marta@hotmail.it", "marta@hotmail.it"],
  ["full-width letter", "ｍarta@alice.it", "marta@alice.it"],
  ["zero-width space", "mar\u200Bta@alice.it", "marta@alice.it"],
  ["accent in the name", "zoë@posta.example", "zoë@posta.example"],
  ["display name", "Riva, Marta <marta@alice.it>", "~display_name marta@alice.it"],
  ["mailto", "mailto:marta@alice.it", "~mailto marta@alice.it"],
  ["full stop behind", "marta@alice.it.", "~trailing_punctuation marta@alice.it"],
  ["two addresses", "marta@alice.it; ugo@alice.it", "marta@alice.it", "ugo@alice.it"],
  ["one address twice", "marta@alice.it marta@alice.it", "marta@alice.it"],
  ["blank in the name", "marta riva@alice.it", "!illegal_character"],
  ["quoted name", '"marta riva"@alice.it', "!quoted_local"],
  ["two @", "marta@@alice.it", "!two_at"],
  ["no @", "marta.alice.it", "!no_at"],
  ["no top-level domain", "marta@alice", "!no_tld"],
  ["two dots", "marta..riva@alice.it", "!dots"],
  ["domain begins with a dash", "marta@-alice.it", "!bad_domain"],
  ["top-level domain of one letter", "marta@alice.i", "!bad_domain"],
  ["nothing before the @", "@alice.it", "!empty_local"],
  ["known typing error", "marta@gmial.com", "!typo_domain"],
  ["role", "noreply@negozio.example", "!role"],
  ["till", "cassa2@negozio.example", "!role"],
  ["placeholder", "prova@alice.it", "!placeholder"],
  ["placeholder, both sides", "a@a.it", "!placeholder"],
  ["a domain that says there is none", "riva@nomail.it", "!placeholder"],
  ["says there is none, numbered", "noemail2@alice.it", "!placeholder"],
  ["disposable", "marta@mailinator.com", "!disposable"],
  ["only a tag", "+sconti@gmail.com", "!empty_local"],
  ["none", "n.c."],
  ["none, spelt out", "Non Fornito"],
  ["none, crossed out", "xxx"],
  ["none, dashes", " -- "],
  ["blank", "   "],
];

const phones: [rule: string, raw: string, ...expected: string[]][] = [
  ["as written", "376 440 21 98", "+393764402198"],
  ["label and dots", "Cell: 376.440.2198", "+393764402198"],
  ["spreadsheet's apostrophe", "'3764402198", "+393764402198"],
  ["00 before the country code", "0039-376/4402198", "+393764402198"],
  ["+00", "+0039 376 4402198", "+393764402198"],
  ["country code without +", "39 376 4402198", "+393764402198"],
  ["ten digits that begin with 39", "391 440 2198", "+393914402198"],
  ["the same with country code", "39 391 4402198", "+393914402198"],
  ["country code twice", "+3939 376 4402198", "~double_country_code +393764402198"],
  [
    "country code twice, once as 0039",
    "+39 0039 376 4402198",
    "~double_country_code +393764402198",
  ],
  ["(0) before a mobile", "+39 (0) 387 4402198", "~trunk_zero_dropped +393874402198"],
  ["(0) of a fixed line stays", "+39 (0)2 0044556", "!fixed_line"],
  ["0 before a mobile", "0389 4402198", "~zero_dropped +393894402198"],
  ["0 that may be an area code", "0384 4402198", "!ambiguous_zero"],
  ["fixed line", "055 0044556", "!fixed_line"],
  ["Turin, not an exit code", "011 0044556", "!fixed_line"],
  ["area code without its 0", "+39 55 0044556", "!missing_zero"],
  ["two endings", "376 4402198/99", "~alternative_ending +393764402198"],
  ["mobile and fixed line", "376 4402198 / 02 0044556", "+393764402198", "!fixed_line"],
  ["slash as punctuation", "0039 376/4402198", "+393764402198"],
  ["decimals of a spreadsheet", "3764402198.0", "~decimal_zero +393764402198"],
  ["scientific notation", "3,764402198E+09", "~scientific +393764402198"],
  ["scientific notation cut short", "3,7644E+09", "!precision_lost"],
  ["note behind", "387 4402198 ore pasti", "~text_cut +393874402198"],
  ["note with a number behind", "387 4402198 dopo le 18", "~text_cut +393874402198"],
  ["letter O for zero", "376 44O2198", "!letters_inside"],
  ["Arabic digits", "٣٧٦ ٤٤٠ ٢١٩٨", "+393764402198"],
  ["direction marks", "\u202A+39 376 440 2198\u202C", "+393764402198"],
  ["mobile of nine digits", "376 440219", "~short_mobile +39376440219"],
  ["voicemail's extra digit", "37644021987", "!voicemail_length"],
  ["one digit over and over", "3764444444", "!repeated_digits"],
  ["counting up", "376 1234567", "!counted_digits"],
  ["zeros", "0000000000", "!bad_length"],
  ["a number that a spreadsheet cut, with a country code", "3.93401E+11", "!precision_lost"],
  ["San Marino", "0549 800456", "!fixed_line"],
  ["San Marino by its own code", "+378 800456", "!line_type_unknown"],
  ["service number", "800 000456", "!service_number"],
  ["no area code", "4402198", "!missing_area_code"],
  ["emergency", "118", "!too_short"],
  ["Swiss mobile", "+41 (0)79 600 11 22", "+41796001122"],
  ["French mobile", "0033 6 12 40 56 79", "+33612405679"],
  ["foreign number of unknown kind", "+1 202 555 0147", "!line_type_unknown"],
  ["none", "n.d."],
  ["words", "chiedere in negozio", "!not_a_number"],
];

const cards: [rule: string, raw: string, ...expected: string[]][] = [
  // 2 9 0 0 0 1 1 2 2 3 3 4: 2+0+0+1+2+3 = 8, three times 9+0+1+2+3+4 = 57, so 65 and check digit 5
  ["check digit holds", "2900011223345", "2900011223345"],
  ["check digit does not hold", "2900011223346", "!bad_check_digit"],
  ["two digits swapped", "2900011223354", "!bad_check_digit"],
  ["another form", "vl-00 4711", "VL004711"],
  ["all the same", "0000000000000", "!repeated_digits"],
  ["too short", "12", "!not_a_card"],
  ["decimals of a spreadsheet", "2900011223345.0", "~decimal_zero 2900011223345"],
  ["scientific notation", "2,900011223345E+12", "~scientific 2900011223345"],
  ["scientific notation cut short", "2.90001E+12", "!precision_lost"],
  ["none", "nessuna"],
];

describe("e-mail addresses", () => {
  it.each(emails)("%s: %s", (_rule, raw, ...expected) => {
    expect(contacts.normalizeEmail(raw).map(verdict)).toEqual(expected);
  });
});

describe("phone numbers", () => {
  it.each(phones)("%s: %s", (_rule, raw, ...expected) => {
    expect(contacts.normalizePhone(raw).map(verdict)).toEqual(expected);
  });
});

describe("loyalty cards", () => {
  it.each(cards)("%s: %s", (_rule, raw, ...expected) => {
    expect(contacts.normalizeLoyaltyCard(raw).map(verdict)).toEqual(expected);
  });
});

describe("normalising", () => {
  const anyText = fc.oneof(
    fc.string({ unit: "binary" }),
    fc.constantFrom(...[...emails, ...phones, ...cards].map(([, raw]) => raw)),
    fc.stringMatching(/^[+0-9 ()./a-z@-]{0,30}$/),
  );

  it("twice is the same as once", () => {
    const functions = [
      contacts.normalizeEmail,
      contacts.normalizePhone,
      contacts.normalizeLoyaltyCard,
    ];
    fc.assert(
      fc.property(anyText, fc.constantFrom(...functions), (raw, normalize) => {
        for (const { match_value } of normalize(raw)) {
          if (match_value === null) continue;
          expect(normalize(match_value).map(({ match_value: again }) => again)).toEqual([
            match_value,
          ]);
        }
      }),
      { numRuns: 2000 },
    );
  });

  it("never fails, and gives a key exactly to what is valid or repaired", () => {
    fc.assert(
      fc.property(anyText, (raw) => {
        for (const found of [...contacts.normalizeEmail(raw), ...contacts.normalizePhone(raw)]) {
          expect(found.match_value !== null).toBe(
            ["valid", "repaired"].includes(found.value_class),
          );
          expect(found.invalid_reason === null).toBe(found.match_value !== null);
        }
      }),
      { numRuns: 2000 },
    );
  });

  it("as a BigQuery function is the same", () => {
    const asFunction = (body: string) => new Function("raw", body) as (raw: string) => Found[];
    const pairs: [string, (raw: string) => Found[], string[][]][] = [
      [contacts.bodies.normalize_email, contacts.normalizeEmail, emails],
      [contacts.bodies.normalize_phone, contacts.normalizePhone, phones],
      [contacts.bodies.normalize_loyalty_card, contacts.normalizeLoyaltyCard, cards],
    ];
    for (const [body, plain, rows] of pairs) {
      for (const [, raw = ""] of rows) expect(asFunction(body)(raw)).toEqual(plain(raw));
    }
  });
});
