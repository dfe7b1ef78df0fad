/** Records a call in stereo: left what was sent, right what was heard, both on the sender's clock. */
import { writeWav } from "../audio/wav.ts";
import type { FrameSink } from "../media/taps.ts";

const RATE_HZ = 8000;
/** What is heard may lag behind what is sent by this much before a hole is filled with silence. */
const SLACK_SAMPLES = 480;

/** Samples of one channel, in blocks. */
class Channel {
  readonly #blocks: Int16Array[] = [];
  sampleCount = 0;

  append(frame: Int16Array, sampleCount: number): void {
    this.#blocks.push(frame.slice(0, sampleCount));
    this.sampleCount += sampleCount;
  }

  toSamples(): Int16Array {
    const samples = new Int16Array(this.sampleCount);
    let offset = 0;
    for (const block of this.#blocks) {
      samples.set(block, offset);
      offset += block.length;
    }
    return samples;
  }
}

/** Bounded by the call's length, which the caller bounds. */
export class CallRecorder {
  readonly #sent = new Channel();
  readonly #heard = new Channel();

  readonly sent: FrameSink = {
    onFrame: (frame, sampleCount) => this.#sent.append(frame, sampleCount),
  };

  readonly heard: FrameSink = {
    onFrame: (frame, sampleCount) => {
      const hole = this.#sent.sampleCount - this.#heard.sampleCount - sampleCount;
      if (hole > SLACK_SAMPLES) {
        this.#heard.append(new Int16Array(hole), hole);
      }
      this.#heard.append(frame, sampleCount);
    },
  };

  toWav(): Uint8Array {
    return writeWav(RATE_HZ, [this.#sent.toSamples(), this.#heard.toSamples()]);
  }
}
