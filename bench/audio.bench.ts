/** µs per 20 ms frame of each audio and RTP stage; exits with 1 when the best run of one is above its budget (the median doubles when another tenant shares the core). */
import { readFileSync } from "node:fs";
import { Concealer } from "../src/audio/concealment.ts";
import type { SampleRateHz } from "../src/audio/frame.ts";
import { decodeG711, encodeG711 } from "../src/audio/g711.ts";
import { Resampler } from "../src/audio/resampler.ts";
import { EnergyVad, fillSine } from "../src/audio/signal.ts";
import { EchoDetector } from "../src/media/echo-detector.ts";
import { JitterBuffer } from "../src/rtp/jitter-buffer.ts";
import { nextSequence, writeRtpHeader } from "../src/rtp/packet.ts";
import { ReceptionStats } from "../src/rtp/reception-stats.ts";
import { measureUs } from "./measure.ts";

const samples = new Int16Array(480);
fillSine(samples, 24_000, 440, 12_000, 0);
const target = new Int16Array(480);
const packet = new Uint8Array(172);
const stages: Record<string, () => void> = {};

function addResampler(fromHz: SampleRateHz, toHz: SampleRateHz): void {
  const resampler = new Resampler(fromHz, toHz);
  const count = fromHz / 50;
  stages[`resample ${fromHz}->${toHz}`] = () => resampler.process(samples, count, target);
}

addResampler(8000, 16_000);
addResampler(8000, 24_000);
addResampler(16_000, 8000);
addResampler(24_000, 8000);
addResampler(16_000, 24_000);
addResampler(24_000, 16_000);

stages["decode pcmu"] = () => decodeG711("pcmu", packet, 12, 160, target, 0);
stages["encode pcmu"] = () => encodeG711("pcmu", samples, 0, 160, packet, 12);
stages["encode pcma"] = () => encodeG711("pcma", samples, 0, 160, packet, 12);

const vad = new EnergyVad({ frameMs: 20 });
stages["voice activity"] = () => vad.push(samples, 160);

const concealer = new Concealer();
const frame = samples.slice(0, 160);
stages["learn for concealment"] = () => concealer.good(frame);
const losing = new Concealer();
losing.good(samples);
stages["conceal, then return"] = () => {
  losing.conceal(target.subarray(0, 160));
  losing.good(frame);
};

const jitter = new JitterBuffer();
const stats = new ReceptionStats();
const visitor = { onPacket: () => undefined, onLost: () => undefined, onSilence: () => undefined };
let sequence = 0;
let rtpTimestamp = 0;
let nowUs = 0;
stages["header, jitter buffer, statistics"] = () => {
  sequence = nextSequence(sequence);
  rtpTimestamp = (rtpTimestamp + 160) >>> 0;
  nowUs += 20_000;
  writeRtpHeader(packet, 0, 0, sequence, rtpTimestamp, 7);
  jitter.insert(packet, 172, nowUs);
  jitter.release(nowUs, visitor);
  stats.onPacket(sequence, rtpTimestamp, nowUs);
};

const echo = new EchoDetector();
for (let i = 0; i < 50; i += 1) {
  echo.onSent("pcmu", packet, 12, 160, 160);
}
stages["echo: show what is sent"] = () => echo.onSent("pcmu", packet, 12, 160, 160);
stages["echo: a voiced frame over playout"] = () => echo.push(frame, 160);
stages["echo: the first of them"] = () => {
  echo.begin();
  echo.push(frame, 160);
};

const budgets: { audioUsPerFrame: Record<string, number> } = JSON.parse(
  readFileSync(new URL("budgets.json", import.meta.url), "utf8"),
);
/** So many at a time of what takes long and is rare. */
const ECHO_CALLS = 100;
for (const [name, action] of Object.entries(stages)) {
  const { medianUs, bestUs } = measureUs(action, name.startsWith("echo") ? ECHO_CALLS : undefined);
  const budgetUs = budgets.audioUsPerFrame[name] ?? 0;
  const verdict = bestUs <= budgetUs ? "ok" : "ABOVE BUDGET";
  console.log(
    `${name.padEnd(34)} ${medianUs.toFixed(2).padStart(7)} µs  best ${bestUs.toFixed(2).padStart(6)}  budget ${budgetUs} ${verdict}`,
  );
  if (bestUs > budgetUs) {
    process.exitCode = 1;
  }
}
