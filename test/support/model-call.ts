/** A caller on a model: real-time audio on a virtual clock, and the engine's part of playing and interrupting. */
import { encodeG711 } from "../../src/audio/g711.ts";
import { fillSine } from "../../src/audio/signal.ts";
import { after } from "../../src/core/clock.ts";
import type { ModelSession } from "../../src/ports/realtime-model.ts";
import { RecordingSink, type SinkEntry } from "./recording-sink.ts";
import type { VirtualClock } from "./virtual-clock.ts";

const FRAME_SAMPLES = 160;
const BYTES_PER_MS = 8;

/** Pushes µ-law frames of 20 ms; plays what comes, one item after the other, and interrupts on speech. */
export class ModelCall {
  readonly sink = new RecordingSink();
  readonly #clock: VirtualClock;
  #session: ModelSession | undefined;
  #sampleIndex = 0;
  /** Begun and not yet played, with the time when its last byte so far will have been heard. */
  readonly #playing = new Map<string, number>();
  #heardUntilUs = 0;

  constructor(clock: VirtualClock) {
    this.#clock = clock;
    this.sink.onEntry = (entry) => this.#play(entry);
  }

  get session(): ModelSession {
    if (this.#session === undefined) {
      throw new Error("connect first");
    }
    return this.#session;
  }

  connect(session: ModelSession): void {
    this.#session = session;
  }

  /** Speaks for so long: a tone of 400 Hz at about -10 dBFS. */
  async speak(durationMs: number): Promise<void> {
    await this.#push(durationMs, 10_000);
  }

  async quiet(durationMs: number): Promise<void> {
    await this.#push(durationMs, 0);
  }

  /** One tone frame. */
  async #push(durationMs: number, amplitude: number): Promise<void> {
    const samples = new Int16Array(FRAME_SAMPLES);
    const frame = new Uint8Array(FRAME_SAMPLES);
    for (let sentMs = 0; sentMs < durationMs; sentMs += 20) {
      fillSine(samples, 8000, 400, amplitude, this.#sampleIndex);
      this.#sampleIndex += FRAME_SAMPLES;
      encodeG711("pcmu", samples, 0, FRAME_SAMPLES, frame, 0);
      this.session.pushAudio(frame);
      await this.#clock.advanceMs(20);
    }
  }

  #play(entry: SinkEntry): void {
    const nowUs = this.#clock.nowUs();
    if (entry.kind === "audio") {
      const startUs = Math.max(this.#heardUntilUs, nowUs);
      this.#heardUntilUs = startUs + (entry.bytes.length / BYTES_PER_MS) * 1000;
      this.#playing.set(entry.itemId, this.#heardUntilUs);
    } else if (entry.kind === "audioDone") {
      const untilUs = this.#playing.get(entry.itemId) ?? nowUs;
      after(this.#clock, Math.max(0, untilUs - nowUs) / 1000, () => {
        if (this.#playing.delete(entry.itemId)) {
          this.session.played(entry.itemId);
        }
      });
    } else if (entry.kind === "speechStarted") {
      const itemIds = [...this.#playing.keys()];
      this.#playing.clear();
      this.#heardUntilUs = nowUs;
      for (const itemId of itemIds) {
        this.session.interrupt(itemId, 0);
      }
    }
  }
}
