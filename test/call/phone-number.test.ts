import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { countryCodes, countryOf, countryOfNumber } from "../../src/call/countries.ts";
import { readNumber } from "../../src/call/phone-number.ts";

describe("a number is brought into E.164", () => {
  it.each([
    ["+49 (30) 1234-567", undefined, "+49301234567"],
    ["+1.212.555.0123", undefined, "+12125550123"],
    ["tel:+44-20-7946-0958", undefined, "+442079460958"],
    ["<sip:+33142685300@sbc.example;user=phone>", undefined, "+33142685300"],
    ["sip:%2B33142685300@sbc.example", undefined, "+33142685300"],
    ["030 1234567", "DE", "+49301234567"],
    ["0049301234567", "DE", "+49301234567"],
    ["0044 20 7946 0958", "DE", "+442079460958"],
    ["49301234567", "DE", "+49301234567"],
    ["2125550123", "US", "+12125550123"],
    ["12125550123", "US", "+12125550123"],
    ["011 49 30 1234567", "US", "+49301234567"],
    ["06 6982", "IT", "+39066982"],
    ["06 69821234", "IT", "+390669821234"],
    ["912345678", "PT", "+351912345678"],
    ["351912345678", "PT", "+351912345678"],
    ["06 1 234 5678", "HU", "+3612345678"],
    ["8 495 123-45-67", "RU", "+74951234567"],
    ["810 49 30 1234567", "RU", "+49301234567"],
    ["0011 64 9 123 4567", "AU", "+6491234567"],
    ["sip:301234567;phone-context=+49@sbc.example", undefined, "+49301234567"],
    ["tel:0301234567;phone-context=+49", undefined, "+49301234567"],
    ["tel:1234567;phone-context=+1-212", undefined, "+12121234567"],
  ])("from %s (%s)", (written, country, expected) => {
    const read = readNumber(written, country);
    expect(read.kind === "e164" ? read.number : undefined).toBe(expected);
  });
});

describe("what is no number of the public network stays as it was written", () => {
  it.each([
    ["agent", "DE", "agent", "notANumber"],
    ["", "DE", "", "notANumber"],
    ["sip:ring-1500@host", "DE", "ring-1500", "notANumber"],
    ["+49 30 12a4", "DE", "+49 30 12a4", "notANumber"],
    ["+0049301234567", "DE", "+0049301234567", "notANumber"],
    ["112", "DE", "112", "short"],
    ["911", "US", "911", "short"],
    ["+112", undefined, "+112", "short"],
    ["100", "IT", "100", "short"],
    ["030 1234567", undefined, "030 1234567", "noCountry"],
    ["301234567", "DE", "301234567", "noPrefix"],
    ["5550123", "US", "5550123", "noPrefix"],
    ["+1234567890123456", undefined, "+1234567890123456", "long"],
    ["030123;phone-context=example.com", undefined, "030123", "noCountry"],
    ["0301234567", "ZZ", "0301234567", "noCountry"],
  ])("%s (%s)", (written, country, text, reason) => {
    expect(readNumber(written, country)).toEqual({ kind: "asWritten", text, reason });
  });

  it("and any text gives an answer, and a number in E.164 gives itself", () => {
    const countries = fc.constantFrom(undefined, ...countryCodes());
    fc.assert(
      fc.property(fc.string({ maxLength: 60 }), countries, (text, country) => {
        const read = readNumber(text, country);
        if (read.kind === "e164") {
          expect(read.number).toMatch(/^\+[1-9]\d{6,14}$/);
          expect(readNumber(read.number, country)).toEqual(read);
        }
      }),
    );
  });
});

describe("the table of countries", () => {
  it("knows each country by a prefix of its own, and a number by its longest prefix", () => {
    const codes = countryCodes();
    expect(codes.length).toBeGreaterThan(230);
    for (const code of codes) {
      const country = countryOf(code);
      expect(code).toMatch(/^[A-Z]{2}$/);
      expect(country?.internationalPrefix).toMatch(/^\d+$/);
      for (const prefix of country?.prefixes ?? []) {
        expect(countryOfNumber(prefix)).toEqual({ code, prefix });
      }
    }
  });

  it.each([
    ["12125550123", "US"],
    ["14165550123", "CA"],
    ["18765550123", "JM"],
    ["74951234567", "RU"],
    ["77272501234", "KZ"],
    ["441481712345", "GG"],
    ["390669812345", "VA"],
    ["59995551234", "CW"],
    ["8811234567", undefined],
  ])("finds the country of %s: %s", (digits, code) => {
    expect(countryOfNumber(digits)?.code).toBe(code);
  });
});
