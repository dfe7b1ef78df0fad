/** A call to `echo` that goes on while other things happen, and tells afterwards whether it noticed them. */
import { monitorEventLoopDelay } from "node:perf_hooks";
import { UdpNetwork } from "../../../src/anchors/udp-network.ts";
import { type Clock, SystemClock } from "../../../src/core/clock.ts";
import { sequenceDelta } from "../../../src/rtp/packet.ts";
import { RtpPeer } from "../../support/rtp-peer.ts";
import type { GatewayProcess } from "./gateway-process.ts";
import { PeerCall, SDP } from "./peer-call.ts";
import { type RawMessage, UdpPeer } from "./sip-peer.ts";
import { eventually, pause } from "./waiting.ts";

/** What the caller says, and should hear. */
export const CALLER_TONE = 3;
/** Echo, jitter buffer and the way there and back. */
const ECHO_DELAY_MS = 1000;

/** What the caller heard of their own tone. */
export interface Heard {
  readonly packets: number;
  /** Of the packets that the gateway sent, from 0 to 1. */
  readonly lostFraction: number;
  /** The longest time between two packets, without the time for which this process itself could not listen. */
  readonly longestGapMs: number;
  /** The longest time for which this process, or the machine, could not listen. */
  readonly deafMs: number;
  /** Every tone in it; a stranger's would be another than the caller's. */
  readonly tones: readonly number[];
  /** How much of the audio was the caller's tone, from 0 to 1. */
  readonly toneFraction: number;
}

/** Where the caller's RTP comes from, and what the caller says of it. */
export interface WatchedCallOptions {
  readonly rtpPort: number;
  readonly sipPort?: number;
  /** Another body than the plain one for `rtpPort`. */
  readonly offer?: string;
}

/** Says one tone all the time. */
export class WatchedCall {
  readonly dialog: PeerCall;
  readonly peer: UdpPeer;
  readonly rtp: RtpPeer;
  /** Where the gateway takes the call's RTP. */
  readonly mediaPort: number;
  readonly #stalls = monitorEventLoopDelay({ resolution: 5 });
  #closing: Promise<unknown> | undefined;

  private constructor(dialog: PeerCall, peer: UdpPeer, rtp: RtpPeer, mediaPort: number) {
    this.dialog = dialog;
    this.peer = peer;
    this.rtp = rtp;
    this.mediaPort = mediaPort;
    this.#stalls.enable();
  }

  /** The call is answered; nothing is said yet. */
  static async answered(
    gateway: GatewayProcess,
    options: WatchedCallOptions,
  ): Promise<WatchedCall> {
    const clock: Clock = new SystemClock();
    const { rtpPort } = options;
    const rtp = new RtpPeer({
      network: new UdpNetwork(),
      clock,
      address: "127.0.0.1",
      port: rtpPort,
    });
    await rtp.open();
    const peer = await UdpPeer.open(gateway.sipPort, options.sipPort ?? 0);
    const dialog = new PeerCall(peer, gateway.sipPort, "echo");
    const answer = await dialog.establish({ body: options.offer ?? SDP(rtpPort) });
    return new WatchedCall(dialog, peer, rtp, mediaPortOf(answer));
  }

  /** The call is answered, and the caller hears the echo. */
  static async start(gateway: GatewayProcess, options: WatchedCallOptions): Promise<WatchedCall> {
    const call = await WatchedCall.answered(gateway, options);
    await call.talk(300_000);
    return call;
  }

  /** Says the tone for so long, and waits for its echo. */
  async talk(forMs: number): Promise<void> {
    this.rtp.sendTone(CALLER_TONE, forMs);
    this.rtp.connect("127.0.0.1", this.mediaPort);
    await eventually("an echo", () => this.rtp.toneMs(CALLER_TONE) > 0);
    await pause(ECHO_DELAY_MS);
  }

  /** What was heard since the last time, or since the echo began. */
  takeHeard(): Heard {
    const heard = this.rtp.heard.slice();
    const deafMs = this.#stalls.max / 1_000_000;
    this.#stalls.reset();
    let missing = 0;
    for (let i = 1; i < heard.length; i += 1) {
      const step = sequenceDelta(heard[i]?.sequence ?? 0, heard[i - 1]?.sequence ?? 0);
      missing += Math.max(0, step - 1);
    }
    const spans = this.rtp.spansHeard();
    const toneMs = this.rtp.toneMs(CALLER_TONE);
    const totalMs = spans.reduce((sum, span) => sum + span.ms, 0);
    const result = {
      packets: heard.length,
      lostFraction: missing / Math.max(1, heard.length + missing),
      longestGapMs: Math.max(0, this.rtp.longestGapMs() - deafMs),
      deafMs,
      tones: [...new Set(this.rtp.tonesHeard())],
      toneFraction: totalMs === 0 ? 0 : toneMs / totalMs,
    };
    this.rtp.heard.length = 0;
    return result;
  }

  /** The final response to our BYE. */
  async hangUp(): Promise<RawMessage> {
    const answer = await this.dialog.exchange("BYE");
    await this.close();
    return answer;
  }

  /** Idempotent; says nothing to the gateway. */
  close(): Promise<void> {
    this.#stalls.disable();
    this.#closing ??= Promise.all([this.rtp.close(), this.peer.close()]);
    return this.#closing.then(() => undefined);
  }
}

/** The port of the first m-line. */
export function mediaPortOf(answer: RawMessage): number {
  return Number(/^m=audio (\d+) /m.exec(answer.body)?.[1] ?? Number.NaN);
}
