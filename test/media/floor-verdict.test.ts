import { describe, expect, test } from "vitest";
import type { FloorDecision } from "../../src/media/floor-decision.ts";
import { FloorVerdict } from "../../src/media/floor-verdict.ts";

const FRAME_MS = 20;

/** A verdict and a caller who is written down: `#` voice, `+` faint voice, `.` silence, `e` our echo, ` ` no packet. */
class Ladder {
  readonly verdict = new FloorVerdict();
  readonly decisions: string[] = [];
  playing = true;
  nowMs = 10_000;

  line(frames: string): this {
    for (const frame of frames) {
      this.nowMs += FRAME_MS;
      if (frame !== " ") {
        this.note(this.verdict.onFrame(this.#frame(frame), this.nowMs, this.playing));
      }
      this.note(this.verdict.onTick(this.nowMs, this.playing));
    }
    return this;
  }

  words(text: string, final = true, itemId = text): this {
    this.note(this.verdict.onWords(text, itemId, final, this.nowMs));
    return this;
  }

  started(): this {
    this.note(this.verdict.onModelHeardSpeech(this.nowMs, this.playing));
    return this;
  }

  stopped(): this {
    this.verdict.onModelHeardSilence(this.nowMs);
    return this;
  }

  interrupted(): this {
    this.note(this.verdict.onModelStopped(this.nowMs));
    return this;
  }

  note(decision: FloorDecision | "echo" | "late" | undefined): void {
    if (decision === undefined) {
      return;
    }
    if (typeof decision !== "string" && decision.kind === "drop") {
      this.playing = false;
    }
    const text = typeof decision === "string" ? decision : Object.values(decision).join(" ");
    this.decisions.push(`${this.nowMs - 10_000} ${text}`);
  }

  #frame(frame: string) {
    const levels: Readonly<Record<string, number>> = { "#": -25, "+": -50, e: -40, ".": -70 };
    const voiced = frame !== ".";
    return {
      ms: FRAME_MS,
      levelDbfs: levels[frame] ?? -70,
      voiced,
      echo: frame === "e",
    };
  }
}

const silence = (ms: number): string => ".".repeat(ms / FRAME_MS);
const voice = (ms: number): string => "#".repeat(ms / FRAME_MS);
const echo = (ms: number): string => "e".repeat(ms / FRAME_MS);

const cases: readonly [string, (ladder: Ladder) => unknown, readonly string[]][] = [
  ["a click does nothing", (l) => l.line(`##${silence(600)}`), []],
  [
    "speech pauses after 60 ms and takes the floor 500 ms later",
    (l) => l.line(voice(1000)),
    ["60 pause", "560 drop speech"],
  ],
  [
    "a cough pauses, and is over within 500 ms",
    (l) => l.line(voice(300) + silence(700)),
    ["60 pause", "560 resume backchannel"],
  ],
  [
    "a knock is no word, and is dismissed as soon as it is over",
    (l) => l.line(voice(80) + silence(700)),
    ["60 pause", "320 resume noise"],
  ],
  [
    "a sound that ends just before the verdict is given time to go on, and does not",
    (l) => l.line(voice(480) + silence(700)),
    ["60 pause", "720 resume backchannel"],
  ],
  [
    "a sound that ends just before the verdict is given time to go on, and does",
    (l) => l.line(voice(460) + silence(180) + voice(100)),
    ["60 pause", "660 drop speech"],
  ],
  [
    "the end of a word and the room are not voice",
    (l) => l.line(`${voice(320)}${"+".repeat(30)}`),
    ["60 pause", "560 resume backchannel"],
  ],
  [
    "a gap between words is not the end",
    (l) => l.line(voice(240) + silence(160) + voice(300)),
    ["60 pause", "560 drop speech"],
  ],
  [
    "a caller who stops sending packets has stopped speaking",
    (l) => l.line(voice(200) + " ".repeat(40)),
    ["60 pause", "560 resume backchannel"],
  ],
  ["our echo does nothing", (l) => l.line(echo(2000)), []],
  [
    "an echo that is recognised late is taken back at once",
    (l) => l.line(voice(60) + echo(400) + silence(300)),
    ["60 pause", "120 resume echo"],
  ],
  [
    "a caller who speaks over our echo is heard",
    (l) => l.line(echo(600) + voice(700)),
    ["660 pause", "1160 drop speech"],
  ],
  [
    "what is left of the echo after the pause does not make the caller's words one",
    (l) => l.line(voice(200) + echo(80) + voice(600)),
    ["60 pause", "560 drop speech"],
  ],
  [
    "words take the floor before the time is over",
    (l) => l.line(voice(240)).words("stop", false).line(silence(500)),
    ["60 pause", "240 drop words"],
  ],
  [
    "a backchannel in words is dismissed before the time is over",
    (l) => l.line(voice(240)).words("Mhm, okay.").line(silence(500)),
    ["60 pause", "240 resume backchannel"],
  ],
  [
    "a backchannel that is still being said may go on",
    (l) => l.line(voice(240)).words("okay", false).line(voice(500)),
    ["60 pause", "560 drop speech"],
  ],
  [
    "one word that was taken for a cough takes the floor when it is understood",
    (l) =>
      l
        .line(voice(300) + silence(500))
        .words("Stop!")
        .line(silence(300)),
    ["60 pause", "560 resume backchannel", "800 drop words"],
  ],
  [
    "the model's own words do not interrupt it",
    (l) =>
      l
        .line(voice(60) + echo(300) + silence(500))
        .words("Our hours are")
        .line(silence(300)),
    ["60 pause", "120 resume echo"],
  ],
  [
    "what was said before the answer and is understood now is not the cough",
    (l) => l.stopped().line(voice(300)).words("To Berlin").line(silence(500)),
    ["60 pause", "560 resume backchannel"],
  ],
  [
    "more words than fit into the sound were said before it",
    (l) => l.line(voice(300)).words("I would like to go to Berlin tomorrow").line(silence(500)),
    ["60 pause", "560 resume backchannel"],
  ],
  [
    "a text that had begun before the sound is not of it",
    (l) =>
      l.words("To", false, "a").line(voice(300)).words("To Berlin", true, "a").line(silence(500)),
    ["60 pause", "560 resume backchannel"],
  ],
  [
    "a model that stops by itself is believed at once",
    (l) => l.line(voice(200)).interrupted(),
    ["60 pause", "200 drop model"],
  ],
  [
    "a model that stops later is believed too",
    (l) => l.line(voice(300) + silence(500)).interrupted(),
    ["60 pause", "560 resume backchannel", "800 drop model"],
  ],
  [
    "a model that hears speech later than we do changes nothing",
    (l) => l.line(voice(240)).started().line(voice(500)),
    ["60 pause", "560 drop speech"],
  ],
  [
    "a model that hears speech where we hear none is waited for, and believed",
    (l) => l.line(silence(100)).started().line(silence(700)),
    ["100 pause", "600 drop model"],
  ],
  [
    "a model that hears speech where we hear none, and then none, was wrong",
    (l) => l.line(silence(100)).started().line(silence(200)).stopped().line(silence(500)),
    ["100 pause", "600 resume noise"],
  ],
  [
    "a model that hears our echo is told that it is nothing",
    (l) => l.line(echo(300)).started().line(echo(300)),
    ["300 echo"],
  ],
  [
    "a model that hears a cough after it was dismissed is told that it is nothing",
    (l) =>
      l
        .line(voice(80) + silence(300))
        .started()
        .line(silence(300)),
    ["60 pause", "320 resume noise", "380 late"],
  ],
];

describe("the verdict on a sound while the model speaks", () => {
  test.each(cases)("%s", (_name, act, decisions) => {
    const ladder = new Ladder();
    act(ladder);
    expect(ladder.decisions).toEqual(decisions);
  });

  test("does nothing while the model is silent", () => {
    const ladder = new Ladder();
    ladder.playing = false;
    ladder.line(voice(1000)).started().words("hello");
    expect(ladder.decisions).toEqual([]);
  });

  test("leaves it to the model when the caller was speaking before the answer began", () => {
    const ladder = new Ladder();
    ladder.playing = false;
    ladder.line(voice(300));
    ladder.playing = true;
    ladder.line(voice(1000));
    expect(ladder.decisions).toEqual([]);
    ladder.line(silence(100) + voice(100));
    expect(ladder.decisions).toEqual(["1460 pause"]);
  });
});
