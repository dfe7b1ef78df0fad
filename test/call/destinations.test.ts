import { describe, expect, it } from "vitest";
import { COSTLY_PREFIXES } from "../../src/call/costly-prefixes.ts";
import { countryOfNumber } from "../../src/call/countries.ts";
import { decideDestination } from "../../src/call/destinations.ts";

const BERLIN = "+49301234567";
const PREMIUM_DE = "+499001234567";

describe("a call of ours", () => {
  it.each([
    ["goes nowhere without rules", BERLIN, [], [], "notListed", undefined],
    ["goes to an allowed country", BERLIN, ["DE"], [], "allowed", "DE"],
    ["goes to an allowed prefix", BERLIN, ["+4930"], [], "allowed", "+4930"],
    ["goes to no other country", BERLIN, ["US"], [], "notListed", undefined],
    ["goes to no other country of the same calling code", "+18765550123", ["US"], [], "notListed"],
    ["goes to the country that shares a code, by its name", "+18765550123", ["JM"], [], "allowed"],
    [
      "goes to no premium number of an allowed country",
      PREMIUM_DE,
      ["DE"],
      [],
      "premium",
      "+49900",
    ],
    ["goes to a premium number that is allowed by prefix", PREMIUM_DE, ["+49900"], [], "allowed"],
    ["goes to one premium number and no other", PREMIUM_DE, ["+4990012"], [], "allowed"],
    ["goes to no satellite", "+8816123456", ["US"], [], "satellite", "+881"],
    ["goes to a satellite that is allowed by prefix", "+8816123456", ["+8816"], [], "allowed"],
    ["goes to no prefix that is denied", BERLIN, ["DE"], ["+4930"], "deniedByTrunk", "+4930"],
    ["goes to a longer prefix than that denied", BERLIN, ["+49301"], ["+4930"], "allowed"],
    ["goes nowhere that is both allowed and denied", BERLIN, ["DE"], ["DE"], "deniedByTrunk", "DE"],
    ["goes to no extension", "100", ["DE"], [], "notANumber", undefined],
    ["goes to no emergency number", "112", ["DE"], [], "notANumber", undefined],
    ["goes to no national number", "0301234567", ["DE"], [], "notANumber", undefined],
  ] as const)("%s", (_name, number, allow, deny, reason, rule?: string) => {
    const decision = decideDestination(number, { allow, deny });
    expect(decision).toMatchObject({ allowed: reason === "allowed", reason });
    if (rule !== undefined) {
      expect(decision.rule).toBe(rule);
    }
  });
});

describe("the list of costly prefixes", () => {
  it("has digits only, each once, and premium ones within a country or a global service", () => {
    const prefixes = COSTLY_PREFIXES.map(([prefix]) => prefix);
    expect(new Set(prefixes).size).toBe(prefixes.length);
    for (const [prefix, kind] of COSTLY_PREFIXES) {
      expect(prefix).toMatch(/^[1-9]\d+$/);
      const isGlobal = prefix === "808" || prefix === "979";
      expect(countryOfNumber(prefix) !== undefined).toBe(kind === "premium" && !isGlobal);
    }
  });

  it.each([
    ["a mobile number of Japan", "+819012345678", "JP"],
    ["a voice over IP number of Korea", "+827012345678", "KR"],
    ["a mobile number of Croatia", "+385919001234", "HR"],
    ["a mobile number of Hong Kong", "+85290012345", "HK"],
    ["a London number", "+442079460958", "GB"],
    ["a Milan number", "+390212345678", "IT"],
  ])("leaves %s alone", (_name, number, country) => {
    expect(decideDestination(number, { allow: [country], deny: [] }).allowed).toBe(true);
  });
});
