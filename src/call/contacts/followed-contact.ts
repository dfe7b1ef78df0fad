/** One contact that somebody else transcribes: what they say of it goes to the agent's page with help, and into a call record. */
import type { Clock } from "../../core/clock.ts";
import type { AssistParticipant } from "../../ports/assist-events.ts";
import type { CallRecord, TranscriptLine, Verdict } from "../../ports/call-store.ts";
import type { ContactSegment } from "../../ports/contact-analysis.ts";
import type { CallRecordBuilder } from "../call-record.ts";
import type { AssistChannel } from "../recording/assist-channel.ts";

/** What a contact works with. */
export interface FollowedContactOptions {
  readonly clock: Clock;
  readonly record: CallRecordBuilder;
  readonly channel: AssistChannel;
}

/** What became of a segment. */
export type SegmentOutcome = "taken" | "repeated" | "late" | "full";

type Heard = Extract<ContactSegment, { readonly kind: "utterance" }>;

const MAX_PARTICIPANTS = 16;
/** Utterances of one contact; a record keeps no more. */
const MAX_UTTERANCES = 2000;
/** Names of rules that are told of once each. */
const MAX_CATEGORIES = 100;
const BECAUSE = "Contact Lens says so";
const FAILED = "the transcription by Contact Lens fails; it is tried again";
const BACK = "the transcription by Contact Lens works again";

/** From its first news to its end; afterwards it takes nothing. */
export class FollowedContact {
  readonly #options: FollowedContactOptions;
  readonly #participants = new Map<string, AssistParticipant>();
  /** Utterance → whether its last version was final. */
  readonly #utterances = new Map<string, boolean>();
  readonly #categories = new Set<string>();
  readonly #lines: TranscriptLine[] = [];
  #isFailing = false;
  #ended = false;

  constructor(options: FollowedContactOptions) {
    this.#options = options;
  }

  /** Utterances that were heard to their end. */
  get utterances(): number {
    return this.#lines.length;
  }

  /** Wall milliseconds. */
  get startedAtMs(): number {
    return this.#options.record.origin.startedAtMs;
  }

  start(): void {
    this.#options.record.answered(this.startedAtMs);
    this.#tellState("live");
  }

  hear(segment: ContactSegment): SegmentOutcome {
    if (this.#ended) {
      return "late";
    }
    switch (segment.kind) {
      case "utterance":
        return this.#hear(segment);
      case "categories":
        return this.#match(segment.names);
      case "summary":
        this.#options.record.setAttribute("contactLensSummary", segment.text);
        this.#options.channel.publish({
          kind: "summary",
          text: segment.text,
          disposition: undefined,
        });
        return "taken";
    }
  }

  /** The service fails, or works again; what was told is not told again. */
  health(ok: boolean): void {
    if (!this.#ended && ok === this.#isFailing) {
      this.#isFailing = !ok;
      const text = ok ? BACK : FAILED;
      this.#options.channel.publish({ kind: "notice", part: "transcriber", ok, text });
    }
  }

  /** The record, with its lines in the order in which they were said. */
  end(verdict: Verdict): CallRecord {
    const { record, clock } = this.#options;
    this.#ended = true;
    this.#tellState("ended");
    for (const line of this.#lines.toSorted((left, right) => left.atMs - right.atMs)) {
      record.addLine(line);
    }
    return record.finish(clock.wallMs(), verdict);
  }

  #hear(heard: Heard): SegmentOutcome {
    const { kind: _, ...said } = heard;
    const { utteranceId, participantId, role, text, final, startMs } = said;
    const known = this.#utterances.get(utteranceId);
    if (known === true) {
      return "repeated";
    }
    if (known === undefined && this.#utterances.size >= MAX_UTTERANCES) {
      return "full";
    }
    this.#utterances.set(utteranceId, final);
    this.#meet(heard);
    this.#options.channel.publish({ kind: "transcript", ...said });
    if (final) {
      const atMs = this.startedAtMs + startMs;
      this.#lines.push({ speaker: "caller", text, atMs, role, participantId });
    }
    return "taken";
  }

  #match(names: readonly string[]): SegmentOutcome {
    const fresh = names.filter((name) => !this.#categories.has(name));
    for (const name of fresh) {
      if (this.#categories.size >= MAX_CATEGORIES) {
        return "full";
      }
      this.#categories.add(name);
      this.#options.channel.publish({
        kind: "suggestion",
        suggestionId: `category-${this.#categories.size}`,
        category: "coaching",
        text: `Contact Lens: ${name}`,
        partial: false,
        sources: [],
        utteranceId: undefined,
      });
    }
    if (fresh.length > 0) {
      const all = [...this.#categories].join(", ");
      this.#options.record.setAttribute("contactLensCategories", all);
    }
    return fresh.length > 0 ? "taken" : "repeated";
  }

  #meet({ participantId, role }: Heard): void {
    if (!this.#participants.has(participantId) && this.#participants.size < MAX_PARTICIPANTS) {
      const because = BECAUSE;
      this.#participants.set(participantId, { id: participantId, role, because, name: undefined });
      this.#tellState("live");
    }
  }

  #tellState(state: "live" | "ended"): void {
    const participants = [...this.#participants.values()];
    this.#options.record.setParticipants(participants);
    this.#options.channel.publish({ kind: "state", state, participants });
  }
}
