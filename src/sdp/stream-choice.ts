/** Which streams of an offer we take, and why none when it is none. */
import { GatewayError } from "../core/errors.ts";
import type { SrtpPolicy } from "../core/srtp-suites.ts";
import {
  type Capabilities,
  DEFAULT_LAWS,
  isSameFamily,
  isUsableAudio,
  lawsOf,
  type NegotiatedStream,
  negotiated,
  usableCodec,
} from "./audio-stream.ts";
import type { ChosenCodec, Law } from "./codecs.ts";
import type { CryptoAttribute } from "./crypto-attribute.ts";
import type { MediaDescription, SessionDescription } from "./session-description.ts";
import { acceptedCrypto, isTaken, offeredSecurity } from "./stream-security.ts";

/** The bounds of what we take of an offer. */
export interface OfferBounds {
  readonly laws?: readonly Law[] | undefined;
  readonly policy?: SrtpPolicy | undefined;
}

/** The codec to run a stream of an offer with, if we take it at all. */
export function takenCodec(media: MediaDescription, bounds: OfferBounds): ChosenCodec | undefined {
  return isTaken(offeredSecurity(media, bounds.policy ?? "off"))
    ? usableCodec(media, bounds.laws ?? DEFAULT_LAWS)
    : undefined;
}

/** Places of the m-lines that could be taken; throws the reason where there is none. */
export function takableLines(offered: SessionDescription, bounds: OfferBounds): readonly number[] {
  const places = offered.media.flatMap((media, index) =>
    takenCodec(media, bounds) === undefined ? [] : [index],
  );
  if (places.length === 0) {
    throw streamRefusal(offered, bounds);
  }
  return places;
}

/** At most one stream per transport of ours, in order of their m-lines; of alternatives, the encrypted ones. */
export function takenStreams(
  offered: SessionDescription,
  capabilities: Capabilities,
): readonly NegotiatedStream[] {
  const candidates = offered.media.flatMap((media, i) =>
    candidate(offered, media, i, capabilities),
  );
  const encryptedFirst = candidates.toSorted((a, b) => Number(isPlain(a)) - Number(isPlain(b)));
  return encryptedFirst
    .slice(0, capabilities.transports.length)
    .sort((a, b) => a.stream.mediaIndex - b.stream.mediaIndex)
    .map(({ stream, line }) => withKeys(stream, line, capabilities));
}

/** Why nothing of a description can be used, the furthest that any of its streams came. */
export function streamRefusal(theirs: SessionDescription, bounds: OfferBounds): GatewayError {
  const streams = theirs.media.length;
  if (theirs.media.some((media) => takenCodec(media, bounds) !== undefined)) {
    return new GatewayError("SDP_ADDRESS_FAMILY", { streams });
  }
  const securities = theirs.media
    .filter(isUsableAudio)
    .map((media) => offeredSecurity(media, bounds.policy ?? "off"));
  if (securities.some(isTaken)) {
    return new GatewayError("SDP_NO_COMMON_CODEC", { streams });
  }
  const refusals = securities.flatMap((security) => (isTaken(security) ? [] : [security]));
  const [code = "SDP_NO_AUDIO"] = refusals;
  return new GatewayError(code, { streams });
}

/** What bounds an answer of ours. */
export function boundsOf(capabilities: Capabilities): OfferBounds {
  return { laws: lawsOf(capabilities), policy: capabilities.srtp?.policy };
}

/** A stream that may be taken, with the crypto line that would be accepted. */
interface Candidate {
  readonly stream: NegotiatedStream;
  readonly line: CryptoAttribute | undefined;
}

const isPlain = ({ line }: Candidate): boolean => line === undefined;

function candidate(
  offered: SessionDescription,
  media: MediaDescription,
  index: number,
  capabilities: Capabilities,
): readonly Candidate[] {
  const [transport] = capabilities.transports;
  const codec = takenCodec(media, boundsOf(capabilities));
  if (transport === undefined || codec === undefined) {
    return [];
  }
  const stream = negotiated(offered, index, codec, capabilities);
  const line = acceptedCrypto(media, capabilities.srtp);
  return isSameFamily(stream.remoteAddress, transport.address) ? [{ stream, line }] : [];
}

function withKeys(
  stream: NegotiatedStream,
  line: CryptoAttribute | undefined,
  { srtp }: Capabilities,
): NegotiatedStream {
  if (srtp === undefined || line === undefined) {
    return stream;
  }
  const local = srtp.keys.answerTo(stream.mediaIndex, line.key);
  return { ...stream, srtp: { local, remote: line.key } };
}
