/** One chat contact: its messages in, an agent's help out, numbered on its topic. */
import type { Clock } from "../core/clock.ts";
import { asCallId, type CallId } from "../core/ids.ts";
import type { AssistEnvelope, AssistEvent, AssistParticipant } from "../ports/assist-events.ts";
import type { AdviceDesk } from "./advice-desk.ts";
import { ConversationAid } from "./conversation-aid.ts";
import type { Playbook } from "./playbook.ts";

/** What a contact works with. */
export interface ChatContactOptions {
  readonly contactId: string;
  readonly clock: Clock;
  readonly desk: AdviceDesk;
  readonly playbook: Playbook;
  readonly publish: (topic: string, envelope: AssistEnvelope) => void;
}

/** A message of a chat. */
export interface ChatMessage {
  /** Of the message. */
  readonly id: string;
  readonly role: "customer" | "agent";
  readonly participantId: string;
  readonly text: string;
}

/** Participants of one chat that are told of. */
const MAX_PARTICIPANTS = 16;

/** From its first message to its end; afterwards it says nothing. */
export class ChatContact {
  readonly #options: ChatContactOptions;
  readonly #callId: CallId;
  readonly #aid: ConversationAid;
  readonly #startedUs: number;
  readonly #participants = new Map<string, AssistParticipant>();
  #eventId = 0;
  #ended = false;

  constructor(options: ChatContactOptions) {
    const { contactId, clock, desk, playbook } = options;
    this.#options = options;
    this.#callId = asCallId(contactId);
    this.#startedUs = clock.nowUs();
    const publish = (event: AssistEvent): void => this.#publish(event);
    this.#aid = new ConversationAid({ desk, playbook, publish });
  }

  /** Resolves when all that comes of the message is published; never rejects. */
  async take(message: ChatMessage): Promise<void> {
    if (this.#ended) {
      return;
    }
    const { id: utteranceId, role, participantId, text } = message;
    this.#meet(message);
    const atMs = Math.round((this.#options.clock.nowUs() - this.#startedUs) / 1000);
    const utterance = { utteranceId, participantId, role, text, final: true } as const;
    const event = { kind: "transcript", ...utterance, startMs: atMs, endMs: atMs } as const;
    await this.#aid.pass(event);
  }

  end(): void {
    if (!this.#ended) {
      this.#ended = true;
      this.#tellState("ended");
    }
  }

  /** It made room for others: nothing more is said about it. */
  forget(): void {
    this.#ended = true;
    this.#aid.close();
  }

  #meet({ participantId, role }: ChatMessage): void {
    const isKnown = this.#participants.has(participantId);
    if (isKnown || this.#participants.size >= MAX_PARTICIPANTS) {
      return;
    }
    const because = "the chat service says so";
    this.#participants.set(participantId, { id: participantId, role, because, name: undefined });
    this.#tellState("live");
  }

  #tellState(state: "live" | "ended"): void {
    const participants = [...this.#participants.values()];
    void this.#aid.pass({ kind: "state", state, participants });
  }

  #publish(event: AssistEvent): void {
    const { contactId, clock, publish } = this.#options;
    this.#eventId += 1;
    const eventId = this.#eventId;
    const atMs = Math.round(clock.wallMs());
    publish(`assist/${contactId}`, { eventId, callId: this.#callId, contactId, atMs, event });
  }
}
