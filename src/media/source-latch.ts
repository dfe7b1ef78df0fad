/** Which sender's RTP belongs to the leg: the signalled one, or the one that takes its place (symmetric RTP). */
import type { HeardSource } from "../ports/media-anchor.ts";
import type { LegStream } from "../ports/media-host.ts";

/** After so many packets from one source, no other is believed but the signalled one. */
export const LOCK_PACKETS = 10;
/** Before the lock, another source takes over with so many packets while the first says nothing. */
const TAKEOVER_PACKETS = 3;
/** The signalled source has so long to speak first, before another port of its host is believed: a NAT chose it. */
export const HOST_PATIENCE_MS = 200;
/** The same, before a host is believed that neither SDP nor SIP named. */
export const STRANGER_PATIENCE_MS = 1000;
/** Sources remembered as not the peer's; more are no accident, and the patience above still holds. */
const MOST_DISTRUSTED = 32;

/** Hears that the peer's address is another one than before. */
export type LatchListener = (address: string, port: number) => void;

/** Decides per packet by its source. Until an address was signalled it admits nothing. */
export class SourceLatch {
  readonly #onLatched: LatchListener;
  #signalledAddress = "";
  #signalledPort = 0;
  #rtcpAddress = "";
  #signallingAddress = "";
  #sinceUs = 0;
  #address = "";
  #port = 0;
  #inRow = 0;
  #rivalAddress = "";
  #rivalPort = 0;
  #rivalInRow = 0;
  #changes = 0;
  readonly #distrusted: HeardSource[] = [];

  constructor(onLatched: LatchListener) {
    this.#onLatched = onLatched;
  }

  /** The signalled source is believed from its first packet on. */
  get locked(): boolean {
    const asSignalled = this.latched && this.#isSignalled(this.#address, this.#port);
    return asSignalled || this.#inRow >= LOCK_PACKETS;
  }

  /** Where the peer is heard from. */
  get address(): string {
    return this.#address;
  }

  /** 0 before the peer was heard. */
  get port(): number {
    return this.#port;
  }

  /** Whether some source was believed. */
  get latched(): boolean {
    return this.#port !== 0;
  }

  /** Takes what was signalled; a changed address opens the latch again. */
  expect(stream: LegStream, nowUs: number): void {
    this.#rtcpAddress = stream.remoteRtcpAddress ?? stream.remoteAddress;
    this.#signallingAddress = stream.signallingAddress ?? "";
    if (this.#isSignalled(stream.remoteAddress, stream.remotePort)) {
      return;
    }
    this.#signalledAddress = stream.remoteAddress;
    this.#signalledPort = stream.remotePort;
    this.#sinceUs = nowUs;
    this.#address = "";
    this.#port = 0;
    this.#inRow = 0;
    this.#rivalInRow = 0;
  }

  /** The peer learns our port now: its patience starts. */
  listen(nowUs: number): void {
    this.#sinceUs = nowUs;
  }

  /**
   * A stream that is not the peer's, for it comes before the peer can know our port: a call before ours goes on, or
   * somebody attacks. It is believed only where SDP names its source.
   */
  distrust(source: HeardSource): void {
    const { address, port, ssrc } = source;
    const known = this.#isDistrusted(address, port, ssrc);
    if (!known && this.#distrusted.length < MOST_DISTRUSTED) {
      this.#distrusted.push(source);
    }
  }

  /**
   * Whether a valid packet from this source is the peer's. Nobody but the peer sends from where the peer said it would:
   * that source displaces any other, so that whoever floods our ports before it speaks does not keep the call.
   */
  admit(address: string, port: number, ssrc: number, nowUs: number): boolean {
    if (port === this.#port && address === this.#address) {
      this.#inRow += 1;
      this.#rivalInRow = 0;
      return true;
    }
    if (this.#signalledPort === 0) {
      return false;
    }
    if (
      this.#isSignalled(address, port) ||
      (!this.#isDistrusted(address, port, ssrc) && this.#mayTakeOver(address, port, nowUs))
    ) {
      this.#latch(address, port);
      return true;
    }
    return false;
  }

  /** Whether control packets from this address are the peer's. */
  isPeerAddress(address: string): boolean {
    return (
      address === this.#rtcpAddress ||
      address === (this.latched ? this.#address : this.#signalledAddress)
    );
  }

  toJSON(): Readonly<Record<string, unknown>> {
    return {
      latched: this.latched,
      locked: this.locked,
      asSignalled: this.#isSignalled(this.#address, this.#port),
      changes: this.#changes,
      distrusted: this.#distrusted.length,
    };
  }

  #isSignalled(address: string, port: number): boolean {
    return port === this.#signalledPort && address === this.#signalledAddress;
  }

  #isDistrusted(address: string, port: number, ssrc: number): boolean {
    return this.#distrusted.some(
      (source) => source.ssrc === ssrc && source.port === port && source.address === address,
    );
  }

  #mayTakeOver(address: string, port: number, nowUs: number): boolean {
    if (this.locked) {
      return false;
    }
    if (this.#isBehindNat(address)) {
      return !this.latched || this.#outlasts(address, port);
    }
    return this.#outlasts(address, port) && nowUs - this.#sinceUs >= this.#patienceUs(address);
  }

  /** SDP names one host and SIP comes from another: there is a NAT between, and RTP comes from where SIP does. */
  #isBehindNat(address: string): boolean {
    return address === this.#signallingAddress && address !== this.#signalledAddress;
  }

  #patienceUs(address: string): number {
    const patienceMs = address === this.#signalledAddress ? HOST_PATIENCE_MS : STRANGER_PATIENCE_MS;
    return patienceMs * 1000;
  }

  #outlasts(address: string, port: number): boolean {
    if (port !== this.#rivalPort || address !== this.#rivalAddress) {
      this.#rivalAddress = address;
      this.#rivalPort = port;
      this.#rivalInRow = 0;
    }
    this.#rivalInRow += 1;
    return this.#rivalInRow >= TAKEOVER_PACKETS;
  }

  #latch(address: string, port: number): void {
    this.#address = address;
    this.#port = port;
    this.#inRow = 1;
    this.#rivalInRow = 0;
    this.#changes += 1;
    this.#onLatched(address, port);
  }
}
