/** Silence in place of what the caller's line carries, at the same pace: of a caller who is muted, of our own echo. */
import { SILENCE_BYTE } from "../audio/g711.ts";
import { MAX_PAYLOAD_BYTES } from "../rtp/jitter-buffer.ts";
import type { IngressSink } from "./ingress-decoder.ts";
import { IngressFrame } from "./ingress-frame.ts";

const frame = new IngressFrame();
const codes = new Uint8Array(MAX_PAYLOAD_BYTES);

/** Borrowed until the next one; used up at once. */
export function silenced({ law, sampleCount }: IngressFrame): IngressFrame {
  codes.fill(SILENCE_BYTE[law], 0, sampleCount);
  return frame.show(law, codes, 0, sampleCount);
}

/** Stands before a sink while the caller is muted. */
export class SilencedSink implements IngressSink {
  readonly #sink: IngressSink;

  constructor(sink: IngressSink) {
    this.#sink = sink;
  }

  onAudio(heard: IngressFrame): void {
    this.#sink.onAudio(silenced(heard));
  }
}
