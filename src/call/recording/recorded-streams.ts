/** Which side of a recording each stream of a recording session belongs to, and when its client pauses it. */
import type { RecordingChannel } from "../../ports/recording-store.ts";
import type { CallRecorder, RecordedLeg } from "../call-recorder.ts";
import type { RecordingPeople } from "./recording-people.ts";
import type { RecordingStreams } from "./recording-streams.ts";

/** Tells the recorder of a session what its streams are now. */
export function recordStreams(
  recorder: CallRecorder | undefined,
  streams: Pick<RecordingStreams, "all">,
  people: Pick<RecordingPeople, "byKey" | "isKept" | "allAware">,
): void {
  if (recorder === undefined) {
    return;
  }
  const hasCustomer = streams.all.some(({ key }) => people.byKey(key).role === "customer");
  const legs = streams.all.map(({ key, legId }, index): RecordedLeg => {
    const isFirst = index === 0 && !hasCustomer;
    const heard = people.isKept(key) ? channelOf(people.byKey(key).role, isFirst) : undefined;
    return { legId, heard };
  });
  recorder.follow(legs);
  const isKept = streams.all.some(({ key, sending }) => sending && people.isKept(key));
  recorder.clientPaused = streams.all.length > 0 && !isKept;
  if (people.allAware) {
    recorder.agree("client");
  }
}

/** The customer alone is on the left; where nobody is known to be one, the first stream is. */
function channelOf(role: string, isFirst: boolean): RecordingChannel {
  return role === "customer" || (role === "unknown" && isFirst) ? "left" : "right";
}
