/** Decides, while the model speaks, whether what the caller's line carries takes the floor: pure, told of time. */
import { judgeWords } from "./backchannels.ts";
import { CallerWords } from "./caller-words.ts";
import type { DismissReason, FloorDecision, JudgedFrame, TakeReason } from "./floor-decision.ts";

/** So much voice in a row pauses playout: shorter sounds are clicks. */
export const ONSET_MS = 60;
/** After this pause the verdict is due ... */
export const VERDICT_MS = 500;
/** ... unless the voice fell silent less than this before: a gap in speech is as short as that. */
const GAP_MS = 240;
/** What is voiced within this before the verdict goes on. */
const STILL_MS = 60;
/** Less voice than this is never a word; the verdict does not wait. */
const WORD_MS = 100;
/** Frames so far below the loudest one are the end of a word, or the room. */
const TRAIL_DB = 24;
/** So much of a sound in a row as echo makes all of it one. */
const ECHO_MS = 60;
/** A transcript that comes so late after a dismissal can still show that it was wrong. */
const LATE_WORDS_MS = 3000;
/** A model that hears speech so soon after a dismissal means what was dismissed. */
const LATE_MODEL_MS = 1500;
/** More voice than this over an echo is somebody's own. */
const ECHO_VOICE_MS = 120;
/** A model that hears speech so soon after an echo means the echo. */
const ECHO_HEARD_MS = 1000;

const PAUSE: FloorDecision = { kind: "pause" };

/** One leg's. What it decides is done: `pause` makes it judge, `resume` and `drop` end that. */
export class FloorVerdict {
  #phase: "listening" | "judging" | "dismissed" = "listening";
  /** Voice in a row, up to now, that is no echo. */
  #runMs = 0;
  #runSinceMs = 0;
  #playingSinceMs = -1;
  #pausedAtMs = 0;
  #onsetMs = 0;
  #voicedMs = 0;
  #echoMs = 0;
  #lastEchoMs = Number.NEGATIVE_INFINITY;
  #lastVoiceMs = Number.NEGATIVE_INFINITY;
  #peakDbfs = 0;
  #settledAtMs = 0;
  #dismissedAs: DismissReason = "noise";
  #modelHearsSpeech = false;
  readonly #words = new CallerWords();

  /** Since when the caller made the sound that is judged, or was last. */
  get onsetMs(): number {
    return this.#onsetMs;
  }

  /** It began and has not ended, in the model's opinion. */
  get modelHearsSpeech(): boolean {
    return this.#modelHearsSpeech;
  }

  /** Takes a frame. @param playing Whether there is something to take the floor from. */
  onFrame(frame: JudgedFrame, nowMs: number, playing: boolean): FloorDecision | undefined {
    this.#follow(frame, nowMs);
    if (this.#phase === "judging") {
      return this.#judge(nowMs);
    }
    this.#notePlaying(nowMs, playing);
    const fresh = this.#runSinceMs >= this.#playingSinceMs;
    if (!playing || !fresh || this.#runMs < ONSET_MS) {
      return undefined;
    }
    return this.#pause(this.#runSinceMs, nowMs);
  }

  /** Time goes on, packets or not. */
  onTick(nowMs: number, playing: boolean): FloorDecision | undefined {
    if (this.#phase === "judging") {
      return this.#judge(nowMs);
    }
    this.#notePlaying(nowMs, playing);
    return undefined;
  }

  /** The model heard the caller begin. `echo` and `late`: our playout, or what was dismissed before; nothing to pause for. */
  onModelHeardSpeech(nowMs: number, playing: boolean): FloorDecision | "echo" | "late" | undefined {
    this.#modelHearsSpeech = true;
    if (this.#phase === "judging" || !playing) {
      return undefined;
    }
    if (this.#meansEcho(nowMs)) {
      return "echo";
    }
    if (this.#meansDismissed(nowMs)) {
      return "late";
    }
    const heardHere = this.#runMs > 0;
    return this.#pause(heardHere ? this.#runSinceMs : nowMs, nowMs);
  }

  /** The model heard the caller end. */
  onModelHeardSilence(nowMs: number): void {
    this.#modelHearsSpeech = false;
    this.#words.onEnded(nowMs);
  }

  /** The model stopped by itself. */
  onModelStopped(nowMs: number): FloorDecision {
    return this.#drop("model", nowMs);
  }

  /** What the model understood of the caller. */
  onWords(text: string, itemId: string, final: boolean, nowMs: number): FloorDecision | undefined {
    if (!this.#judgesWords(nowMs)) {
      this.#words.pass(itemId, final);
      return undefined;
    }
    const untilMs = this.#phase === "judging" ? nowMs : this.#settledAtMs;
    const verdict = judgeWords(text);
    if (!this.#words.belong(text, itemId, final, untilMs - this.#onsetMs)) {
      return undefined;
    }
    if (verdict === "words") {
      return this.#drop("words", nowMs);
    }
    const asides = verdict === "backchannel" && final && this.#phase === "judging";
    return asides ? this.#resume("backchannel", nowMs) : undefined;
  }

  /** The floor was taken by other means, such as a key. */
  settle(nowMs: number): void {
    this.#drop("speech", nowMs);
  }

  toJSON(): Readonly<Record<string, unknown>> {
    return { phase: this.#phase, voicedMs: this.#voicedMs, echoMs: this.#echoMs };
  }

  #follow({ ms, levelDbfs, voiced, echo }: JudgedFrame, nowMs: number): void {
    if (voiced) {
      this.#echoMs = echo ? this.#echoMs + ms : 0;
      this.#lastEchoMs = echo ? nowMs : this.#lastEchoMs;
    }
    if (!voiced || echo) {
      this.#runMs = 0;
      return;
    }
    if (this.#runMs === 0) {
      this.#runSinceMs = nowMs;
    }
    if (nowMs - this.#lastVoiceMs > GAP_MS) {
      this.#voicedMs = 0;
      this.#peakDbfs = levelDbfs;
    }
    this.#runMs += ms;
    this.#peakDbfs = Math.max(this.#peakDbfs, levelDbfs);
    if (levelDbfs > this.#peakDbfs - TRAIL_DB) {
      this.#voicedMs += ms;
      this.#lastVoiceMs = nowMs;
    }
  }

  /** Who was speaking when the answer began does not interrupt it by going on: a model that hears speech may. */
  #notePlaying(nowMs: number, playing: boolean): void {
    if (!playing) {
      this.#playingSinceMs = -1;
    } else if (this.#playingSinceMs < 0) {
      this.#playingSinceMs = nowMs;
    }
  }

  #pause(onsetMs: number, nowMs: number): FloorDecision {
    this.#phase = "judging";
    this.#onsetMs = onsetMs;
    this.#pausedAtMs = nowMs;
    this.#words.onSound(nowMs);
    return PAUSE;
  }

  #judge(nowMs: number): FloorDecision | undefined {
    if (this.#echoMs >= ECHO_MS && this.#voicedMs <= ECHO_VOICE_MS) {
      return this.#resume("echo", nowMs);
    }
    const silentMs = nowMs - this.#lastVoiceMs;
    const due = nowMs - this.#pausedAtMs >= VERDICT_MS;
    if (this.#lastVoiceMs < this.#onsetMs) {
      return due ? this.#judgeUnheard(nowMs) : undefined;
    }
    if (due && silentMs <= STILL_MS) {
      return this.#drop("speech", nowMs);
    }
    if (silentMs >= GAP_MS && (due || this.#voicedMs < WORD_MS)) {
      return this.#resume(this.#voicedMs < WORD_MS ? "noise" : "backchannel", nowMs);
    }
    return undefined;
  }

  /** Only the model hears something. */
  #judgeUnheard(nowMs: number): FloorDecision {
    return this.#modelHearsSpeech ? this.#drop("model", nowMs) : this.#resume("noise", nowMs);
  }

  #meansDismissed(nowMs: number): boolean {
    return (
      this.#phase === "dismissed" &&
      nowMs - this.#settledAtMs < LATE_MODEL_MS &&
      this.#lastVoiceMs <= this.#settledAtMs
    );
  }

  #meansEcho(nowMs: number): boolean {
    const echoLast = this.#lastEchoMs > this.#lastVoiceMs;
    return echoLast && nowMs - this.#lastEchoMs < ECHO_HEARD_MS;
  }

  /** Whether words say something about the sound that is judged, or was dismissed just now. */
  #judgesWords(nowMs: number): boolean {
    const late =
      this.#phase === "dismissed" &&
      this.#dismissedAs !== "echo" &&
      nowMs - this.#settledAtMs < LATE_WORDS_MS;
    return this.#phase === "judging" || late;
  }

  #resume(reason: DismissReason, nowMs: number): FloorDecision {
    this.#phase = "dismissed";
    this.#dismissedAs = reason;
    this.#settledAtMs = nowMs;
    this.#playingSinceMs = nowMs;
    return { kind: "resume", reason };
  }

  #drop(reason: TakeReason, nowMs: number): FloorDecision {
    this.#phase = "listening";
    this.#settledAtMs = nowMs;
    return { kind: "drop", reason };
  }
}
