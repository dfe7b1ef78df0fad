/** Read-only copies of a leg's audio for many consumers, each with its own bound. */

/** Hears frames as they pass; 8 kHz PCM16, borrowed during the call; must not throw. */
export interface FrameSink {
  onFrame(frame: Int16Array, sampleCount: number): void;
}

/** A tap holds this much for a consumer that reads late. */
export const TAP_BUFFER_MS = 1000;
const SAMPLES_PER_MS = 8;

/** Frames of 8 kHz PCM16, kept until they are read; the oldest are dropped for a consumer that does not. */
export class Tap implements FrameSink {
  readonly name: string;
  readonly #ring: Int16Array;
  readonly #onClose: (tap: Tap) => void;
  #readIndex = 0;
  #length = 0;
  #gapSamples = 0;
  #unreportedGapSamples = 0;

  constructor(name: string, onClose: (tap: Tap) => void, bufferMs: number = TAP_BUFFER_MS) {
    this.name = name;
    this.#ring = new Int16Array(bufferMs * SAMPLES_PER_MS);
    this.#onClose = onClose;
  }

  /** Samples that can be read. */
  get available(): number {
    return this.#length;
  }

  onFrame(frame: Int16Array, sampleCount: number): void {
    const capacity = this.#ring.length;
    this.#makeRoom(sampleCount);
    let index = (this.#readIndex + this.#length) % capacity;
    for (let i = 0; i < sampleCount; i += 1) {
      this.#ring[index] = frame[i] as number;
      index = index + 1 === capacity ? 0 : index + 1;
    }
    this.#length += sampleCount;
  }

  /** Moves up to `target.length` samples to `target` and returns how many. */
  read(target: Int16Array): number {
    const count = Math.min(target.length, this.#length);
    for (let i = 0; i < count; i += 1) {
      target[i] = this.#ring[this.#readIndex] as number;
      this.#readIndex = this.#readIndex + 1 === this.#ring.length ? 0 : this.#readIndex + 1;
    }
    this.#length -= count;
    return count;
  }

  /** How much was dropped before the next sample to be read, in ms; asking resets it. */
  takeGapMs(): number {
    const gapMs = this.#unreportedGapSamples / SAMPLES_PER_MS;
    this.#unreportedGapSamples = 0;
    return gapMs;
  }

  close(): void {
    this.#onClose(this);
  }

  toJSON(): Readonly<Record<string, unknown>> {
    return {
      name: this.name,
      heldMs: this.#length / SAMPLES_PER_MS,
      tapGapMs: this.#gapSamples / SAMPLES_PER_MS,
    };
  }

  #makeRoom(sampleCount: number): void {
    const excess = this.#length + sampleCount - this.#ring.length;
    if (excess > 0) {
      this.#readIndex = (this.#readIndex + excess) % this.#ring.length;
      this.#length -= excess;
      this.#gapSamples += excess;
      this.#unreportedGapSamples += excess;
    }
  }
}

/** The consumers of one stream of frames. */
export class Taps {
  readonly #sinks: FrameSink[] = [];

  get size(): number {
    return this.#sinks.length;
  }

  /** Hands every frame to `sink` at once; the returned function ends it. */
  add(sink: FrameSink): () => void {
    this.#sinks.push(sink);
    return () => this.#remove(sink);
  }

  /** A buffer that its holder reads from when it likes, and closes. */
  open(name: string, bufferMs: number = TAP_BUFFER_MS): Tap {
    const tap = new Tap(name, (closed) => this.#remove(closed), bufferMs);
    this.#sinks.push(tap);
    return tap;
  }

  push(frame: Int16Array, sampleCount: number): void {
    for (let i = 0; i < this.#sinks.length; i += 1) {
      (this.#sinks[i] as FrameSink).onFrame(frame, sampleCount);
    }
  }

  clear(): void {
    this.#sinks.length = 0;
  }

  toJSON(): readonly unknown[] {
    return this.#sinks.map((sink) => (sink instanceof Tap ? sink.toJSON() : { kind: "sink" }));
  }

  #remove(sink: FrameSink): void {
    const index = this.#sinks.indexOf(sink);
    if (index >= 0) {
      this.#sinks.splice(index, 1);
    }
  }
}
