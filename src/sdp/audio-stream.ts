/** One audio stream as both sides will run it, worked out from the peer's m-line and what we can do. */
import { GatewayError } from "../core/errors.ts";
import { isUnspecifiedAddress } from "../core/ip-address.ts";
import type { SrtpKeys } from "../core/srtp-suites.ts";
import { type ChosenCodec, chooseCodec, findTelephoneEvent, type Law } from "./codecs.ts";
import { commonDirection, mirrored, withoutSending } from "./direction.ts";
import type { Direction, MediaDescription, SessionDescription } from "./session-description.ts";
import { isSecureProfile, type SrtpCapability } from "./stream-security.ts";

/** Where we receive one stream. */
export interface LocalTransport {
  readonly address: string;
  readonly port: number;
  readonly rtcpPort: number;
}

/** What we can do, and the names our description goes by. */
export interface Capabilities {
  /** Decimal digits; stays the same for the whole dialog. */
  readonly sessionId: string;
  /** Goes up by one whenever our description changes; RFC 3264 §8 Modifying the Session. */
  readonly sessionVersion: number;
  /** One per audio stream that may be taken: one for a call, two and more for a recording session. */
  readonly transports: readonly LocalTransport[];
  /** In order of preference, which counts in our offers only. Default: PCMU, PCMA. */
  readonly laws?: readonly Law[];
  /** Default: true. */
  readonly telephoneEvent?: boolean;
  /** Whether RTCP may share the RTP port when the peer asks for it (RFC 5761). Default: true. */
  readonly rtcpMux?: boolean;
  /** For our offers, and for offers that name none. Default: 20. */
  readonly ptimeMs?: number;
  /** Whether streams are encrypted. Default: they are not. */
  readonly srtp?: SrtpCapability | undefined;
  /** What we want, before the peer's wish is taken into account. Default: sendrecv. */
  readonly direction?: Direction;
}

/** What was agreed on for one audio stream; directions are ours. */
export interface NegotiatedStream {
  /** Its place among the m-lines, from 0. */
  readonly mediaIndex: number;
  readonly remoteAddress: string;
  readonly remotePort: number;
  readonly remoteRtcpPort: number;
  /** Where it is not `remoteAddress`; RFC 3605. */
  readonly remoteRtcpAddress: string | undefined;
  /** RTCP shares the RTP port both ways. */
  readonly rtcpMux: boolean;
  readonly law: Law;
  readonly payloadType: number;
  readonly telephoneEventPayloadType: number | undefined;
  readonly ptimeMs: number;
  readonly direction: Direction;
  readonly label: string | undefined;
  /** The peer does not want to hear us: it holds the call, or only ever sends. */
  readonly remoteHold: boolean;
  /** `undefined`: plain RTP. */
  readonly srtp?: SrtpKeys | undefined;
}

/** The outcome of one exchange. */
export interface NegotiatedAnswer {
  /** Our answer when we answered, our offer when the peer did. */
  readonly sdp: string;
  /** The first audio stream that was taken. */
  readonly audio: NegotiatedStream;
  /** All that were taken, in order of their m-lines; the n-th uses the n-th transport. */
  readonly streams: readonly NegotiatedStream[];
}

/** In our order of preference. */
export const DEFAULT_LAWS: readonly Law[] = ["pcmu", "pcma"];
/** What an absent ptime means. */
export const DEFAULT_PTIME_MS = 20;
/** Packet lengths that the engine paces; any other is answered with the default. */
const PTIMES_MS: readonly number[] = [10, 20, 30, 40, 50, 60];
const RTP_PROFILES: readonly string[] = ["RTP/AVP", "RTP/AVPF"];

/** The laws we take. */
export function lawsOf(capabilities: Capabilities): readonly Law[] {
  return capabilities.laws ?? DEFAULT_LAWS;
}

/** Whether the stream is RTP audio, plain or encrypted, that is still offered. */
export function isUsableAudio(media: MediaDescription): boolean {
  const isRtp = RTP_PROFILES.includes(media.protocol) || isSecureProfile(media);
  return media.kind === "audio" && media.port !== 0 && isRtp;
}

/** The codec to run an audio stream with, if it is usable at all. */
export function usableCodec(
  media: MediaDescription,
  laws: readonly Law[],
): ChosenCodec | undefined {
  return isUsableAudio(media) ? chooseCodec(media, laws) : undefined;
}

/** Whether packets get from one address to the other; an address of nobody, which holds, is of either family. */
export function isSameFamily(one: string, other: string): boolean {
  return isUnspecifiedAddress(one) || one.includes(":") === other.includes(":");
}

/** One stream of theirs as we will run it. */
export function negotiated(
  theirs: SessionDescription,
  mediaIndex: number,
  codec: ChosenCodec,
  capabilities: Capabilities,
): NegotiatedStream {
  const media = theirs.media[mediaIndex] as MediaDescription;
  const remoteAddress = addressOf(theirs, media, mediaIndex);
  const theirDirection = media.direction ?? theirs.direction ?? "sendrecv";
  const wished = commonDirection(mirrored(theirDirection), capabilities.direction ?? "sendrecv");
  const blackHole = isUnspecifiedAddress(remoteAddress);
  return {
    mediaIndex,
    remoteAddress,
    remotePort: media.port,
    ...remoteRtcp(media, capabilities.rtcpMux ?? true),
    law: codec.law,
    payloadType: codec.payloadType,
    telephoneEventPayloadType:
      (capabilities.telephoneEvent ?? true) ? findTelephoneEvent(media) : undefined,
    ptimeMs: agreedPtimeMs(media, capabilities.ptimeMs ?? DEFAULT_PTIME_MS),
    direction: blackHole ? withoutSending(wished) : wished,
    label: media.label,
    remoteHold: blackHole || theirDirection === "sendonly" || theirDirection === "inactive",
  };
}

/** The stream's own address, or the session's; throws SDP_MALFORMED when there is neither. */
export function addressOf(
  theirs: SessionDescription,
  media: MediaDescription,
  index: number,
): string {
  const address = media.address ?? theirs.address;
  if (address === undefined) {
    const details = { where: `m-line ${index + 1}`, expected: "a c-line for it or the session" };
    throw new GatewayError("SDP_MALFORMED", details);
  }
  return address;
}

/** RFC 5761 where both want it, RFC 3605 where the peer says so, or the next port. */
function remoteRtcp(media: MediaDescription, mayMux: boolean) {
  if (mayMux && media.rtcpMux) {
    return { remoteRtcpPort: media.port, remoteRtcpAddress: undefined, rtcpMux: true };
  }
  const port = media.rtcpPort ?? media.port + 1;
  return {
    remoteRtcpPort: port >= 1 && port <= 65_535 ? port : media.port,
    remoteRtcpAddress: media.rtcpAddress,
    rtcpMux: false,
  };
}

/** The peer's wish if the engine can pace it, never above its maximum. */
function agreedPtimeMs(media: MediaDescription, ourPtimeMs: number): number {
  const wishedMs = media.ptimeMs ?? ourPtimeMs;
  const ptimeMs = PTIMES_MS.includes(wishedMs) ? wishedMs : DEFAULT_PTIME_MS;
  const maxMs = media.maxPtimeMs ?? ptimeMs;
  return ptimeMs <= maxMs ? ptimeMs : (PTIMES_MS.findLast((candidate) => candidate <= maxMs) ?? 10);
}
