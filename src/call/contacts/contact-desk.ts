/** All contacts that somebody else transcribes: begins, feeds and ends them, and keeps their records. */
import { BoundedMap } from "../../core/bounded-map.ts";
import { after, type Clock, type Timer } from "../../core/clock.ts";
import { asCallId } from "../../core/ids.ts";
import type { Logger } from "../../core/logger.ts";
import type { Metrics } from "../../core/metrics.ts";
import type { Bus } from "../../ports/bus.ts";
import type { CallStore, Verdict } from "../../ports/call-store.ts";
import type { AnalysisEnd, ContactListener, ContactSegment } from "../../ports/contact-analysis.ts";
import type { FollowedContactView } from "../../ports/contact-sources.ts";
import { CallRecordBuilder } from "../call-record.ts";
import { AssistChannel } from "../recording/assist-channel.ts";
import type { AgentHelp } from "../recording/recording-service.ts";
import { DRAINED, OPERATOR_HUNG_UP } from "../verdicts.ts";
import { FollowedContact } from "./followed-contact.ts";

/** What the desk works with. */
export interface ContactDeskOptions {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly bus: Bus;
  readonly store: CallStore;
  readonly help: AgentHelp | undefined;
  /** Contacts at a time; more are not followed. */
  readonly maxContacts: number;
  /** A contact that nothing is heard of for so long is over. */
  readonly silenceMs: number;
}

/** How a contact ended, for the metric. */
type ContactEnd = AnalysisEnd | "silent" | "operator" | "drained";

interface Followed {
  readonly contact: FollowedContact;
  lastNewsUs: number;
  ending: Timer | undefined;
  silence: Timer | undefined;
}

/** Records of a stream come out of order: what is told shortly after the end still belongs to the contact. */
const GRACE_MS = 2000;
/** Contacts that are over, so that late records begin none anew. */
const MAX_OVER = 10_000;

const VERDICTS: Readonly<Record<ContactEnd, Verdict>> = {
  completed: {
    endedBy: "caller",
    outcome: "completed",
    reason: "Contact Lens says that it is over",
  },
  failed: { endedBy: "gateway", outcome: "failed", reason: "the analysis by Contact Lens failed" },
  lost: { endedBy: "gateway", outcome: "failed", reason: "Contact Lens knows the contact no more" },
  silent: {
    endedBy: "gateway",
    outcome: "timeLimit",
    reason: "nothing was heard of the contact for too long",
  },
  operator: OPERATOR_HUNG_UP,
  drained: DRAINED,
};

/** The owner of every such contact. */
export class ContactDesk implements ContactListener {
  readonly #options: ContactDeskOptions;
  readonly #contacts = new Map<string, Followed>();
  readonly #over = new BoundedMap<string, true>(MAX_OVER);
  readonly #unsaved = new Set<Promise<void>>();
  #isFull = false;
  #isWell = true;
  #closed = false;

  constructor(options: ContactDeskOptions) {
    this.#options = options;
  }

  list(): readonly FollowedContactView[] {
    return [...this.#contacts].map(([contactId, { contact }]) => {
      const { startedAtMs, utterances } = contact;
      return { contactId, startedAtMs, utterances };
    });
  }

  has(contactId: string): boolean {
    return this.#contacts.has(contactId);
  }

  /** Begins to follow it, also one that is over; `false`: there are too many. */
  follow(contactId: string): boolean {
    const isNew = !this.#contacts.has(contactId);
    return this.#followed(contactId, true) !== undefined || !isNew;
  }

  started(contactId: string): void {
    this.#followed(contactId, false);
  }

  heard(contactId: string, segments: readonly ContactSegment[]): void {
    const { metrics, clock } = this.#options;
    const followed = this.#followed(contactId, false);
    if (followed !== undefined && segments.length > 0) {
      followed.lastNewsUs = clock.nowUs();
    }
    const isOver = this.#over.get(contactId) === true;
    for (const segment of segments) {
      const outcome = followed?.contact.hear(segment) ?? (isOver ? "late" : "full");
      metrics.increment("trunkline_contact_segments_total", { outcome });
    }
  }

  ended(contactId: string, how: AnalysisEnd): void {
    const followed = this.#contacts.get(contactId);
    if (followed === undefined) {
      this.#over.set(contactId, true);
      return;
    }
    followed.ending ??= after(this.#options.clock, GRACE_MS, () => this.#end(contactId, how));
  }

  health(ok: boolean, contactId?: string): void {
    if (contactId === undefined) {
      this.#isWell = ok;
      for (const { contact } of this.#contacts.values()) {
        contact.health(ok);
      }
    } else {
      this.#contacts.get(contactId)?.contact.health(ok);
    }
  }

  /** `false`: it is not followed. */
  unfollow(contactId: string): boolean {
    const isFollowed = this.#contacts.has(contactId);
    this.#end(contactId, "operator");
    return isFollowed;
  }

  /** Ends all, and resolves when their records are with the store. */
  async close(): Promise<void> {
    this.#closed = true;
    for (const contactId of [...this.#contacts.keys()]) {
      this.#end(contactId, "drained");
    }
    await Promise.all(this.#unsaved);
  }

  #followed(contactId: string, isOrdered: boolean): Followed | undefined {
    const { clock, maxContacts, logger, metrics } = this.#options;
    const known = this.#contacts.get(contactId);
    if (known !== undefined || this.#closed) {
      return known;
    }
    if (!isOrdered && this.#over.get(contactId) === true) {
      return undefined;
    }
    const isFull = this.#contacts.size >= maxContacts;
    if (isFull && !this.#isFull) {
      logger.warn("too many contacts at a time: some are not followed", { maxContacts });
    }
    this.#isFull = isFull;
    if (isFull) {
      metrics.increment("trunkline_contacts_refused_total");
      return undefined;
    }
    const contact = this.#create(contactId);
    const followed: Followed = {
      contact,
      lastNewsUs: clock.nowUs(),
      ending: undefined,
      silence: undefined,
    };
    this.#contacts.set(contactId, followed);
    metrics.increment("trunkline_contacts_followed_total");
    logger.info("contact followed", { contactId });
    contact.start();
    if (!this.#isWell) {
      contact.health(false);
    }
    this.#watch(contactId, followed);
    return followed;
  }

  #create(contactId: string): FollowedContact {
    const { clock, bus, help } = this.#options;
    const callId = asCallId(contactId);
    const record = new CallRecordBuilder({
      callId,
      sipCallId: "",
      direction: "inbound",
      flow: "contactLens",
      mode: "assist",
      model: "contactLens",
      callingNumber: "",
      calledNumber: "",
      contactId,
      trunk: undefined,
      startedAtMs: clock.wallMs(),
      attributes: {},
    });
    const channel = new AssistChannel({ bus, clock, callId, contactId, help });
    return new FollowedContact({ clock, record, channel });
  }

  #watch(contactId: string, followed: Followed): void {
    const { clock, silenceMs } = this.#options;
    const quietMs = (clock.nowUs() - followed.lastNewsUs) / 1000;
    followed.silence = after(clock, Math.max(1, silenceMs - quietMs), () => {
      if ((clock.nowUs() - followed.lastNewsUs) / 1000 >= silenceMs) {
        this.#end(contactId, "silent");
      } else {
        this.#watch(contactId, followed);
      }
    });
  }

  #end(contactId: string, how: ContactEnd): void {
    const followed = this.#contacts.get(contactId);
    if (followed === undefined) {
      return;
    }
    const { metrics, logger, store } = this.#options;
    followed.ending?.cancel();
    followed.silence?.cancel();
    this.#contacts.delete(contactId);
    this.#over.set(contactId, true);
    const record = followed.contact.end(VERDICTS[how]);
    metrics.increment("trunkline_contacts_ended_total", { how });
    logger.info("contact ended", { contactId, how, utterances: record.transcript.length });
    const saving = store
      .saveCall(record)
      .catch((error: unknown) => logger.error("call record was not saved", { error }))
      .finally(() => this.#unsaved.delete(saving));
    this.#unsaved.add(saving);
  }
}
