/** The offers and answers of one leg over its life, and what they agreed on. */
import { GatewayError } from "../core/errors.ts";
import type { SrtpPolicy } from "../core/srtp-suites.ts";
import type { LegAddress, LegStream } from "../ports/media-host.ts";
import type { Law } from "../sdp/codecs.ts";
import { LocalSession, type SessionCapabilities } from "../sdp/local-session.ts";
import { checkOffer, type NegotiatedStream } from "../sdp/offer-answer.ts";
import type { SrtpCapability } from "../sdp/stream-security.ts";

/** What is known of the peer. */
export interface LegNegotiationOptions {
  /** What may be agreed on, the best first; absent: all we have. */
  readonly laws?: readonly Law[] | undefined;
  /** Where the peer's SIP comes from; absent or empty: not known. */
  readonly signallingAddress?: string | undefined;
  /** Whether audio is encrypted; absent: it is not. */
  readonly srtp?: SrtpCapability | undefined;
}

/** Starts with the peer's offer (`answerOffer`), or with ours (`offer`, then `readAnswer`). */
export class LegNegotiation {
  readonly #session: LocalSession;
  readonly #laws: readonly Law[] | undefined;
  readonly #policy: SrtpPolicy | undefined;
  readonly #signallingAddress: string | undefined;
  #stream: LegStream | undefined;
  #address: LegAddress | undefined;
  #localSdp = "";
  /** The peer wanted to hear us once: when it does not any more, it holds the call. */
  #wasHeard = false;

  /**
   * @param sessionId identifies the session in `o=`; a positive integer.
   */
  constructor(sessionId: number, options: LegNegotiationOptions = {}) {
    this.#session = new LocalSession(sessionId, options.srtp);
    this.#policy = options.srtp?.policy;
    this.#laws = options.laws;
    const { signallingAddress } = options;
    this.#signallingAddress = signallingAddress === "" ? undefined : signallingAddress;
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
    checkOffer(offer, { laws: this.#laws, policy: this.#policy });
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

  /**
   * A re-INVITE: takes the new offer; or, when the peer wants us to offer, offers all we can do, so that the answer may
   * end a hold (RFC 3261 "UAC Behavior" of modifying a session). `readAnswer` then takes the answer.
   */
  renegotiate(offer: string | undefined): string {
    if (this.#address === undefined) {
      throw new GatewayError("CALL_STATE_INVALID", { negotiation: "nothing agreed on yet" });
    }
    return offer === undefined ? this.offer(this.#address) : this.answerOffer(offer, this.#address);
  }

  #capabilities({ address, port, rtcpPort }: LegAddress): SessionCapabilities {
    const transports = [{ address, port, rtcpPort }];
    return this.#laws === undefined ? { transports } : { transports, laws: this.#laws };
  }

  #agree(localSdp: string, stream: NegotiatedStream): void {
    this.#localSdp = localSdp;
    this.#wasHeard ||= !stream.remoteHold;
    this.#stream = {
      remoteAddress: stream.remoteAddress,
      remotePort: stream.remotePort,
      remoteRtcpPort: stream.remoteRtcpPort,
      remoteRtcpAddress: stream.remoteRtcpAddress,
      rtcpMux: stream.rtcpMux,
      signallingAddress: this.#signallingAddress,
      law: stream.law,
      payloadType: stream.payloadType,
      telephoneEventPayloadType: stream.telephoneEventPayloadType,
      ptimeMs: stream.ptimeMs,
      direction: stream.direction,
      held: stream.remoteHold && this.#wasHeard,
      srtp: stream.srtp,
    };
  }
}

/** What an agreed stream is before we speak. */
export function listening(stream: LegStream): LegStream {
  const receives = stream.direction === "sendrecv" || stream.direction === "recvonly";
  return { ...stream, direction: receives ? "recvonly" : "inactive" };
}
