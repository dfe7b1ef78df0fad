/** The assistant of written conversations: single messages by HTTP, whole chats by notifications of Amazon SNS. */
import { BoundedMap } from "../core/bounded-map.ts";
import type { Clock } from "../core/clock.ts";
import type { Metrics } from "../core/metrics.ts";
import type { Bus } from "../ports/bus.ts";
import type { ChatAnswer, ChatAssistant, NotificationOutcome } from "../ports/chat-assistant.ts";
import type { TextFetcher } from "../ports/text-fetcher.ts";
import type { AdviceDesk } from "./advice-desk.ts";
import { ChatContact } from "./chat-contact.ts";
import { readChatEvent } from "./chat-event.ts";
import type { Playbook } from "./playbook.ts";
import { hostOfTopic, isAt, readSnsMessage, type SnsMessage } from "./sns-message.ts";
import { SnsVerifier } from "./sns-verifier.ts";

/** What the assistant works with. */
export interface LocalChatAssistantOptions {
  readonly clock: Clock;
  readonly metrics: Metrics;
  readonly bus: Bus;
  readonly desk: AdviceDesk;
  readonly playbook: Playbook;
  readonly corsOrigins: readonly string[];
  readonly rate: { readonly perSecond: number; readonly burst: number };
  /** Topics whose notifications are taken, by ARN. */
  readonly topics: readonly string[];
  readonly fetchText: TextFetcher;
}

/** Chats that are followed; of more, those quiet longest start anew. */
const MAX_CONTACTS = 2000;
/** Messages that are remembered, so that a repeated delivery does nothing. */
const MAX_MESSAGES = 10_000;
const CONFIRMATION_BOUNDS = { maxBytes: 65_536, timeoutMs: 5000 } as const;

/** See the port. */
export class LocalChatAssistant implements ChatAssistant {
  readonly corsOrigins: readonly string[];
  readonly rate: LocalChatAssistantOptions["rate"];
  readonly #options: LocalChatAssistantOptions;
  readonly #topics: ReadonlySet<string>;
  readonly #verifier: SnsVerifier;
  readonly #contacts = new BoundedMap<string, ChatContact>(MAX_CONTACTS, (contact) =>
    contact.forget(),
  );
  readonly #seen = new BoundedMap<string, true>(MAX_MESSAGES);

  constructor(options: LocalChatAssistantOptions) {
    this.#options = options;
    this.corsOrigins = options.corsOrigins;
    this.rate = options.rate;
    this.#topics = new Set(options.topics);
    this.#verifier = new SnsVerifier(options);
  }

  async answer(customerMessage: string): Promise<ChatAnswer> {
    return await this.#options.desk.answer({ text: customerMessage });
  }

  async notify(body: string): Promise<NotificationOutcome> {
    const outcome = await this.#outcomeOf(body);
    this.#options.metrics.increment("trunkline_assist_notifications_total", { outcome });
    return outcome;
  }

  async #outcomeOf(body: string): Promise<NotificationOutcome> {
    const message = readSnsMessage(body);
    if (message === undefined) {
      return "malformed";
    }
    if (!this.#topics.has(message.TopicArn)) {
      return "topicRefused";
    }
    const refusal = await this.#verifier.refusalOf(message);
    if (refusal !== undefined) {
      return refusal;
    }
    switch (message.Type) {
      case "SubscriptionConfirmation":
        return await this.#confirm(message);
      case "UnsubscribeConfirmation":
        return "ignored";
      case "Notification":
        return this.#take(message);
    }
  }

  /** Signed or not, only the topic's own host is asked. */
  async #confirm({
    SubscribeURL,
    TopicArn,
  }: Extract<SnsMessage, { readonly SubscribeURL: string }>): Promise<NotificationOutcome> {
    const host = hostOfTopic(TopicArn);
    if (host === undefined || !isAt(SubscribeURL, host)) {
      return "malformed";
    }
    const answer = await this.#options.fetchText(SubscribeURL, CONFIRMATION_BOUNDS);
    return answer?.status === 200 ? "confirmed" : "confirmationFailed";
  }

  /** A model's answer is not waited for: SNS would deliver again. */
  #take({ MessageId, Message }: SnsMessage): NotificationOutcome {
    if (this.#seen.get(MessageId) !== undefined) {
      return "repeated";
    }
    this.#seen.set(MessageId, true);
    const event = readChatEvent(Message);
    if (event === undefined) {
      return "ignored";
    }
    const contact = this.#contactOf(event.contactId);
    if (event.kind === "ended") {
      contact.end();
    } else {
      void contact.take(event);
    }
    return "taken";
  }

  #contactOf(contactId: string): ChatContact {
    const known = this.#contacts.get(contactId);
    if (known !== undefined) {
      return known;
    }
    const { clock, desk, playbook, bus } = this.#options;
    const contact = new ChatContact({
      contactId,
      clock,
      desk,
      playbook,
      publish: (topic, envelope) => bus.publish(topic, { ...envelope }),
    });
    this.#contacts.set(contactId, contact);
    return contact;
  }
}
