/** Reads GPT-Live's audio messages without parsing JSON: nearly all the traffic of a call. */
import { decodeAudio } from "./base64-audio.ts";

/** The order of the service's documentation; what is written otherwise is left to the JSON parser. */
const HEAD = Buffer.from('{"type":"session.output_audio.delta","delta":"');
const QUOTE = 0x22;

/** The decoded audio, borrowed until the next message; `undefined`: not audio, or written in an unusual way. */
export function readLiveAudio(message: Buffer): Uint8Array | undefined {
  if (message.length <= HEAD.length || HEAD.compare(message, 0, HEAD.length) !== 0) {
    return undefined;
  }
  const end = message.indexOf(QUOTE, HEAD.length);
  return end < 0 ? undefined : decodeAudio(message.toString("latin1", HEAD.length, end));
}
