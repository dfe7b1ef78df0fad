/** Collects what a call leaves behind, from its facts, within bounds. */
import type { CallDetail, CallSummary, MutedSides } from "../ports/call-directory.ts";
import type {
  CallContact,
  CallRecord,
  Interruption,
  ToolUse,
  TranscriptLine,
  Verdict,
} from "../ports/call-store.ts";
import type {
  ContactClueKind,
  ContactIdentity,
  ResultOutcome,
} from "../ports/contact-directory.ts";
import type { LegStats, MediaFact, TurnTiming } from "../ports/media-facts.ts";
import { ModelLedger } from "./model-ledger.ts";

/** What is known of a call when it starts. */
export interface CallOrigin extends Omit<CallSummary, "state" | "answeredAtMs"> {
  readonly sipCallId: string;
  readonly attributes: CallRecord["attributes"];
  /** Absent: none is known. */
  readonly streamArn?: string | undefined;
}

/** Lines, turns and interruptions kept of one call; later ones are counted in `omitted`. */
const KEPT_ENTRIES = 2000;

/** Names and values that were set during the call, all together. */
const KEPT_ATTRIBUTE_CHARACTERS = 16_384;

/** Grows with the call; `finish` gives the record. */
export class CallRecordBuilder {
  readonly origin: CallOrigin;
  readonly #transcript: TranscriptLine[] = [];
  readonly #interruptions: Interruption[] = [];
  readonly #turns: TurnTiming[] = [];
  readonly #models = new ModelLedger();
  readonly #tools: ToolUse[] = [];
  readonly #attributes = new Map<string, string>();
  #answeredAtMs: number | undefined;
  #stats: LegStats | undefined;
  #muted: MutedSides = { caller: false, model: false };
  #participants: CallRecord["participants"];
  #recordedParts: () => Pick<CallRecord, "consent" | "recording"> = () => ({});
  #contact: CallContact | undefined;
  #omitted = 0;

  constructor(origin: CallOrigin) {
    this.origin = origin;
  }

  get answeredAtMs(): number | undefined {
    return this.#answeredAtMs;
  }

  /** Entries that were not kept because the call had too many. */
  get omitted(): number {
    return this.#omitted;
  }

  /** What is known of the call by name: what it began with, and what was set since. */
  get attributes(): CallRecord["attributes"] {
    return { ...this.origin.attributes, ...Object.fromEntries(this.#attributes) };
  }

  /** What was set during the call. */
  get noted(): CallRecord["attributes"] {
    return Object.fromEntries(this.#attributes);
  }

  /** The contact that the call belongs to is known. */
  setContact(identity: ContactIdentity, foundBy: ContactClueKind): void {
    this.#contact = { ...identity, foundBy, results: undefined };
  }

  /** What became of the results for the contact. */
  setResults(results: ResultOutcome): void {
    this.#contact = this.#contact && { ...this.#contact, results };
  }

  /** `false` when all that was set would be more than is kept. */
  setAttribute(name: string, value: string): boolean {
    let characters = name.length + value.length;
    for (const [other, kept] of this.#attributes) {
      characters += other === name ? 0 : other.length + kept.length;
    }
    if (characters > KEPT_ATTRIBUTE_CHARACTERS) {
      return false;
    }
    this.#attributes.set(name, value);
    return true;
  }

  addTool(use: ToolUse): void {
    this.#keep(this.#tools, use);
  }

  /** A line of a recording session, which its facts do not tell the speaker of. */
  addLine(line: TranscriptLine): void {
    this.#keep(this.#transcript, line);
  }

  /** Lines that were kept, too: who spoke them turned out to be somebody else. */
  setRole(participantId: string, role: TranscriptLine["role"]): void {
    for (const [index, line] of this.#transcript.entries()) {
      if (line.participantId === participantId) {
        this.#transcript[index] = { ...line, role };
      }
    }
  }

  /** The streams of a recording session, as they are known now. */
  setParticipants(participants: NonNullable<CallRecord["participants"]>): void {
    this.#participants = participants;
  }

  /** Asked whenever the call is looked at. */
  setRecordedParts(parts: () => Pick<CallRecord, "consent" | "recording">): void {
    this.#recordedParts = parts;
  }

  answered(atMs: number): void {
    this.#answeredAtMs = atMs;
  }

  add(fact: MediaFact): void {
    this.#models.add(fact);
    switch (fact.kind) {
      case "transcriptAdded":
        if (fact.final) {
          const { speaker, text, atMs } = fact;
          this.#keep(this.#transcript, { speaker, text, atMs });
        }
        break;
      case "bargedIn": {
        const { atMs, playedMs, unheardMs } = fact;
        this.#keep(this.#interruptions, { atMs, playedMs, unheardMs });
        break;
      }
      case "turnPlayed":
        this.#keep(this.#turns, fact.turn);
        break;
      case "muteChanged":
        this.#muted = { ...this.#muted, [fact.who]: fact.on };
        break;
      case "legClosed":
        this.#stats = sumOfLegs(this.#stats, fact.stats);
        break;
      default:
        break;
    }
  }

  summary(state: string): CallSummary {
    const { sipCallId: _, attributes: __, streamArn: ___, ...origin } = this.origin;
    const contactId = this.#contact?.contactId ?? origin.contactId;
    return { ...origin, contactId, state, answeredAtMs: this.#answeredAtMs };
  }

  detail(state: string): CallDetail {
    return {
      ...this.summary(state),
      transcript: [...this.#transcript],
      interruptions: [...this.#interruptions],
      turns: [...this.#turns],
      models: this.#models.spans,
      usage: this.#models.usage,
      muted: this.#muted,
      tools: [...this.#tools],
      ...this.#others,
      attributes: this.attributes,
    };
  }

  finish(endedAtMs: number, verdict: Verdict): CallRecord {
    return {
      ...this.origin,
      contactId: this.#contact?.contactId ?? this.origin.contactId,
      streamArn: this.origin.streamArn,
      answeredAtMs: this.#answeredAtMs,
      endedAtMs,
      verdict,
      transcript: this.#transcript,
      interruptions: this.#interruptions,
      turns: this.#turns,
      models: this.#models.finish(endedAtMs),
      usage: this.#models.usage,
      tools: this.#tools,
      ...this.#others,
      attributes: this.attributes,
      stats: this.#stats,
    };
  }

  get #others(): Pick<CallRecord, "participants" | "contact" | "consent" | "recording"> {
    return {
      ...this.#recordedParts(),
      ...(this.#participants === undefined ? {} : { participants: this.#participants }),
      ...(this.#contact === undefined ? {} : { contact: this.#contact }),
    };
  }

  #keep<Entry>(entries: Entry[], entry: Entry): void {
    if (entries.length < KEPT_ENTRIES) {
      entries.push(entry);
    } else {
      this.#omitted += 1;
    }
  }
}

function sumOfLegs(before: LegStats | undefined, stats: LegStats): LegStats {
  return before === undefined
    ? stats
    : {
        packetsReceived: before.packetsReceived + stats.packetsReceived,
        packetsSent: before.packetsSent + stats.packetsSent,
        packetsLost: before.packetsLost + stats.packetsLost,
        packetsLate: before.packetsLate + stats.packetsLate,
        packetsRefused: before.packetsRefused + stats.packetsRefused,
        jitterMs: Math.max(before.jitterMs, stats.jitterMs),
        roundTripMs: before.roundTripMs ?? stats.roundTripMs,
        remoteLossFraction: before.remoteLossFraction ?? stats.remoteLossFraction,
      };
}
