/** What the built-in caller does, and what it measures, on virtual time. */
import { describe, expect, it } from "vitest";
import { fillSine } from "../../src/audio/signal.ts";
import { CallScript, type CallScriptOptions } from "../../src/cli/call-script.ts";
import { VirtualClock } from "../support/virtual-clock.ts";

const FRAME = new Int16Array(160);
fillSine(FRAME, 8000, 500, 8000, 0);
const SILENCE = new Int16Array(160);

/** A line on which both sides are driven frame by frame. */
class Line {
  readonly clock = new VirtualClock();
  readonly pressed: string[] = [];
  readonly script: CallScript;
  spoken = 0;
  done = 0;
  #sending = 0;

  constructor(task: Partial<Pick<CallScriptOptions, "say" | "dtmf" | "stayMs">>) {
    this.script = new CallScript({
      clock: this.clock,
      say: task.say,
      dtmf: task.dtmf,
      stayMs: task.stayMs,
      speak: (pcm) => {
        this.spoken += 1;
        this.#sending = pcm.length / 160;
      },
      press: (digits) => this.pressed.push(digits),
      onDone: () => {
        this.done += 1;
      },
    });
    this.script.start();
  }

  /** The peer speaks, or does not, for so long. */
  async hear(durationMs: number, voiced: boolean): Promise<void> {
    for (let elapsed = 0; elapsed < durationMs; elapsed += 20) {
      await this.clock.advanceMs(20);
      this.script.heard.onFrame(voiced ? FRAME : SILENCE, 160);
      this.script.sent.onFrame(this.#sending > 0 ? FRAME : SILENCE, 160);
      this.#sending -= 1;
    }
  }
}

describe("the script of a call", () => {
  it("waits for the greeting to end, speaks, and measures the answer", async () => {
    const line = new Line({ say: new Int16Array(8000) });
    await line.hear(200, false);
    await line.hear(1000, true);
    expect(line.spoken).toBe(0);
    await line.hear(800, false);
    expect(line.spoken).toBe(1);
    await line.hear(1400, false);
    await line.hear(600, true);
    await line.hear(1500, false);
    expect(line.script.greeting).toEqual({ afterMs: 220, durationMs: 1000 });
    expect(line.script.turns).toHaveLength(1);
    const [turn] = line.script.turns;
    expect(turn).toMatchObject({ asked: "words", answered: true, answerMs: 600 });
    expect(Math.abs((turn?.responseMs ?? 0) - 500)).toBeLessThanOrEqual(40);
    expect(line.done).toBe(1);
    expect(line.clock.pending).toBe(0);
  });

  it("speaks by itself when nobody greets, and says that nobody answered", async () => {
    const line = new Line({ say: new Int16Array(1600) });
    await line.hear(8100, false);
    expect(line.spoken).toBe(1);
    await line.hear(17_000, false);
    expect(line.script.greeting).toBeUndefined();
    expect(line.script.turns).toEqual([{ asked: "words", answered: false }]);
    expect(line.done).toBe(1);
  });

  it("presses keys one group after the other, a comma being a second", async () => {
    const line = new Line({ dtmf: "1,2#" });
    await line.hear(500, true);
    await line.hear(800, false);
    expect(line.pressed).toEqual(["1"]);
    await line.hear(400, true);
    await line.hear(800, false);
    expect(line.pressed).toEqual(["1"]);
    await line.hear(1000, false);
    expect(line.pressed).toEqual(["1", "2#"]);
    await line.hear(400, true);
    await line.hear(1200, false);
    expect(line.script.turns.map(({ asked, answered }) => [asked, answered])).toEqual([
      ["keys", true],
      ["keys", true],
    ]);
    expect(line.done).toBe(1);
  });

  it("takes an echo for an answer that began before we ended", async () => {
    const line = new Line({ say: new Int16Array(8000) });
    await line.hear(8020, false);
    await line.hear(60, false);
    await line.hear(1060, true);
    await line.hear(1200, false);
    const [turn] = line.script.turns;
    expect(turn?.answered).toBe(true);
    expect(turn?.responseMs).toBeLessThan(0);
  });

  it("stays as long as it was told to, whatever happens", async () => {
    const line = new Line({ stayMs: 3000 });
    await line.hear(2900, true);
    expect(line.done).toBe(0);
    await line.hear(200, true);
    expect(line.done).toBe(1);
  });

  it("keeps an answer that the peer hung up on", async () => {
    const line = new Line({ dtmf: "9" });
    await line.hear(500, true);
    await line.hear(900, false);
    await line.hear(800, true);
    line.script.stop();
    expect(line.script.turns).toMatchObject([{ asked: "keys", answered: true, answerMs: 800 }]);
  });

  it("does nothing more once it was stopped", async () => {
    const line = new Line({ say: new Int16Array(1600) });
    line.script.stop();
    await line.hear(9000, false);
    expect([line.spoken, line.done, line.clock.pending]).toEqual([0, 0, 0]);
  });
});
