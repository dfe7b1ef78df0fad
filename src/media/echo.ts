/** Gives the caller their own audio back, for testing a trunk: their codec bytes, as soon as possible. */
import type { G711Law } from "../audio/g711.ts";
import type { IngressSink } from "./ingress-decoder.ts";
import type { IngressFrame } from "./ingress-frame.ts";
import type { PlayoutVoice } from "./playout-voice.ts";
import type { RtpLeg } from "./rtp-leg.ts";

/** More delay than this would make the echo a test of patience. */
export const ECHO_MAX_MS = 100;
const ITEM_ID = "echo";

/** The echo of one leg. */
export class Echo implements IngressSink {
  readonly #leg: RtpLeg;
  #voice: PlayoutVoice | undefined;
  #law: G711Law | undefined;

  constructor(leg: RtpLeg) {
    this.#leg = leg;
  }

  open(): void {
    this.#leg.setSink(this);
  }

  onAudio({ codes, codesOffset, sampleCount, law }: IngressFrame): void {
    this.#voiceFor(law).queue.pushPart(codes, codesOffset, sampleCount, ITEM_ID);
  }

  close(): void {
    this.#leg.setSink(undefined);
    this.#leg.mouth.close();
  }

  describe(): string {
    return "Echo";
  }

  /** A new answer may have changed the law. */
  #voiceFor(law: G711Law): PlayoutVoice {
    if (this.#voice === undefined || this.#law !== law) {
      this.#law = law;
      this.#voice = this.#leg.mouth.open({
        format: { encoding: law, rateHz: 8000 },
        maxMs: ECHO_MAX_MS,
        listener: { onItemStarted: () => undefined, onItemPlayed: () => undefined },
      });
    }
    return this.#voice;
  }
}
