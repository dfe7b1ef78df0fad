/** Names of certificates, and texts that are none. */
import { describe, expect, it } from "vitest";
import { coversName, inspectCertificate, isCertificate } from "../../src/core/certificate.ts";

describe("a certificate's name", () => {
  it.each([
    ["sip.example.org", "SIP.example.org", true],
    ["sip.example.org", "example.org", false],
    ["*.example.org", "sip.example.org", true],
    ["*.example.org", "a.sip.example.org", false],
    ["*.example.org", "example.org", false],
    ["*.example.org", ".example.org", false],
  ])("%s covers %s: %s", (pattern, host, expected) => {
    expect(coversName(pattern, host)).toBe(expected);
  });
});

describe("a text that is no certificate", () => {
  it("is found out without repeating it", () => {
    expect(isCertificate("secret words")).toBe(false);
    const reason = "is no certificate in PEM form";
    expect(inspectCertificate("", "")).toEqual({ kind: "bad", half: "cert", reason });
  });
});
