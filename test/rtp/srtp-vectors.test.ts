/** The published examples of SRTP's pieces: keystream, key derivation, tags. */
import { createHmac } from "node:crypto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { SrtpSuite } from "../../src/core/srtp-suites.ts";
import { HmacSha1 } from "../../src/rtp/hmac-sha1.ts";
import { SrtpKeystream } from "../../src/rtp/srtp-keystream.ts";
import { SrtpSender } from "../../src/rtp/srtp-sender.ts";
import { deriveSessionKeys } from "../../src/rtp/srtp-session-keys.ts";
import { fromHex, toHex } from "../support/srtp-keys.ts";

const SALT = "f0f1f2f3f4f5f6f7f8f9fafbfcfd";

/** RFC 3711 B.2 AES-CM Test Vectors; RFC 6188 Test Vectors. */
const KEYSTREAMS = [
  {
    key: "2b7e151628aed2a6abf7158809cf4f3c",
    stream: `e03ead0935c95e80e166b16dd92b4eb4 d23513162b02d0f72a43a2fe4a5f97ab
             41e95b3bb0a2e8dd477901e4fca894c0`,
  },
  {
    key: "57f82fe3613fd170a85ec93c40b1f0922ec4cb0dc025b58272147cc438944a98",
    stream: "92bdd28a93c3f52511c677d08b5515a4 9da71b2378a854f67050756ded165bac",
  },
];

/** RFC 3711 B.3 Key Derivation Test Vectors; RFC 6188 Test Vectors. */
const DERIVATIONS: readonly Readonly<Record<string, string>>[] = [
  {
    suite: "AES_CM_128_HMAC_SHA1_80",
    master: "e1f97a0d3e018be0d64fa32c06de4139 0ec675ad498afeebb6960b3aabe6",
    encryption: "c61e7a93744f39ee10734afe3ff7a087",
    salt: "30cbbc08863d8c85d49db34a9ae1",
    authentication: "cebe321f6ff7716b6fd4ab49af256a156d38baa4",
  },
  {
    suite: "AES_256_CM_HMAC_SHA1_80",
    master: `f0f04914b513f2763a1b1fa130f10e2998f6f6e43e4309d1e622a0e332b9f1b6
             3b04803de51ee7c96423ab5b78d2`,
    encryption: "5ba1064e30ec51613cad926c5a28ef731ec7fb397f70a960653caf06554cd8c4",
    salt: "fa31791685ca444a9e07c6c64e93",
    authentication: "fd9c32d39ed5fbb5a9dc96b30818454d1313dc05",
  },
];

describe("the keystream", () => {
  it.each(KEYSTREAMS)("is that of the RFCs with $key", ({ key, stream }) => {
    const expected = fromHex(stream);
    const made = new Uint8Array(expected.length);
    new SrtpKeystream(fromHex(key), fromHex(SALT), 8).apply(made, 0, made.length, made, 0, 0);
    expect(toHex(made)).toBe(toHex(expected));
  });

  it("does not depend on how far ahead it is made", () => {
    const key = fromHex("2b7e151628aed2a6abf7158809cf4f3c");
    const ahead = new SrtpKeystream(key, fromHex(SALT), 8);
    const packets = fc.array(
      fc.record({
        index: fc.integer({ min: 65_530, max: 65_560 }),
        bytes: fc.integer({ min: 0, max: 700 }),
        ssrc: fc.constantFrom(1, 0xffff_fffe),
      }),
      { maxLength: 40 },
    );
    fc.assert(
      fc.property(packets, (sequence) => {
        for (const { index, bytes, ssrc } of sequence) {
          const one = new Uint8Array(bytes);
          const other = new Uint8Array(bytes);
          ahead.apply(one, 0, bytes, one, ssrc, index);
          new SrtpKeystream(key, fromHex(SALT), 1).apply(other, 0, bytes, other, ssrc, index);
          expect(toHex(one)).toBe(toHex(other));
        }
      }),
      { numRuns: 40 },
    );
  });
});

describe("key derivation", () => {
  it.each(DERIVATIONS)("gives the keys of the RFCs for $suite", (row) => {
    const key = { suite: row["suite"] as SrtpSuite, masterKeySalt: fromHex(row["master"] ?? "") };
    const { encryption, authentication, salt } = deriveSessionKeys(key, "rtp");
    expect(toHex(encryption)).toBe(row["encryption"]);
    expect(toHex(salt)).toBe(row["salt"]);
    expect(toHex(authentication)).toBe(row["authentication"]);
  });
});

describe("HMAC-SHA1", () => {
  it("is that of node:crypto for any key and message", () => {
    const key = fc.uint8Array({ maxLength: 64 });
    const message = fc.uint8Array({ maxLength: 300 });
    fc.assert(
      fc.property(key, message, fc.integer({ min: -1, max: 0xffff_ffff }), (k, m, suffix) => {
        const hmac = createHmac("sha1", k).update(m);
        if (suffix >= 0) {
          hmac.update(fromHex(suffix.toString(16).padStart(8, "0")));
        }
        const tag = new Uint8Array(20);
        new HmacSha1(k).sign(m, m.length, suffix, tag, 0, 20);
        expect(toHex(tag)).toBe(hmac.digest("hex"));
      }),
    );
  });

  it("takes no key that is longer than a block", () => {
    expect(() => new HmacSha1(new Uint8Array(65))).toThrow("at most 64 bytes");
  });
});

describe("a sealed packet", () => {
  it("is that of libsrtp's self-test srtp_validate", () => {
    const masterKeySalt = fromHex("e1f97a0d3e018be0d64fa32c06de41390ec675ad498afeebb6960b3aabe6");
    const sender = new SrtpSender({ suite: "AES_CM_128_HMAC_SHA1_80", masterKeySalt });
    const plain = fromHex("800f1234decafbadcafebabe abababababababababababababababab");
    const sealed = new Uint8Array(64);
    const length = sender.sealRtp(plain, plain.length, sealed);
    expect(toHex(sealed.subarray(0, length))).toBe(
      "800f1234decafbadcafebabe4e55dc4ce79978d88ca4d215949d2402b78d6acc99ea179b8dbb",
    );
  });
});
