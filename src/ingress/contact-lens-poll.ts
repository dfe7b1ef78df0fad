/** Contact Lens in real time by asking: the segments of single contacts, in turn, within the rate that the service allows. */
import {
  ConnectContactLensClient,
  ListRealtimeContactAnalysisSegmentsCommand,
} from "@aws-sdk/client-connect-contact-lens";
import { type AwsAccess, awsClientOptions } from "../core/aws-access.ts";
import { type AwsFailure, awsErrorName, awsFailure } from "../core/aws-failure.ts";
import { type Clock, sleep } from "../core/clock.ts";
import type { Logger } from "../core/logger.ts";
import type { Metrics } from "../core/metrics.ts";
import type { AnalysisEnd, ContactListener } from "../ports/contact-analysis.ts";
import { BackOff } from "./back-off.ts";
import { readSegments } from "./contact-lens-segments.ts";

/** What is asked, how often, and who hears. */
export interface ContactLensPollOptions {
  readonly access: AwsAccess;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly instanceId: string;
  /** Between two requests, whichever contacts they are for: the rate is that of the account. */
  readonly pauseMs: number;
  readonly listener: ContactListener;
}

interface Asked {
  nextToken: string | undefined;
  readonly sinceUs: number;
  isKnown: boolean;
}

const PAGE = 100;
/** An analysis begins a while after its contact; one that did not by then does not. */
const WAIT_MS = 120_000;
const FIRST_RETRY_MS = 1000;
const MAX_RETRY_MS = 30_000;
/** At a time. */
const MAX_CONTACTS = 200;

/** Asks from the first `follow` to `close`. */
export class ContactLensPoll {
  readonly #options: ContactLensPollOptions;
  readonly #client: ConnectContactLensClient;
  readonly #contacts = new Map<string, Asked>();
  readonly #abort = new AbortController();
  readonly #backOff = new BackOff(FIRST_RETRY_MS, MAX_RETRY_MS);
  #asking: Promise<void> | undefined;
  #isFailing = false;

  constructor(options: ContactLensPollOptions) {
    this.#options = options;
    this.#client = new ConnectContactLensClient({
      ...awsClientOptions(options.access),
      maxAttempts: 1,
    });
  }

  /** `false`: there are too many. */
  follow(contactId: string): boolean {
    if (this.#contacts.has(contactId)) {
      return true;
    }
    if (this.#contacts.size >= MAX_CONTACTS || this.#abort.signal.aborted) {
      return false;
    }
    const sinceUs = this.#options.clock.nowUs();
    this.#contacts.set(contactId, { nextToken: undefined, sinceUs, isKnown: false });
    this.#begin();
    return true;
  }

  unfollow(contactId: string): void {
    this.#contacts.delete(contactId);
  }

  /** Resolves when nothing is asked any more. */
  async close(): Promise<void> {
    this.#abort.abort();
    this.#contacts.clear();
    await this.#asking;
    this.#client.destroy();
  }

  #begin(): void {
    this.#asking ??= this.#ask().finally(() => {
      this.#asking = undefined;
      if (this.#contacts.size > 0 && !this.#abort.signal.aborted) {
        this.#begin();
      }
    });
  }

  /** Never rejects; ends when nobody is followed. */
  async #ask(): Promise<void> {
    const { signal } = this.#abort;
    try {
      for (;;) {
        const [next] = this.#contacts;
        if (next === undefined) {
          return;
        }
        const [contactId, asked] = next;
        // The one that was asked for goes to the end of the line.
        this.#contacts.delete(contactId);
        this.#contacts.set(contactId, asked);
        await sleep(this.#options.clock, await this.#turn(contactId, asked), signal);
      }
    } catch {
      // Closed.
    }
  }

  /** The pause after it. */
  async #turn(contactId: string, asked: Asked): Promise<number> {
    const { instanceId, pauseMs, listener } = this.#options;
    try {
      const { Segments, NextToken } = await this.#client.send(
        new ListRealtimeContactAnalysisSegmentsCommand({
          InstanceId: instanceId,
          ContactId: contactId,
          MaxResults: PAGE,
          ...(asked.nextToken === undefined ? {} : { NextToken: asked.nextToken }),
        }),
        { abortSignal: this.#abort.signal },
      );
      this.#backOff.succeed();
      this.#onHealth(undefined);
      this.#take(contactId, Segments ?? []);
      asked.isKnown = true;
      asked.nextToken = NextToken;
      // Without a token there is nothing to come: the analysis is over.
      if (NextToken === undefined) {
        this.#end(contactId, "completed");
      }
      return pauseMs;
    } catch (error) {
      this.#abort.signal.throwIfAborted();
      if (awsErrorName(error) === "ResourceNotFoundException") {
        this.#onMissing(contactId, asked);
        return pauseMs;
      }
      const failure = awsFailure(error);
      this.#onHealth(failure);
      if (failure !== "rateLimited") {
        listener.health(false, contactId);
      }
      return Math.max(pauseMs, this.#backOff.fail());
    }
  }

  #take(contactId: string, list: readonly unknown[]): void {
    const { listener, metrics } = this.#options;
    const { segments, malformed } = readSegments(list);
    if (malformed > 0) {
      metrics.increment("trunkline_contact_segments_total", { outcome: "malformed" }, malformed);
    }
    listener.health(true, contactId);
    if (this.#contacts.has(contactId)) {
      listener.heard(contactId, segments);
    }
  }

  #onMissing(contactId: string, { sinceUs, isKnown }: Asked): void {
    const waitedMs = (this.#options.clock.nowUs() - sinceUs) / 1000;
    if (isKnown || waitedMs >= WAIT_MS) {
      this.#end(contactId, "lost");
    }
  }

  #end(contactId: string, how: AnalysisEnd): void {
    if (this.#contacts.delete(contactId)) {
      this.#options.listener.ended(contactId, how);
    }
  }

  #onHealth(failure: AwsFailure | undefined): void {
    const { logger, metrics } = this.#options;
    if (failure !== undefined) {
      const labels = { source: "poll", reason: failure };
      metrics.increment("trunkline_contact_source_failures_total", labels);
    }
    const isFailing = failure !== undefined;
    if (isFailing !== this.#isFailing) {
      this.#isFailing = isFailing;
      if (isFailing) {
        logger.warn("Contact Lens cannot be asked", { failure });
      } else {
        logger.info("Contact Lens answers again");
      }
    }
  }
}
