/** What the peer's answer makes of an offer of ours. RFC 3264 §7 Offerer Processing of the Answer. */
import { GatewayError } from "../core/errors.ts";
import {
  type Capabilities,
  DEFAULT_LAWS,
  DEFAULT_PTIME_MS,
  isUsableAudio,
  type NegotiatedAnswer,
  type NegotiatedStream,
  negotiated,
  usableCodec,
} from "./audio-stream.ts";
import { chooseCodec, findTelephoneEvent } from "./codecs.ts";
import { parseSdp } from "./parse-sdp.ts";
import type { MediaDescription, SessionDescription } from "./session-description.ts";
import { streamRefusal } from "./stream-choice.ts";
import { answeredSecurity, isTaken } from "./stream-security.ts";

/**
 * Reads the peer's answer to our offer.
 * @throws GatewayError SDP_*.
 */
export function applyAnswer(ourOffer: string, theirAnswer: string): NegotiatedAnswer {
  const ours = parseSdp(ourOffer);
  const theirs = parseSdp(theirAnswer);
  if (theirs.media.length !== ours.media.length) {
    const details = { where: "answer", expected: `${ours.media.length} m-lines` };
    throw new GatewayError("SDP_MALFORMED", details);
  }
  const streams = theirs.media.flatMap((media, index) =>
    answeredStream(ours, theirs, media, index),
  );
  const [audio] = streams;
  if (audio === undefined) {
    throw answerRefusal(ours, theirs);
  }
  return { sdp: ourOffer, audio, streams };
}

/** A stream of their answer, if it is one that we can run. */
function answeredStream(
  ours: SessionDescription,
  theirs: SessionDescription,
  media: MediaDescription,
  index: number,
): readonly NegotiatedStream[] {
  const mine = ours.media[index];
  const laws = DEFAULT_LAWS.filter((law) => mine !== undefined && chooseCodec(mine, [law]));
  const codec = usableCodec(media, laws);
  if (mine === undefined || codec === undefined) {
    return [];
  }
  const security = answeredSecurity(mine, media);
  if (!isTaken(security)) {
    return [];
  }
  const stream = negotiated(theirs, index, codec, capabilitiesOf(ours, mine));
  return [security === "plain" ? stream : { ...stream, srtp: security }];
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

/** Why no stream of an answer can be run. */
function answerRefusal(ours: SessionDescription, theirs: SessionDescription): GatewayError {
  for (const [index, media] of theirs.media.entries()) {
    const mine = ours.media[index];
    const security = mine !== undefined && isUsableAudio(media) && answeredSecurity(mine, media);
    if (typeof security === "string" && !isTaken(security)) {
      return new GatewayError(security, { streams: theirs.media.length });
    }
  }
  return streamRefusal(theirs, { policy: "optional" });
}
