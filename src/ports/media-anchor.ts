/** The port to where a call's RTP lands: sockets of this process, or an external media proxy. */
import type { LegId } from "../core/ids.ts";

/** Where the peer receives; ports are 1 … 65535. */
export interface RemoteTransport {
  readonly address: string;
  readonly port: number;
  readonly rtcpPort: number;
  /** Absent: `address`. */
  readonly rtcpAddress?: string | undefined;
  /** RTCP leaves by the RTP socket; RFC 5761. Absent: it does not. */
  readonly rtcpMux?: boolean | undefined;
}

/** Receives datagrams; `bytes` are borrowed for the duration of the call. */
export interface AnchorSink {
  onRtp(bytes: Uint8Array, address: string, port: number): void;
  onRtcp(bytes: Uint8Array, address: string, port: number): void;
}

/** Whose RTP was heard. */
export interface HeardSource {
  readonly address: string;
  readonly port: number;
  readonly ssrc: number;
}

/**
 * The transport of one leg.
 *
 * - `localPort` MUST be even, with RTCP on the next odd one (RFC 3550 "RTP over Network and Transport Protocols").
 * - Datagrams before `setSink` are dropped and counted.
 * - `release` MUST be idempotent; the ports stay unused for the quarantine, so that late audio reaches nobody.
 */
export interface Anchor {
  /** The address to write into SDP. */
  readonly localAddress: string;
  readonly localPort: number;
  readonly localRtcpPort: number;
  /** Who was heard on these ports in the calls before, and may still be sending. */
  readonly formerSources?: readonly HeardSource[];
  setSink(sink: AnchorSink): void;
  /** Where `sendRtp` and `sendRtcp` send from now on; before the first call they send nothing. */
  applyRemote(remote: RemoteTransport): void;
  sendRtp(bytes: Uint8Array, byteLength: number): void;
  sendRtcp(bytes: Uint8Array, byteLength: number): void;
  /** @param heard who may go on sending to these ports. */
  release(heard?: HeardSource): Promise<void>;
  toJSON(): Readonly<Record<string, unknown>>;
}

/** Allocates anchors; rejects with MEDIA_PORTS_EXHAUSTED or MEDIA_BIND_FAILED. */
export interface MediaAnchor {
  /** @param peer address that the leg's peer is known by, which decides what `localAddress` it is told. */
  allocate(legId: LegId, peer?: string): Promise<Anchor>;
  /** Ports in use, in quarantine and free, and counters. */
  toJSON(): Readonly<Record<string, unknown>>;
  /** Releases everything, quarantine included. */
  close(): Promise<void>;
}
