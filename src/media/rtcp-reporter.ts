/** A leg's RTCP: reports every few seconds, BYE at the end, and what the peer reports about us. */
import type { Clock } from "../core/clock.ts";
import type { Random } from "../core/random.ts";
import type { ReceptionStats } from "../rtp/reception-stats.ts";
import {
  compactNtp,
  ntpFromWallMs,
  parseRtcp,
  type ReportBlock,
  type RtcpPacket,
  type RtcpReport,
  roundTripMs,
  writeReport,
} from "../rtp/rtcp.ts";
import type { Egress } from "./egress.ts";

/** RFC 3550 §6.2 RTCP Transmission Interval: the fixed minimum, which two parties never exceed. */
const INTERVAL_MS = 5000;
const MAX_REPORT_BYTES = 256;

/** What is reported, and how. */
export interface RtcpReporterOptions {
  readonly clock: Clock;
  readonly random: Random;
  readonly egress: Egress;
  readonly reception: ReceptionStats;
  /** The peer's SSRC; negative while unknown. */
  readonly remoteSsrc: () => number;
  readonly send: (bytes: Uint8Array, byteLength: number) => void;
}

/** Sends and reads reports; driven by the leg's tick, so it holds no timer. */
export class RtcpReporter {
  readonly #options: RtcpReporterOptions;
  readonly #bytes = new Uint8Array(MAX_REPORT_BYTES);
  /** RFC 7022 §4.2 Choosing an RTCP CNAME: random, so that it tells nothing about anybody. */
  readonly #cname: string;
  #nextDueUs = Number.POSITIVE_INFINITY;
  #sent = 0;
  #received = 0;
  #refused = 0;
  #packetsReported = 0;
  #lastSenderReport = 0;
  #lastSenderReportUs = 0;
  #roundTripMs: number | undefined;
  #remoteLossFraction: number | undefined;
  #remoteBye = false;

  constructor(options: RtcpReporterOptions) {
    this.#options = options;
    this.#cname = options.random.hex(12);
  }

  /** `undefined` until the peer sent a report that tells. */
  get roundTripMs(): number | undefined {
    return this.#roundTripMs;
  }

  /** Loss of what we sent since the peer's report before, 0 … 1. */
  get remoteLossFraction(): number | undefined {
    return this.#remoteLossFraction;
  }

  /** The first report comes after half the usual time; RFC 3550 §6.2 RTCP Transmission Interval. */
  start(nowUs: number): void {
    this.#schedule(nowUs, INTERVAL_MS / 2);
  }

  onTick(nowUs: number): void {
    if (nowUs >= this.#nextDueUs) {
      this.#sendReport(nowUs, false);
      this.#schedule(nowUs, INTERVAL_MS);
    }
  }

  /** Says goodbye, unless nothing was ever sent. */
  close(): void {
    if (this.#options.egress.packets > 0 || this.#sent > 0) {
      this.#sendReport(this.#options.clock.nowUs(), true);
    }
    this.#nextDueUs = Number.POSITIVE_INFINITY;
  }

  /** Takes one compound packet of the peer. */
  onRtcp(bytes: Uint8Array): void {
    const packets = parseRtcp(bytes, bytes.length);
    if (typeof packets === "string") {
      this.#refused += 1;
      return;
    }
    this.#received += 1;
    for (const packet of packets) {
      this.#read(packet);
    }
  }

  toJSON(): Readonly<Record<string, unknown>> {
    return {
      sent: this.#sent,
      received: this.#received,
      refused: this.#refused,
      roundTripMs: this.#roundTripMs,
      remoteLossFraction: this.#remoteLossFraction,
      remoteBye: this.#remoteBye,
    };
  }

  #schedule(nowUs: number, intervalMs: number): void {
    const factor = 0.5 + this.#options.random.uint32() / 2 ** 32;
    this.#nextDueUs = nowUs + intervalMs * factor * 1000;
  }

  #sendReport(nowUs: number, bye: boolean): void {
    const { egress, clock } = this.#options;
    const wasSending = egress.packets > this.#packetsReported;
    this.#packetsReported = egress.packets;
    const ntp = ntpFromWallMs(clock.wallMs());
    const sender = {
      ntpSeconds: ntp.seconds,
      ntpFraction: ntp.fraction,
      rtpTimestamp: egress.rtpTimestamp,
      packetCount: egress.sourcePackets,
      octetCount: egress.sourceOctets,
    };
    const report: RtcpReport = {
      ssrc: egress.ssrc,
      cname: this.#cname,
      blocks: this.#blocks(nowUs),
      bye,
      ...(wasSending ? { sender } : {}),
    };
    const length = writeReport(this.#bytes, report);
    if (length > 0) {
      this.#sent += 1;
      this.#options.send(this.#bytes, length);
    }
  }

  #blocks(nowUs: number): readonly ReportBlock[] {
    const source = this.#options.remoteSsrc();
    if (source < 0) {
      return [];
    }
    const sinceReport = this.#lastSenderReport === 0 ? 0 : nowUs - this.#lastSenderReportUs;
    const block = {
      ...this.#options.reception.takeReport(source),
      lastSenderReport: this.#lastSenderReport,
      delaySinceLastSenderReport: Math.round((sinceReport * 65_536) / 1e6) >>> 0,
    };
    return [block];
  }

  #read(packet: RtcpPacket): void {
    if (packet.kind === "bye") {
      this.#remoteBye = true;
      return;
    }
    if (packet.kind === "sourceDescription") {
      return;
    }
    if (packet.kind === "senderReport") {
      this.#lastSenderReport = compactNtp(packet.sender.ntpSeconds, packet.sender.ntpFraction);
      this.#lastSenderReportUs = this.#options.clock.nowUs();
    }
    for (const block of packet.blocks) {
      if (block.ssrc === this.#options.egress.ssrc) {
        this.#readBlock(block);
      }
    }
  }

  #readBlock(block: ReportBlock): void {
    const now = ntpFromWallMs(this.#options.clock.wallMs());
    this.#remoteLossFraction = block.fractionLost / 256;
    this.#roundTripMs =
      roundTripMs(block, compactNtp(now.seconds, now.fraction)) ?? this.#roundTripMs;
  }
}
