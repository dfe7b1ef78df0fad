/** The protocol of the Transcribe stand-in, apart from any connection: audio in, events out, on an injected clock. */
import { after, type Clock, type Timer } from "../../../src/core/clock.ts";
import { ChannelEar, type EarUtterance } from "./channel-ear.ts";
import type { TranscribeParameters } from "./request.ts";
import type { ScriptedException, TranscribeScript } from "./script.ts";

/** The service ends a stream that sends nothing. */
const DEFAULT_IDLE_LIMIT_MS = 15_000;
const DEFAULT_SESSION_LIMIT_MS = 4 * 60 * 60_000;
const MAX_CHUNK_BYTES = 32_000;

/** What the brain speaks through. */
export interface BrainOptions {
  readonly clock: Clock;
  readonly script: TranscribeScript;
  readonly parameters: TranscribeParameters;
  readonly isAnalytics: boolean;
  /** An event, by its member of the union. */
  readonly send: (type: string, event: unknown) => void;
  readonly fail: (exception: ScriptedException) => void;
  readonly end: () => void;
  readonly cut: () => void;
}

/** One stream. What it saw is public, for tests to look at. */
export class TranscribeBrain {
  readonly parameters: TranscribeParameters;
  readonly isAnalytics: boolean;
  readonly violations: string[] = [];
  /** Of Call Analytics, in the order of the channels. */
  roles: readonly string[] = [];
  chunks = 0;
  isClosedInOrder = false;
  readonly #options: BrainOptions;
  readonly #ears: readonly ChannelEar[];
  readonly #timers = new Set<Timer>();
  readonly #lines: string[][];
  readonly #texts = new Map<string, string>();
  #idle: Timer | undefined;
  #audioMs = 0;
  #isOver = false;
  #isConfigured = false;
  #hasCategory = false;
  #chunkUs = 0;

  constructor(options: BrainOptions) {
    const { isAnalytics, parameters, script } = options;
    this.#options = options;
    this.parameters = parameters;
    this.isAnalytics = isAnalytics;
    this.#lines = (script.lines ?? []).map((lines) => [...lines]);
    const count = isAnalytics || parameters["number-of-channels"] === "2" ? 2 : 1;
    this.#ears = Array.from(
      { length: count },
      (_, channel) => new ChannelEar((heard) => this.#onHeard(channel, heard), script.endsAtSample),
    );
  }

  /** All audio of a channel. */
  heard(channel: number): Int16Array {
    return this.#ears[channel]?.samples ?? new Int16Array();
  }

  /** Milliseconds of audio of each channel. */
  get audioMs(): number {
    return this.#audioMs;
  }

  start(): void {
    const { script } = this.#options;
    this.#later(script.sessionLimitMs ?? DEFAULT_SESSION_LIMIT_MS, () =>
      this.#fail({ name: "LimitExceededException", message: "the stream is too long" }),
    );
    this.#armIdle();
  }

  stop(): void {
    this.#isOver = true;
    this.#idle?.cancel();
    for (const timer of this.#timers) {
      timer.cancel();
    }
  }

  /** The first message of Call Analytics. */
  configure(json: string): void {
    const { ChannelDefinitions } = JSON.parse(json) as {
      readonly ChannelDefinitions?: readonly { ChannelId: number; ParticipantRole: string }[];
    };
    const roles = [0, 1].map(
      (id) => ChannelDefinitions?.find(({ ChannelId }) => ChannelId === id)?.ParticipantRole ?? "",
    );
    const isRight = this.isAnalytics && !this.#isConfigured && this.chunks === 0;
    if (!isRight || [...roles].sort().join() !== "AGENT,CUSTOMER") {
      this.#refuse("a ConfigurationEvent that does not fit");
      return;
    }
    this.#isConfigured = true;
    this.roles = roles;
  }

  /** One chunk; an empty one is the end of the audio. */
  hear(bytes: Buffer): void {
    if (this.#isOver) {
      return;
    }
    if (this.isAnalytics && !this.#isConfigured) {
      this.#refuse("audio before the ConfigurationEvent");
      return;
    }
    if (bytes.length === 0) {
      this.#finish();
      return;
    }
    const stride = this.#ears.length * 2;
    if (bytes.length % stride !== 0 || bytes.length > MAX_CHUNK_BYTES) {
      this.#refuse("a chunk of a wrong length");
      return;
    }
    this.chunks += 1;
    this.#chunkUs = this.#options.clock.nowUs();
    this.#armIdle();
    for (const event of this.chunks === 1 ? (this.#options.script.garbage ?? []) : []) {
      this.#options.send("TranscriptEvent", event);
    }
    for (let at = 0; at < bytes.length; at += stride) {
      for (const [channel, ear] of this.#ears.entries()) {
        ear.push(bytes.readInt16LE(at + channel * 2));
      }
    }
    this.#audioMs += bytes.length / stride / 8;
    this.#haveAccident();
  }

  /** The client ended its side. */
  onClientEnded(): void {
    if (!this.#isOver && !this.isClosedInOrder) {
      this.#refuse("the stream ended without an empty chunk");
    }
  }

  #finish(): void {
    this.isClosedInOrder = true;
    for (const ear of this.#ears) {
      ear.finish();
    }
    this.#later(this.#options.script.finalDelayMs ?? 0, () => {
      this.stop();
      this.#options.end();
    });
  }

  #haveAccident(): void {
    const { cutsAfterMs, failsAfterMs } = this.#options.script;
    if (failsAfterMs !== undefined && this.#audioMs >= failsAfterMs.ms) {
      this.#fail(failsAfterMs.exception);
    } else if (cutsAfterMs !== undefined && this.#audioMs >= cutsAfterMs) {
      this.stop();
      this.#options.cut();
    }
  }

  #onHeard(channel: number, heard: EarUtterance): void {
    const { clock, script } = this.#options;
    const { finalDelayMs = 0 } = script;
    const key = `${channel}-${heard.ordinal}`;
    const line = this.#texts.get(key) ?? this.#lines[channel]?.shift();
    if (line !== undefined) {
      this.#texts.set(key, line);
    }
    const text = line ?? heard.text;
    const heardUs = this.#chunkUs;
    this.#later(heard.final ? finalDelayMs : 0, () => {
      this.#tell(channel, { ...heard, text });
      script.onSent?.({ text, final: heard.final, heardUs, sentUs: clock.nowUs() });
    });
  }

  #tell(channel: number, heard: EarUtterance): void {
    if (this.isAnalytics) {
      this.#tellAnalysed(channel, heard);
      return;
    }
    const { ordinal, text, final, startMs, endMs } = heard;
    const ResultId = `${this.parameters["session-id"]?.slice(0, 8)}-${channel}-${ordinal}`;
    const result = {
      ResultId,
      StartTime: startMs / 1000,
      EndTime: endMs / 1000,
      IsPartial: !final,
      ...(this.#ears.length === 2 ? { ChannelId: `ch_${channel}` } : {}),
      Alternatives: [{ Transcript: text, Items: [] }],
    };
    this.#options.send("TranscriptEvent", { Transcript: { Results: [result] } });
  }

  #tellAnalysed(channel: number, { ordinal, text, final, startMs, endMs }: EarUtterance): void {
    const { category, issue, sentiments } = this.#options.script;
    const begin = issue === undefined ? -1 : text.indexOf(issue);
    const issues =
      final && issue !== undefined && begin >= 0
        ? [{ CharacterOffsets: { Begin: begin, End: begin + issue.length } }]
        : [];
    this.#options.send("UtteranceEvent", {
      UtteranceId: `utterance-${channel}-${ordinal}`,
      IsPartial: !final,
      ParticipantRole: this.roles[channel],
      BeginOffsetMillis: startMs,
      EndOffsetMillis: endMs,
      Transcript: text,
      ...(final ? { Sentiment: sentiments?.[text] ?? "NEUTRAL", IssuesDetected: issues } : {}),
    });
    if (final && category !== undefined && !this.#hasCategory) {
      this.#hasCategory = true;
      this.#options.send("CategoryEvent", {
        MatchedCategories: [category],
        MatchedDetails: { [category]: { TimestampRanges: [] } },
      });
    }
  }

  #armIdle(): void {
    const { clock, script } = this.#options;
    this.#idle?.cancel();
    this.#idle = after(clock, script.idleLimitMs ?? DEFAULT_IDLE_LIMIT_MS, () =>
      this.#refuse("Your request timed out because no new audio was received for 15 seconds."),
    );
  }

  #refuse(message: string): void {
    this.violations.push(message);
    this.#fail({ name: "BadRequestException", message });
  }

  #fail(exception: ScriptedException): void {
    if (!this.#isOver) {
      this.stop();
      this.#options.fail(exception);
    }
  }

  #later(delayMs: number, callback: () => void): void {
    const timer = after(this.#options.clock, delayMs, () => {
      this.#timers.delete(timer);
      callback();
    });
    this.#timers.add(timer);
  }
}
