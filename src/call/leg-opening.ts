/** A leg before its call is answered: its ports, its description, and media that flows early. */
import type { Invitation } from "../ports/signaling-server.ts";
import type { CallLine } from "./call-service.ts";
import { type LegNegotiation, listening } from "./leg-negotiation.ts";

/** What opening needs of its call. */
export interface LegOpeningOptions {
  readonly invitation: Invitation;
  readonly negotiation: LegNegotiation;
  readonly execute: CallLine["execute"];
}

/** `open` it, then `listen` or `openEarly`; what was agreed on is applied in full after the answer. */
export class LegOpening {
  readonly #options: LegOpeningOptions;
  #sdp = "";
  #early = false;

  constructor(options: LegOpeningOptions) {
    this.#options = options;
  }

  /** Our answer to the offer, or our offer where there is none. Throws SDP_* before any port is taken. */
  async open(): Promise<string> {
    const { invitation, negotiation, execute } = this.#options;
    const { offer, source } = invitation;
    if (offer === undefined) {
      this.#sdp = negotiation.offer(await execute({ kind: "openLeg", peer: source.address }));
      return this.#sdp;
    }
    negotiation.check(offer);
    const address = await execute({ kind: "openLeg", peer: source.address });
    this.#sdp = negotiation.answerOffer(offer, address);
    // The model is connected while the phone rings; nothing is sent before the answer.
    const stream = { ...negotiation.stream, direction: "inactive" as const };
    await execute({ kind: "updateRemote", stream });
    return this.#sdp;
  }

  /** RFC 3264 §6.1 Unicast Streams: the peer may send as soon as it has the answer. */
  async listen(): Promise<void> {
    if (!this.#early) {
      const stream = listening(this.#options.negotiation.stream);
      await this.#options.execute({ kind: "updateRemote", stream });
    }
  }

  /** RFC 3960 Early Media and Ringing Tone Generation: audio flows from now on. Not without an offer. */
  async openEarly(): Promise<void> {
    const { invitation, negotiation, execute } = this.#options;
    this.#early = true;
    invitation.progress(183, undefined, this.#sdp);
    await execute({ kind: "updateRemote", stream: negotiation.stream });
  }
}
