/** The contacts that are listened to by Kinesis Video: each once. */
import { GatewayError } from "../core/errors.ts";
import type { CallId } from "../core/ids.ts";
import type { ContactListener, ContactOrder } from "../ports/contact-listener.ts";
import { KinesisVideoContact, type KinesisVideoParts } from "./kinesis-video-contact.ts";
import type { MediaSource } from "./media-source.ts";

/** What the listener works with. */
export interface KinesisVideoListenerOptions extends Omit<KinesisVideoParts, "source"> {
  /** Made when the first contact is listened to: its client takes memory and time to load. */
  readonly openSource: () => Promise<MediaSource>;
}

/** See the port. */
export class KinesisVideoListener implements ContactListener {
  readonly #options: KinesisVideoListenerOptions;
  readonly #contacts = new Map<string, KinesisVideoContact>();
  #source: Promise<MediaSource> | undefined;

  constructor(options: KinesisVideoListenerOptions) {
    this.#options = options;
  }

  get contacts(): number {
    return this.#contacts.size;
  }

  listen(order: ContactOrder): CallId {
    const { contactId } = order;
    if (this.#contacts.has(contactId)) {
      throw new GatewayError("CONTACT_KNOWN");
    }
    const parts: KinesisVideoParts = { ...this.#options, source: this.#lazySource() };
    const contact = new KinesisVideoContact(parts, order, () => this.#contacts.delete(contactId));
    const callId = contact.enter();
    this.#contacts.set(contactId, contact);
    return callId;
  }

  leave(contactId: string): boolean {
    const contact = this.#contacts.get(contactId);
    contact?.leave("nobody wants to hear it any more");
    return contact !== undefined;
  }

  /** Ends what is left. */
  close(): void {
    for (const contact of [...this.#contacts.values()]) {
      contact.leave("the gateway is shutting down");
    }
  }

  #lazySource(): MediaSource {
    const open = (): Promise<MediaSource> => {
      this.#source ??= this.#options.openSource();
      return this.#source;
    };
    return {
      async *read(streamArn, position, signal) {
        yield* (await open()).read(streamArn, position, signal);
      },
    };
  }
}
