/**
 * How soon the gateway falls silent when the caller speaks over it.
 *
 * Twelve callers speak over the greeting, each at another moment of it. Measured in this process, on one clock:
 * from the sending of the caller's first voiced packet to the arrival of the last packet with the model's speech.
 * The moments are chosen where the greeting is voiced for long enough, so that silence means that it was cleared.
 * When the gateway knew that it was an interruption is in its record, as the wall time of it: playout is paused long before.
 */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { GatewayProcess } from "./support/gateway-process.ts";
import type { HeardPacket } from "./support/heard-packet.ts";
import { GREETING, monoWav, voicedFrames, voicedPart } from "./support/recordings.ts";
import { RtpEar } from "./support/rtp-ear.ts";
import { sippInstalled } from "./support/sipp.ts";
import { startSippCall, WENT_AS_WRITTEN } from "./support/sipp-call.ts";
import { percentile } from "./support/stream-report.ts";
import { eventually } from "./support/waiting.ts";

const CALLS = 12;
const MAX_P95_MS = 250;
/** From the pause, and what a loaded machine adds. */
const MAX_VERDICT_MS = 1000;
/** The greeting must be voiced from so long before until so long after the caller's first packet. */
const VOICED_BEFORE_FRAMES = 2;
const VOICED_AFTER_FRAMES = 14;
/** So much silence is no pause between words where the greeting goes on. */
const SILENT_FRAMES = 10;
/** Goes on for longer than a cough, in another voice than the greeting's: the same voice would be its echo. */
const WORDS = voicedPart(
  monoWav(new URL("../fixtures/audio/barge-in/interruption-01.wav", import.meta.url)),
);

interface BargeIn {
  readonly offsetMs: number;
  readonly stoppedMs: number;
  readonly verdictMs: number;
}

interface Hearing {
  readonly heard: readonly HeardPacket[];
  readonly samples: Int16Array;
}

let gateway: GatewayProcess;

/** Packets of the greeting after which a caller speaks: evenly taken from those where the greeting goes on. */
function moments(): number[] {
  const voiced = voicedFrames(GREETING);
  const usable = voiced.flatMap((_, i) => {
    const around = voiced.slice(i - VOICED_BEFORE_FRAMES, i + VOICED_AFTER_FRAMES);
    const pauses = around.filter((isVoiced) => !isVoiced).length;
    return i > 10 && around.length === VOICED_BEFORE_FRAMES + VOICED_AFTER_FRAMES && pauses === 0
      ? [i]
      : [];
  });
  return Array.from(
    { length: CALLS },
    (_, i) => usable[Math.floor((i * usable.length) / CALLS)] ?? 0,
  );
}

async function bargeIn(afterPackets: number): Promise<BargeIn> {
  const ear = await RtpEar.open();
  const talkMs = afterPackets * 20 + 1500;
  const call = await startSippCall({ gateway, scenario: "uac-talk", ear, talkMs });
  await eventually("the greeting", () => ear.heard.length >= afterPackets);
  const said = await ear.say(WORDS);
  expect(await call.done).toMatchObject(WENT_AS_WRITTEN);
  await ear.close();
  const log = await gateway.callLog(call.sipCallId);
  expect(log.interruptions).toHaveLength(1);
  expect(log.turns[0]).toMatchObject({ interrupted: true });
  const verdictAtMs = Date.parse(log.interruptions[0]?.at ?? "");
  const last = lastOfSpeech({ heard: ear.heard, samples: ear.samples() }, said.fromMs);
  const wallOffsetMs = (last?.wallMs ?? 0) - (last?.atMs ?? 0);
  const lastAtMs = last?.atMs ?? Number.NaN;
  return {
    offsetMs: afterPackets * 20,
    stoppedMs: lastAtMs - said.fromMs,
    verdictMs: verdictAtMs - wallOffsetMs - said.fromMs,
  };
}

/** The packet before the first silence that lasts, after the caller began to speak. */
function lastOfSpeech({ heard, samples }: Hearing, fromMs: number): HeardPacket | undefined {
  const voiced = voicedFrames(samples);
  const from = heard.findIndex(({ atMs }) => atMs >= fromMs);
  const silence = heard.findIndex(
    (_, i) => i >= from && !voiced.slice(i, i + SILENT_FRAMES).includes(true),
  );
  return heard[silence - 1];
}

describe.skipIf(!sippInstalled())("a caller who speaks over the greeting", () => {
  beforeAll(async () => {
    gateway = await GatewayProcess.start();
  });

  afterAll(async () => {
    expect(await gateway.stop()).toMatchObject({ code: 0, leftBehind: [] });
  });

  it("is given the word within 250 ms", async () => {
    const results: BargeIn[] = [];
    for (const afterPackets of moments()) {
      results.push(await bargeIn(afterPackets));
    }
    const figures = (values: readonly number[]): string =>
      [0.5, 0.95, 1].map((part) => percentile(values, part).toFixed(0)).join(" / ");
    console.log(
      [
        `barge-in, ${CALLS} calls, p50 / p95 / max in ms`,
        `  first voiced packet to last packet of speech: ${figures(results.map((r) => r.stoppedMs))}`,
        `  first voiced packet to verdict: ${figures(results.map((r) => r.verdictMs))}`,
      ].join("\n"),
    );
    console.log(JSON.stringify(results));
    expect(
      percentile(
        results.map(({ stoppedMs }) => stoppedMs),
        0.95,
      ),
    ).toBeLessThan(MAX_P95_MS);
    for (const { stoppedMs, verdictMs } of results) {
      expect(stoppedMs).toBeGreaterThan(0);
      expect(verdictMs).toBeGreaterThan(stoppedMs);
      expect(verdictMs).toBeLessThan(MAX_VERDICT_MS);
    }
    expect(await gateway.metric("trunkline_barge_in_ms_count")).toBe(CALLS);
    expect(await gateway.metric("trunkline_barge_ins_total", { verdict: "speech" })).toBe(CALLS);
  });
});
