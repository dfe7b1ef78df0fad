/** One measurement: the processes it takes, a warm-up, and windows of equal length. */
import { fileURLToPath } from "node:url";
import { START_OPTIONS } from "../../test/support/start-options.ts";
import { Child } from "./child.ts";
import type {
  BenchMode,
  LoadSample,
  MemorySample,
  ModelSample,
  SubjectSample,
  WireFormat,
} from "./messages.ts";

/** What is measured. */
export interface Scenario {
  readonly name: "floor" | "passthrough" | "pcm24" | "siprec" | "siprec-full";
  readonly title: string;
  readonly subject: "floor.js" | "subject.js";
  readonly format: WireFormat;
  readonly mode: BenchMode;
  /** Streams of each call. */
  readonly legsPerCall: number;
  /** Nearly as many as one core is meant to carry: what a call costs at the load that the figure is about. */
  readonly calls: number;
}

const TALKING = { mode: "talk", legsPerCall: 1 } as const;
/** A recording session: customer and agent, each heard by a model that only listens. */
const RECORDED = { mode: "listen", legsPerCall: 2 } as const;

/** In the order of the report. */
export const SCENARIOS: readonly Scenario[] = [
  {
    name: "floor",
    title: "floor: receive and send only",
    subject: "floor.js",
    format: "pcmu",
    calls: 480,
    ...TALKING,
  },
  {
    name: "passthrough",
    title: "full path, PCMU passthrough",
    subject: "subject.js",
    format: "pcmu",
    calls: 480,
    ...TALKING,
  },
  {
    name: "pcm24",
    title: "full path, 24 kHz PCM",
    subject: "subject.js",
    format: "pcm24",
    calls: 280,
    ...TALKING,
  },
  {
    name: "siprec",
    title: "SIPREC, two PCMU streams each",
    subject: "subject.js",
    format: "pcmu",
    calls: 100,
    ...RECORDED,
  },
  {
    name: "siprec-full",
    title: "SIPREC, twice as many",
    subject: "subject.js",
    format: "pcmu",
    calls: 200,
    ...RECORDED,
  },
];

/** How much, and how long. */
export interface Effort {
  /** In place of the scenario's own. */
  readonly calls: number | undefined;
  readonly seconds: number;
  readonly repeats: number;
  readonly warmUpSeconds: number;
  /** Options for the measured process's Node, such as `--cpu-prof`. */
  readonly nodeOptions: readonly string[];
}

/** What one window showed. */
export interface Window {
  readonly cpuUsPerCallSecond: number;
  readonly coreShare: number;
  readonly callsPerCore: number;
}

/** What a scenario showed. */
export interface Outcome {
  readonly scenario: Scenario;
  readonly calls: number;
  readonly windows: readonly Window[];
  /** Of the window with the median cost. */
  readonly median: Window;
  readonly rssBytesPerCall: number;
  readonly liveBytesPerCall: number;
  readonly tickLateMs:
    | { readonly p50: number; readonly p99: number; readonly max: number }
    | undefined;
  /** Share of all RTP packets that did not arrive, towards the gateway and back. */
  readonly lossIn: number;
  readonly lossOut: number;
  /** RTP packets that came back. */
  readonly returned: number;
  /** Share of the packets looked at that carried what the far end said: model's tone, caller's voice. */
  readonly toneShare: number;
  readonly voiceShare: number;
  /** Seconds of a caller's audio that the model received per second; 1 when nothing is dropped. */
  readonly uplinkRate: number;
  readonly dropped: number;
  readonly modelFailures: number;
  /** Share of the callers' packets that left more than 20 ms late, which is not the gateway's fault. */
  readonly sentLateShare: number;
}

const LOAD_PORTS = { min: 28_000, max: 29_999 };
const SUBJECT_PORTS = { min: 26_000, max: 27_999 };
const MODEL_PORT = 17_000;
/** As many as the ports are for. */
const MAX_LEGS = 900;

interface Sample {
  readonly subject: SubjectSample;
  readonly load: LoadSample;
  readonly model: ModelSample;
}

/** Runs a scenario in processes of its own, which are gone when it returns. */
export async function measure(scenario: Scenario, effort: Effort): Promise<Outcome> {
  const builtFile = (name: string): string => {
    return fileURLToPath(new URL(`../../dist/bench/bench/full-path/${name}`, import.meta.url));
  };
  const options = ["--expose-gc", ...START_OPTIONS, ...effort.nodeOptions];
  const model = new Child("model", builtFile("model.js"));
  const load = new Child("load", builtFile("load.js"));
  const subject = new Child("subject", builtFile(scenario.subject), options);
  try {
    const { format, mode, legsPerCall } = scenario;
    const calls = Math.min(effort.calls ?? scenario.calls, MAX_LEGS / legsPerCall);
    const modelUrl = await model.request<string>("listen", { format, mode, port: MODEL_PORT });
    const callers = { calls: calls * legsPerCall, ports: LOAD_PORTS };
    const callerPorts = await load.request<readonly number[]>("open", callers);
    const before = await subject.request<MemorySample>("memory");
    const targetPorts = await subject.request("open", {
      format,
      mode,
      legsPerCall,
      modelUrl,
      ports: SUBJECT_PORTS,
      callerPorts,
    });
    await load.request("start", targetPorts);
    await sleepMs(effort.warmUpSeconds * 1000);
    const sampleAll = async (): Promise<Sample> => {
      const [ofSubject, ofLoad, ofModel] = await Promise.all([
        subject.request<SubjectSample>("sample"),
        load.request<LoadSample>("sample"),
        model.request<ModelSample>("sample"),
      ]);
      return { subject: ofSubject, load: ofLoad, model: ofModel };
    };
    const samples = [await sampleAll()];
    for (let repeat = 0; repeat < effort.repeats; repeat += 1) {
      await sleepMs(effort.seconds * 1000);
      samples.push(await sampleAll());
    }
    const after = await subject.request<MemorySample>("memory");
    return evaluate(scenario, calls, samples, before, after);
  } finally {
    await Promise.all([subject.close(), load.close(), model.close()]);
  }
}

function sleepMs(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms);
  });
}

function evaluate(
  scenario: Scenario,
  calls: number,
  samples: readonly Sample[],
  before: MemorySample,
  after: MemorySample,
): Outcome {
  const first = samples[0] as Sample;
  const last = samples[samples.length - 1] as Sample;
  const windows = samples
    .slice(1)
    .map((sample, i) => windowOf((samples[i] as Sample).subject, sample.subject, calls));
  const sorted = [...windows].sort((a, b) => a.callsPerCore - b.callsPerCore);
  const received = last.subject.packetsReceived - first.subject.packetsReceived;
  const lostIn = last.subject.packetsLost - first.subject.packetsLost;
  const returned = last.load.received - first.load.received;
  const lostOut = last.load.lost - first.load.lost;
  const wallMs = (last.subject.wallUs - first.subject.wallUs) / 1000;
  const uplinkMs = last.model.uplinkMs - first.model.uplinkMs;
  return {
    scenario,
    calls,
    windows,
    median: sorted[sorted.length >> 1] as Window,
    rssBytesPerCall: (after.rssBytes - before.rssBytes) / calls,
    liveBytesPerCall: (after.liveBytes - before.liveBytes) / calls,
    tickLateMs: lateness(first.subject, last.subject),
    lossIn: ratio(lostIn, received + lostIn),
    lossOut: ratio(lostOut, returned + lostOut),
    returned,
    toneShare: shareOf(first.load, last.load, "withTone"),
    voiceShare: shareOf(first.model, last.model, "withVoice"),
    uplinkRate: uplinkMs / wallMs / calls / scenario.legsPerCall,
    dropped: last.subject.dropped - first.subject.dropped,
    modelFailures: last.subject.modelFailures,
    sentLateShare: ratio(
      last.load.sentLate - first.load.sentLate,
      last.load.sent - first.load.sent,
    ),
  };
}

function windowOf(before: SubjectSample, after: SubjectSample, calls: number): Window {
  const coreShare = (after.cpuUs - before.cpuUs) / (after.wallUs - before.wallUs);
  return {
    coreShare,
    callsPerCore: calls / coreShare,
    cpuUsPerCallSecond: (coreShare * 1e6) / calls,
  };
}

function shareOf<K extends string>(
  before: Readonly<Record<K | "examined", number>>,
  after: Readonly<Record<K | "examined", number>>,
  key: K,
): number {
  return ratio(after[key] - before[key], after.examined - before.examined);
}

function ratio(part: number, whole: number): number {
  return whole === 0 ? 0 : part / whole;
}

/** Quantiles of the ticks of all windows, as upper bounds of their buckets. */
function lateness(before: SubjectSample, after: SubjectSample): Outcome["tickLateMs"] {
  const counts = after.lateCounts.map((count, i) => count - (before.lateCounts[i] ?? 0));
  const total = counts.reduce((sum, count) => sum + count, 0);
  const quantile = (fraction: number): number => {
    let seen = 0;
    const bucket = counts.findIndex((count) => {
      seen += count;
      return seen >= total * fraction;
    });
    return after.lateBucketsMs[bucket] ?? Number.POSITIVE_INFINITY;
  };
  return total === 0 ? undefined : { p50: quantile(0.5), p99: quantile(0.99), max: quantile(1) };
}
