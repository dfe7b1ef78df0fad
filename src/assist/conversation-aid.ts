/** Help within one conversation, spoken or written: follows what is said, and says what comes of it, by the model where there is one. */
import type { AdviceTurn } from "../ports/advisor.ts";
import type { AssistEvent } from "../ports/assist-events.ts";
import type { ChatAnswer } from "../ports/chat-assistant.ts";
import type { AdviceDesk } from "./advice-desk.ts";
import { AssistSession, type Utterance } from "./assist-session.ts";
import type { Playbook } from "./playbook.ts";
import { SuggestionCard } from "./suggestion-card.ts";
import { subjectWordsOf } from "./words.ts";

/** What the help works with. */
export interface ConversationAidOptions {
  readonly desk: AdviceDesk;
  readonly playbook: Playbook;
  /** Takes what is to be told, in order. */
  readonly publish: (event: AssistEvent) => void;
}

/** Turns that are remembered. */
const MAX_TURNS = 24;
const MAX_TURN_CHARACTERS = 1000;

/** Adds nothing once the conversation ended, whatever a model still answers. */
export class ConversationAid {
  readonly #options: ConversationAidOptions;
  readonly #session: AssistSession;
  readonly #history: AdviceTurn[] = [];
  /** Cards whose answers are under way. */
  readonly #cards = new Set<SuggestionCard>();
  #unwatch: (() => void) | undefined;
  #begun = false;
  #ended = false;

  constructor(options: ConversationAidOptions) {
    const { desk, playbook } = options;
    this.#options = options;
    this.#session = new AssistSession({ playbook, knowledge: desk.localKnowledge });
  }

  /**
   * Publishes an event of the conversation with what comes of it, in order: the playbook when it begins, suggestions after
   * what was said, the summary before the end. All but a model's answer is published before it returns; resolves when that
   * is, too. Never rejects.
   */
  async pass(event: AssistEvent): Promise<void> {
    const isState = event.kind === "state";
    if (isState && event.state === "ended") {
      this.#end();
    }
    this.#options.publish(event);
    if (isState && !this.#begun) {
      this.#begin();
    }
    if (event.kind === "summary") {
      this.#session.summarise(event.text);
    } else if (event.kind === "transcript") {
      await this.#hear(event);
    }
  }

  /** Nobody follows the conversation any more: nothing is added to it, and no summary is made. */
  close(): void {
    this.#ended = true;
    this.#unwatch?.();
    this.#unwatch = undefined;
  }

  async #hear(utterance: Utterance): Promise<void> {
    this.#tell(this.#session.hear(utterance));
    const { final, role } = utterance;
    const text = utterance.text.trim();
    if (this.#ended || !final || text === "") {
      return;
    }
    const history = [...this.#history];
    if (role === "customer" || role === "agent") {
      this.#history.push({ role, text: text.slice(0, MAX_TURN_CHARACTERS) });
      if (this.#history.length > MAX_TURNS) {
        this.#history.shift();
      }
    }
    // Greetings and thanks are not worth a question to a model or a service.
    const isAsked = this.#options.desk.localKnowledge === undefined;
    if (role === "customer" && isAsked && subjectWordsOf(text).length > 0) {
      await this.#ask(text, history, utterance);
    }
  }

  async #ask(
    text: string,
    history: readonly AdviceTurn[],
    { utteranceId, endMs }: Utterance,
  ): Promise<void> {
    const { desk } = this.#options;
    const card = new SuggestionCard({
      utteranceId,
      reserve: () => this.#session.reserve(),
      tell: (event) => this.#tell([event]),
    });
    this.#cards.add(card);
    let answer: ChatAnswer | undefined;
    try {
      answer = await desk.answer({ text, history, onPartial: (soFar) => card.grow(soFar) });
    } catch {
      // Logged, counted and told by the desk.
    }
    this.#cards.delete(card);
    const { text: said, sources = [] } = answer ?? {};
    const [source] = desk.hasModel ? [] : sources;
    const isRepeated = source !== undefined && this.#session.isRepeated(source.uri, endMs);
    if (said === undefined || isRepeated) {
      card.withdraw();
    } else {
      card.finish(said, sources);
    }
  }

  /** The playbook, and what is out of order on this node now and later. */
  #begin(): void {
    const { notices } = this.#options.desk;
    this.#begun = true;
    this.#tell(this.#session.begin());
    if (!this.#ended) {
      this.#tell(notices.wrong);
      this.#unwatch = notices.watch((notice) => this.#tell([notice]));
    }
  }

  #end(): void {
    for (const card of this.#cards) {
      card.withdraw();
    }
    this.#cards.clear();
    this.#tell(this.#session.end());
    this.close();
  }

  #tell(events: readonly AssistEvent[]): void {
    for (const event of this.#ended ? [] : events) {
      this.#options.publish(event);
    }
  }
}
