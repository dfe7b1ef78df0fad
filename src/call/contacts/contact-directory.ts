/** Follows contacts by whichever source is configured, and ends that. */
import { BoundedMap } from "../../core/bounded-map.ts";
import { GatewayError } from "../../core/errors.ts";
import type { Metrics } from "../../core/metrics.ts";
import type { ChatStreaming } from "../../ports/chat-streaming.ts";
import type {
  ContactSourceKind,
  ContactSources,
  FollowedContactView,
} from "../../ports/contact-sources.ts";
import type { ContactDesk } from "./contact-desk.ts";

/** Asks for the segments of single contacts. */
export interface ContactPoller {
  /** `false`: there are too many. */
  follow(contactId: string): boolean;
  unfollow(contactId: string): void;
}

/** What the directory works with. */
export interface ContactDirectoryOptions {
  readonly metrics: Metrics;
  readonly desk: ContactDesk;
  /** `undefined`: Contact Lens is not configured. */
  readonly poller: ContactPoller | undefined;
  /** `undefined`: the streaming of chats is not configured. */
  readonly streaming: ChatStreaming | undefined;
}

/** Chats whose streaming can be ended here. */
const MAX_STREAMINGS = 10_000;

/** See the port. */
export class ContactDirectory implements ContactSources {
  readonly #options: ContactDirectoryOptions;
  readonly #streamings = new BoundedMap<string, string>(MAX_STREAMINGS);

  constructor(options: ContactDirectoryOptions) {
    this.#options = options;
  }

  async follow(contactId: string, source: ContactSourceKind): Promise<void> {
    if (source === "contactLens") {
      this.#followByLens(contactId);
    } else {
      await this.#stream(contactId);
    }
  }

  async unfollow(contactId: string): Promise<boolean> {
    const { desk, poller, streaming, metrics } = this.#options;
    poller?.unfollow(contactId);
    const wasFollowed = desk.unfollow(contactId);
    const streamingId = this.#streamings.get(contactId);
    if (streaming === undefined || streamingId === undefined || streamingId === "") {
      return wasFollowed;
    }
    await streaming.stop(contactId, streamingId);
    metrics.increment("trunkline_contact_streamings_total", { outcome: "stopped" });
    this.#streamings.set(contactId, "");
    return true;
  }

  list(): readonly FollowedContactView[] {
    return this.#options.desk.list();
  }

  #followByLens(contactId: string): void {
    const { desk, poller } = this.#options;
    if (poller === undefined) {
      const reason = "set assist.contactLens";
      throw new GatewayError("CONTACT_SOURCE_OFF", { reason });
    }
    if (!desk.follow(contactId)) {
      throw new GatewayError("CONTACTS_FULL", { reason: "see assist.contactLens.maxContacts" });
    }
    if (!poller.follow(contactId)) {
      desk.unfollow(contactId);
      throw new GatewayError("CONTACTS_FULL", { reason: "read the stream in place of asking" });
    }
  }

  async #stream(contactId: string): Promise<void> {
    const { streaming, metrics } = this.#options;
    if (streaming === undefined) {
      const reason = "set assist.chatStreaming";
      throw new GatewayError("CONTACT_SOURCE_OFF", { reason });
    }
    try {
      this.#streamings.set(contactId, await streaming.start(contactId));
    } catch (error) {
      metrics.increment("trunkline_contact_streamings_total", { outcome: "failed" });
      throw error;
    }
    metrics.increment("trunkline_contact_streamings_total", { outcome: "started" });
  }
}
