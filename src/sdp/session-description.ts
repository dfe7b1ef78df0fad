/** A session description as typed data: parsed leniently, checked strictly, written canonically. RFC 8866. */
import { type CryptoAttribute, writeCrypto } from "./crypto-attribute.ts";

/** Which way media flows, seen by whoever wrote the description. */
export type Direction = "sendrecv" | "sendonly" | "recvonly" | "inactive";

/** One `a=rtpmap`. */
export interface RtpMap {
  readonly payloadType: number;
  readonly encoding: string;
  readonly rateHz: number;
  readonly channels: number;
}

/** One `a=fmtp`. */
export interface FormatParameters {
  readonly payloadType: number;
  readonly parameters: string;
}

/** One stream: an m-line and what follows it. */
export interface MediaDescription {
  /** `audio`, `video`, `image`, … */
  readonly kind: string;
  /** 0 … 65535; 0 is a stream that was refused or is not offered any more. */
  readonly port: number;
  /** `RTP/AVP`, `udptl`, … as written. */
  readonly protocol: string;
  /** As written: payload types for RTP, anything for other protocols. Never empty. */
  readonly formats: readonly string[];
  /** IP address of the stream's own c-line. */
  readonly address: string | undefined;
  readonly direction: Direction | undefined;
  readonly ptimeMs: number | undefined;
  readonly maxPtimeMs: number | undefined;
  /** RFC 3605; where the peer receives RTCP when that is not the next port. */
  readonly rtcpPort: number | undefined;
  readonly rtcpAddress: string | undefined;
  /** RFC 5761: RTCP on the RTP port. */
  readonly rtcpMux: boolean;
  /** RFC 4574. */
  readonly label: string | undefined;
  readonly mid: string | undefined;
  readonly rtpMaps: readonly RtpMap[];
  readonly formatParameters: readonly FormatParameters[];
  /** Keys that can be accepted, in the order of the lines. */
  readonly crypto: readonly CryptoAttribute[];
}

/** A whole description. */
export interface SessionDescription {
  readonly username: string;
  /** Up to 64 bits, hence text. */
  readonly sessionId: string;
  readonly sessionVersion: string;
  /** Of the o-line. */
  readonly originAddress: string;
  /** IP address of the session's c-line. */
  readonly address: string | undefined;
  readonly direction: Direction | undefined;
  /** Two NTP times, `0 0` for a call. */
  readonly timing: string;
  readonly media: readonly MediaDescription[];
}

/** Writes a description with CRLF, in one fixed order of lines. */
export function writeSdp(description: SessionDescription): string {
  const { username, sessionId, sessionVersion, originAddress } = description;
  const lines = [
    "v=0",
    `o=${username} ${sessionId} ${sessionVersion} ${network(originAddress)}`,
    "s=-",
  ];
  if (description.address !== undefined) {
    lines.push(`c=${network(description.address)}`);
  }
  lines.push(`t=${description.timing}`);
  if (description.direction !== undefined) {
    lines.push(`a=${description.direction}`);
  }
  for (const media of description.media) {
    pushMedia(lines, media);
  }
  return `${lines.join("\r\n")}\r\n`;
}

function pushMedia(lines: string[], media: MediaDescription): void {
  lines.push(`m=${media.kind} ${media.port} ${media.protocol} ${media.formats.join(" ")}`);
  if (media.address !== undefined) {
    lines.push(`c=${network(media.address)}`);
  }
  for (const { payloadType, encoding, rateHz, channels } of media.rtpMaps) {
    const suffix = channels === 1 ? "" : `/${channels}`;
    lines.push(`a=rtpmap:${payloadType} ${encoding}/${rateHz}${suffix}`);
  }
  for (const { payloadType, parameters } of media.formatParameters) {
    lines.push(`a=fmtp:${payloadType} ${parameters}`);
  }
  for (const line of media.crypto) {
    pushAttribute(lines, "crypto", writeCrypto(line));
  }
  pushAttribute(lines, "ptime", media.ptimeMs);
  pushAttribute(lines, "maxptime", media.maxPtimeMs);
  if (media.direction !== undefined) {
    lines.push(`a=${media.direction}`);
  }
  pushRtcp(lines, media);
  pushAttribute(lines, "mid", media.mid);
  pushAttribute(lines, "label", media.label);
}

function pushRtcp(lines: string[], { rtcpPort, rtcpAddress, rtcpMux }: MediaDescription): void {
  const suffix = rtcpAddress === undefined ? "" : ` ${network(rtcpAddress)}`;
  if (rtcpPort !== undefined) {
    lines.push(`a=rtcp:${rtcpPort}${suffix}`);
  }
  if (rtcpMux) {
    lines.push("a=rtcp-mux");
  }
}

function pushAttribute(lines: string[], name: string, value: string | number | undefined): void {
  if (value !== undefined) {
    lines.push(`a=${name}:${value}`);
  }
}

/** Network type, address type and address, as o- and c-lines have them. */
function network(address: string): string {
  return `IN ${address.includes(":") ? "IP6" : "IP4"} ${address}`;
}
