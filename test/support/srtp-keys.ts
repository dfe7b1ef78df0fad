/** Keys of SRTP for tests, and packets to seal with them. */
import { masterKeySaltBytes, type SrtpKey, type SrtpSuite } from "../../src/core/srtp-suites.ts";
import { writeRtpHeader } from "../../src/rtp/packet.ts";

/** Bytes written as hexadecimal; blanks are for the eye. */
export function fromHex(hex: string): Uint8Array {
  return Uint8Array.from(Buffer.from(hex.replace(/\s+/g, ""), "hex"));
}

/** Bytes as lower-case hexadecimal. */
export function toHex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("hex");
}

/** A key of the suite, different for every `fill`. */
export function testKey(fill: number, suite: SrtpSuite = "AES_CM_128_HMAC_SHA1_80"): SrtpKey {
  const masterKeySalt = new Uint8Array(masterKeySaltBytes(suite));
  return { suite, masterKeySalt: masterKeySalt.map((_, i) => (i * 29 + fill) & 0xff) };
}

/** A packet of G.711 whose payload tells its sequence number. */
export function audioPacket(sequence: number, ssrc = 7, payloadBytes = 160): Uint8Array {
  const packet = new Uint8Array(12 + payloadBytes).fill((sequence * 3) & 0xff, 12);
  writeRtpHeader(packet, 0, 0, sequence & 0xffff, (sequence * 160) >>> 0, ssrc);
  return packet;
}
