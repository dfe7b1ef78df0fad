/** SDES: which streams are encrypted, with whose keys, and what is refused. */
import { describe, expect, it } from "vitest";
import type { SrtpPolicy } from "../../src/core/srtp-suites.ts";
import { parseCrypto, writeCrypto } from "../../src/sdp/crypto-attribute.ts";
import { LocalSession } from "../../src/sdp/local-session.ts";
import { answer, checkOffer } from "../../src/sdp/offer-answer.ts";
import { parseSdp } from "../../src/sdp/parse-sdp.ts";
import { SrtpKeyring } from "../../src/sdp/srtp-keyring.ts";
import { SeededRandom } from "../support/seeded-random.ts";
import { body, CAPABILITIES, codeFor, TRANSPORTS } from "./fixtures.ts";

/** RFC 4568 §6.1 inline key of the examples, and one as long as AES-256 wants. */
const INLINE = "inline:d0RmdmcmVCspeEc3QGZiNWpVLFJhQX1cfHAwJSoj";
const LONG = `inline:${"A".repeat(62)}==`;
const FIRST = `a=crypto:1 AES_CM_128_HMAC_SHA1_80 ${INLINE}|2^31`;
const SHORT_TAG = `a=crypto:7 AES_CM_128_HMAC_SHA1_32 ${INLINE}`;
const WITH_MKI = `a=crypto:3 AES_CM_128_HMAC_SHA1_80 ${INLINE}|2^31|1:4`;
const transports = TRANSPORTS.slice(0, 1);

const secure = (...lines: readonly string[]): string => body("m=audio 4000 RTP/SAVP 0", ...lines);
const loose = (...lines: readonly string[]): string => body("m=audio 4000 RTP/AVP 0", ...lines);

function keyring(seed = 5): SrtpKeyring {
  return new SrtpKeyring(new SeededRandom(seed));
}

function answered(offered: string, policy: SrtpPolicy, ports = transports) {
  const srtp = { policy, keys: keyring() };
  const result = answer(offered, { ...CAPABILITIES, transports: ports, srtp });
  return { ...result, media: parseSdp(result.sdp).media };
}

describe("a=crypto", () => {
  it.each([
    `1 AES_CM_128_HMAC_SHA1_80 ${INLINE}`,
    `999999999 AES_CM_128_HMAC_SHA1_32 ${INLINE}`,
    `2 AES_256_CM_HMAC_SHA1_80 ${LONG}`,
  ])("reads and writes %s", (value) => {
    const crypto = parseCrypto(value);
    expect(crypto === undefined ? "" : writeCrypto(crypto)).toBe(value);
  });

  it.each([
    ["|2^31", ""],
    ["|1048576", ""],
    ["|2^48", " KDR=0"],
    ["", " WSH=64 -X-OURS"],
  ])("accepts a key with %s and %s", (lifetime, parameters) => {
    const value = `1 AES_CM_128_HMAC_SHA1_80 ${INLINE}${lifetime}${parameters}`;
    expect(parseCrypto(value)?.tag).toBe(1);
  });

  it.each([
    ["an MKI", `1 AES_CM_128_HMAC_SHA1_80 ${INLINE}|2^20|1:4`],
    ["two keys", `1 AES_CM_128_HMAC_SHA1_80 ${INLINE};${INLINE}`],
    ["a suite of others", `1 F8_128_HMAC_SHA1_80 ${INLINE}`],
    ["a suite that is a property of objects", `1 constructor ${INLINE}`],
    ["a key of another length", `1 AES_256_CM_HMAC_SHA1_80 ${INLINE}`],
    ["a key by reference", "1 AES_CM_128_HMAC_SHA1_80 uri:https://example.com/key"],
    ["packets that are not encrypted", `1 AES_CM_128_HMAC_SHA1_80 ${INLINE} UNENCRYPTED_SRTP`],
    ["the same behind another", `1 AES_CM_128_HMAC_SHA1_80 ${INLINE} WSH=64 UNENCRYPTED_SRTP`],
    ["a key derivation rate", `1 AES_CM_128_HMAC_SHA1_80 ${INLINE} KDR=24`],
    ["no tag", `AES_CM_128_HMAC_SHA1_80 ${INLINE}`],
    ["nothing", ""],
  ])("leaves a line with %s aside", (_what, value) => {
    expect(parseCrypto(value)).toBeUndefined();
  });
});

describe("an answer", () => {
  it.each(["RTP/SAVP", "RTP/SAVPF"])("to %s has a key of ours under the same tag", (profile) => {
    const { media, audio } = answered(body(`m=audio 4000 ${profile} 0`, SHORT_TAG), "optional");
    expect(media[0]).toMatchObject({ port: 20_000, protocol: profile });
    expect(media[0]?.crypto).toEqual([{ tag: 7, key: audio.srtp?.local }]);
    expect(audio.srtp?.remote.suite).toBe("AES_CM_128_HMAC_SHA1_32");
    expect(audio.srtp?.local.masterKeySalt).not.toEqual(audio.srtp?.remote.masterKeySalt);
  });

  it("takes the first line that it can", () => {
    const { media } = answered(secure(WITH_MKI, SHORT_TAG, FIRST), "required");
    expect(media[0]?.crypto.map(({ tag }) => tag)).toEqual([7]);
  });

  it("to plain RTP with keys is encrypted where that is wanted, and plain RTP in its m-line", () => {
    for (const policy of ["optional", "required"] as const) {
      const { media, audio } = answered(loose(FIRST), policy);
      expect(media[0]?.protocol).toBe("RTP/AVP");
      expect(audio.srtp).toBeDefined();
    }
    expect(answered(loose(FIRST), "off").audio.srtp).toBeUndefined();
    expect(answered(loose(FIRST), "off").media[0]?.crypto).toEqual([]);
    expect(answered(loose(WITH_MKI), "optional").audio.srtp).toBeUndefined();
    expect(answered(loose(), "optional").audio.srtp).toBeUndefined();
  });

  it.each([
    ["optional", [0, 20_000], true],
    ["required", [0, 20_000], true],
    ["off", [20_000, 0], false],
  ] as const)("takes one of two alternatives when encryption is %s", (policy, ports, encrypted) => {
    const both = ["m=audio 4000 RTP/AVP 0", "m=audio 4002 RTP/SAVP 0", FIRST];
    const { media, audio } = answered(body(...both), policy);
    expect(media.map(({ port }) => port)).toEqual(ports);
    expect(audio.srtp !== undefined).toBe(encrypted);
    expect(audio.remotePort).toBe(encrypted ? 4002 : 4000);
  });

  it("has another key for every stream", () => {
    const two = ["m=audio 4000 RTP/SAVP 0", FIRST, "m=audio 4002 RTP/SAVP 0", FIRST];
    const { streams } = answered(body(...two), "required", TRANSPORTS);
    const [one, other] = streams.map(({ srtp }) => srtp?.local.masterKeySalt);
    expect(one).toBeDefined();
    expect(one).not.toEqual(other);
  });

  it.each([
    ["SDP_SRTP_OFF", "off", secure(FIRST)],
    ["SDP_SRTP_REQUIRED", "required", loose()],
    ["SDP_SRTP_REQUIRED", "required", loose(WITH_MKI)],
    ["SDP_NO_COMMON_CRYPTO", "optional", secure()],
    ["SDP_NO_COMMON_CRYPTO", "required", secure(WITH_MKI)],
    ["SDP_NO_COMMON_CODEC", "required", body("m=audio 4000 RTP/SAVP 18", FIRST)],
    ["SDP_NO_AUDIO", "required", body("m=audio 4000 UDP/TLS/RTP/SAVPF 0")],
  ] as const)("is refused with %s when encryption is %s", (code, policy, text) => {
    expect(codeFor(() => answered(text, policy))).toBe(code);
    expect(codeFor(() => checkOffer(text, { policy }))).toBe(code);
  });
});

describe("the keys of a dialog", () => {
  const session = (policy: SrtpPolicy, seed?: number): LocalSession =>
    new LocalSession(100, { policy, keys: keyring(seed) });
  const ours = (sdp: string): string =>
    String(parseSdp(sdp).media[0]?.crypto.map(writeCrypto).join());

  it("stay while the peer's stays, over a hold too", () => {
    const dialog = session("optional");
    const first = dialog.answer(secure(FIRST), { transports }).sdp;
    expect(dialog.answer(secure(FIRST), { transports }).sdp).toBe(first);
    const held = dialog.answer(secure(FIRST, "a=sendonly"), { transports }).sdp;
    expect(ours(held)).toBe(ours(first));
    expect(dialog.version).toBe(101);
  });

  it("change with the peer's, and never come back", () => {
    const dialog = session("optional");
    const other = `a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:${"A".repeat(40)}`;
    const seen = new Set<string>();
    for (const offered of [secure(FIRST), secure(other), secure(FIRST), loose(), secure(FIRST)]) {
      seen.add(ours(dialog.answer(offered, { transports }).sdp));
    }
    expect(seen.size).toBe(5);
  });

  it("are not changed by an offer that is refused", () => {
    const dialog = session("required");
    const first = dialog.answer(secure(FIRST), { transports }).sdp;
    expect(codeFor(() => dialog.answer(loose(), { transports }))).toBe("SDP_SRTP_REQUIRED");
    expect(dialog.answer(secure(FIRST), { transports }).sdp).toBe(first);
  });
});

describe("an offer of ours", () => {
  const offers = (policy: SrtpPolicy) => {
    const session = new LocalSession(100, { policy, keys: keyring() });
    return { session, sdp: session.offer({ transports }) };
  };

  it.each([
    ["off", "RTP/AVP", []],
    ["optional", "RTP/AVP", [1, 2, 3]],
    ["required", "RTP/SAVP", [1, 2, 3]],
  ] as const)("when encryption is %s is %s", (policy, protocol, tags) => {
    const [media] = parseSdp(offers(policy).sdp).media;
    expect(media?.protocol).toBe(protocol);
    expect(media?.crypto.map(({ tag }) => tag)).toEqual(tags);
    expect(media?.crypto[0]?.key.suite ?? "AES_CM_128_HMAC_SHA1_80").toBe(
      "AES_CM_128_HMAC_SHA1_80",
    );
  });

  it("is agreed on with the keys of the line that the answer takes", () => {
    for (const policy of ["optional", "required"] as const) {
      const { session, sdp } = offers(policy);
      const theirs = answered(sdp, "required");
      const { audio } = session.applyAnswer(theirs.sdp);
      expect(audio.srtp).toEqual({
        local: theirs.audio.srtp?.remote,
        remote: theirs.audio.srtp?.local,
      });
      const again = parseSdp(session.offer({ transports })).media[0];
      expect(again?.crypto).toEqual([{ tag: 1, key: audio.srtp?.local }]);
    }
  });

  it("is plain where it may be, and the answer is", () => {
    const { session } = offers("optional");
    expect(session.applyAnswer(loose()).audio.srtp).toBeUndefined();
    expect(parseSdp(session.offer({ transports })).media[0]?.crypto).toEqual([]);
  });

  it.each([
    ["SDP_SRTP_REQUIRED", "required", loose()],
    ["SDP_NO_COMMON_CRYPTO", "required", secure()],
    ["SDP_NO_COMMON_CRYPTO", "required", secure(SHORT_TAG)],
    ["SDP_NO_COMMON_CRYPTO", "optional", secure(SHORT_TAG)],
    ["SDP_SRTP_OFF", "off", secure(FIRST)],
  ] as const)("is not agreed on, with %s, when encryption is %s", (code, policy, theirs) => {
    expect(codeFor(() => offers(policy).session.applyAnswer(theirs))).toBe(code);
  });
});
