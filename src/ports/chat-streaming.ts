/** The port to the service that sends the messages of a chat to a topic. */

/**
 * Begins and ends the streaming of chats.
 *
 * - Both MUST reject with CONTACT_NOT_CHAT or CONTACT_STREAMING_FAILED only, with the reason in words.
 * - `start` MUST be idempotent for a contact until it is stopped.
 */
export interface ChatStreaming {
  /** Resolves with the id of the streaming, which ends it. */
  start(contactId: string): Promise<string>;
  stop(contactId: string, streamingId: string): Promise<void>;
}
