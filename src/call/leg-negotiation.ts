/** The offers and answers of one leg over its life, and what they agreed on. */
import { GatewayError } from "../core/errors.ts";
import type { LegAddress, LegStream } from "../ports/media-host.ts";
import { type LocalAudio, readAudioStream, writeAnswer, writeOffer } from "../sdp/offer-answer.ts";
import { parseSessionDescription, type SessionDescription } from "../sdp/session-description.ts";

/** Starts with the peer's offer (`readOffer`), or with ours (`readAnswer` brings the peer's). */
export class LegNegotiation {
  readonly #sessionId: number;
  #version = 1;
  #remote: SessionDescription | undefined;
  #stream: LegStream | undefined;
  #address: LegAddress | undefined;
  #localSdp = "";

  /** @param sessionId identifies the session in `o=`; a positive integer. */
  constructor(sessionId: number) {
    this.#sessionId = sessionId;
  }

  /** What was agreed on; throws CALL_STATE_INVALID before anything was. */
  get stream(): LegStream {
    if (this.#stream === undefined) {
      throw new GatewayError("CALL_STATE_INVALID", { negotiation: "nothing agreed on yet" });
    }
    return this.#stream;
  }

  /** Throws SDP_* for an offer that cannot be taken. */
  readOffer(sdp: string): void {
    const remote = parseSessionDescription(sdp);
    this.#stream = readAudioStream(remote);
    this.#remote = remote;
  }

  /** The peer's answer to our offer. */
  readAnswer(sdp: string): void {
    this.#stream = readAudioStream(parseSessionDescription(sdp));
  }

  /** Our answer, or our offer when there was none to answer. */
  localSdp(address: LegAddress): string {
    this.#address = address;
    this.#localSdp =
      this.#remote === undefined
        ? writeOffer(this.#local(address))
        : writeAnswer(this.#remote, this.#local(address));
    return this.#localSdp;
  }

  /** A re-INVITE: takes the new offer, or repeats our description when the peer wants us to offer. */
  renegotiate(sdp: string | undefined): string {
    if (sdp === undefined || this.#address === undefined) {
      return this.#localSdp;
    }
    const before = this.#stream;
    this.readOffer(sdp);
    if (!sameStream(before, this.#stream)) {
      this.#version += 1;
    }
    return this.localSdp(this.#address);
  }

  #local({ address, port }: LegAddress): LocalAudio {
    return { address, port, sessionId: this.#sessionId, version: this.#version };
  }
}

function sameStream(one: LegStream | undefined, other: LegStream | undefined): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}
