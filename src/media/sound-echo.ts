/** Cuts the caller's line into sounds for the echo detector, and asks it only while there is a point. */
import type { EchoDetector } from "./echo-detector.ts";
import type { IngressFrame } from "./ingress-frame.ts";

/** Silence that ends a sound. */
const END_MS = 200;
const SAMPLES_PER_MS = 8;

/** Follows one line. */
export class SoundEcho {
  readonly #detector: EchoDetector;
  /** Silence since the last voiced frame of a sound; nothing sounds when it is `END_MS`. */
  #silentMs = END_MS;

  constructor(detector: EchoDetector) {
    this.#detector = detector;
  }

  /** Takes a frame; `true` when it is voiced, and the sound it is part of is our playout coming back. */
  push(frame: IngressFrame, voiced: boolean): boolean {
    const sounding = voiced || this.#silentMs < END_MS;
    if (!sounding || !this.#detector.possible) {
      this.#silentMs = END_MS;
      return false;
    }
    if (this.#silentMs >= END_MS) {
      this.#detector.begin();
    }
    this.#silentMs = voiced ? 0 : this.#silentMs + frame.sampleCount / SAMPLES_PER_MS;
    const echo = this.#detector.push(frame.samples, frame.sampleCount);
    return voiced && echo;
  }
}
