/** The port to the assistant of written conversations: answers to single messages, and messages of chat contacts from elsewhere. */
import type { AssistSource } from "./assist-events.ts";

/** What to answer a customer. */
export interface ChatAnswer {
  /** `undefined`: nothing is known about it. */
  readonly text: string | undefined;
  readonly sources: readonly AssistSource[];
  /** Who answered. */
  readonly by: "local" | "bedrock" | "openai";
  /** What a person should know, for instance that the model failed. */
  readonly notice: string | undefined;
}

/** What became of a notification. */
export type NotificationOutcome =
  | "taken"
  | "confirmed"
  | "ignored"
  | "repeated"
  | "malformed"
  | "topicRefused"
  | "stale"
  | "certificateRefused"
  | "signatureWrong"
  | "certificateFailed"
  | "confirmationFailed";

/** Answers and listens. */
export interface ChatAssistant {
  /** Pages of these origins may ask, for example `https://ccp.example.com`. */
  readonly corsOrigins: readonly string[];
  /** Of one address. */
  readonly rate: { readonly perSecond: number; readonly burst: number };
  /** Rejects with ADVISOR_FAILED when the model failed and there is no local answer. */
  answer(customerMessage: string): Promise<ChatAnswer>;
  /** A notification of Amazon SNS as it arrived; never rejects. */
  notify(body: string): Promise<NotificationOutcome>;
}
