/** One conversation's assistance: what was said goes in, what the agent should know of it comes out, at once and always the same. */
import type { AssistEvent, AssistRole, Sentiment } from "../ports/assist-events.ts";
import { ConversationSummary } from "./conversation-summary.ts";
import type { KnowledgeIndex } from "./knowledge.ts";
import type { Playbook } from "./playbook.ts";
import { PlaybookProgress } from "./playbook-progress.ts";
import { sentimentOf } from "./sentiment.ts";
import { TalkMeter } from "./talk-meter.ts";
import { excerptOf } from "./words.ts";

/** Something that was said. */
export type Utterance = Extract<AssistEvent, { readonly kind: "transcript" }>;

/** What a session works with. */
export interface AssistSessionOptions {
  readonly playbook: Playbook;
  /** Absent: somebody else answers questions. */
  readonly knowledge?: KnowledgeIndex | undefined;
}

/** Of one utterance, what is looked at. */
const MAX_TEXT = 4000;
/** Suggestions of one conversation; more would be read by nobody. */
const MAX_SUGGESTIONS = 200;
/** The same passage is not offered twice within this time. */
const REPEAT_MS = 120_000;
const MAX_PARTICIPANTS = 16;
/** An agent who talks more than this is told, after so much speech in all. */
const AGENT_SHARE = 0.75;
const SHARE_AFTER_MS = 60_000;

/** Knows no clock: time is what the utterances say. All that it keeps is bounded. */
export class AssistSession {
  readonly #knowledge: KnowledgeIndex | undefined;
  readonly #playbook: PlaybookProgress;
  readonly #meter = new TalkMeter();
  readonly #summary = new ConversationSummary();
  readonly #offeredAtMs = new Map<string, number>();
  readonly #feelings = new Map<string, Sentiment>();
  readonly #agents = new Set<string>();
  #suggestions = 0;
  #toldShare = false;
  #toldSummary: string | undefined;
  #ended = false;

  constructor({ playbook, knowledge }: AssistSessionOptions) {
    this.#knowledge = knowledge;
    this.#playbook = new PlaybookProgress(playbook);
  }

  /** The playbook as it stands, for a page that just came; nothing where there is none. */
  begin(): readonly AssistEvent[] {
    const steps = this.#playbook.steps();
    return steps.length === 0 ? [] : [{ kind: "playbook", name: this.#playbook.name, steps }];
  }

  /** Partial utterances and those after the end change nothing. */
  hear(utterance: Utterance): readonly AssistEvent[] {
    if (this.#ended || !utterance.final || utterance.text.trim() === "") {
      return [];
    }
    const text = utterance.text.slice(0, MAX_TEXT);
    const { role, utteranceId } = utterance;
    this.#summary.add(role, text);
    const move = this.#playbook.hear(role, text, utteranceId);
    return [
      ...this.#feelingOf(utterance, text),
      ...(move.stepsChanged ? this.begin() : []),
      ...move.suggestions.flatMap((said) =>
        this.suggest({ category: "nextBestAction", text: said, sources: [], utteranceId }),
      ),
      ...(role === "customer" ? this.#answer(text, utterance) : []),
      ...this.#coach(utterance),
    ];
  }

  /** A suggestion with the next id; nothing once there are too many. */
  suggest(
    suggestion: Omit<
      Extract<AssistEvent, { kind: "suggestion" }>,
      "kind" | "suggestionId" | "partial"
    >,
  ): readonly AssistEvent[] {
    const suggestionId = this.reserve();
    return suggestionId === undefined
      ? []
      : [{ kind: "suggestion", suggestionId, partial: false, ...suggestion }];
  }

  /** The id of one more suggestion; `undefined` once there are too many. */
  reserve(): string | undefined {
    if (this.#suggestions >= MAX_SUGGESTIONS) {
      return undefined;
    }
    this.#suggestions += 1;
    return `s${this.#suggestions}`;
  }

  /** Whether a passage was offered a short while ago; it counts as offered now. */
  isRepeated(uri: string | undefined, endMs: number): boolean {
    const key = `${uri}`;
    const offeredAtMs = this.#offeredAtMs.get(key);
    if (offeredAtMs !== undefined && endMs - offeredAtMs < REPEAT_MS) {
      return true;
    }
    this.#offeredAtMs.set(key, endMs);
    return false;
  }

  /** Somebody else sums the conversation up: their words take the place of ours. */
  summarise(text: string): void {
    this.#toldSummary = text;
  }

  /** What is left to say; the second time nothing. */
  end(): readonly AssistEvent[] {
    if (this.#ended) {
      return [];
    }
    this.#ended = true;
    const customer = [...this.#feelings].find(([id]) => !this.#agents.has(id))?.[1];
    return [
      ...(this.#meter.totalMs > 0 || this.#playbook.missed("end").length > 0
        ? [this.#coaching("end")]
        : []),
      {
        kind: "summary",
        text:
          this.#toldSummary ??
          this.#summary.text({
            steps: this.#playbook.steps(),
            missed: this.#playbook.missed("end"),
            sentiment: customer,
          }),
        disposition: this.#playbook.disposition,
      },
    ];
  }

  /** By the transcription where it says so, which then counts for agents too; else guessed by words. */
  #feelingOf(
    { participantId, role, sentiment, utteranceId }: Utterance,
    text: string,
  ): AssistEvent[] {
    if (role !== "customer" && role !== "unknown" && sentiment === undefined) {
      return [];
    }
    const label = sentiment ?? sentimentOf(text);
    const before = this.#feelings.get(participantId) ?? "neutral";
    const isNew = !this.#feelings.has(participantId);
    if (label === before || (isNew && this.#feelings.size >= MAX_PARTICIPANTS)) {
      return [];
    }
    this.#feelings.set(participantId, label);
    return [{ kind: "sentiment", participantId, label, utteranceId }];
  }

  #answer(text: string, { utteranceId, endMs }: Utterance): readonly AssistEvent[] {
    const [hit] = this.#knowledge?.search(text, 1) ?? [];
    if (hit === undefined || this.isRepeated(hit.source.uri, endMs)) {
      return [];
    }
    const { answer, source } = hit;
    return this.suggest({ category: "answer", text: answer, sources: [source], utteranceId });
  }

  #coach(utterance: Utterance): readonly AssistEvent[] {
    const { participantId, role } = utterance;
    if (!isAgent(role)) {
      this.#agents.delete(participantId);
    } else if (this.#agents.size < MAX_PARTICIPANTS) {
      this.#agents.add(participantId);
    }
    this.#meter.add(utterance);
    if (this.#meter.totalMs === 0) {
      return [];
    }
    return [this.#coaching("sofar"), ...this.#shareAdvice()];
  }

  #shareAdvice(): readonly AssistEvent[] {
    const shares = Object.entries(this.#meter.shares());
    const ofAgents = shares
      .filter(([id]) => this.#agents.has(id))
      .reduce((sum, [, share]) => sum + share, 0);
    if (
      this.#toldShare ||
      shares.length < 2 ||
      ofAgents <= AGENT_SHARE ||
      this.#meter.totalMs < SHARE_AFTER_MS
    ) {
      return [];
    }
    this.#toldShare = true;
    const text = "You speak most of the time: ask a question and let the customer talk.";
    return this.suggest({ category: "coaching", text, sources: [], utteranceId: undefined });
  }

  #coaching(when: "sofar" | "end"): AssistEvent {
    return {
      kind: "coaching",
      talkShare: this.#meter.shares(),
      overtalkMs: Math.round(this.#meter.overtalkMs),
      deadAirMs: Math.round(this.#meter.deadAirMs),
      missedSteps: this.#playbook.missed(when).map((title) => excerptOf(title, 200)),
    };
  }
}

function isAgent(role: AssistRole): boolean {
  return role === "agent" || role === "model";
}
