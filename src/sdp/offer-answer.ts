/** Offer and answer as pure functions: RFC 3264 An Offer/Answer Model with the Session Description Protocol. */
import { GatewayError } from "../core/errors.ts";
import {
  addressOf,
  type Capabilities,
  DEFAULT_LAWS,
  DEFAULT_PTIME_MS,
  isSameFamily,
  isUsableAudio,
  type LocalTransport,
  lawsOf,
  type NegotiatedStream,
  negotiated,
  usableCodec,
} from "./audio-stream.ts";
import {
  answeredFormats,
  chooseCodec,
  findTelephoneEvent,
  type Law,
  offeredFormats,
} from "./codecs.ts";
import { parseSdp } from "./parse-sdp.ts";
import { type MediaDescription, type SessionDescription, writeSdp } from "./session-description.ts";

export type { Capabilities, LocalTransport, NegotiatedStream } from "./audio-stream.ts";

/** The outcome of one exchange. */
export interface NegotiatedAnswer {
  /** Our answer when we answered, our offer when the peer did. */
  readonly sdp: string;
  /** The first audio stream that was taken. */
  readonly audio: NegotiatedStream;
  /** All that were taken, in order of their m-lines; the n-th uses the n-th transport. */
  readonly streams: readonly NegotiatedStream[];
}

/**
 * Answers an offer (text, or parsed): each m-line in order with its label, port 0 for what is not taken.
 * @throws GatewayError SDP_MALFORMED, SDP_TOO_MANY_STREAMS, SDP_NO_AUDIO, SDP_NO_COMMON_CODEC.
 */
export function answer(
  offered: string | SessionDescription,
  capabilities: Capabilities,
): NegotiatedAnswer {
  const description = typeof offered === "string" ? parseSdp(offered) : offered;
  const head = ourHead(capabilities);
  const streams: NegotiatedStream[] = [];
  const media = description.media.map((theirs, index) => {
    const transport = capabilities.transports[streams.length];
    const codec = transport === undefined ? undefined : usableCodec(theirs, lawsOf(capabilities));
    if (transport === undefined || codec === undefined) {
      return refused(theirs);
    }
    const stream = negotiated(description, index, codec, capabilities);
    if (!isSameFamily(stream.remoteAddress, transport.address)) {
      return refused(theirs);
    }
    streams.push(stream);
    return accepted(theirs, stream, transport, head.address);
  });
  const sdp = writeSdp({ ...head, timing: description.timing, media });
  return { sdp, audio: firstOf(streams, description, capabilities), streams };
}

/**
 * Throws what {@link answer} would throw, before any port is taken; returns how many audio streams could be taken.
 */
export function checkOffer(offered: string, laws: readonly Law[] = DEFAULT_LAWS): number {
  const description = parseSdp(offered);
  const usable = description.media.filter((media) => usableCodec(media, laws) !== undefined).length;
  if (usable === 0) {
    throw refusal(description, laws);
  }
  description.media.forEach((media, index) => {
    if (usableCodec(media, laws) !== undefined) {
      addressOf(description, media, index);
    }
  });
  return usable;
}

/** Our offer: one audio stream per transport. For outbound calls, late offers and re-INVITEs of ours. */
export function offer(capabilities: Capabilities): string {
  const head = ourHead(capabilities);
  const formats = offeredFormats(lawsOf(capabilities), capabilities.telephoneEvent ?? true);
  const media = capabilities.transports.map((transport) => ({
    ...emptyMedia("RTP/AVP"),
    ...formats,
    ...transportOf(transport, head.address),
    ptimeMs: capabilities.ptimeMs ?? DEFAULT_PTIME_MS,
    direction: capabilities.direction ?? "sendrecv",
  }));
  return writeSdp({ ...head, timing: "0 0", media });
}

/**
 * Reads the peer's answer to our offer.
 * @throws GatewayError SDP_MALFORMED, SDP_TOO_MANY_STREAMS, SDP_NO_AUDIO, SDP_NO_COMMON_CODEC.
 */
export function applyAnswer(ourOffer: string, theirAnswer: string): NegotiatedAnswer {
  const ours = parseSdp(ourOffer);
  const theirs = parseSdp(theirAnswer);
  if (theirs.media.length !== ours.media.length) {
    const details = { where: "answer", expected: `${ours.media.length} m-lines` };
    throw new GatewayError("SDP_MALFORMED", details);
  }
  const streams = theirs.media.flatMap((media, index) => {
    const mine = ours.media[index];
    const laws = DEFAULT_LAWS.filter((law) => mine !== undefined && chooseCodec(mine, [law]));
    const codec = usableCodec(media, laws);
    return mine === undefined || codec === undefined
      ? []
      : [negotiated(theirs, index, codec, capabilitiesOf(ours, mine))];
  });
  return { sdp: ourOffer, audio: firstOf(streams, theirs, {}), streams };
}

/** What bounds the answer to an offer of ours. */
function capabilitiesOf(ours: SessionDescription, mine: MediaDescription): Capabilities {
  return {
    sessionId: ours.sessionId,
    sessionVersion: Number(ours.sessionVersion),
    transports: [],
    telephoneEvent: findTelephoneEvent(mine) !== undefined,
    rtcpMux: mine.rtcpMux,
    ptimeMs: mine.ptimeMs ?? DEFAULT_PTIME_MS,
    direction: mine.direction ?? ours.direction ?? "sendrecv",
  };
}

function firstOf(
  streams: readonly NegotiatedStream[],
  theirs: SessionDescription,
  { laws = DEFAULT_LAWS }: Pick<Capabilities, "laws">,
): NegotiatedStream {
  const first = streams[0];
  if (first === undefined) {
    throw refusal(theirs, laws);
  }
  return first;
}

/** Why nothing of a description can be used, the furthest that any of its streams came. */
function refusal(theirs: SessionDescription, laws: readonly Law[]): GatewayError {
  const streams = theirs.media.length;
  if (theirs.media.some((media) => usableCodec(media, laws) !== undefined)) {
    return new GatewayError("SDP_ADDRESS_FAMILY", { streams });
  }
  const code = theirs.media.some(isUsableAudio) ? "SDP_NO_COMMON_CODEC" : "SDP_NO_AUDIO";
  return new GatewayError(code, { streams });
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
