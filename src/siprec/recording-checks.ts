/** Holds metadata against SDP: labels that one side lacks, people without audio, audio without people. */
import { type Oddity, oddity } from "./oddities.ts";
import { labelOfReference, type RecordingState, speakersOf } from "./recording-state.ts";

/** Everything that does not fit at this moment; none of it costs audio. */
export function checkRecording(state: RecordingState): readonly Oddity[] {
  return state.metadataSeen === "none" || state.media.length === 0
    ? []
    : [...labelChecks(state), ...participantChecks(state), ...speakerChecks(state)];
}

function labelChecks({ streams, sessions, media }: RecordingState): readonly Oddity[] {
  const inSdp = new Set(media.map(({ label }) => label));
  const live = [...streams.values()].filter(
    ({ sessionId }) => sessions.get(sessionId ?? "")?.stopTime === undefined,
  );
  const inMetadata = new Set(live.map(({ label }) => label));
  return [
    ...[...inMetadata]
      .filter((label) => label !== undefined && !inSdp.has(label))
      .map((label) => oddity("labelNotInSdp", `label ${label}`)),
    ...media
      .filter(({ recordable, label }) => recordable && label !== undefined)
      .filter(({ label }) => !inMetadata.has(label))
      .map(({ label }) => oddity("labelNotInMetadata", `label ${label}`)),
  ];
}

function participantChecks(state: RecordingState): readonly Oddity[] {
  return [...state.participants.values()].flatMap(({ id, sends }) => {
    const unknown = sends.filter((reference) => labelOfReference(state, reference) === undefined);
    const isDangling = unknown.some((reference) => !state.streams.has(reference));
    return [
      ...(sends.length === 0 ? [oddity("participantSilent", `participant ${id}`)] : []),
      ...(isDangling ? [oddity("referenceUnknown", `streams of participant ${id}`)] : []),
    ];
  });
}

function speakerChecks(state: RecordingState): readonly Oddity[] {
  const labels = new Set([...state.streams.values()].map(({ label }) => label));
  return state.media
    .filter(({ recordable, label }) => recordable && label !== undefined && labels.has(label))
    .flatMap((line) => {
      const count = speakersOf(state, line).length;
      const place = `label ${line.label}`;
      if (count === 0 && line.key === line.label) {
        return [oddity("streamUnclaimed", place)];
      }
      return count > 1 ? [oddity("streamMixed", place)] : [];
    });
}
