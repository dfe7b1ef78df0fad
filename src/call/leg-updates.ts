/** What the peer changes while the call goes on: its offers and answers, keys by INFO. */
import type { Logger } from "../core/logger.ts";
import type { ReofferVerdict } from "../ports/signaling-server.ts";
import type { CallLine } from "./call-service.ts";
import { digitOfInfo } from "./dtmf-info.ts";
import type { LegNegotiation } from "./leg-negotiation.ts";

/** What updates need of their call. */
export interface LegUpdatesOptions {
  readonly negotiation: LegNegotiation;
  readonly logger: Logger;
  readonly execute: CallLine["execute"];
}

/** Carries out on the leg what the peer wants within the dialog. */
export class LegUpdates {
  readonly #options: LegUpdatesOptions;
  #held = false;

  constructor(options: LegUpdatesOptions) {
    this.#options = options;
  }

  /** Rejects with SDP_* for an offer that cannot be taken; the leg then stays as it was. */
  async reoffer(sdp: string | undefined): Promise<ReofferVerdict> {
    const { negotiation } = this.#options;
    const ours = negotiation.renegotiate(sdp);
    if (sdp !== undefined) {
      await this.#apply();
    }
    return { kind: "accept", sdp: ours };
  }

  /** The peer's answer to the offer it asked for; one that cannot be taken changes nothing. */
  reanswer(sdp: string): void {
    try {
      this.#options.negotiation.readAnswer(sdp);
    } catch (error) {
      this.#options.logger.warn("answer to our offer not taken, the call goes on as it was", {
        error,
      });
      return;
    }
    this.#apply().catch((error: unknown) => this.#tooLate(error));
  }

  info(contentType: string, body: string): void {
    const digit = digitOfInfo(contentType, body);
    if (digit !== undefined) {
      const pressed = this.#options.execute({ kind: "pressDigit", digit });
      pressed.catch((error: unknown) => this.#tooLate(error));
    }
  }

  async #apply(): Promise<void> {
    const { negotiation, execute, logger } = this.#options;
    const { stream } = negotiation;
    const held = stream.held === true;
    if (held !== this.#held) {
      this.#held = held;
      logger.info(held ? "call held by the peer" : "call resumed by the peer");
    }
    await execute({ kind: "updateRemote", stream });
  }

  #tooLate(error: unknown): void {
    this.#options.logger.debug("command came too late", { error });
  }
}
