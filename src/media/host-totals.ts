/** Sums over all legs that a host has closed. */
import type { LegStats } from "../ports/media-facts.ts";
import type { SrtpRefusal } from "../rtp/srtp-receiver.ts";
import { noSrtpRefusals, type SrtpRefusals } from "./srtp-anchor.ts";

/** Packets, by what became of them. */
export interface PacketTotals {
  packetsReceived: number;
  packetsSent: number;
  packetsLost: number;
  packetsLate: number;
  packetsRefused: number;
}

/** Counts legs and packets. */
export class HostTotals {
  readonly #closed = emptyTotals();
  readonly #srtpRefused = noSrtpRefusals();
  #legsOpened = 0;
  #legsClosed = 0;

  onOpened(): void {
    this.#legsOpened += 1;
  }

  onClosed(stats: LegStats): void {
    this.#legsClosed += 1;
    addStats(this.#closed, stats);
  }

  onSrtpRefused(reason: SrtpRefusal): void {
    this.#srtpRefused[reason] += 1;
  }

  /** With the legs that are open now. */
  sum(open: Iterable<LegStats>): Readonly<Record<string, number>> {
    const packets = { ...this.#closed };
    let legs = 0;
    for (const stats of open) {
      legs += 1;
      addStats(packets, stats);
    }
    return { legs, legsOpened: this.#legsOpened, legsClosed: this.#legsClosed, ...packets };
  }

  /** Packets that encrypted legs did not take. */
  get srtpRefused(): Readonly<SrtpRefusals> {
    return { ...this.#srtpRefused };
  }
}

function emptyTotals(): PacketTotals {
  return {
    packetsReceived: 0,
    packetsSent: 0,
    packetsLost: 0,
    packetsLate: 0,
    packetsRefused: 0,
  };
}

function addStats(totals: PacketTotals, stats: LegStats): void {
  totals.packetsReceived += stats.packetsReceived;
  totals.packetsSent += stats.packetsSent;
  totals.packetsLost += stats.packetsLost;
  totals.packetsLate += stats.packetsLate;
  totals.packetsRefused += stats.packetsRefused;
}
