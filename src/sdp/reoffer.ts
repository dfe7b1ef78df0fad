/** Our offer within a session: all we can do, in the shape that the session has. RFC 3264 §8 Modifying the Session. */
import { type Capabilities, lawsOf } from "./audio-stream.ts";
import {
  chooseCodec,
  findTelephoneEvent,
  formatList,
  staticCodec,
  TELEPHONE_EVENT_PAYLOAD_TYPE,
} from "./codecs.ts";
import { parseSdp } from "./parse-sdp.ts";
import { type MediaDescription, writeSdp } from "./session-description.ts";
import { currentCrypto } from "./stream-security.ts";

/**
 * Offers anew what our last description agreed on: every m-line keeps its place, refused ones stay refused, and no
 * payload type changes its meaning; codecs and direction are ours again, so that a hold may end. A stream stays encrypted,
 * with the key it has, or plain.
 */
export function reoffer(ourLast: string, capabilities: Capabilities): string {
  const { sessionId, sessionVersion, direction = "sendrecv" } = capabilities;
  const last = parseSdp(ourLast);
  const media = last.media.map((stream, index) =>
    stream.port === 0
      ? stream
      : {
          ...stream,
          ...formatsAnew(stream, capabilities),
          direction,
          crypto: currentCrypto(stream, capabilities.srtp?.keys.current(index)),
        },
  );
  return writeSdp({ ...last, sessionId, sessionVersion: String(sessionVersion), media });
}

/** What was agreed on comes first. */
function formatsAnew(stream: MediaDescription, capabilities: Capabilities) {
  const laws = lawsOf(capabilities);
  const agreed = chooseCodec(stream, laws);
  const others = laws.filter((law) => law !== agreed?.law);
  const codecs = others.map((law) => chooseCodec(stream, [law]) ?? staticCodec(law));
  const event = findTelephoneEvent(stream) ?? TELEPHONE_EVENT_PAYLOAD_TYPE;
  return formatList(
    agreed === undefined ? codecs : [agreed, ...codecs],
    (capabilities.telephoneEvent ?? true) ? event : undefined,
  );
}
