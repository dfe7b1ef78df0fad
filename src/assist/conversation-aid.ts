/** Help within one conversation, spoken or written: follows what is said, and says what comes of it, by the model where there is one. */
import type { AdviceTurn } from "../ports/advisor.ts";
import type { AssistEvent } from "../ports/assist-events.ts";
import type { ChatAnswer } from "../ports/chat-assistant.ts";
import type { AdviceDesk } from "./advice-desk.ts";
import { AssistSession, type Utterance } from "./assist-session.ts";
import type { Playbook } from "./playbook.ts";
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
const FAILED = "The model fails: answers come from local knowledge, as far as it goes.";
const BACK = "The model answers again.";

/** Adds nothing once the conversation ended, whatever a model still answers. */
export class ConversationAid {
  readonly #options: ConversationAidOptions;
  readonly #session: AssistSession;
  readonly #history: AdviceTurn[] = [];
  #begun = false;
  #ended = false;
  #toldFailure = false;

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
      this.#tell(this.#session.end());
      this.#ended = true;
    }
    this.#options.publish(event);
    if (isState && !this.#begun) {
      this.#begun = true;
      this.#tell(this.#session.begin());
    }
    if (event.kind === "transcript") {
      await this.#hear(event);
    }
  }

  async #hear(utterance: Utterance): Promise<void> {
    this.#tell(this.#session.hear(utterance));
    const { final, role, utteranceId } = utterance;
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
    // Greetings and thanks are not worth a question to a model.
    if (role === "customer" && this.#options.desk.hasModel && subjectWordsOf(text).length > 0) {
      await this.#ask(text, history, utteranceId);
    }
  }

  async #ask(text: string, history: readonly AdviceTurn[], utteranceId: string): Promise<void> {
    let answer: ChatAnswer | undefined;
    try {
      answer = await this.#options.desk.answer({ text, history });
    } catch {
      // Logged and counted by the desk; here the agent is told.
    }
    this.#tellOfModel(answer === undefined || answer.notice !== undefined);
    if (answer?.text !== undefined && !this.#ended) {
      const { text: said, sources } = answer;
      this.#tell(this.#session.suggest({ category: "answer", text: said, sources, utteranceId }));
    }
  }

  #tellOfModel(isFailing: boolean): void {
    if (isFailing !== this.#toldFailure) {
      this.#toldFailure = isFailing;
      const text = isFailing ? FAILED : BACK;
      this.#tell([{ kind: "notice", part: "advisor", ok: !isFailing, text }]);
    }
  }

  #tell(events: readonly AssistEvent[]): void {
    for (const event of this.#ended ? [] : events) {
      this.#options.publish(event);
    }
  }
}
