/** The audio messages of the Realtime protocol, read and written without parsing JSON: nearly all the traffic of a call. */
import { decodeAudio } from "./base64-audio.ts";
import type { AudioEnvelope } from "./masked-frame.ts";

/** `input_audio_buffer.append`, around the base64 text of the audio. */
export const APPEND_ENVELOPE: AudioEnvelope = {
  head: '{"type":"input_audio_buffer.append","audio":"',
  tail: '"}',
};

const DELTA_TYPE = '"type":"response.output_audio.delta",';
/** The two orders seen in the wild: the service's, and its documentation's. */
const TYPE_FIRST = Buffer.from(`{${DELTA_TYPE}`);
const EVENT_ID_FIRST = Buffer.from('{"event_id":"');
const THEN_TYPE = Buffer.from(`",${DELTA_TYPE}`);
const ITEM_KEY = Buffer.from('"item_id":"');
const DELTA_KEY = Buffer.from('"delta":"');
const QUOTE = 0x22;
const BACKSLASH = 0x5c;
/** Recognises `response.output_audio.delta` as the service writes it; everything else is left to the JSON parser. */
export class AudioDeltaReader {
  #item = Buffer.alloc(0);
  #itemId = "";

  /** The answer that the audio returned last belongs to. */
  get itemId(): string {
    return this.#itemId;
  }

  /** The decoded audio, borrowed until the next message; `undefined`: not audio, or written in an unusual way. */
  read(message: Buffer): Uint8Array | undefined {
    const from = afterType(message);
    if (from < 0) {
      return undefined;
    }
    const item = message.indexOf(ITEM_KEY, from);
    const delta = message.indexOf(DELTA_KEY, from);
    if (item < 0 || delta < 0) {
      return undefined;
    }
    const start = delta + DELTA_KEY.length;
    const end = message.indexOf(QUOTE, start);
    if (end < 0 || !this.#readItem(message, item + ITEM_KEY.length)) {
      return undefined;
    }
    return decodeAudio(message.toString("latin1", start, end));
  }

  #readItem(message: Buffer, start: number): boolean {
    if (this.#isSameItem(message, start)) {
      return true;
    }
    const end = message.indexOf(QUOTE, start);
    const escaped = message.indexOf(BACKSLASH, start);
    if (end <= start || (escaped >= 0 && escaped < end)) {
      return false;
    }
    this.#item = Buffer.from(message.subarray(start, end + 1));
    this.#itemId = message.toString("utf8", start, end);
    return true;
  }

  /** The id with its closing quote stands at `start`. */
  #isSameItem(message: Buffer, start: number): boolean {
    return this.#item.length > 0 && startsWith(message, this.#item, start);
  }
}

/** The offset behind the type of an audio delta, or -1. */
function afterType(message: Buffer): number {
  if (startsWith(message, TYPE_FIRST, 0)) {
    return TYPE_FIRST.length - 1;
  }
  if (startsWith(message, EVENT_ID_FIRST, 0)) {
    const quote = message.indexOf(QUOTE, EVENT_ID_FIRST.length);
    if (quote > 0 && startsWith(message, THEN_TYPE, quote)) {
      return quote + THEN_TYPE.length - 1;
    }
  }
  return -1;
}

function startsWith(message: Buffer, prefix: Buffer, offset: number): boolean {
  if (message.length < offset + prefix.length) {
    return false;
  }
  for (let i = 0; i < prefix.length; i += 1) {
    if (message[offset + i] !== prefix[i]) {
      return false;
    }
  }
  return true;
}
