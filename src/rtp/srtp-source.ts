/** What is known of one SSRC under one key: how far it is, and which of its packets were seen. */
import { sequenceDelta } from "./packet.ts";
import { ReplayWindow } from "./replay-window.ts";

const SEQUENCE_MODULUS = 65_536;

/** Guesses packet indexes out of sequence numbers; RFC 3711 §3.3.1 Packet Index Determination, and ROC, s_l Update. */
export class SrtpSource {
  readonly ssrc: number;
  readonly rtp = new ReplayWindow();
  readonly rtcp = new ReplayWindow();
  /** Where it was under the key before; `undefined`: it is new. */
  readonly #carried: number | undefined;

  constructor(ssrc: number, carried: number | undefined) {
    this.ssrc = ssrc;
    this.#carried = carried === undefined || carried < 0 ? undefined : carried;
  }

  /** The index that a packet has if nothing odd happened; negative for one before the first. */
  likelyIndex(sequence: number): number {
    if (this.rtp.newest >= 0) {
      return near(this.rtp.newest, sequence);
    }
    return this.#carried === undefined ? sequence : near(this.#carried, sequence);
  }

  /**
   * Of the first packet only, what else it may be: RFC 3711 has the rollover counter go on under a new key, where many begin
   * again at 0; and of a new source the packets before the first wrap may have been lost. -1 for none.
   */
  otherIndex(sequence: number): number {
    if (this.rtp.newest >= 0) {
      return -1;
    }
    const other = this.#carried === undefined ? sequence + SEQUENCE_MODULUS : sequence;
    return other === this.likelyIndex(sequence) ? -1 : other;
  }
}

function near(index: number, sequence: number): number {
  return index + sequenceDelta(sequence, index & 0xffff);
}
