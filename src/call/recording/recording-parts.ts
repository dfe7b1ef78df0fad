/** What one recording session is made of. */
import type { Verdict } from "../../ports/call-store.ts";
import { AssistChannel } from "./assist-channel.ts";
import { RecordingEars } from "./recording-ears.ts";
import { headersOf } from "./recording-invitation.ts";
import { RecordingPeople } from "./recording-people.ts";
import type { RecordingCallOptions } from "./recording-service.ts";
import { RecordingStreams } from "./recording-streams.ts";

/** Each knows those before it. */
export interface RecordingParts {
  readonly people: RecordingPeople;
  readonly streams: RecordingStreams;
  readonly channel: AssistChannel;
  readonly ears: RecordingEars;
}

/** Nothing of it is opened yet; `end` is asked for when nobody can be heard any more. */
export function recordingParts(
  options: RecordingCallOptions,
  end: (verdict: Verdict) => void,
): RecordingParts {
  const { record, invitation, service, metrics } = options;
  const { callId, contactId, startedAtMs, trunk } = record.origin;
  const header = headersOf(invitation);
  const people = new RecordingPeople({ roles: service.roles, trunk, header, metrics });
  const streams = new RecordingStreams({
    ...options,
    callId,
    sessionId: Math.floor(startedAtMs / 1000),
    peer: invitation.source.address,
    ears: service,
    people,
  });
  const channel = new AssistChannel({ ...options, callId, contactId, help: service.help });
  const ears = new RecordingEars({ ...options, streams, people, channel, end });
  return { people, streams, channel, ears };
}
