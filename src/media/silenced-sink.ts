/** A caller who is muted: the sink behind it hears silence at the same pace. */
import { SILENCE_BYTE } from "../audio/g711.ts";
import { MAX_PAYLOAD_BYTES } from "../rtp/jitter-buffer.ts";
import type { IngressSink } from "./ingress-decoder.ts";
import { IngressFrame } from "./ingress-frame.ts";

const frame = new IngressFrame();
const codes = new Uint8Array(MAX_PAYLOAD_BYTES);

/** Stands before a sink while the caller is muted. */
export class SilencedSink implements IngressSink {
  readonly #sink: IngressSink;

  constructor(sink: IngressSink) {
    this.#sink = sink;
  }

  onAudio({ law, sampleCount }: IngressFrame): void {
    codes.fill(SILENCE_BYTE[law], 0, sampleCount);
    this.#sink.onAudio(frame.show(law, codes, 0, sampleCount));
  }
}
