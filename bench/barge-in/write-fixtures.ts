/** `npx tsx bench/barge-in/write-fixtures.ts`: a few of the bench's callers as WAV files of µ-law, for the unit tests. */
import { mkdirSync, writeFileSync } from "node:fs";
import { encodeG711 } from "../../src/audio/g711.ts";
import { atLevel, oneOf } from "../../test/support/barge-in/sounds.ts";
import { SeededRandom } from "../../test/support/seeded-random.ts";
import { voiceFor } from "./corpus.ts";
import { renderSpeech } from "./speech.ts";
import { BACKCHANNELS, INTERRUPTIONS, type Saying } from "./texts.ts";

const FOLDER = new URL("../../test/fixtures/audio/barge-in/", import.meta.url);
const LEVEL_DBFS = -20;
/** What decides is heard by then. */
const MAX_SAMPLES = 9600;
const COUNT = 14;
const HEADER_BYTES = 44;
const MULAW = 7;

function writeKind(kind: string, sayings: readonly Saying[], random: SeededRandom): void {
  for (let i = 0; i < COUNT; i += 1) {
    const saying = oneOf(random, sayings);
    const speech = renderSpeech(saying.text, voiceFor(random, saying.language));
    const name = `${kind}-${String(i + 1).padStart(2, "0")}.wav`;
    writeFileSync(
      new URL(name, FOLDER),
      muLawWav(atLevel(speech.subarray(0, MAX_SAMPLES), LEVEL_DBFS)),
    );
  }
}

function muLawWav(samples: Int16Array): Uint8Array {
  const bytes = Buffer.alloc(HEADER_BYTES + samples.length);
  bytes.write("RIFF", 0, "latin1");
  bytes.writeUInt32LE(bytes.length - 8, 4);
  bytes.write("WAVEfmt ", 8, "latin1");
  bytes.writeUInt32LE(16, 16);
  bytes.writeUInt16LE(MULAW, 20);
  bytes.writeUInt16LE(1, 22);
  bytes.writeUInt32LE(8000, 24);
  bytes.writeUInt32LE(8000, 28);
  bytes.writeUInt16LE(1, 32);
  bytes.writeUInt16LE(8, 34);
  bytes.write("data", 36, "latin1");
  bytes.writeUInt32LE(samples.length, 40);
  encodeG711("pcmu", samples, 0, samples.length, bytes, HEADER_BYTES);
  return bytes;
}

mkdirSync(FOLDER, { recursive: true });
const random = new SeededRandom(5);
writeKind("interruption", INTERRUPTIONS, random);
writeKind("backchannel", BACKCHANNELS, random);
