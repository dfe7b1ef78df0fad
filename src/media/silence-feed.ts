/** Silence in real time for a session that ends when no audio comes, while the peer sends nothing. */
import { SILENCE_BYTE } from "../audio/g711.ts";
import { IngressFrame } from "./ingress-frame.ts";

/** A peer that sent nothing for so long is silent, not late. */
const SILENT_AFTER_US = 200_000;
/** The silence code of A-law is not zero. */
const SILENT_DBFS = -60;
const FRAME_SAMPLES = 160;
const FRAME_US = 20_000;
/** After a silent process, no more than this is made up for. */
const CATCH_UP_US = 1_000_000;
/** The most that ingress fills in by itself when a silent peer speaks again. */
const FILLED_MAX_US = 1_000_000;

const frame = new IngressFrame();
const codes = new Uint8Array(FRAME_SAMPLES).fill(SILENCE_BYTE.pcmu);

/** Stands before the uplink of one session. */
export class SilenceFeed {
  readonly #push: (frame: IngressFrame) => void;
  #lastUs = -1;
  #silent = false;
  /** Silence that was sent, and that ingress may fill in once more. */
  #sentUs = 0;

  constructor(push: (frame: IngressFrame) => void) {
    this.#push = push;
  }

  /** A frame of the peer; `false`: it is silence that was sent already. */
  takes(heard: IngressFrame, nowUs: number): boolean {
    if (this.#sentUs > 0) {
      if (heard.levelDbfs <= SILENT_DBFS) {
        this.#sentUs -= (heard.sampleCount / FRAME_SAMPLES) * FRAME_US;
        return false;
      }
      this.#sentUs = 0;
    }
    this.#lastUs = nowUs;
    this.#silent = false;
    return true;
  }

  onTick(nowUs: number): void {
    if (this.#lastUs < nowUs - CATCH_UP_US) {
      this.#lastUs = this.#lastUs < 0 ? nowUs : nowUs - CATCH_UP_US;
    }
    if (nowUs - this.#lastUs >= SILENT_AFTER_US) {
      this.#silent = true;
    }
    while (this.#silent && nowUs - this.#lastUs >= FRAME_US) {
      this.#lastUs += FRAME_US;
      this.#sentUs = Math.min(this.#sentUs + FRAME_US, FILLED_MAX_US);
      this.#push(frame.show("pcmu", codes, 0, FRAME_SAMPLES));
    }
  }
}
