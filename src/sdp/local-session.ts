/** Our side of one dialog's descriptions: the session id stays, the version goes up when, and only when, they change. */
import { answer, type Capabilities, type NegotiatedAnswer, offer } from "./offer-answer.ts";
import { applyAnswer } from "./read-answer.ts";
import { reoffer } from "./reoffer.ts";
import type { SessionDescription } from "./session-description.ts";
import type { SrtpCapability } from "./stream-security.ts";

/** What may differ from one exchange to the next. */
export type SessionCapabilities = Omit<Capabilities, "sessionId" | "sessionVersion" | "srtp">;

/** RFC 3264 §8 Modifying the Session: same id throughout, version plus one on change. */
export class LocalSession {
  readonly #sessionId: string;
  readonly #srtp: SrtpCapability | undefined;
  #version: number;
  #lastSdp: string | undefined;

  /**
   * @param sessionId decimal digits, unique for the user name and address; it is the first version too.
   * @param srtp whether streams are encrypted; absent: they are not.
   */
  constructor(sessionId: number, srtp?: SrtpCapability) {
    this.#srtp = srtp;
    this.#sessionId = String(sessionId);
    this.#version = sessionId;
  }

  get version(): number {
    return this.#version;
  }

  /** Answers an offer; throws as `answer` of offer-answer.ts does, and then nothing has changed. */
  answer(
    offered: string | SessionDescription,
    capabilities: SessionCapabilities,
  ): NegotiatedAnswer {
    const current = answer(offered, this.#named(capabilities, this.#version));
    const result =
      this.#lastSdp === undefined || current.sdp === this.#lastSdp
        ? current
        : answer(offered, this.#named(capabilities, this.#version + 1));
    this.#keep(current.sdp, result.sdp);
    this.#srtp?.keys.settle(result.streams);
    return result;
  }

  /** Our offer: the first one, or one within the session. */
  offer(capabilities: SessionCapabilities): string {
    const current = this.#offered(capabilities, this.#version);
    const result =
      this.#lastSdp === undefined || current === this.#lastSdp
        ? current
        : this.#offered(capabilities, this.#version + 1);
    this.#keep(current, result);
    return result;
  }

  /** The peer's answer to our last offer. */
  applyAnswer(theirAnswer: string): NegotiatedAnswer {
    if (this.#lastSdp === undefined) {
      throw new Error("an answer came before any offer");
    }
    const result = applyAnswer(this.#lastSdp, theirAnswer);
    this.#srtp?.keys.settle(result.streams);
    return result;
  }

  #offered(capabilities: SessionCapabilities, version: number): string {
    const named = this.#named(capabilities, version);
    return this.#lastSdp === undefined ? offer(named) : reoffer(this.#lastSdp, named);
  }

  #named(capabilities: SessionCapabilities, sessionVersion: number): Capabilities {
    return { ...capabilities, srtp: this.#srtp, sessionId: this.#sessionId, sessionVersion };
  }

  #keep(current: string, result: string): void {
    this.#version += current === result ? 0 : 1;
    this.#lastSdp = result;
  }
}
