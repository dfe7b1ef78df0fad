/**
 * µs and bytes per leg-tick of the whole engine over 200 legs, sockets excluded; exits with 1 when the best run of one is
 * above its budget. Bytes are of our making: the network and the model of this bench allocate nothing per packet.
 */
import { readFileSync } from "node:fs";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { DirectAnchor } from "../src/anchors/direct-anchor.ts";
import type { Clock, Timer } from "../src/core/clock.ts";
import { asCallId, createLegId } from "../src/core/ids.ts";
import { silentLogger } from "../src/core/logger.ts";
import { systemRandom } from "../src/core/random.ts";
import type { SrtpKey, SrtpKeys } from "../src/core/srtp-suites.ts";
import { InlineHost } from "../src/media/inline-host.ts";
import type { BindOptions, DatagramNetwork } from "../src/ports/datagram-network.ts";
import type {
  AudioFormat,
  ModelSession,
  ModelSink,
  RealtimeModel,
} from "../src/ports/realtime-model.ts";
import { nextSequence, writeRtpHeader } from "../src/rtp/packet.ts";
import { SrtpSender } from "../src/rtp/srtp-sender.ts";

const LEGS = 200;
const RUNS = 25;
const TICKS_PER_RUN = 50;
const WARM_UP_TICKS = 400;

setFlagsFromString("--expose-gc");
const collectGarbage = runInNewContext("gc") as () => void;

/** A clock with room for the one timer that the engine has. */
class BenchClock implements Clock {
  now = 0;
  #dueUs = Number.POSITIVE_INFINITY;
  #callback: () => void = () => undefined;
  readonly #timer: Timer = { cancel: () => (this.#dueUs = Number.POSITIVE_INFINITY) };

  get pending(): number {
    return 1;
  }
  nowUs(): number {
    return this.now;
  }
  wallMs(): number {
    return this.now / 1000;
  }
  at(dueUs: number, callback: () => void): Timer {
    this.#dueUs = dueUs;
    this.#callback = callback;
    return this.#timer;
  }
  advanceUs(us: number): void {
    const endUs = this.now + us;
    while (this.#dueUs <= endUs) {
      this.now = this.#dueUs;
      this.#dueUs = Number.POSITIVE_INFINITY;
      this.#callback();
    }
    this.now = endUs;
  }
}

const sockets = new Map<number, BindOptions>();
let sends = 0;
const network: DatagramNetwork = {
  bind: (options) => {
    sockets.set(options.port, options);
    const send = (): void => {
      sends += 1;
    };
    return Promise.resolve({
      port: options.port,
      send,
      sendErrors: 0,
      close: () => Promise.resolve(),
    });
  },
};

class BenchModel implements RealtimeModel {
  readonly name = "bench";
  readonly capabilities: RealtimeModel["capabilities"];
  readonly sinks: ModelSink[] = [];
  pushes = 0;

  constructor(format: AudioFormat) {
    this.capabilities = {
      formats: [format],
      serverTurns: true,
      nativeDuplex: false,
      arbitrated: true,
      truncation: true,
      transcripts: false,
      tools: false,
      speaksText: false,
      history: false,
      usage: false,
      continuousAudio: false,
      maxSessionMs: undefined,
    };
  }

  open(_options: unknown, sink: ModelSink): ModelSession {
    this.sinks.push(sink);
    return {
      pushAudio: () => {
        this.pushes += 1;
      },
      pushDigit: () => undefined,
      interrupt: () => undefined,
      played: () => undefined,
      toolResult: () => undefined,
      say: () => undefined,
      dismissSpeech: () => undefined,
      resumption: undefined,
      close: () => undefined,
      toJSON: () => ({}),
    };
  }

  describe(): string {
    return this.name;
  }
}

interface Rig {
  readonly clock: BenchClock;
  readonly host: InlineHost;
  readonly model: BenchModel;
  readonly ports: readonly BindOptions[];
  readonly encrypted: boolean;
}

async function arrange(format: AudioFormat, srtp?: SrtpKeys): Promise<Rig> {
  sockets.clear();
  const clock = new BenchClock();
  const model = new BenchModel(format);
  const anchors = new DirectAnchor({
    clock,
    network,
    random: systemRandom,
    logger: silentLogger,
    bindAddress: "127.0.0.1",
    ports: { min: 20_000, max: 29_999 },
  });
  const host = new InlineHost({
    clock,
    random: systemRandom,
    logger: silentLogger,
    anchors,
    models: new Map([["bench", model]]),
  });
  const ports: BindOptions[] = [];
  for (let i = 0; i < LEGS; i += 1) {
    const callId = asCallId(`call-${i}`);
    const ids = { callId, legId: createLegId(callId, "a") };
    const { port } = await host.execute({ kind: "openLeg", ...ids });
    ports.push(sockets.get(port) as BindOptions);
    const stream = {
      remoteAddress: "192.0.2.1",
      remotePort: 4000 + i * 2,
      remoteRtcpPort: 4001 + i * 2,
      law: "pcmu",
      payloadType: 0,
      telephoneEventPayloadType: 101,
      ptimeMs: 20,
      direction: "sendrecv",
      srtp,
    } as const;
    await host.execute({ kind: "updateRemote", ...ids, stream });
    const plan = {
      callId,
      instructions: "",
      voice: undefined,
      greeting: undefined,
      tools: [],
      dialogue: undefined,
    };
    // Both sides talk all the time, so that both are measured.
    const attach = { model: "bench", mode: "talk", plan, bargeIn: "off" } as const;
    await host.execute({ kind: "attachModel", ...ids, ...attach });
  }
  for (const sink of model.sinks) {
    sink.onReady();
  }
  return { clock, host, model, ports, encrypted: srtp !== undefined };
}

const CALLERS_KEY: SrtpKey = {
  suite: "AES_CM_128_HMAC_SHA1_80",
  masterKeySalt: new Uint8Array(30).fill(1),
};
const KEYS: SrtpKeys = {
  local: { ...CALLERS_KEY, masterKeySalt: new Uint8Array(30).fill(2) },
  remote: CALLERS_KEY,
};
const packet = new Uint8Array(172);
for (let i = 12; i < 172; i += 1) {
  packet[i] = 0x80 | ((i * 7) & 0x3f);
}
let sequence = 0;
let rtpTimestamp = 0;

/** The same key for all: they are told apart by their legs. */
const callers = new SrtpSender(CALLERS_KEY);
const sealed = new Uint8Array(packet.length + callers.rtpTagBytes);

/** All callers' packets of one tick. */
function receiveAll(rig: Rig): void {
  sequence = nextSequence(sequence);
  rtpTimestamp = (rtpTimestamp + 160) >>> 0;
  writeRtpHeader(packet, 0, 0, sequence, rtpTimestamp, 7);
  if (rig.encrypted) {
    callers.sealRtp(packet, packet.length, sealed);
  }
  const datagram = rig.encrypted ? sealed : packet;
  for (let i = 0; i < LEGS; i += 1) {
    (rig.ports[i] as BindOptions).onDatagram(datagram, "192.0.2.1", 4000 + i * 2);
  }
}

function speakAll(rig: Rig, bytes: Uint8Array): void {
  for (const sink of rig.model.sinks) {
    sink.onAudio(bytes, "item");
  }
}

interface Cost {
  ingressUs: number;
  egressUs: number;
}

function runOnce(rig: Rig, ticks: number): Cost {
  let ingressMs = 0;
  let egressMs = 0;
  for (let tick = 0; tick < ticks; tick += 1) {
    const startedMs = performance.now();
    receiveAll(rig);
    const receivedMs = performance.now();
    rig.clock.advanceUs(20_000);
    egressMs += performance.now() - receivedMs;
    ingressMs += receivedMs - startedMs;
  }
  const legTicks = ticks * LEGS;
  return { ingressUs: (ingressMs * 1000) / legTicks, egressUs: (egressMs * 1000) / legTicks };
}

/** Bytes of garbage per leg-tick of one half: the least of a few tries, for a try may have compiled or collected. */
function bytesPerLegTick(action: () => void): number {
  let least = Number.POSITIVE_INFINITY;
  for (let attempt = 0; attempt < 6; attempt += 1) {
    collectGarbage();
    for (let tick = 0; tick < TICKS_PER_RUN; tick += 1) {
      action();
    }
    const before = process.memoryUsage().heapUsed;
    for (let tick = 0; tick < TICKS_PER_RUN; tick += 1) {
      action();
    }
    const bytes = (process.memoryUsage().heapUsed - before) / (TICKS_PER_RUN * LEGS);
    least = bytes >= 0 && bytes < least ? bytes : least;
  }
  return least;
}

const budgets: { mediaPerLegTick: Record<string, number> } = JSON.parse(
  readFileSync(new URL("budgets.json", import.meta.url), "utf8"),
);

function judge(name: string, value: number, detail: string): void {
  const budget = budgets.mediaPerLegTick[name] ?? 0;
  const verdict = value <= budget ? "ok" : "ABOVE BUDGET";
  console.log(
    `${name.padEnd(34)} ${value.toFixed(2).padStart(7)}  ${detail} budget ${budget} ${verdict}`,
  );
  if (value > budget) {
    process.exitCode = 1;
  }
}

async function measure(name: string, format: AudioFormat, srtp?: SrtpKeys): Promise<void> {
  const rig = await arrange(format, srtp);
  const bytesPerMs = (format.rateHz / 1000) * (format.encoding === "pcm16" ? 2 : 1);
  const second = new Uint8Array(1000 * bytesPerMs).map((_, i) => (i * 31) & 0x7f);
  for (let warmed = 0; warmed < WARM_UP_TICKS; warmed += TICKS_PER_RUN) {
    speakAll(rig, second);
    runOnce(rig, TICKS_PER_RUN);
  }
  const costs: Cost[] = [];
  for (let run = 0; run < RUNS; run += 1) {
    speakAll(rig, second);
    costs.push(runOnce(rig, TICKS_PER_RUN));
  }
  const ingress = costs.map((cost) => cost.ingressUs).sort((a, b) => a - b);
  const egress = costs.map((cost) => cost.egressUs).sort((a, b) => a - b);
  const detail = (sorted: number[]): string =>
    `µs best, median ${(sorted[RUNS >> 1] ?? 0).toFixed(2)}`;
  judge(`ingress ${name} µs`, ingress[0] ?? 0, detail(ingress));
  judge(`egress ${name} µs`, egress[0] ?? 0, detail(egress));
  speakAll(rig, second);
  judge(
    `ingress ${name} bytes`,
    bytesPerLegTick(() => receiveAll(rig)),
    "bytes",
  );
  judge(
    `egress ${name} bytes`,
    bytesPerLegTick(() => rig.clock.advanceUs(20_000)),
    "bytes",
  );
  const { memory } = rig.host.toJSON() as { memory: Record<string, number> };
  console.log(
    `  packets sent ${sends}, uplink batches ${rig.model.pushes}, ${JSON.stringify(memory)}`,
  );
}

/** What a leg with a model takes while nothing is queued. */
async function measureMemory(name: string, format: AudioFormat): Promise<void> {
  collectGarbage();
  const before = process.memoryUsage();
  const rig = await arrange(format);
  receiveAll(rig);
  rig.clock.advanceUs(20_000);
  collectGarbage();
  const after = process.memoryUsage();
  const bytes = after.heapUsed + after.arrayBuffers - before.heapUsed - before.arrayBuffers;
  judge(`memory ${name} kB per leg`, bytes / LEGS / 1000, "kB");
  await rig.host.close();
}

const PASSTHROUGH: AudioFormat = { encoding: "pcmu", rateHz: 8000 };
const PCM: AudioFormat = { encoding: "pcm16", rateHz: 24_000 };
await measureMemory("passthrough", PASSTHROUGH);
await measureMemory("pcm16/24k", PCM);
await measure("passthrough", PASSTHROUGH);
await measure("pcm16/24k", PCM);
await measure("passthrough, SRTP", PASSTHROUGH, KEYS);
