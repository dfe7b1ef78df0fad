/** The port to whoever listens in on calls: topics, in order per topic, never blocking the publisher. */

/** Begins topics whose messages are worth something now or never: they do not wait for whoever is away. */
export const FLEETING_PREFIX = "fleeting/";

/** A message on a topic; plain data. */
export type BusMessage = Readonly<Record<string, unknown>>;

/**
 * Publish and subscribe.
 *
 * - Order MUST be kept per topic.
 * - Nothing is delivered after unsubscribe returned.
 * - What is on a topic of {@link FLEETING_PREFIX} MUST NOT take the place of anything else.
 * - A slow or throwing subscriber loses its oldest messages, counted, and harms nobody else.
 */
export interface Bus {
  publish(topic: string, message: BusMessage): void;
  /** `pattern` is a topic, or a prefix followed by `*`. The returned function unsubscribes. */
  subscribe(pattern: string, handler: (topic: string, message: BusMessage) => void): () => void;
  close(): Promise<void>;
  toJSON(): Readonly<Record<string, unknown>>;
}
