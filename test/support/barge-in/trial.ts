/** One sound on a caller's line while the model speaks, through the whole media path, and what came of it. */
import { decodeG711, encodeG711, SILENCE_BYTE } from "../../../src/audio/g711.ts";
import { levelDbfs } from "../../../src/audio/level.ts";
import { EnergyVad } from "../../../src/audio/signal.ts";
import { MediaLab } from "../media-lab.ts";
import type { HeardPacket } from "../rtp-peer.ts";
import { SeededRandom } from "../seeded-random.ts";
import { VirtualClock } from "../virtual-clock.ts";
import { EchoPath, type EchoPathOptions } from "./echo-path.ts";
import { lineNoise } from "./sounds.ts";

const FRAME_MS = 20;
const FRAME_SAMPLES = 160;
const ITEM = "answer";
/** After the end of the sound: every verdict is given by then. */
const AFTER_MS = 1500;
/** A model hears speech so long after its beginning, and its end. */
const MODEL_ONSET_MS = 200;
const MODEL_HANGOVER_MS = 500;

/** What is tried. */
export interface Trial {
  readonly seed: number;
  /** What the model says, at 8 kHz. */
  readonly answer: Int16Array;
  /** When the sound begins, after the answer's first packet. */
  readonly atMs: number;
  /** Without silence around it; `undefined`: the caller says nothing. */
  readonly sound: Int16Array | undefined;
  readonly noiseDbfs: number;
  readonly echo: EchoPathOptions | undefined;
  /** What the model understands of the sound, when, after its end. */
  readonly words?: { readonly text: string; readonly afterMs: number } | undefined;
}

/** What the caller heard, and what the model was told. */
export interface TrialResult {
  /** From the sound's first sample to the end of the last packet with the model's voice before the first silence of it. */
  readonly silentAfterMs: number | undefined;
  /** The answer was taken from the model. */
  readonly killed: boolean;
  /** Nothing of the answer was heard after the first silence. */
  readonly staysSilent: boolean;
  /** Times that playout went on after a pause. */
  readonly resumed: number;
  /** Of each pause that ended well. */
  readonly pausedMs: readonly number[];
  /** From the sound's first sample to the verdict that took the floor. */
  readonly verdictAfterMs: number | undefined;
  /** Milliseconds that the model was told were heard; of a whole answer, its length. */
  readonly toldMs: number;
  /** Packets with the answer in them, times their length. */
  readonly sentMs: number;
  /** What was heard is the beginning of the answer, sample for sample but for rising ends: nothing twice, nothing left out. */
  readonly faithful: boolean;
  readonly dismissals: number;
}

/** Carries it out. */
export async function runTrial(trial: Trial): Promise<TrialResult> {
  const random = new SeededRandom(trial.seed);
  const lab = new MediaLab({ seed: trial.seed });
  await lab.openCall();
  const answer = audibleCodes(trial.answer);
  lab.model.session.sink.onAudio(answer, ITEM);
  lab.model.session.sink.onAudioDone(ITEM);
  const echo = trial.echo === undefined ? undefined : new EchoPath(trial.echo, random);
  const ear = new EnergyVad({
    frameMs: FRAME_MS,
    onsetMs: MODEL_ONSET_MS,
    hangoverMs: MODEL_HANGOVER_MS,
  });
  const soundMs = (trial.sound?.length ?? 0) / 8;
  const wholeMs = trial.answer.length / 8 + AFTER_MS;
  const endMs = trial.sound === undefined ? wholeMs : trial.atMs + soundMs + AFTER_MS;
  const startUs = lab.clock.nowUs();
  let played = 0;
  let wordsSaid = false;
  for (let ms = 0; ms < endMs; ms += FRAME_MS) {
    const line = lineNoise(random, trial.noiseDbfs, FRAME_SAMPLES);
    addSound(line, trial.sound, (ms - trial.atMs) * 8);
    for (; played < lab.peer.heard.length; played += 1) {
      echo?.play(lab.peer.heard[played] as HeardPacket);
    }
    echo?.addTo(line, lab.clock.nowUs());
    lab.peer.sendPcm(line);
    await lab.clock.advanceMs(FRAME_MS);
    hear(ear, line, lab);
    if (
      trial.words !== undefined &&
      !wordsSaid &&
      ms >= trial.atMs + soundMs + trial.words.afterMs
    ) {
      wordsSaid = true;
      lab.model.session.sink.onTranscript("caller", trial.words.text, "utterance", true);
    }
  }
  const result = judge(lab, trial, startUs, answer);
  await lab.close();
  return result;
}

/** The model's own ear, which takes every sound for speech. */
function hear(ear: EnergyVad, line: Int16Array, lab: MediaLab): void {
  const change = ear.push(line, FRAME_SAMPLES);
  if (change === "started") {
    lab.model.session.sink.onSpeechStarted();
  } else if (change === "stopped") {
    lab.model.session.sink.onSpeechStopped();
  }
}

function addSound(line: Int16Array, sound: Int16Array | undefined, offset: number): void {
  for (let i = 0; i < line.length; i += 1) {
    const sample = (line[i] ?? 0) + (sound?.[offset + i] ?? 0);
    line[i] = Math.max(-32_768, Math.min(32_767, sample));
  }
}

/** Without the code of silence, so that each packet shows whether the answer is in it. */
function audibleCodes(samples: Int16Array): Uint8Array {
  const codes = new Uint8Array(samples.length);
  encodeG711("pcmu", samples, 0, samples.length, codes, 0);
  return codes.map((code) => (code === SILENCE_BYTE.pcmu ? code - 1 : code));
}

function judge(lab: MediaLab, trial: Trial, startUs: number, answer: Uint8Array): TrialResult {
  const isAnswer = ({ payload }: HeardPacket): boolean =>
    payload.some((code) => code !== SILENCE_BYTE.pcmu);
  const { heard } = lab.peer;
  const soundUs = startUs + trial.atMs * 1000;
  const silentFrom = heard.findIndex((packet) => packet.atUs >= soundUs && !isAnswer(packet));
  const before = silentFrom > 0 ? heard[silentFrom - 1] : undefined;
  const spoken = heard.filter(isAnswer);
  const interrupt = lab.model.session.interrupts[0];
  const barge = lab.factsOf("bargedIn")[0];
  const sentMs = spoken.length * FRAME_MS;
  return {
    silentAfterMs: before === undefined ? undefined : (before.atUs - soundUs) / 1000 + FRAME_MS,
    killed: interrupt !== undefined,
    staysSilent: silentFrom >= 0 && !heard.slice(silentFrom).some(isAnswer),
    resumed: lab.factsOf("bargeInDismissed").length,
    pausedMs: lab.factsOf("bargeInDismissed").map(({ pausedMs }) => pausedMs),
    verdictAfterMs:
      barge === undefined ? undefined : barge.atMs - VirtualClock.WALL_ORIGIN_MS - soundUs / 1000,
    toldMs: interrupt?.playedMs ?? lab.factsOf("turnPlayed")[0]?.turn.playedMs ?? sentMs,
    sentMs,
    faithful: isBeginningOf(spoken, answer),
    dismissals: lab.model.session.dismissals,
  };
}

/** A packet may rise from silence; apart from that, it is the next piece of the answer. */
function isBeginningOf(packets: readonly HeardPacket[], answer: Uint8Array): boolean {
  let at = 0;
  for (const { payload } of packets) {
    const piece = answer.subarray(at, at + payload.length);
    at += payload.length;
    if (!piece.every((code, i) => code === payload[i]) && !rises(payload, piece)) {
      return false;
    }
  }
  return true;
}

function rises(payload: Uint8Array, piece: Uint8Array): boolean {
  const [heard, said] = [payload, piece].map((codes) => {
    const samples = new Int16Array(FRAME_SAMPLES);
    decodeG711("pcmu", codes, 0, codes.length, samples, 0);
    return samples;
  }) as [Int16Array, Int16Array];
  const quiet = levelDbfs(said, said.length) < -60;
  return quiet || said.every((sample, i) => Math.abs(heard[i] ?? 0) <= Math.abs(sample) + 16);
}
