/** Where a leg sends: to the signalled address, or to where the peer is heard from (symmetric RTP). */
import { isLoopback, isUnspecifiedAddress } from "../core/ip-address.ts";
import type { Anchor } from "../ports/media-anchor.ts";
import type { LegStream } from "../ports/media-host.ts";

/** A peer on another machine that names the loopback address is mistaken, or wants us to send to services of this one. */
function isOurs(address: string, signallingAddress: string | undefined): boolean {
  return signallingAddress !== undefined && isLoopback(address) && !isLoopback(signallingAddress);
}

/** Tells the anchor where RTP and RTCP go. */
export class PeerTransport {
  readonly #anchor: Anchor;
  #stream: LegStream | undefined;
  #address = "";
  #port = 0;
  /** The peer named nobody; RFC 3264 §8.4 Putting a Unicast Media Stream on Hold: it gets no RTCP either. */
  #silenced = true;

  constructor(anchor: Anchor) {
    this.#anchor = anchor;
  }

  /** A new answer. A peer heard from elsewhere stays there, unless the answer moves its RTP; nobody moves nothing. */
  follow(stream: LegStream): void {
    this.#silenced = isUnspecifiedAddress(stream.remoteAddress);
    if (this.#silenced) {
      return;
    }
    const before = this.#stream;
    const moved =
      before?.remoteAddress !== stream.remoteAddress || before.remotePort !== stream.remotePort;
    this.#stream = stream;
    if (moved) {
      this.#address = stream.remoteAddress;
      this.#port = stream.remotePort;
    }
    if (!isOurs(this.#address, stream.signallingAddress)) {
      this.#apply(stream);
    }
  }

  /** The peer is heard from here. */
  onSource(address: string, port: number): void {
    if (this.#stream !== undefined) {
      this.#address = address;
      this.#port = port;
      this.#apply(this.#stream);
    }
  }

  sendRtcp(bytes: Uint8Array, byteLength: number): void {
    if (!this.#silenced) {
      this.#anchor.sendRtcp(bytes, byteLength);
    }
  }

  /** RTCP goes where the peer said while RTP does too, else to the next port of where it is heard from. */
  #apply(stream: LegStream): void {
    const address = this.#address;
    const port = this.#port;
    if (stream.rtcpMux === true) {
      this.#anchor.applyRemote({ address, port, rtcpPort: port, rtcpMux: true });
      return;
    }
    const asSignalled = address === stream.remoteAddress && port === stream.remotePort;
    this.#anchor.applyRemote({
      address,
      port,
      rtcpPort: asSignalled ? stream.remoteRtcpPort : Math.min(port + 1, 65_535),
      rtcpAddress: asSignalled ? stream.remoteRtcpAddress : undefined,
    });
  }
}
