/** What happened in a recording session, in words. */
import type { ExplainedRequest } from "../app/explain-recording.ts";

type Fact = ExplainedRequest["facts"][number];

const TRANSFERS = {
  reference: "as the metadata says",
  group: "into another session of the same group",
  replacement: "one went as the other came",
} as const;

/** One line. */
export function factText(fact: Fact): string {
  switch (fact.kind) {
    case "participantJoined":
      return `participant ${fact.participantId} joins`;
    case "participantLeft":
      return `participant ${fact.participantId} leaves`;
    case "participantRenamed":
      return `participant ${fact.from} is now called ${fact.to}`;
    case "transferred":
      return `transferred from ${fact.from} to ${fact.to} (${TRANSFERS[fact.because]})`;
    case "streamAdded":
      return `stream ${fact.key} is added${fact.sending ? "" : ", held"}`;
    case "streamRemoved":
      return `stream ${fact.key} is removed`;
    case "streamHeld":
      return `stream ${fact.key} is held`;
    case "streamResumed":
      return `stream ${fact.key} starts or resumes`;
    case "streamSourceChanged":
      return `stream ${fact.key} comes from another source`;
    case "speakersChanged":
      return fact.participantIds.length === 0
        ? `nobody speaks on stream ${fact.key} any more`
        : `on stream ${fact.key} speaks ${fact.participantIds.join(" and ")}`;
  }
}
