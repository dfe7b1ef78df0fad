import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { digestResponse, readChallenge, readDigests } from "../../src/core/sip-digest.ts";

describe("a digest", () => {
  it("gives the responses of RFC 7616's examples", () => {
    const common = {
      username: "Mufasa",
      realm: "http-auth@example.org",
      password: "Circle of Life",
      nonce: "7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v",
      method: "GET",
      uri: "/dir/index.html",
      protection: {
        nonceCount: "00000001",
        clientNonce: "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ",
      },
    };
    expect(digestResponse({ ...common, algorithm: "MD5" })).toBe(
      "8ca523f5e9506fed4657c9700eebdbec",
    );
    expect(digestResponse({ ...common, algorithm: "SHA-256" })).toBe(
      "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1",
    );
  });

  it("gives the response of a server that counts no requests", () => {
    const input = {
      algorithm: "MD5",
      username: "bob",
      realm: "biloxi.com",
      password: "zanzibar",
      nonce: "dcd98b7102dd2f0e8b11d0f600bfb0c093",
      method: "INVITE",
      uri: "sip:bob@biloxi.com",
    } as const;
    expect(digestResponse(input)).toBe("bf57e4e0d0bffc0fbaedce64d59add5e");
  });
});

describe("a challenge", () => {
  it.each([
    ['Digest realm="a, b", nonce="n=1"', { realm: "a, b", nonce: "n=1", algorithm: "MD5" }],
    ['DIGEST realm="r",nonce="n",qop="auth-int,auth"', { qop: "auth" }],
    ['Digest realm="r", nonce="n", stale=TRUE, opaque=""', { stale: true, opaque: "" }],
    ['Digest realm="r", nonce="n", algorithm=SHA-256, qop=auth', { algorithm: "SHA-256" }],
    ['Digest realm="r\\"x", nonce="n"', { realm: 'r\\"x' }],
  ])("is read from %s", (value, expected) => {
    expect(readChallenge(value)).toMatchObject(expected);
  });

  it("is the first of several that can be answered", () => {
    const header =
      'Basic realm="b", Digest realm="r", nonce="1", algorithm=SHA-512-256, ' +
      'Digest realm="r", nonce="2", algorithm=SHA-256, qop="auth",Digest realm="r", nonce="3"';
    expect(readDigests(header)).toHaveLength(3);
    expect(readChallenge(header)).toMatchObject({ nonce: "2", algorithm: "SHA-256" });
  });

  it.each([
    "",
    "Basic realm=x",
    'Digest realm="r"',
    'Digest realm="r", nonce="n", algorithm=MD5-sess',
    'Digest realm="r", nonce="n", qop="auth-int"',
    "Digest",
  ])("is not found in %j", (value) => {
    expect(readChallenge(value)).toBeUndefined();
  });

  it("is looked for in any text, and that ends", () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 300 }), (text) => {
        readChallenge(`Digest ${text}`);
      }),
    );
  });
});
