/** An anchor that seals what is sent and opens what arrives once it has keys; without them packets pass as if it were not there. */

import type { Logger } from "../core/logger.ts";
import type { SrtpKeys } from "../core/srtp-suites.ts";
import type { Anchor, AnchorSink, HeardSource, RemoteTransport } from "../ports/media-anchor.ts";
import { isRtcp } from "../rtp/packet.ts";
import { MAX_SRTP_BYTES } from "../rtp/srtp-cipher.ts";
import { SrtpReceiver, type SrtpRefusal } from "../rtp/srtp-receiver.ts";
import { MAX_SRTP_OVERHEAD_BYTES, SrtpSender } from "../rtp/srtp-sender.ts";
import { SealedPackets } from "./sealed-packets.ts";

/** How often packets were refused, by reason. */
export type SrtpRefusals = Record<SrtpRefusal, number>;

/** What it wraps, and who hears of refused packets. */
export interface SrtpAnchorOptions {
  readonly anchor: Anchor;
  readonly logger: Logger;
  readonly onRefused?: ((reason: SrtpRefusal) => void) | undefined;
}

/** After so many packets under a new key, none comes under the old one any more. */
const HANDOVER_PACKETS = 64;
/** The packet that was opened last; borrowed, and therefore one for all legs of a thread. */
const opened: Uint8Array = Buffer.alloc(MAX_SRTP_BYTES);
let openedView = opened;

/** None yet. */
export function noSrtpRefusals(): SrtpRefusals {
  return { plain: 0, auth: 0, replay: 0, malformed: 0 };
}

/** The leg's anchor. Keys stay with it over hold, so that rollover counters go on. */
export class SrtpAnchor implements Anchor {
  readonly refused = noSrtpRefusals();
  readonly #options: SrtpAnchorOptions;
  readonly #anchor: Anchor;
  readonly #sealed = new SealedPackets();
  #sink: AnchorSink | undefined;
  #sender: SrtpSender | undefined;
  #receiver: SrtpReceiver | undefined;
  /** Of the key before, for packets that were under way when it changed. */
  #leaving: SrtpReceiver | undefined;
  #handoverPackets = 0;
  #suite: string | undefined;

  constructor(options: SrtpAnchorOptions) {
    this.#options = options;
    this.#anchor = options.anchor;
  }

  get localAddress(): string {
    return this.#anchor.localAddress;
  }

  get localPort(): number {
    return this.#anchor.localPort;
  }

  get localRtcpPort(): number {
    return this.#anchor.localRtcpPort;
  }

  setSink(sink: AnchorSink): void {
    this.#sink = sink;
    this.#anchor.setSink(this.#receiver === undefined ? sink : this.#opener);
  }

  applyRemote(remote: RemoteTransport): void {
    this.#anchor.applyRemote(remote);
  }

  /**
   * Takes keys, or goes back to plain RTP; the same keys change nothing. `true`: what is sent from now on must have another
   * SSRC, since some peers begin a new key with a rollover counter of 0 and some do not.
   */
  secure(keys: SrtpKeys | undefined): boolean {
    const before = this.#sender;
    if (keys === undefined) {
      this.#sender = undefined;
      this.#receive(undefined);
      return false;
    }
    if (this.#receiver?.has(keys.remote) !== true) {
      this.#receive(new SrtpReceiver(keys.remote, this.#receiver));
    }
    if (before?.has(keys.local) === true) {
      return false;
    }
    this.#sender = new SrtpSender(keys.local);
    this.#suite = keys.local.suite;
    this.#options.logger.info("audio is encrypted", { suite: keys.local.suite });
    return before !== undefined && before.rollovers > 0;
  }

  sendRtp(bytes: Uint8Array, byteLength: number): void {
    if (this.#sender === undefined) {
      this.#anchor.sendRtp(bytes, byteLength);
      return;
    }
    const packet = this.#sealed.next(byteLength + this.#sender.rtpTagBytes);
    if (this.#sender.sealRtp(bytes, byteLength, packet) > 0) {
      this.#anchor.sendRtp(packet, packet.length);
    }
  }

  sendRtcp(bytes: Uint8Array, byteLength: number): void {
    if (this.#sender === undefined) {
      this.#anchor.sendRtcp(bytes, byteLength);
      return;
    }
    const report = new Uint8Array(byteLength + MAX_SRTP_OVERHEAD_BYTES);
    this.#anchor.sendRtcp(report, this.#sender.sealRtcp(bytes, byteLength, report));
  }

  release(heard?: HeardSource): Promise<void> {
    return this.#anchor.release(heard);
  }

  toJSON(): Readonly<Record<string, unknown>> {
    const srtp = this.#sender === undefined ? "off" : this.#suite;
    return { ...this.#anchor.toJSON(), srtp, srtpRefused: { ...this.refused } };
  }

  #receive(receiver: SrtpReceiver | undefined): void {
    this.#leaving = receiver === undefined ? undefined : this.#receiver;
    this.#handoverPackets = 0;
    this.#receiver = receiver;
    if (this.#sink !== undefined) {
      this.setSink(this.#sink);
    }
  }

  readonly #opener: AnchorSink = {
    onRtp: (bytes, address, port) => {
      const result = isRtcp(bytes, bytes.length) ? this.#openRtcp(bytes) : this.#openRtp(bytes);
      if (typeof result === "number") {
        this.#sink?.onRtp(viewOf(result), address, port);
      } else {
        this.#refuse(result);
      }
    },
    onRtcp: (bytes, address, port) => {
      const result = this.#openRtcp(bytes);
      if (typeof result === "number") {
        this.#sink?.onRtcp(viewOf(result), address, port);
      } else {
        this.#refuse(result);
      }
    },
  };

  #openRtp(bytes: Uint8Array): number | SrtpRefusal {
    const result = this.#receiver?.openRtp(bytes, opened) ?? "plain";
    if (this.#leaving === undefined) {
      return result;
    }
    if (result === "auth") {
      return this.#leaving.openRtp(bytes, opened);
    }
    this.#handoverPackets += typeof result === "number" ? 1 : 0;
    if (this.#handoverPackets >= HANDOVER_PACKETS) {
      this.#leaving = undefined;
    }
    return result;
  }

  #openRtcp(bytes: Uint8Array): number | SrtpRefusal {
    const result = this.#receiver?.openRtcp(bytes, opened) ?? "plain";
    return result === "auth" ? (this.#leaving?.openRtcp(bytes, opened) ?? result) : result;
  }

  #refuse(reason: SrtpRefusal): void {
    if (this.refused[reason] === 0) {
      this.#options.logger.warn("packet refused on an encrypted leg, more are only counted", {
        reason,
      });
    }
    this.refused[reason] += 1;
    this.#options.onRefused?.(reason);
  }
}

/** The first `length` bytes of what was opened; most packets are as long as the one before. */
function viewOf(length: number): Uint8Array {
  if (openedView.length !== length) {
    openedView = opened.subarray(0, length);
  }
  return openedView;
}
