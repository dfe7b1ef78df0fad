/** The offers and answers of one leg over its life, and what they agreed on. */
import { GatewayError } from "../core/errors.ts";
import type { LegAddress, LegStream } from "../ports/media-host.ts";
import type { Law } from "../sdp/codecs.ts";
import { LocalSession, type SessionCapabilities } from "../sdp/local-session.ts";
import { checkOffer, type NegotiatedStream } from "../sdp/offer-answer.ts";

/** Starts with the peer's offer (`answerOffer`), or with ours (`offer`, then `readAnswer`). */
export class LegNegotiation {
  readonly #session: LocalSession;
  readonly #laws: readonly Law[] | undefined;
  #stream: LegStream | undefined;
  #address: LegAddress | undefined;
  #localSdp = "";

  /**
   * @param sessionId identifies the session in `o=`; a positive integer.
   * @param laws what may be agreed on, the best first; absent: all we have.
   */
  constructor(sessionId: number, laws?: readonly Law[]) {
    this.#session = new LocalSession(sessionId);
    this.#laws = laws;
  }

  /** What was agreed on; throws CALL_STATE_INVALID before anything was. */
  get stream(): LegStream {
    if (this.#stream === undefined) {
      throw new GatewayError("CALL_STATE_INVALID", { negotiation: "nothing agreed on yet" });
    }
    return this.#stream;
  }

  /** Throws SDP_* for an offer that cannot be taken, before any port is. */
  check(offer: string): void {
    checkOffer(offer, this.#laws);
  }

  /** Our answer to the peer's first offer. */
  answerOffer(offer: string, address: LegAddress): string {
    this.#address = address;
    const { sdp, audio } = this.#session.answer(offer, this.#capabilities(address));
    this.#agree(sdp, audio);
    return sdp;
  }

  /** Our offer, for a peer that sent none. */
  offer(address: LegAddress): string {
    this.#address = address;
    this.#localSdp = this.#session.offer(this.#capabilities(address));
    return this.#localSdp;
  }

  /** The peer's answer to our offer. */
  readAnswer(sdp: string): void {
    this.#agree(this.#localSdp, this.#session.applyAnswer(sdp).audio);
  }

  /** A re-INVITE: takes the new offer, or repeats our description when the peer wants us to offer. */
  renegotiate(offer: string | undefined): string {
    return offer === undefined || this.#address === undefined
      ? this.#localSdp
      : this.answerOffer(offer, this.#address);
  }

  #capabilities({ address, port, rtcpPort }: LegAddress): SessionCapabilities {
    const transports = [{ address, port, rtcpPort }];
    return this.#laws === undefined ? { transports } : { transports, laws: this.#laws };
  }

  #agree(localSdp: string, stream: NegotiatedStream): void {
    this.#localSdp = localSdp;
    this.#stream = {
      remoteAddress: stream.remoteAddress,
      remotePort: stream.remotePort,
      remoteRtcpPort: stream.remoteRtcpPort,
      law: stream.law,
      payloadType: stream.payloadType,
      telephoneEventPayloadType: stream.telephoneEventPayloadType,
      ptimeMs: stream.ptimeMs,
      direction: stream.direction,
    };
  }
}
