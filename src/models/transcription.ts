/** Writes down what is said on one or two streams for as long as the call lasts, over one connection with a service after the other. */
import { after, type Clock, type Timer } from "../core/clock.ts";
import type { Logger } from "../core/logger.ts";
import type { Random } from "../core/random.ts";
import type { ModelFailure, ModelUsage } from "../ports/realtime-model.ts";
import { LinkRenewal } from "./link-renewal.ts";
import { RetryPause } from "./retry-pause.ts";
import type { FrameSource, HeardUtterance, TranscriberFactory } from "./transcriber.ts";
import { TranscriberLink, type TranscriberLinkDelegate } from "./transcriber-link.ts";
import { TranscriptionFeed } from "./transcription-feed.ts";
import { UtteranceOrder } from "./utterance-order.ts";

/** Audio is looked for this often. */
const TICK_MS = 30;
/** A connection that holds for so long is taken for good. */
const SETTLED_MS = 1000;
/** How long a service may take to finish after our end. */
const LINGER_MS = 1500;

/** Hears of the transcription; never after `close`. */
export interface TranscriptionDelegate {
  /** Audio is taken from now on; once. */
  onReady(): void;
  /** Its times are milliseconds since the transcription began. */
  onUtterance(utterance: HeardUtterance): void;
  onCategory(name: string): void;
  onUsage(usage: ModelUsage): void;
  onFaltered(failure: ModelFailure): void;
  onRecovered(): void;
  /** It is over. */
  onFailed(failure: ModelFailure): void;
}

/** What it is made of. */
export interface TranscriptionOptions {
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly source: FrameSource;
  /** Of the source. */
  readonly channels: number;
  readonly connect: TranscriberFactory;
  /** Connections are renewed before. */
  readonly maxSessionMs: number;
  readonly delegate: TranscriptionDelegate;
}

/** `start` connects. */
export class Transcription {
  readonly #options: TranscriptionOptions;
  readonly #feed: TranscriptionFeed;
  readonly #order: UtteranceOrder;
  readonly #renewal: LinkRenewal;
  readonly #pause: RetryPause;
  #link: TranscriberLink | undefined;
  #ordinal = 0;
  #ready = false;
  #faltering = false;
  #over = false;
  #tick: Timer | undefined;
  #retry: Timer | undefined;
  #settled: Timer | undefined;
  #linger: Timer | undefined;

  constructor(options: TranscriptionOptions) {
    const { channels, clock, delegate, maxSessionMs, random, source } = options;
    this.#options = options;
    this.#feed = new TranscriptionFeed(source, channels);
    this.#pause = new RetryPause(random);
    this.#order = new UtteranceOrder(clock, (utterance) => delegate.onUtterance(utterance));
    this.#renewal = new LinkRenewal({ maxSessionMs, open: () => this.#open() });
  }

  start(): void {
    this.#link = this.#open();
    this.#arm();
  }

  /** Idempotent. What was heard until now still goes to the service, for its own records. */
  close(): void {
    if (this.#over) {
      return;
    }
    this.#over = true;
    this.#cancelTimers();
    this.#order.close();
    this.#renewal.close();
    const link = this.#link;
    if (link?.state === "open") {
      this.#feed.flush(link);
      link.end();
      this.#linger = after(this.#options.clock, LINGER_MS, () => link.abort());
    } else {
      link?.abort();
    }
  }

  toJSON(): Readonly<Record<string, unknown>> {
    return {
      state: this.#over ? "closed" : this.#faltering ? "faltering" : "listening",
      connections: this.#ordinal,
      audio: this.#feed.toJSON(),
      connection: this.#link?.toJSON(),
    };
  }

  readonly #delegate: TranscriberLinkDelegate = {
    onOpen: (link) => {
      if (!this.#over && link === this.#link) {
        this.#onOpen();
      }
    },
    onUtterance: (link, utterance) => {
      if (!this.#over) {
        this.#order.take(link, utterance);
      }
    },
    onCategory: (name) => {
      if (!this.#over) {
        this.#options.delegate.onCategory(name);
      }
    },
    onUsage: (usage) => {
      if (!this.#over) {
        this.#options.delegate.onUsage(usage);
      }
    },
    onExpiring: (link, remainingMs) => {
      if (link === this.#link) {
        this.#renewal.onExpiring(this.#options.clock.nowUs(), remainingMs);
      }
    },
    onFailed: (link, failure) => {
      if (this.#over) {
        this.#linger?.cancel();
      } else {
        this.#onFailed(link, failure);
      }
    },
  };

  #open(): TranscriberLink {
    const { clock, connect } = this.#options;
    this.#ordinal += 1;
    return new TranscriberLink({
      ordinal: this.#ordinal,
      openedUs: clock.nowUs(),
      connect,
      delegate: this.#delegate,
    });
  }

  #arm(): void {
    this.#tick = after(this.#options.clock, TICK_MS, () => {
      this.#onTick();
      if (!this.#over) {
        this.#arm();
      }
    });
  }

  /** Audio from before the service listened has nobody to write it down yet: it waits in the engine. */
  #onTick(): void {
    const nowUs = this.#options.clock.nowUs();
    const quiet = this.#ready && this.#feed.pull(nowUs);
    const link = this.#link;
    if (link?.state === "open") {
      this.#feed.send(link);
      this.#follow(this.#renewal.onTick(link, { nowUs, quiet }));
    }
  }

  /** The successor goes on where the former connection stopped; what that one still has to say comes first. */
  #follow(successor: TranscriberLink | undefined): void {
    const former = this.#link;
    if (successor !== undefined && former !== undefined) {
      this.#link = successor;
      this.#feed.remember(former);
      this.#order.await(former);
      former.end();
    }
  }

  #onOpen(): void {
    if (!this.#ready) {
      this.#ready = true;
      this.#options.delegate.onReady();
    }
    this.#settled = after(this.#options.clock, SETTLED_MS, () => this.#onSettled());
  }

  #onSettled(): void {
    this.#pause.reset();
    if (this.#faltering) {
      this.#faltering = false;
      this.#options.delegate.onRecovered();
    }
  }

  #onFailed(link: TranscriberLink, failure: ModelFailure): void {
    if (link === this.#link) {
      this.#onLost(link, failure);
    } else {
      this.#order.onOver(link);
      this.#renewal.onFailed(link, this.#options.clock.nowUs());
    }
  }

  /** A connection that was refused for good is of no use to anybody; any other is opened anew. */
  #onLost(link: TranscriberLink, failure: ModelFailure): void {
    const { clock, delegate, logger } = this.#options;
    const isHopeless = failure.code === "MODEL_REJECTED" || failure.code === "MODEL_PROTOCOL";
    if (!this.#ready && isHopeless) {
      this.close();
      delegate.onFailed(failure);
      return;
    }
    logger.debug("transcription lost its connection", { code: failure.code });
    this.#settled?.cancel();
    this.#order.onOver(link);
    this.#feed.rewind(link);
    this.#retry = after(clock, this.#pause.nextMs(), () => {
      this.#link = this.#renewal.take() ?? this.#open();
      if (this.#link.state === "open") {
        this.#onOpen();
      }
    });
    if (!this.#ready) {
      this.#ready = true;
      delegate.onReady();
    }
    if (!this.#faltering) {
      this.#faltering = true;
      delegate.onFaltered(failure);
    }
  }

  #cancelTimers(): void {
    this.#tick?.cancel();
    this.#retry?.cancel();
    this.#settled?.cancel();
  }
}
