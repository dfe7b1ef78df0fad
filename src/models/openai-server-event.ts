/** The events of the Realtime service, as the gateway knows them. */
import type { ModelUsage } from "../ports/realtime-model.ts";

/** A function call the model made in full. */
export interface ServerToolCall {
  readonly callId: string;
  readonly name: string;
  readonly argumentsJson: string;
}

/** How the service names a failure; never its message, which may quote a caller or a key. */
export interface ServerError {
  readonly type: string;
  readonly code: string | undefined;
  /** Our event that it answers, when it answers one. */
  readonly clientEventId: string | undefined;
}

/** How a response ended. */
export interface ResponseOutcome {
  readonly status: "completed" | "cancelled" | "failed" | "incomplete";
  /** Why it is not complete, such as `turn_detected` or `content_filter`. */
  readonly reason: string | undefined;
  readonly error: ServerError | undefined;
  readonly toolCalls: readonly ServerToolCall[];
  /** `undefined`: the service did not say. */
  readonly usage: ModelUsage | undefined;
}

/** An event of the service. */
export type ServerEvent =
  /** `expiresAtS` is Unix time in seconds. */
  | {
      readonly kind: "sessionCreated" | "sessionUpdated";
      readonly expiresAtS: number | undefined;
    }
  | {
      readonly kind: "speechStarted" | "speechStopped";
      readonly itemId?: string | undefined;
      /** Of the audio that was sent in this session. */
      readonly audioMs?: number | undefined;
    }
  /** What the caller said is part of the conversation now. */
  | { readonly kind: "turnCommitted"; readonly itemId: string }
  | { readonly kind: "responseCreated" }
  | { readonly kind: "responseDone"; readonly outcome: ResponseOutcome }
  /** `base64` as it came, unchecked. */
  | { readonly kind: "audioDelta"; readonly itemId: string; readonly base64: string }
  | { readonly kind: "audioDone"; readonly itemId: string }
  | { readonly kind: "modelText" | "callerText"; readonly itemId: string; readonly delta: string }
  | {
      readonly kind: "modelTextDone" | "callerTextDone";
      readonly itemId: string;
      readonly text: string;
      /** What writing it down took, where the service says so. */
      readonly usage?: ModelUsage | undefined;
    }
  | { readonly kind: "callerTextFailed"; readonly itemId: string }
  | { readonly kind: "toolCall"; readonly call: ServerToolCall }
  | { readonly kind: "error"; readonly error: ServerError }
  /** Known, and of no use here. */
  | { readonly kind: "ignored" }
  | { readonly kind: "unknown" }
  | { readonly kind: "malformed" };
