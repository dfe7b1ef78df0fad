/** What the caller of `trunkline call` does: listens to the greeting, speaks, waits for the answer, presses keys, hangs up. */
import { after, type Clock, type Timer } from "../core/clock.ts";
import type { CallTurn } from "./call-report.ts";
import { type Spurt, SpurtLog } from "./call-spurts.ts";

/** What the script is to do, and by what means. */
export interface CallScriptOptions {
  readonly clock: Clock;
  /** 8 kHz. */
  readonly say: Int16Array | undefined;
  /** Keys; a comma waits a second. */
  readonly dtmf: string | undefined;
  /** Stays this long after the answer; `undefined`: until everything was said and answered. */
  readonly stayMs: number | undefined;
  readonly speak: (pcm: Int16Array) => void;
  readonly press: (digits: string) => void;
  /** Called once, when there is nothing left to do. */
  readonly onDone: () => void;
}

type Phase = "greeting" | "saying" | "answer" | "pressing" | "staying" | "done";

/** With nothing to do and nothing heard, this is how long the line is listened to. */
const LISTEN_MS = 10_000;
/** How long each thing may take. */
const LIMIT_MS: Readonly<Record<Phase, number>> = {
  greeting: 8000,
  saying: 60_000,
  answer: 15_000,
  pressing: 8000,
  staying: LISTEN_MS,
  done: 0,
};
const COMMA_MS = 1000;
const LINGER_MS = 300;

/** Driven by what is sent and heard; `start` it when the call is answered. */
export class CallScript {
  readonly sent: SpurtLog;
  readonly heard: SpurtLog;
  readonly turns: CallTurn[] = [];
  readonly #options: CallScriptOptions;
  readonly #keys: string[];
  #phase: Phase = "greeting";
  #answeredAtMs = 0;
  /** When what was said or pressed ended, and when it began. */
  #sinceMs = 0;
  #saidSinceMs = 0;
  #asked: CallTurn["asked"] = "words";
  #deadline: Timer | undefined;
  #stay: Timer | undefined;

  constructor(options: CallScriptOptions) {
    this.#options = options;
    this.#keys = options.dtmf?.match(/,+|[^,]+/g) ?? [];
    this.heard = new SpurtLog(options.clock, () => this.#step());
    this.sent = new SpurtLog(options.clock, () => this.#step());
  }

  /** What the peer said first, if it spoke before it was spoken to. */
  get greeting(): { readonly afterMs: number; readonly durationMs: number } | undefined {
    const spurt = this.heard.spurts[0];
    const spokenTo = this.sent.spurts[0]?.startMs ?? Number.POSITIVE_INFINITY;
    if (spurt === undefined || spurt.startMs > spokenTo) {
      return undefined;
    }
    const afterMs = Math.round(spurt.startMs - this.#answeredAtMs);
    return { afterMs, durationMs: Math.round(spurt.endMs - spurt.startMs) };
  }

  start(): void {
    const { clock, stayMs } = this.#options;
    this.#answeredAtMs = clock.nowUs() / 1000;
    if (stayMs !== undefined) {
      this.#stay = after(clock, stayMs, () => this.#finish());
    }
    this.#enter("greeting");
  }

  /** The call is over: nothing more happens. */
  stop(): void {
    this.#keepLastAnswer();
    this.#phase = "done";
    this.#deadline?.cancel();
    this.#stay?.cancel();
  }

  #enter(phase: Phase): void {
    const { clock } = this.#options;
    this.#phase = phase;
    this.#deadline?.cancel();
    this.#deadline = after(clock, LIMIT_MS[phase], () => this.#tooLong());
  }

  /** Something began or ended on the line. */
  #step(): void {
    switch (this.#phase) {
      case "greeting":
        if (this.heard.last?.over === true) {
          this.#afterGreeting();
        }
        break;
      case "saying":
        if (this.sent.last?.over === true) {
          this.#sinceMs = this.sent.last.endMs;
          this.#saidSinceMs = this.sent.last.startMs;
          this.#enter("answer");
          this.#step();
        }
        break;
      case "answer":
      case "pressing":
        this.#seekAnswer();
        break;
      default:
        break;
    }
  }

  #tooLong(): void {
    if (this.#phase === "greeting") {
      this.#afterGreeting();
    } else if (this.#phase === "answer" || this.#phase === "pressing") {
      this.turns.push({ asked: this.#asked, answered: false });
      this.#nextKeys();
    } else {
      this.#finish();
    }
  }

  #afterGreeting(): void {
    const { say, speak } = this.#options;
    if (say === undefined) {
      this.#nextKeys();
      return;
    }
    this.#enter("saying");
    speak(say);
  }

  #seekAnswer(): void {
    const answer = this.heard.answerTo(this.#saidSinceMs, this.#sinceMs);
    if (answer?.over === true) {
      this.turns.push(this.#turnOf(answer));
      this.#nextKeys();
    }
  }

  /** The peer may hang up with its last word, before the pause that would end it. */
  #keepLastAnswer(): void {
    const answer = this.heard.answerTo(this.#saidSinceMs, this.#sinceMs);
    if ((this.#phase === "answer" || this.#phase === "pressing") && answer !== undefined) {
      this.turns.push(this.#turnOf(answer));
    }
  }

  #nextKeys(): void {
    const keys = this.#keys.shift();
    if (keys === undefined) {
      this.#enter("staying");
      if (this.#options.stayMs === undefined) {
        const lingerMs = this.#hasNothingToDo() ? LISTEN_MS : LINGER_MS;
        this.#stay = after(this.#options.clock, lingerMs, () => this.#finish());
      }
      return;
    }
    if (keys.startsWith(",")) {
      this.#enter("staying");
      this.#stay?.cancel();
      this.#stay = after(this.#options.clock, COMMA_MS * keys.length, () => this.#nextKeys());
      return;
    }
    this.#asked = "keys";
    this.#sinceMs = this.#options.clock.nowUs() / 1000;
    this.#saidSinceMs = this.#sinceMs;
    this.#enter("pressing");
    this.#options.press(keys);
  }

  #hasNothingToDo(): boolean {
    return this.#options.say === undefined && this.#options.dtmf === undefined;
  }

  #turnOf(answer: Spurt): CallTurn {
    return {
      asked: this.#asked,
      answered: true,
      responseMs: Math.round(answer.startMs - this.#sinceMs),
      answerMs: Math.round(answer.endMs - answer.startMs),
      answerFromMs: Math.round(answer.startMs - this.#answeredAtMs),
    };
  }

  #finish(): void {
    if (this.#phase !== "done") {
      this.stop();
      this.#options.onDone();
    }
  }
}
