/** Offer and answer as pure functions: RFC 3264 An Offer/Answer Model with the Session Description Protocol. */
import {
  addressOf,
  type Capabilities,
  DEFAULT_PTIME_MS,
  type LocalTransport,
  lawsOf,
  type NegotiatedAnswer,
  type NegotiatedStream,
} from "./audio-stream.ts";
import { answeredFormats, offeredFormats } from "./codecs.ts";
import { parseSdp } from "./parse-sdp.ts";
import { type MediaDescription, type SessionDescription, writeSdp } from "./session-description.ts";
import {
  boundsOf,
  type OfferBounds,
  streamRefusal,
  takenCodec,
  takenStreams,
} from "./stream-choice.ts";
import { answeredCrypto, offeredCrypto, offeredProfile } from "./stream-security.ts";

export type {
  Capabilities,
  LocalTransport,
  NegotiatedAnswer,
  NegotiatedStream,
} from "./audio-stream.ts";

/**
 * Answers an offer (text, or parsed): each m-line in order with its label, port 0 for what is not taken.
 * @throws GatewayError SDP_*.
 */
export function answer(
  offered: string | SessionDescription,
  capabilities: Capabilities,
): NegotiatedAnswer {
  const description = typeof offered === "string" ? parseSdp(offered) : offered;
  const head = ourHead(capabilities);
  const streams = takenStreams(description, capabilities);
  const media = description.media.map((theirs, index) => {
    const place = streams.findIndex(({ mediaIndex }) => mediaIndex === index);
    const stream = streams[place];
    const transport = capabilities.transports[place];
    return stream === undefined || transport === undefined
      ? refused(theirs)
      : accepted(theirs, stream, transport, head.address);
  });
  const sdp = writeSdp({ ...head, timing: description.timing, media });
  return { sdp, audio: firstOf(streams, description, boundsOf(capabilities)), streams };
}

/**
 * Throws what {@link answer} would throw, before any port is taken; returns how many audio streams could be taken.
 */
export function checkOffer(offered: string, bounds: OfferBounds = {}): number {
  const description = parseSdp(offered);
  const isTakable = (media: MediaDescription): boolean => takenCodec(media, bounds) !== undefined;
  const usable = description.media.filter(isTakable).length;
  if (usable === 0) {
    throw streamRefusal(description, bounds);
  }
  description.media.forEach((media, index) => {
    if (isTakable(media)) {
      addressOf(description, media, index);
    }
  });
  return usable;
}

/** Our offer: one audio stream per transport. For outbound calls, late offers and re-INVITEs of ours. */
export function offer(capabilities: Capabilities): string {
  const head = ourHead(capabilities);
  const formats = offeredFormats(lawsOf(capabilities), capabilities.telephoneEvent ?? true);
  const media = capabilities.transports.map((transport, index) => ({
    ...emptyMedia(offeredProfile(capabilities.srtp?.policy ?? "off")),
    ...formats,
    crypto: offeredCrypto(capabilities.srtp, index),
    ...transportOf(transport, head.address),
    ptimeMs: capabilities.ptimeMs ?? DEFAULT_PTIME_MS,
    direction: capabilities.direction ?? "sendrecv",
  }));
  return writeSdp({ ...head, timing: "0 0", media });
}

function firstOf(
  streams: readonly NegotiatedStream[],
  theirs: SessionDescription,
  bounds: OfferBounds,
): NegotiatedStream {
  const first = streams[0];
  if (first === undefined) {
    throw streamRefusal(theirs, bounds);
  }
  return first;
}

function accepted(
  theirs: MediaDescription,
  stream: NegotiatedStream,
  transport: LocalTransport,
  sessionAddress: string,
): MediaDescription {
  return {
    ...emptyMedia(theirs.protocol),
    ...answeredFormats(stream, stream.telephoneEventPayloadType),
    ...transportOf(transport, sessionAddress),
    ...(stream.rtcpMux ? { rtcpPort: undefined, rtcpMux: true } : {}),
    ptimeMs: stream.ptimeMs,
    direction: stream.direction,
    label: theirs.label,
    mid: theirs.mid,
    crypto: answeredCrypto(theirs, stream.srtp),
  };
}

/** RFC 3264 §6 Generating the Answer: a refused stream keeps kind, protocol and formats, with port 0. */
function refused(theirs: MediaDescription): MediaDescription {
  return {
    ...emptyMedia(theirs.protocol),
    kind: theirs.kind,
    formats: theirs.formats,
    label: theirs.label,
    mid: theirs.mid,
  };
}

function emptyMedia(protocol: string): MediaDescription {
  return {
    kind: "audio",
    port: 0,
    protocol,
    formats: [],
    address: undefined,
    direction: undefined,
    ptimeMs: undefined,
    maxPtimeMs: undefined,
    rtcpPort: undefined,
    rtcpAddress: undefined,
    rtcpMux: false,
    label: undefined,
    mid: undefined,
    rtpMaps: [],
    formatParameters: [],
    crypto: [],
  };
}

/** The c-line of the session serves every stream that has its address. */
function transportOf(transport: LocalTransport, sessionAddress: string | undefined) {
  const { port, rtcpPort } = transport;
  return {
    address: transport.address === sessionAddress ? undefined : transport.address,
    port,
    rtcpPort,
  };
}

function ourHead(capabilities: Capabilities) {
  const address = capabilities.transports[0]?.address ?? "0.0.0.0";
  return {
    username: "-",
    sessionId: capabilities.sessionId,
    sessionVersion: String(capabilities.sessionVersion),
    originAddress: address,
    address,
    direction: undefined,
  };
}
