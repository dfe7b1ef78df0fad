/** Calls on the audio engine whose model is Gemini, with the stand-in's brain behind it: what the peer of the RTP hears. */
import { describe, expect, it } from "vitest";
import { goertzelPower, levelDbfs } from "../../src/audio/signal.ts";
import { GeminiModel } from "../../src/models/gemini-model.ts";
import { GOOD_KEY } from "../support/gemini/brain.ts";
import { createGeminiService, type MemoryService } from "../support/gemini/memory-socket.ts";
import type { GeminiScript } from "../support/gemini/script.ts";
import { MediaLab } from "../support/media-lab.ts";
import { answerNotesHz } from "../support/openai/voice.ts";
import { SeededRandom } from "../support/seeded-random.ts";

const FRAME_SAMPLES = 160;
const LONG = { text: "", durationMs: 10_000 };

interface Call {
  readonly lab: MediaLab;
  readonly service: () => MemoryService;
}

async function callGemini(script: GeminiScript): Promise<Call> {
  const services: MemoryService[] = [];
  const lab = new MediaLab({
    other: (clock) => {
      const service = createGeminiService(clock, { thinkMs: 100, ...script });
      services.push(service);
      return new GeminiModel({
        name: "gemini",
        url: "wss://x",
        model: "gemini-3.8-live",
        apiKey: GOOD_KEY,
        transcription: true,
        maxSessionMs: 600_000,
        clock,
        random: new SeededRandom(1),
        openSocket: service.openSocket,
      });
    },
  });
  await lab.openLeg();
  const { ids, plan } = lab;
  await lab.host.execute({ kind: "attachModel", ...ids, model: "gemini", mode: "talk", plan });
  await lab.clock.advanceMs(100);
  return {
    lab,
    service: () => services[0] ?? { connections: [], openSocket: () => expect.fail() },
  };
}

/** Per 20 ms, whether the notes of this answer are heard. */
function heardFrames(lab: MediaLab, answer: number): boolean[] {
  const heard = lab.peer.heardPcm();
  return Array.from({ length: Math.floor(heard.length / FRAME_SAMPLES) }, (_, i) => {
    const frame = heard.subarray(i * FRAME_SAMPLES, (i + 1) * FRAME_SAMPLES);
    const power = (hz: number): number => goertzelPower(frame, 8000, hz);
    const loudest = (index: number): number => Math.max(...answerNotesHz(index).map(power));
    return levelDbfs(frame) > -40 && loudest(answer) > loudest(answer === 0 ? 2 : 0);
  });
}

function heardMs(lab: MediaLab, answer: number): number {
  return heardFrames(lab, answer).filter(Boolean).length * 20;
}

describe("a call that Gemini answers", () => {
  it.each<[string, GeminiScript]>([
    ["in an instant", { speed: Number.POSITIVE_INFINITY, chunkMs: 500 }],
    ["in pieces of 100 ms that are up to 80 ms late", { speed: 1.5, chunkMs: 100, jitterMs: 80 }],
  ])("plays 10 s that come %s without a gap or a change of speed", async (_how, script) => {
    const { lab } = await callGemini({ ...script, answers: [LONG] });
    await lab.host.execute({ kind: "pressDigit", ...lab.ids, digit: "#" });
    await lab.clock.advanceMs(11_500);
    const frames = heardFrames(lab, 0);
    const spoken = frames.slice(frames.indexOf(true), frames.lastIndexOf(true) + 1);
    expect(Math.abs(spoken.length * 20 - 10_000)).toBeLessThanOrEqual(40);
    expect(spoken.filter((isHeard) => !isHeard)).toEqual([]);
    expect(lab.peer.longestGapMs()).toBe(20);
    const [turn] = lab.factsOf("turnPlayed");
    expect(turn?.turn).toMatchObject({ playedMs: 10_000, unheardMs: 0, interrupted: false });
    await lab.close();
  });

  it("falls silent with the service, down to the buffered tail, and plays the next answer whole", async () => {
    const answers = [LONG, { text: "", durationMs: 2000 }, { text: "", durationMs: 2000 }];
    const { lab, service } = await callGemini({ speed: Number.POSITIVE_INFINITY, answers });
    await lab.host.execute({ kind: "pressDigit", ...lab.ids, digit: "#" });
    await lab.clock.advanceMs(2000);
    lab.peer.sendTone(3, 600);
    await lab.clock.advanceMs(600);
    const [barge] = lab.factsOf("bargedIn");
    expect(barge?.itemId).toBe("answer-1");
    expect((barge?.playedMs ?? 0) + (barge?.unheardMs ?? 0)).toBe(10_000);
    expect(Math.abs(heardMs(lab, 0) - (barge?.playedMs ?? 0))).toBeLessThanOrEqual(40);
    expect(barge?.sinceVoiceMs).toBeLessThanOrEqual(300);
    lab.peer.sendPcm(new Int16Array(8000 * 4));
    await lab.clock.advanceMs(4000);
    expect(Math.abs(heardMs(lab, 1) - 2000)).toBeLessThanOrEqual(60);
    expect(lab.factsOf("bargedIn")).toHaveLength(1);
    expect(service().connections[0]?.brain.errors).toEqual([]);
    await lab.close();
    expect(lab.clock.pending).toBe(0);
  });
});
