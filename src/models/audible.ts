/** Whether coded audio holds anything to be heard, without decoding it. */
import type { AudioFormat } from "../ports/realtime-model.ts";

/** About -42 dBFS: louder than the noise that a codec makes of silence. */
const AUDIBLE_PCM16 = 256;
/** Steps of G.711 of about that magnitude; the tables of ITU-T G.711. */
const AUDIBLE_PCMU_STEP = 26;
const AUDIBLE_PCMA_STEP = 16;
const MAGNITUDE = 0x7f;
/** What is exclusive-ored into codes on the line: mu-law inverts all bits, A-law every other one. */
const PCMU_LINE = 0xff;
const PCMA_LINE = 0x55;

/** Whether a sample is louder than silence; `bytes` may end within a sample. */
export function isAudible(bytes: Uint8Array, encoding: AudioFormat["encoding"]): boolean {
  switch (encoding) {
    case "pcmu":
      return isAudibleG711(bytes, PCMU_LINE, AUDIBLE_PCMU_STEP);
    case "pcma":
      return isAudibleG711(bytes, PCMA_LINE, AUDIBLE_PCMA_STEP);
    case "pcm16":
      return isAudiblePcm16(bytes);
  }
}

function isAudibleG711(bytes: Uint8Array, line: number, audibleStep: number): boolean {
  for (let i = 0; i < bytes.length; i += 1) {
    if ((((bytes[i] as number) ^ line) & MAGNITUDE) > audibleStep) {
      return true;
    }
  }
  return false;
}

function isAudiblePcm16(bytes: Uint8Array): boolean {
  for (let i = 0; i + 1 < bytes.length; i += 2) {
    const sample = (((bytes[i + 1] as number) << 24) >> 16) | (bytes[i] as number);
    if (sample > AUDIBLE_PCM16 || sample < -AUDIBLE_PCM16) {
      return true;
    }
  }
  return false;
}
