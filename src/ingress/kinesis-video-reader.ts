/** Reads one stream for one contact until the contact ends: again after each cut, from the fragment where it was. */
import { after, type Clock, sleep } from "../core/clock.ts";
import { codeOf, GatewayError } from "../core/errors.ts";
import type { KINESIS_VIDEO_READS } from "../core/ingress-metrics.ts";
import type { Logger } from "../core/logger.ts";
import type { Metrics } from "../core/metrics.ts";
import { TAGS } from "./kinesis-video-names.ts";
import type { MediaSource, StreamPosition } from "./media-source.ts";
import { type MkvBlock, type MkvFragment, MkvFragments } from "./mkv-fragments.ts";

/** Reads that brought nothing, in a row: then the stream has ended. */
const EMPTY_READS = 3;
/** Reads that failed, in a row: then it is given up. */
const FAILED_READS = 8;
const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 15_000;
/** A connection that brings nothing for so long is cut. */
const STALLED_MS = 15_000;
/** Fragments that are remembered, so that none is heard twice. */
const REMEMBERED = 64;
const MAX_GARBAGE_BYTES = 1024 * 1024;

/** What is read, and who hears it. */
export interface KinesisVideoReaderOptions {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly source: MediaSource;
  readonly streamArn: string;
  readonly startFragmentNumber: string | undefined;
  /** Fragments of other contacts are not heard, and end it; `undefined`: all are. */
  readonly contactId: string | undefined;
  readonly onBlock: (block: MkvBlock) => void;
  /** Resolves when more can be taken. */
  readonly room: () => Promise<void>;
}

/** Why the reading is over. */
export type ReadEnd = "ended" | "otherContact";

type ReadOutcome = Exclude<(typeof KINESIS_VIDEO_READS)[number], "opened">;

/** `run` it once. */
export class KinesisVideoReader {
  readonly #options: KinesisVideoReaderOptions;
  readonly #fragments: MkvFragments;
  readonly #seen = new Set<string>();
  #position: StreamPosition;
  #heardOurs = false;
  #taking = false;
  #taken = 0;
  #failed = 0;
  #empty = 0;
  #end: ReadEnd | undefined;
  #failure: GatewayError | undefined;

  constructor(options: KinesisVideoReaderOptions) {
    const { startFragmentNumber } = options;
    this.#options = options;
    this.#position =
      startFragmentNumber === undefined
        ? { kind: "now" }
        : { kind: "afterFragment", fragmentNumber: startFragmentNumber };
    this.#fragments = new MkvFragments({
      onFragment: (fragment) => this.#onFragment(fragment),
      onTag: (name, value) => this.#onTag(name, value),
    });
  }

  /** Resolves when the contact has ended; rejects with STREAM_* when it is given up, or the signal's reason. */
  async run(signal: AbortSignal): Promise<ReadEnd> {
    const { clock, metrics, logger } = this.#options;
    for (;;) {
      const before = this.#taken;
      const outcome = await this.#read(signal);
      signal.throwIfAborted();
      metrics.increment("trunkline_kinesis_video_reads_total", { outcome });
      const end = this.#end ?? this.#judge(outcome, this.#taken > before);
      if (end !== undefined) {
        return end;
      }
      if (outcome !== "ended") {
        logger.info("a Kinesis Video stream is read again", { outcome, failed: this.#failed });
      }
      const inRow = Math.max(this.#failed, this.#empty);
      await sleep(clock, Math.min(FIRST_PAUSE_MS * 2 ** inRow, LONGEST_PAUSE_MS), signal);
    }
  }

  /** After a read: whether the stream has ended; throws when it is given up. */
  #judge(outcome: ReadOutcome, brought: boolean): ReadEnd | undefined {
    const isFailed = outcome !== "ended";
    this.#failed = isFailed && !brought ? this.#failed + 1 : 0;
    this.#empty = isFailed || brought ? 0 : this.#empty + 1;
    if (outcome === "refused" || outcome === "broken" || this.#failed >= FAILED_READS) {
      throw this.#failure ?? new GatewayError("STREAM_UNREACHABLE");
    }
    return this.#empty >= EMPTY_READS ? "ended" : undefined;
  }

  toJSON(): Readonly<Record<string, unknown>> {
    return { taken: this.#taken, position: this.#position.kind, ...this.#fragments.toJSON() };
  }

  async #read(signal: AbortSignal): Promise<ReadOutcome> {
    const { source, streamArn, room, clock, metrics } = this.#options;
    const stop = new AbortController();
    const reading = AbortSignal.any([signal, stop.signal]);
    let stalled = after(clock, STALLED_MS, () => stop.abort());
    this.#failure = undefined;
    metrics.increment("trunkline_kinesis_video_reads_total", { outcome: "opened" });
    try {
      for await (const bytes of source.read(streamArn, this.#position, reading)) {
        stalled.cancel();
        this.#fragments.push(bytes);
        const over = this.#over();
        if (over !== undefined) {
          return over;
        }
        await room();
        stalled = after(clock, STALLED_MS, () => stop.abort());
      }
      this.#fragments.finish(true);
      return this.#over() ?? "ended";
    } catch (error) {
      this.#fragments.finish(false);
      this.#failure =
        error instanceof GatewayError
          ? error
          : new GatewayError("STREAM_UNREACHABLE", {}, { cause: error });
      return outcomeOf(this.#failure);
    } finally {
      stalled.cancel();
      stop.abort();
    }
  }

  #over(): ReadOutcome | undefined {
    if (this.#fragments.garbageBytes > MAX_GARBAGE_BYTES) {
      this.#failure = new GatewayError("STREAM_BROKEN", { reason: "it is no Matroska" });
      return "broken";
    }
    if (this.#failure !== undefined) {
      return outcomeOf(this.#failure);
    }
    return this.#end === undefined ? undefined : "ended";
  }

  #onFragment(fragment: MkvFragment): void {
    if (!fragment.continues) {
      this.#taking = this.#isWanted(fragment);
    }
    if (this.#taking) {
      for (const block of fragment.blocks) {
        this.#options.onBlock(block);
      }
    }
  }

  #isWanted({ number, contactId }: MkvFragment): boolean {
    const { contactId: ours } = this.#options;
    if (this.#end !== undefined) {
      return false;
    }
    if (ours !== undefined && contactId !== undefined && contactId !== ours) {
      this.#count("otherContact");
      this.#end = this.#heardOurs ? "otherContact" : undefined;
      return false;
    }
    if (number !== undefined && this.#seen.has(number)) {
      this.#count("repeated");
      return false;
    }
    this.#remember(number);
    this.#heardOurs = true;
    this.#taken += 1;
    this.#count("taken");
    return true;
  }

  #remember(number: string | undefined): void {
    if (number === undefined) {
      return;
    }
    this.#seen.add(number);
    this.#position = { kind: "afterFragment", fragmentNumber: number };
    if (this.#seen.size > REMEMBERED) {
      const [oldest] = this.#seen;
      this.#seen.delete(oldest as string);
    }
  }

  /** Kinesis Video Streams, GetMedia: 45xx is about keys and rights, all others may pass. */
  #onTag(name: string, value: string): void {
    if (name === TAGS.errorCode) {
      this.#count("faulty");
      const isRefusal = /^45\d\d$/.test(value);
      const reason = `error ${/^\d{4}$/.test(value) ? value : "unknown"}`;
      this.#failure = new GatewayError(isRefusal ? "STREAM_REFUSED" : "STREAM_UNREACHABLE", {
        reason,
      });
    }
  }

  #count(outcome: "taken" | "repeated" | "otherContact" | "faulty"): void {
    this.#options.metrics.increment("trunkline_kinesis_video_fragments_total", { outcome });
  }
}

function outcomeOf(failure: GatewayError): "refused" | "throttled" | "cut" | "broken" {
  const code = codeOf(failure);
  if (code === "STREAM_REFUSED") {
    return "refused";
  }
  if (code === "STREAM_BROKEN") {
    return "broken";
  }
  return failure.details["reason"] === "throttled" ? "throttled" : "cut";
}
