/** Two thousand short calls through the whole gateway: none fails, and nothing of them is left. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { encodeG711 } from "../../src/audio/g711.ts";
import { fillSine } from "../../src/audio/signal.ts";
import { GatewayProcess } from "./support/gateway-process.ts";
import {
  type GatewayHoldings,
  type GatewayMemory,
  holdingsOf,
  memoryOf,
  partsOf,
  WITH_GARBAGE_COLLECTION,
} from "./support/gateway-state.ts";
import { type SippResult, sippInstalled, startSipp } from "./support/sipp.ts";
import { eventually, pause } from "./support/waiting.ts";

const CALLS = Number(process.env["SOAK_CALLS"] ?? 2000);
const WARM_UP_CALLS = Math.min(200, Math.floor(CALLS / 2));
const CALLS_PER_SECOND = 20;
const PACKETS_OF_TWO_SECONDS = 100;
/** Longer than any timer of RFC 3261 section 17, and than the quarantine of ports. */
const SETTLED_WITHIN_MS = 70_000;
const TEST_TIMEOUT_MS = (CALLS / CALLS_PER_SECOND) * 1000 + 2 * SETTLED_WITHIN_MS + 60_000;
const SCENARIO = fileURLToPath(
  new URL("scenarios/uac-two-seconds-with-audio.xml", import.meta.url),
);

let folder: string;
let gateway: GatewayProcess;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "soak-"));
  const before = process.env["NODE_OPTIONS"];
  process.env["NODE_OPTIONS"] = `${before ?? ""} ${WITH_GARBAGE_COLLECTION}`.trim();
  gateway = await GatewayProcess.start({
    MEDIA__PORTS__MIN: "30000",
    MEDIA__PORTS__MAX: "31999",
    MEDIA__QUARANTINE_SECONDS: "10",
  });
  if (before === undefined) {
    delete process.env["NODE_OPTIONS"];
  } else {
    process.env["NODE_OPTIONS"] = before;
  }
});

afterAll(async () => {
  await gateway.exit(1).catch(() => undefined);
  rmSync(folder, { recursive: true, force: true });
});

/** The scenario, with a second of a tone for it to repeat. */
function scenarioFile(): string {
  const audio = join(folder, "tone.raw");
  const pcm = new Int16Array(8000);
  fillSine(pcm, 8000, 650, 8000, 0);
  const codes = new Uint8Array(pcm.length);
  encodeG711("pcmu", pcm, 0, pcm.length, codes, 0);
  writeFileSync(audio, codes);
  const scenario = join(folder, "scenario.xml");
  writeFileSync(scenario, readFileSync(SCENARIO, "utf8").replaceAll("@AUDIO@", audio));
  return scenario;
}

async function callMany(calls: number): Promise<SippResult> {
  const load = ["-m", String(calls), "-r", String(CALLS_PER_SECOND), "-l", "200"];
  const local = ["-p", "5410", "-mi", "127.0.0.1", "-mp", "36000"];
  return await startSipp([gateway.target, "-sf", scenarioFile(), ...load, ...local]).done;
}

/** Waits until timers, transactions and quarantines have run out. */
async function settled(idle: GatewayHoldings): Promise<GatewayHoldings> {
  const same = async (): Promise<boolean> =>
    JSON.stringify(await holdingsOf(gateway)) === JSON.stringify(idle);
  await eventually("an idle gateway", same, SETTLED_WITHIN_MS).catch(() => undefined);
  return await holdingsOf(gateway);
}

/** The most of everything, looked at once a second until `done`. */
async function peaks(done: Promise<unknown>): Promise<{ calls: number; udp: number }> {
  let running = true;
  void done.finally(() => {
    running = false;
  });
  const most = { calls: 0, udp: 0 };
  while (running) {
    const { callsActive, sockets } = await holdingsOf(gateway);
    most.calls = Math.max(most.calls, callsActive);
    most.udp = Math.max(most.udp, sockets.udp);
    await pause(1000);
  }
  return most;
}

function grownBy(before: GatewayMemory, after: GatewayMemory) {
  return {
    resident: after.residentBytes / before.residentBytes - 1,
    heap: after.heapBytes / before.heapBytes - 1,
  };
}

describe.skipIf(!sippInstalled())(`${CALLS} calls of 2 s, 20 a second`, () => {
  it("all succeed, and nothing is left of them", { timeout: TEST_TIMEOUT_MS }, async () => {
    const idle = await holdingsOf(gateway);
    expect(idle).toMatchObject({ callsActive: 0, legs: 0, sockets: { udp: 1 } });

    const warmUp = await callMany(WARM_UP_CALLS);
    expect(warmUp).toMatchObject({ exitCode: 0, successful: WARM_UP_CALLS, failed: 0 });
    expect(await settled(idle)).toEqual(idle);
    const before = await memoryOf(gateway);

    const load = callMany(CALLS - WARM_UP_CALLS);
    const [result, most] = await Promise.all([load, peaks(load)]);
    expect(result).toMatchObject({ exitCode: 0, successful: CALLS - WARM_UP_CALLS, failed: 0 });
    expect(most.calls).toBeGreaterThanOrEqual(Math.min(38, CALLS / 10));
    expect(await settled(idle)).toEqual(idle);
    const grown = grownBy(before, await memoryOf(gateway));

    const { media } = await partsOf(gateway);
    const tell = { most, ...media.tickLateMs, packets: media.packets, before, grown };
    console.log(`soak of ${CALLS} calls: ${JSON.stringify(tell)}`);
    expect(grown.heap).toBeLessThan(0.1);
    expect(grown.resident).toBeLessThan(0.1);
    expect(media.packets).toMatchObject({ lost: 0, late: 0, refused: 0 });
    expect(media.packets["sent"]).toBeGreaterThan(CALLS * (PACKETS_OF_TWO_SECONDS - 5));
    expect(media.packets["received"]).toBeGreaterThan(CALLS * (PACKETS_OF_TWO_SECONDS - 5));
    const completed = { outcome: "completed", ended_by: "caller" };
    expect(await gateway.metric("trunkline_calls_ended_total", completed)).toBe(CALLS);
    expect(await gateway.metric("trunkline_calls_ended_total")).toBe(CALLS);
    expect(await gateway.metric("trunkline_store_spooled_total")).toBe(0);
  });

  it("leaves no complaint in the log, and the process ends cleanly", async () => {
    expect(gateway.log.filter(({ level }) => Number(level) >= 40)).toEqual([]);
    expect(gateway.stderr).not.toContain("Warning");
    expect(await gateway.stop()).toMatchObject({ code: 0, leftBehind: [] });
  });
});
