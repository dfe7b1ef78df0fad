/** The gateway's media path as a process: sockets, engine and model sessions as in production, without SIP. */
import { DirectAnchor } from "../../src/anchors/direct-anchor.ts";
import { UdpNetwork } from "../../src/anchors/udp-network.ts";
import { SystemClock } from "../../src/core/clock.ts";
import { asCallId, type CallId, createLegId } from "../../src/core/ids.ts";
import { silentLogger } from "../../src/core/logger.ts";
import { systemRandom } from "../../src/core/random.ts";
import { InlineHost } from "../../src/media/inline-host.ts";
import { OpenAiModel } from "../../src/models/openai-model.ts";
import type { LegStream } from "../../src/ports/media-host.ts";
import type { RealtimeModel } from "../../src/ports/realtime-model.ts";
import { cpuUs, serve, wallUs } from "./child.ts";
import type { BenchMode, MemorySample, OpenCalls, SubjectSample, WireFormat } from "./messages.ts";

const MODEL = "bench";
const clock = new SystemClock();
const calls = new Set<CallId>();
let host: InlineHost | undefined;
let ready = 0;
let failed = 0;
let onAllReady: () => void = () => undefined;

function createModel(format: WireFormat, url: string): RealtimeModel {
  const model = new OpenAiModel({
    name: MODEL,
    url,
    model: "bench",
    apiKey: "none",
    clock,
    random: systemRandom,
    logger: silentLogger,
  });
  const { formats } = model.capabilities;
  const wanted = formats.filter(
    ({ encoding }) => encoding === (format === "pcmu" ? "pcmu" : "pcm16"),
  );
  return {
    name: MODEL,
    capabilities: { ...model.capabilities, formats: wanted },
    open: (options, sink) => model.open(options, sink),
    describe: () => model.describe(),
  };
}

function createHost({ format, modelUrl, ports }: OpenCalls): InlineHost {
  const shared = { clock, random: systemRandom, logger: silentLogger };
  const anchors = new DirectAnchor({
    ...shared,
    network: new UdpNetwork(),
    bindAddress: "127.0.0.1",
    ports,
  });
  const models = new Map([[MODEL, createModel(format, modelUrl)]]);
  return new InlineHost({ ...shared, anchors, models });
}

function streamTo(port: number, mode: BenchMode): LegStream {
  return {
    remoteAddress: "127.0.0.1",
    remotePort: port,
    remoteRtcpPort: port + 1,
    law: "pcmu",
    payloadType: 0,
    telephoneEventPayloadType: 101,
    ptimeMs: 20,
    direction: mode === "talk" ? "sendrecv" : "recvonly",
  };
}

interface BenchLeg extends Pick<OpenCalls, "mode" | "legsPerCall"> {
  readonly callerPort: number;
  /** Of all legs, from 0. */
  readonly index: number;
}

async function openLeg(target: InlineHost, leg: BenchLeg): Promise<number> {
  const { mode, legsPerCall, callerPort, index } = leg;
  const callId = asCallId(`call-${Math.floor(index / legsPerCall)}`);
  calls.add(callId);
  const ids = { callId, legId: createLegId(callId, `leg${index % legsPerCall}`) };
  const { port } = await target.execute({ kind: "openLeg", ...ids });
  await target.execute({ kind: "updateRemote", ...ids, stream: streamTo(callerPort, mode) });
  const plan = {
    callId,
    instructions: "",
    voice: undefined,
    greeting: undefined,
    tools: [],
    dialogue: undefined,
  };
  // Both sides talk all the time, so that both are measured.
  const attach = { model: MODEL, mode, plan, bargeIn: "off" } as const;
  await target.execute({ kind: "attachModel", ...ids, ...attach });
  return port;
}

/** Resolves with the ports of the calls when every model session is ready. */
async function open(options: OpenCalls): Promise<readonly number[]> {
  const opened = createHost(options);
  host = opened;
  opened.setDelegate({
    onFact: ({ kind }) => {
      ready += kind === "modelReady" ? 1 : 0;
      failed += kind === "modelFailed" ? 1 : 0;
      if (ready + failed === options.callerPorts.length) {
        onAllReady();
      }
    },
  });
  const allReady = new Promise<void>((resolve) => {
    onAllReady = resolve;
  });
  const ports: number[] = [];
  for (const [index, callerPort] of options.callerPorts.entries()) {
    ports.push(await openLeg(opened, { ...options, callerPort, index }));
  }
  await allReady;
  return ports;
}

/** Sums the counters of these names, wherever they stand in a dump. */
function sumOf(value: unknown, names: ReadonlySet<string>): number {
  if (typeof value !== "object" || value === null) {
    return 0;
  }
  let sum = 0;
  for (const [key, part] of Object.entries(value)) {
    sum += typeof part === "number" && names.has(key) ? part : sumOf(part, names);
  }
  return sum;
}

const DROPS = new Set([
  "uplinkDroppedMs",
  "uplinkDroppedBytes",
  "playoutDroppedMs",
  "lateDroppedBytes",
  "sendErrors",
]);

interface HostSums {
  readonly packetsReceived: number;
  readonly packetsSent: number;
  readonly packetsLost: number;
  readonly packetsLate: number;
  readonly clock: { readonly tickLateMs: { bucketsMs: number[]; counts: number[] } };
}

function sample(): SubjectSample {
  const usage = { wallUs: wallUs(), cpuUs: cpuUs() };
  const sums = host?.toJSON() as unknown as HostSums;
  return {
    ...usage,
    packetsReceived: sums.packetsReceived,
    packetsSent: sums.packetsSent,
    packetsLost: sums.packetsLost + sums.packetsLate,
    dropped: [...calls].reduce((sum, callId) => sum + sumOf(host?.dump(callId), DROPS), 0),
    modelFailures: failed,
    lateCounts: sums.clock.tickLateMs.counts,
    lateBucketsMs: sums.clock.tickLateMs.bucketsMs,
  };
}

function memory(): MemorySample {
  globalThis.gc?.();
  globalThis.gc?.();
  const { rss, heapUsed, external } = process.memoryUsage();
  return { rssBytes: rss, liveBytes: heapUsed + external };
}

serve({ open, sample, memory });
