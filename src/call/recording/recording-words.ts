/** What was said on the streams of a recording session, on one timeline: partial and final versions of utterances. */
import type { LegId } from "../../core/ids.ts";
import type { AssistEvent } from "../../ports/assist-events.ts";
import type { MediaFact } from "../../ports/media-facts.ts";

/** A transcript event before it is known who spoke. */
export type Utterance = Omit<
  Extract<AssistEvent, { kind: "transcript" }>,
  "kind" | "participantId" | "role"
>;

/** An utterance as it was told last, and when it began. */
interface OpenUtterance {
  readonly startedAtMs: number;
  readonly said: Utterance;
}

interface Ear {
  speechStartedAtMs: number | undefined;
  speechStoppedAtMs: number | undefined;
  /** Utterances under way. */
  readonly open: Map<string, OpenUtterance>;
  /** Sessions of the model on this stream: each numbers its items anew. */
  sessions: number;
}

/** A model that never ends its utterances must not fill the memory. */
const OPEN_UTTERANCES = 20;

/** Hears the facts of the legs. */
export class RecordingWords {
  readonly #ears = new Map<LegId, Ear>();

  /** `undefined`: nothing was said. @param beganAtMs the beginning of the conversation, wall milliseconds. */
  hear(fact: MediaFact, beganAtMs: number): Utterance | undefined {
    const ear = this.#earOf(fact.legId);
    switch (fact.kind) {
      case "speechStarted":
        ear.speechStartedAtMs = fact.atMs;
        return undefined;
      case "speechStopped":
        ear.speechStoppedAtMs = fact.atMs;
        return undefined;
      case "modelReady":
      case "modelRenewed":
        ear.sessions += 1;
        return undefined;
      case "transcriptAdded":
        return fact.speaker === "caller" ? utterance(ear, fact, beganAtMs) : undefined;
      default:
        return undefined;
    }
  }

  /** Whether something was begun to be written down, and is not finished. */
  get isUnderWay(): boolean {
    return [...this.#ears.values()].some(({ open }) => open.size > 0);
  }

  /** How an item of the model on this leg is named on the page. */
  utteranceIdOf(legId: LegId, itemId: string): string {
    return nameOf(legId, this.#earOf(legId), itemId);
  }

  /** Ends what is under way on a stream, or on all: what was understood of it is all there will be. */
  *finish(onlyLegId?: LegId): Iterable<{ readonly legId: LegId; readonly said: Utterance }> {
    for (const [legId, { open }] of this.#ears) {
      if (onlyLegId === undefined || legId === onlyLegId) {
        for (const { said } of open.values()) {
          yield { legId, said: { ...said, final: true } };
        }
        open.clear();
      }
    }
  }

  #earOf(legId: LegId): Ear {
    let ear = this.#ears.get(legId);
    if (ear === undefined) {
      ear = {
        speechStartedAtMs: undefined,
        speechStoppedAtMs: undefined,
        open: new Map(),
        sessions: 0,
      };
      this.#ears.set(legId, ear);
    }
    return ear;
  }
}

function utterance(
  ear: Ear,
  fact: Extract<MediaFact, { kind: "transcriptAdded" }>,
  beganAtMs: number,
): Utterance {
  const { legId, itemId, text, final, atMs, details } = fact;
  const known = ear.open.get(itemId)?.startedAtMs;
  const startedAtMs = details?.startedAtMs ?? known ?? ear.speechStartedAtMs ?? atMs;
  const stoppedAtMs = ear.speechStoppedAtMs ?? atMs;
  const guessedAtMs = final && stoppedAtMs >= startedAtMs ? stoppedAtMs : atMs;
  const offset = (wallMs: number): number => Math.max(0, Math.round(wallMs - beganAtMs));
  const said = {
    utteranceId: nameOf(legId, ear, itemId),
    text,
    final,
    startMs: offset(startedAtMs),
    endMs: offset(details?.endedAtMs ?? guessedAtMs),
    ...(details?.sentiment === undefined ? {} : { sentiment: details.sentiment }),
  };
  if (final) {
    ear.open.delete(itemId);
  } else if (ear.open.has(itemId) || ear.open.size < OPEN_UTTERANCES) {
    ear.open.set(itemId, { startedAtMs, said });
  }
  return said;
}

function nameOf(legId: LegId, { sessions }: Ear, itemId: string): string {
  return `${legId}-${sessions}-${itemId}`;
}
