/**
 * Renders the texts of flows/*.yaml that have no prompt yet, and reports the level and voice activity of every prompt.
 *
 * By hand, with flite or espeak-ng installed:
 *
 *   npx tsx scripts/render-prompts.mjs           render what is missing, remove what is no longer said
 *   npx tsx scripts/render-prompts.mjs --all     render everything again
 *   npx tsx scripts/render-prompts.mjs --report  only measure
 */
import { readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { parse, stringify } from "yaml";
import { encodeG711 } from "../src/audio/g711.ts";
import { EnergyVad } from "../src/audio/signal.ts";
import { readWav } from "../src/audio/wav.ts";
import { DEFAULT_FAREWELL, DEFAULT_LAST_RESORT_FAREWELL } from "../src/call/flow.ts";
import { SystemClock } from "../src/core/clock.ts";
import { DEFAULT_DIALOGUE } from "../src/models/default-dialogue.ts";
import { SystemPrograms } from "../src/models/program-runner.ts";
import { CANNOT_SAY_TEXT, normaliseText } from "../src/models/prompt-library.ts";
import { findSynthesiser } from "../src/models/speech-synthesiser.ts";

const FLOWS = "flows";
const PROMPTS = join(FLOWS, "prompts");
const INDEX = join(PROMPTS, "index.yaml");
const INDEX_HEAD = "# Text -> recording, 8 kHz µ-law. Written by scripts/render-prompts.mjs.\n";
/** For flows of operators whose machine has no speech program: see docs/flows.md. */
const FOR_OPERATORS = [DEFAULT_LAST_RESORT_FAREWELL, "One moment, please."];
const print = (line) => process.stdout.write(`${line}\n`);
const all = process.argv.includes("--all");

async function textsOfFlows() {
  const files = (await readdir(FLOWS)).filter((name) => name.endsWith(".yaml"));
  const flows = await Promise.all(
    files.map(async (name) => parse(await readFile(join(FLOWS, name), "utf8"))),
  );
  const steps = [...flows.map((flow) => flow?.dialogue), DEFAULT_DIALOGUE].flatMap((dialogue) =>
    Object.values(dialogue?.steps ?? {}).map((step) => step.say),
  );
  const others = flows.flatMap((flow) => [flow?.greeting, flow?.farewell ?? DEFAULT_FAREWELL]);
  return [CANNOT_SAY_TEXT, ...others, ...steps, ...FOR_OPERATORS].filter(
    (text) => typeof text === "string",
  );
}

/** RIFF WAVE of G.711 µ-law. */
function mulawWav(samples) {
  const bytes = Buffer.alloc(58 + samples.length + (samples.length & 1));
  bytes.write("RIFF", 0);
  bytes.writeUInt32LE(bytes.length - 8, 4);
  bytes.write("WAVEfmt ", 8);
  bytes.writeUInt32LE(18, 16);
  bytes.writeUInt16LE(7, 20);
  bytes.writeUInt16LE(1, 22);
  bytes.writeUInt32LE(8000, 24);
  bytes.writeUInt32LE(8000, 28);
  bytes.writeUInt16LE(1, 32);
  bytes.writeUInt16LE(8, 34);
  bytes.write("fact", 38);
  bytes.writeUInt32LE(4, 42);
  bytes.writeUInt32LE(samples.length, 46);
  bytes.write("data", 50);
  bytes.writeUInt32LE(samples.length, 54);
  encodeG711("pcmu", samples, 0, samples.length, bytes, 58);
  return bytes;
}

/** The first words of the text; more of them, then a number, where that is taken. */
function fileNameOf(text, taken) {
  const words = normaliseText(text).replaceAll("'", "").split(" ");
  const short = words.slice(0, 7).join("-");
  const names = [short, words.slice(0, 16).join("-"), ...[2, 3, 4, 5].map((n) => `${short}-${n}`)];
  return `${names.find((name) => !taken.includes(`${name}.wav`)) ?? short}.wav`;
}

function measure(file, bytes) {
  const { samples } = readWav(bytes);
  const vad = new EnergyVad({ frameMs: 20, onsetMs: 60, hangoverMs: 500 });
  const mono = samples[0];
  let energy = 0;
  let voicedFrames = 0;
  let firstMs;
  let lastMs = 0;
  for (let start = 0; start + 160 <= mono.length; start += 160) {
    const frame = mono.subarray(start, start + 160);
    vad.push(frame, 160);
    if (vad.voiced) {
      firstMs ??= start / 8;
      lastMs = start / 8 + 20;
      voicedFrames += 1;
      energy += frame.reduce((sum, sample) => sum + sample * sample, 0);
    }
  }
  const rms = 20 * Math.log10(Math.sqrt(energy / (voicedFrames * 160)) / 32768);
  const peak = 20 * Math.log10(mono.reduce((most, s) => Math.max(most, Math.abs(s)), 1) / 32768);
  const ms = mono.length / 8;
  print(
    `${file.padEnd(52)} ${ms.toFixed(0).padStart(5)} ms  rms ${rms.toFixed(1)} dBFS  peak ${peak.toFixed(1)} dBFS  voice ${firstMs}..${lastMs} ms`,
  );
  return bytes.length;
}

async function readIndex() {
  return parse(await readFile(INDEX, "utf8").catch(() => "{}")) ?? {};
}

async function render(previous) {
  const programs = new SystemPrograms({ clock: new SystemClock() });
  const synthesiser = findSynthesiser(programs);
  if (synthesiser === undefined) {
    throw new Error("install flite or espeak-ng first");
  }
  const index = {};
  const seen = new Set();
  for (const text of await textsOfFlows()) {
    if (seen.has(normaliseText(text))) {
      continue;
    }
    seen.add(normaliseText(text));
    const known = Object.entries(previous).find(
      ([other]) => normaliseText(other) === normaliseText(text),
    );
    if (known !== undefined && !all) {
      index[text] = known[1];
      continue;
    }
    const samples = await synthesiser.speak(text, new AbortController().signal);
    if (samples === undefined) {
      throw new Error(`${synthesiser.program} could not say: ${text}`);
    }
    index[text] = fileNameOf(text, Object.values(index));
    await writeFile(join(PROMPTS, index[text]), mulawWav(samples));
    print(`rendered ${index[text]} with ${synthesiser.program}`);
  }
  await programs.close();
  await writeFile(INDEX, INDEX_HEAD + stringify(index, { lineWidth: 0 }));
  const used = new Set(Object.values(index));
  const files = (await readdir(PROMPTS)).filter((name) => name.endsWith(".wav"));
  await Promise.all(files.filter((name) => !used.has(name)).map((name) => rm(join(PROMPTS, name))));
  return index;
}

const previous = await readIndex();
const index = process.argv.includes("--report") ? previous : await render(previous);
let totalBytes = 0;
for (const file of Object.values(index)) {
  totalBytes += measure(file, await readFile(join(PROMPTS, file)));
}
print(`${Object.keys(index).length} prompts, ${(totalBytes / 1000).toFixed(0)} kB`);
