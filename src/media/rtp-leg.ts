/** A leg over RTP: one anchor, its ingress and egress, and what is played to the peer. */
import type { LegStats } from "../ports/media-facts.ts";
import type { LegStream } from "../ports/media-host.ts";
import { BlockPool } from "./byte-fifo.ts";
import { Egress } from "./egress.ts";
import { Ingress } from "./ingress.ts";
import type { IngressSink } from "./ingress-decoder.ts";
import { egressPtimeMs, expectsAudio } from "./leg-stream.ts";
import type { Ticking } from "./media-clock.ts";
import { MediaWatch } from "./media-watch.ts";
import { Mouth } from "./mouth.ts";
import { PeerTransport } from "./peer-transport.ts";
import { RtcpReporter } from "./rtcp-reporter.ts";
import type { RtpLegOptions } from "./rtp-leg-options.ts";
import { SilencedSink } from "./silenced-sink.ts";
import { SrtpAnchor } from "./srtp-anchor.ts";
import type { Taps } from "./taps.ts";

const MEDIA_TIMEOUT_MS = 30_000;

/** The leg. `start` it once; it then sends one packet per ptime until `close`. */
export class RtpLeg implements Ticking {
  readonly #options: RtpLegOptions;
  /** What is said to the peer. */
  readonly mouth: Mouth;
  readonly #ingress: Ingress;
  readonly #egress: Egress;
  readonly #anchor: SrtpAnchor;
  readonly #transport: PeerTransport;
  readonly #reporter: RtcpReporter;
  readonly #watch: MediaWatch;
  #stream: LegStream | undefined;
  #sink: IngressSink | undefined;
  #peerMuted = false;
  #leaveClock: (() => void) | undefined;
  #ptimeMs = egressPtimeMs(undefined);
  #closing: Promise<void> | undefined;

  constructor(options: RtpLegOptions) {
    this.#options = options;
    this.mouth = new Mouth(options.pool ?? new BlockPool());
    this.#watch = new MediaWatch(options.delegate, options.mediaTimeoutMs ?? MEDIA_TIMEOUT_MS);
    const { anchor, logger, delegate } = options;
    const onRefused = delegate.onSrtpRefused?.bind(delegate);
    this.#anchor = new SrtpAnchor({ anchor, logger, onRefused });
    this.#transport = new PeerTransport(this.#anchor);
    this.#ingress = new Ingress({
      onLatched: (address, port) => this.#transport.onSource(address, port),
      onRtcp: (bytes) => this.#reporter.onRtcp(bytes),
      onDigit: (digit) => options.delegate.onDigit(digit),
    });
    this.#egress = new Egress({
      random: options.random,
      mouth: this.mouth,
      send: (bytes, byteLength) => this.#anchor.sendRtp(bytes, byteLength),
    });
    this.#reporter = new RtcpReporter({
      clock: options.clock,
      random: options.random,
      egress: this.#egress,
      reception: this.#ingress.stats,
      remoteSsrc: () => this.#ingress.ssrc,
      send: (bytes, byteLength) => this.#transport.sendRtcp(bytes, byteLength),
    });
  }

  /** What the peer says: 8 kHz frames. */
  get ingressTaps(): Taps {
    return this.#ingress.taps;
  }

  /** What the peer hears, silence included: one 8 kHz frame per packet sent. */
  get egressTaps(): Taps {
    return this.#egress.taps;
  }

  /** Whoever hears the peer hears silence while it is muted. */
  get peerMuted(): boolean {
    return this.#peerMuted;
  }

  set peerMuted(muted: boolean) {
    this.#peerMuted = muted;
    this.setSink(this.#sink);
  }

  /** `undefined` until the first answer. */
  get stream(): LegStream | undefined {
    return this.#stream;
  }

  /** Opens the ears, and the mouth when a stream was given. */
  start(): void {
    const { anchor, stream } = this.#options;
    for (const source of anchor.formerSources ?? []) {
      this.#ingress.distrust(source);
    }
    this.#anchor.setSink({
      onRtp: (bytes, address, port) => this.#onRtp(bytes, address, port),
      onRtcp: (bytes, address) => this.#onRtcp(bytes, address),
    });
    if (stream !== undefined) {
      this.updateRemote(stream);
    }
  }

  /** Sets or changes peer, codec, keys, ptime and direction; SSRC, sequence and timestamp go on. */
  updateRemote(stream: LegStream): void {
    if (this.#closing !== undefined) {
      return;
    }
    const nowUs = this.#options.clock.nowUs();
    const ptimeMs = egressPtimeMs(stream);
    this.#stream = stream;
    if (this.#anchor.secure(stream.srtp)) {
      this.#egress.renewSource();
    }
    this.#ingress.configure(stream, nowUs);
    this.#egress.configure(stream, ptimeMs);
    this.#transport.follow(stream);
    if (expectsAudio(stream)) {
      this.#watch.expect(nowUs);
    } else {
      this.#watch.rest();
    }
    this.#joinClock(ptimeMs, nowUs);
  }

  /** Hears the peer's audio as it comes; one sink at a time. */
  setSink(sink: IngressSink | undefined): void {
    this.#sink = sink;
    this.#ingress.setSink(sink !== undefined && this.#peerMuted ? new SilencedSink(sink) : sink);
  }

  /** Presses keys; `false` when the peer takes no telephone-event. */
  sendDigits(digits: string): boolean {
    const accepted = this.#egress.sendDigits(digits);
    if (!accepted) {
      this.#options.logger.warn("the peer takes no telephone-event, digits not sent");
    }
    return accepted;
  }

  stats(): LegStats {
    const { jitter, refused, stats } = this.#ingress;
    let packetsRefused = jitter.counters.refused;
    for (const count of [...Object.values(refused), ...Object.values(this.#anchor.refused)]) {
      packetsRefused += count;
    }
    return {
      packetsReceived: this.#ingress.packets,
      packetsSent: this.#egress.packets,
      packetsLost: jitter.counters.lost,
      packetsLate: jitter.counters.late,
      packetsRefused,
      jitterMs: stats.jitterMs,
      roundTripMs: this.#reporter.roundTripMs,
      remoteLossFraction: this.#reporter.remoteLossFraction,
    };
  }

  /** Called by the media clock only. */
  onTick(nowUs: number): void {
    this.#ingress.onTick(nowUs);
    this.#options.delegate.onTick?.(nowUs);
    this.#egress.onTick();
    this.#reporter.onTick(nowUs);
    this.#watch.onTick(nowUs);
  }

  /** Called by the media clock only. */
  onTicksSkipped(ticks: number): void {
    this.#egress.onTicksSkipped(ticks);
  }

  /** Idempotent; says goodbye by RTCP and resolves when the anchor is released. */
  close(): Promise<void> {
    this.#closing ??= this.#release();
    return this.#closing;
  }

  describe(): string {
    return `${this.#ingress.describe()} -> Taps[${this.ingressTaps.size}] | ${this.#egress.describe()}`;
  }

  toJSON(): Readonly<Record<string, unknown>> {
    return {
      describe: this.describe(),
      ptimeMs: this.#ptimeMs,
      direction: this.#stream?.direction,
      media: this.#watch.toJSON(),
      anchor: this.#anchor.toJSON(),
      ingress: this.#ingress.toJSON(),
      egress: this.#egress.toJSON(),
      peerMuted: this.#peerMuted,
      playout: this.mouth.toJSON(),
      rtcp: this.#reporter.toJSON(),
      stats: this.stats(),
    };
  }

  #onRtp(bytes: Uint8Array, address: string, port: number): void {
    if (this.#closing !== undefined) {
      return;
    }
    const before = this.#ingress.packets;
    const nowUs = this.#options.clock.nowUs();
    this.#ingress.push(bytes, address, port, nowUs);
    if (this.#ingress.packets !== before) {
      this.#watch.onPacket(nowUs);
    }
  }

  #onRtcp(bytes: Uint8Array, address: string): void {
    if (this.#closing === undefined) {
      this.#ingress.pushRtcp(bytes, address);
    }
  }

  #joinClock(ptimeMs: number, nowUs: number): void {
    if (this.#leaveClock !== undefined && ptimeMs === this.#ptimeMs) {
      return;
    }
    if (this.#leaveClock === undefined) {
      this.#reporter.start(nowUs);
    }
    this.#leaveClock?.();
    this.#ptimeMs = ptimeMs;
    this.#leaveClock = this.#options.mediaClock.add(this, ptimeMs);
  }

  async #release(): Promise<void> {
    this.#leaveClock?.();
    this.setSink(undefined);
    this.ingressTaps.clear();
    this.egressTaps.clear();
    this.#reporter.close();
    this.mouth.close();
    await this.#anchor.release(this.#ingress.source);
  }
}
