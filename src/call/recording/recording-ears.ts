/** What the legs of a recording session report: words for the record and the page, streams that fall silent, models that fail. */
import { after, type Timer } from "../../core/clock.ts";
import type { LegId } from "../../core/ids.ts";
import type { AssistEvent } from "../../ports/assist-events.ts";
import type { Verdict } from "../../ports/call-store.ts";
import type { MediaFact } from "../../ports/media-facts.ts";
import type { ModelFinding } from "../../ports/realtime-model.ts";
import type { PhoneCallOptions } from "../phone-call-options.ts";
import { mediaTimedOut } from "../verdicts.ts";
import type { AssistChannel } from "./assist-channel.ts";
import type { RecordingPeople } from "./recording-people.ts";
import type { RecordingStreams } from "./recording-streams.ts";
import { RecordingWords, type Utterance } from "./recording-words.ts";

/** What the ears work with. */
export interface RecordingEarsOptions
  extends Pick<
    PhoneCallOptions,
    "clock" | "logger" | "record" | "recorder" | "mediaTimeout" | "onMediaTimedOut"
  > {
  readonly streams: RecordingStreams;
  readonly people: RecordingPeople;
  readonly channel: AssistChannel;
  readonly end: (verdict: Verdict) => void;
}

type NoticePart = Extract<AssistEvent, { kind: "notice" }>["part"];

/** A model that failed is opened again after so long. */
const RETRY_MS = 10_000;
/** What was begun to be written down when the client hung up is waited for so long. */
const LAST_WORDS_MS = 2000;

const RECORDING_WORDS = {
  true: "the recording is written again",
  false: "the recording cannot be written; what does not fit into memory is lost",
} as const;

/** Nothing happens after `close`. */
export class RecordingEars {
  readonly #options: RecordingEarsOptions;
  readonly #words = new RecordingWords();
  readonly #silent = new Set<LegId>();
  readonly #deaf = new Map<LegId, Timer>();
  readonly #faltering = new Set<LegId>();
  #onLastWords: () => void = () => undefined;
  #closed = false;

  constructor(options: RecordingEarsOptions) {
    this.#options = options;
    if (options.recorder !== undefined) {
      options.recorder.onTrouble = (ok) => this.#notice("store", ok, RECORDING_WORDS[`${ok}`]);
    }
  }

  onFact(fact: MediaFact): void {
    if (this.#closed) {
      return;
    }
    const { record, clock } = this.#options;
    const said = this.#words.hear(fact, record.answeredAtMs ?? clock.wallMs());
    if (said !== undefined) {
      this.#tell(fact, said);
    }
    if (!this.#words.isUnderWay) {
      this.#onLastWords();
    }
    switch (fact.kind) {
      case "mediaTimedOut":
        this.#onSilence(fact.legId, fact.silentMs);
        break;
      case "mediaResumed":
        this.#onAudio(fact.legId);
        break;
      case "findingAdded":
        this.#onFinding(fact.legId, fact.finding);
        break;
      case "modelFaltered":
        this.#onFaltering(fact.legId);
        break;
      case "modelRecovered":
        this.#onRecovery(fact.legId);
        break;
      case "modelFailed":
        this.#onDeaf(fact.legId);
        break;
      case "modelReady":
        this.#onHearing(fact.legId);
        break;
      case "levelsMeasured":
        this.#tellLevels(fact);
        break;
      case "legClosed":
        this.#forget(fact.legId);
        break;
      default:
        break;
    }
  }

  /** Resolves when nothing that was begun to be written down is unfinished, or has taken too long. */
  lastWords(): Promise<void> {
    if (this.#closed || !this.#words.isUnderWay) {
      return Promise.resolve();
    }
    return new Promise((resolve) => {
      const patience = after(this.#options.clock, LAST_WORDS_MS, resolve);
      this.#onLastWords = () => {
        patience.cancel();
        resolve();
      };
    });
  }

  /** What nobody finished saying is kept as far as it was understood. Idempotent. */
  close(): void {
    this.#finish();
    this.#closed = true;
    for (const timer of this.#deaf.values()) {
      timer.cancel();
    }
    this.#deaf.clear();
  }

  #finish(onlyLegId?: LegId): void {
    const atMs = this.#options.clock.wallMs();
    for (const { legId, said } of this.#words.finish(onlyLegId)) {
      this.#tell({ legId, atMs }, said);
    }
  }

  #tell({ legId, atMs }: Pick<MediaFact, "legId" | "atMs">, said: Utterance): void {
    const { streams, people, channel, record } = this.#options;
    const { id, role } = people.byKey(streams.byLeg(legId)?.key ?? "");
    channel.publish({ kind: "transcript", ...said, participantId: id, role });
    if (said.final) {
      const { text } = said;
      record.addLine({ speaker: "caller", text, atMs, role, participantId: id });
    }
  }

  #tellLevels({
    legId,
    levelsDbfs,
    everyMs,
  }: Extract<MediaFact, { kind: "levelsMeasured" }>): void {
    const { streams, channel } = this.#options;
    const participantId = streams.byLeg(legId)?.key;
    if (participantId !== undefined) {
      channel.publishFleeting({ kind: "level", participantId, levelsDbfs, everyMs });
    }
  }

  /** The session is over only when nobody is heard on any stream that ought to send. */
  #onSilence(legId: LegId, silentMs: number): void {
    const { streams, mediaTimeout, onMediaTimedOut, end } = this.#options;
    this.#silent.add(legId);
    this.#notice("audio", false, `no audio on stream ${streams.byLeg(legId)?.key ?? ""}`);
    const sending = streams.all.filter((stream) => stream.sending);
    if (sending.some((stream) => !this.#silent.has(stream.legId))) {
      return;
    }
    onMediaTimedOut(silentMs);
    if (mediaTimeout === "end") {
      end(mediaTimedOut(silentMs));
    }
  }

  #onAudio(legId: LegId): void {
    if (this.#silent.delete(legId)) {
      const key = this.#options.streams.byLeg(legId)?.key ?? "";
      this.#notice("audio", true, `audio again on stream ${key}`);
    }
  }

  #onFinding(legId: LegId, { kind, text, itemId }: ModelFinding): void {
    const { streams, people, channel } = this.#options;
    if (kind === "remark") {
      this.#notice("transcriber", true, text);
      return;
    }
    const utteranceId = itemId === undefined ? undefined : this.#words.utteranceIdOf(legId, itemId);
    const participantId =
      itemId === undefined ? undefined : people.byKey(streams.byLeg(legId)?.key ?? "").id;
    channel.publish({ kind: "finding", finding: kind, text, participantId, utteranceId });
  }

  /** The streams of a call that share a transcription falter and recover together: the page is told once. */
  #onFaltering(legId: LegId): void {
    if (this.#faltering.size === 0) {
      this.#notice("transcriber", false, "the transcription is interrupted; what is said is kept");
    }
    this.#faltering.add(legId);
  }

  #onRecovery(legId: LegId): void {
    if (this.#faltering.delete(legId) && this.#faltering.size === 0) {
      this.#notice("transcriber", true, "the transcription works again");
    }
  }

  #onDeaf(legId: LegId): void {
    const { clock, logger, streams } = this.#options;
    this.#faltering.delete(legId);
    this.#finish(legId);
    this.#notice("transcriber", false, "the transcription failed; it is tried again");
    this.#deaf.get(legId)?.cancel();
    const retry = after(clock, RETRY_MS, () => {
      streams.listenAgain(legId).catch((error: unknown) => {
        logger.warn("a stream of a recording session is not listened to", { error });
      });
    });
    this.#deaf.set(legId, retry);
  }

  #onHearing(legId: LegId): void {
    if (this.#deaf.delete(legId)) {
      this.#notice("transcriber", true, "the transcription works again");
    }
  }

  #forget(legId: LegId): void {
    this.#finish(legId);
    this.#silent.delete(legId);
    this.#onRecovery(legId);
    this.#deaf.get(legId)?.cancel();
    this.#deaf.delete(legId);
  }

  #notice(part: NoticePart, ok: boolean, text: string): void {
    this.#options.channel.publish({ kind: "notice", part, ok, text });
  }
}
