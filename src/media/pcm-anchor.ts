/** A leg's transport that is no network: PCM of a socket of somebody's own, seen by the leg as RTP with G.711. */
import { decodeG711, SILENCE_BYTE } from "../audio/g711.ts";
import { Resampler } from "../audio/resampler.ts";
import type { Random } from "../core/random.ts";
import type { Anchor, AnchorSink, RemoteTransport } from "../ports/media-anchor.ts";
import { addTimestamp, nextSequence, RTP_HEADER_BYTES, writeRtpHeader } from "../rtp/packet.ts";
import type { MediaClock, Ticking } from "./media-clock.ts";
import type { PcmLineState, PcmStreamState } from "./pcm-line-state.ts";

const PTIME_MS = 20;
const FRAME_CODES = 160;
const PCMU_TYPE = 0;
const MAX_CODES = 480;
const MAX_RATIO = 3;

const decoded = new Int16Array(MAX_CODES);
const resampled = new Int16Array(MAX_CODES * MAX_RATIO);

/** What an anchor is made of. */
export interface PcmAnchorOptions {
  readonly line: PcmLineState;
  /** In place of an address of ours. */
  readonly localAddress: string;
  readonly random: Random;
  readonly mediaClock: MediaClock;
}

/** Belongs to the stream of the line whose port the peer's description names. */
export class PcmAnchor implements Anchor, Ticking {
  readonly localAddress: string;
  readonly localPort = 5000;
  readonly localRtcpPort = 5001;
  readonly #line: PcmLineState;
  readonly #mediaClock: MediaClock;
  readonly #ssrc: number;
  readonly #packet = new Uint8Array(RTP_HEADER_BYTES + FRAME_CODES);
  #sequence: number;
  #timestamp: number;
  #resuming = true;
  #sink: AnchorSink | undefined;
  #stream: PcmStreamState | undefined;
  #output: Resampler | undefined;
  #leaveClock: (() => void) | undefined;
  #packetsIn = 0;
  #packetsOut = 0;

  constructor({ line, localAddress, random, mediaClock }: PcmAnchorOptions) {
    this.#line = line;
    this.localAddress = localAddress;
    this.#mediaClock = mediaClock;
    this.#ssrc = random.uint32();
    this.#sequence = random.uint32() & 0x7fff;
    this.#timestamp = random.uint32();
  }

  setSink(sink: AnchorSink): void {
    this.#sink = sink;
  }

  applyRemote({ port }: RemoteTransport): void {
    const stream = this.#line.streams.find((each) => each.port === port);
    if (stream === undefined || stream === this.#stream) {
      return;
    }
    this.#stream = stream;
    const rateHz = stream.plan.output?.rateHz ?? 8000;
    this.#output = rateHz === 8000 ? undefined : new Resampler(8000, rateHz);
    this.#leaveClock ??= this.#mediaClock.add(this, PTIME_MS);
  }

  sendRtp(bytes: Uint8Array, byteLength: number): void {
    const output = this.#stream?.plan.output;
    const count = Math.min(byteLength - RTP_HEADER_BYTES, MAX_CODES);
    if (output === undefined || count <= 0) {
      return;
    }
    this.#packetsOut += 1;
    decodeG711("pcmu", bytes, RTP_HEADER_BYTES, count, decoded, 0);
    const isSpeech = hasSound(bytes, count);
    if (this.#output === undefined) {
      output.onAudio(decoded, count, isSpeech);
    } else {
      output.onAudio(resampled, this.#output.process(decoded, count, resampled), isSpeech);
    }
  }

  sendRtcp(): void {
    // Nobody on the other side of a socket reads reports of RTP.
  }

  /** Called by the media clock only. */
  onTick(): void {
    const stream = this.#stream;
    if (stream === undefined) {
      return;
    }
    const frames = stream.steadier.behind ? 2 : 1;
    for (let i = 0; i < frames; i += 1) {
      if (!this.#deliver(stream)) {
        break;
      }
    }
    stream.onPulled();
  }

  /** Called by the media clock only. */
  onTicksSkipped(ticks: number): void {
    this.#pass(ticks);
  }

  release(): Promise<void> {
    this.#leaveClock?.();
    this.#leaveClock = undefined;
    this.#sink = undefined;
    this.#stream = undefined;
    return Promise.resolve();
  }

  toJSON(): Readonly<Record<string, unknown>> {
    return {
      kind: "pcm",
      stream: this.#stream?.label,
      inputRateHz: this.#stream?.plan.inputRateHz,
      outputRateHz: this.#stream?.plan.output?.rateHz,
      packetsIn: this.#packetsIn,
      packetsOut: this.#packetsOut,
      ...this.#stream?.steadier.toJSON(),
    };
  }

  #deliver(stream: PcmStreamState): boolean {
    if (!stream.steadier.pull(this.#packet, RTP_HEADER_BYTES, FRAME_CODES)) {
      this.#pass(1);
      return false;
    }
    const marker = this.#resuming ? 1 : 0;
    writeRtpHeader(this.#packet, PCMU_TYPE, marker, this.#sequence, this.#timestamp, this.#ssrc);
    this.#resuming = false;
    this.#sequence = nextSequence(this.#sequence);
    this.#timestamp = addTimestamp(this.#timestamp, FRAME_CODES);
    this.#packetsIn += 1;
    this.#sink?.onRtp(this.#packet, this.#line.address, stream.port);
    return true;
  }

  /** Nothing came: live audio was silent for so long, stored audio just goes on later. */
  #pass(ticks: number): void {
    if (this.#stream?.plan.pace === "live") {
      this.#timestamp = addTimestamp(this.#timestamp, ticks * FRAME_CODES);
      this.#resuming = true;
    }
  }
}

function hasSound(packet: Uint8Array, count: number): boolean {
  for (let i = RTP_HEADER_BYTES; i < RTP_HEADER_BYTES + count; i += 1) {
    if (packet[i] !== SILENCE_BYTE.pcmu) {
      return true;
    }
  }
  return false;
}
