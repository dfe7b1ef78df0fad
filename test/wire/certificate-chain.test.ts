/** Which chains of certificates end where peers believe them, with certificates of openssl. */
import { readFileSync } from "node:fs";
import { afterAll, describe, expect, it } from "vitest";
import { inspectChain } from "../../src/core/certificate-chain.ts";
import { Authority, opensslInstalled } from "./support/certificates.ts";

describe.runIf(opensslInstalled())("a chain of certificates", () => {
  const authority = new Authority();
  const other = new Authority("Other Authority");
  afterAll(() => {
    authority.remove();
    other.remove();
  });
  const own = readFileSync(authority.issue(["gw.example.com"]).certFile, "utf8");

  it("is believed where it ends at an authority that is", () => {
    const expected = { trouble: undefined, keyType: "rsa" };
    expect(inspectChain(own, [other.ca, authority.ca])).toEqual(expected);
    expect(inspectChain(`${own}\n${authority.ca}`, [authority.ca])).toEqual(expected);
  });

  it.each([
    ["of a private authority", () => own, "notPublic"],
    ["of a private authority that comes along", () => `${own}\n${authority.ca}`, "notPublic"],
    ["with a stranger in it", () => `${own}\n${other.ca}`, "broken"],
    ["of none but itself", () => authority.ca, "selfSigned"],
    ["without any certificate", () => "nothing", "broken"],
  ])("is not believed: %s", (_what, pem, trouble) => {
    expect(inspectChain(pem()).trouble).toBe(trouble);
  });
});
