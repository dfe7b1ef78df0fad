/** A hundred thousand mutated datagrams and two thousand mutated streams: the gateway lives, grows by nothing, and calls do not notice. */
import dgram from "node:dgram";
import net from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { GatewayProcess } from "./support/gateway-process.ts";
import {
  type GatewayHoldings,
  type GatewayMemory,
  holdingsOf,
  memoryOf,
  partsOf,
  WITH_GARBAGE_COLLECTION,
} from "./support/gateway-state.ts";
import { HostileSip } from "./support/hostile-sip.ts";
import { udpQueueOf, udpQueueShort } from "./support/udp-queue.ts";
import { eventually, pause } from "./support/waiting.ts";
import { CALLER_TONE, WatchedCall } from "./support/watched-call.ts";

const SEED = Number(process.env["FUZZ_SEED"] ?? 4475);
const DATAGRAMS = Number(process.env["FUZZ_DATAGRAMS"] ?? 100_000);
const STREAMS = Number(process.env["FUZZ_STREAMS"] ?? 2000);
/** So much of the load is sent before memory is compared: code gets compiled, buffers get their size. */
const WARM_UP = 0.02;
const MOST_GROWTH_BYTES = 20_000_000;
/** Longer than any timer of RFC 3261 section 17, and than the quarantine of ports. */
const SETTLED_WITHIN_MS = 120_000;
const LOAD_TIMEOUT_MS = 240_000;
/** A machine that keeps this process waiting so long keeps the caller's packets waiting too, and they are concealed. */
const BUSY_MS = 60;
const PORTION = 10;
/** Below what the kernel holds for a socket whose buffer it will not enlarge. */
const MOST_WAITING_BYTES = 50_000;
const STREAMS_AT_ONCE = 20;

let gateway: GatewayProcess;
let idle: GatewayHoldings;
let during: WatchedCall;
let before: GatewayMemory;

beforeAll(async () => {
  const options = process.env["NODE_OPTIONS"] ?? "";
  process.env["NODE_OPTIONS"] = `${options} ${WITH_GARBAGE_COLLECTION}`;
  gateway = await GatewayProcess.start({ CALLS__MAX: "1" });
  process.env["NODE_OPTIONS"] = options;
  idle = await holdingsOf(gateway);
});

afterAll(async () => {
  await during?.close();
  await gateway?.exit(1).catch(() => undefined);
});

async function expectClean(call: WatchedCall): Promise<void> {
  const heard = call.takeHeard();
  console.log(`the call: ${JSON.stringify(heard)}`);
  expect(heard.packets).toBeGreaterThan(45);
  expect(heard.tones).toEqual([CALLER_TONE]);
  expect(heard.lostFraction).toBeLessThan(0.01);
  expect(heard.toneFraction).toBeGreaterThan(heard.deafMs < BUSY_MS ? 0.85 : 0.6);
}

async function expectCleanCall(): Promise<void> {
  const call = await WatchedCall.answered(gateway, { rtpPort: 37_040 });
  await call.talk(3000);
  await expectClean(call);
  expect(await call.hangUp()).toMatchObject({ status: 200 });
}

async function sendDatagrams(seed: number, count: number): Promise<void> {
  const socket = dgram.createSocket("udp4");
  await new Promise<void>((resolve) => socket.bind(0, "127.0.0.1", resolve));
  const hostile = new HostileSip(seed, { server: gateway.sipPort, own: socket.address().port });
  for (let index = 0; index < count; index += 1) {
    const bytes = hostile.next();
    await new Promise((resolve) => socket.send(bytes, gateway.sipPort, "127.0.0.1", resolve));
    if (index % PORTION === 0) {
      await udpQueueShort(gateway.sipPort, MOST_WAITING_BYTES);
    }
  }
  await udpQueueShort(gateway.sipPort, 0);
  socket.close();
}

async function sendStreams(seed: number, count: number): Promise<void> {
  const hostile = new HostileSip(seed, { server: gateway.sipPort, own: 9 });
  const held: net.Socket[] = [];
  for (let sent = 0; sent < count; sent += STREAMS_AT_ONCE) {
    await Promise.all(
      Array.from({ length: Math.min(STREAMS_AT_ONCE, count - sent) }, () =>
        sendStream(hostile, held),
      ),
    );
    for (const socket of held.splice(0)) {
      socket.destroy();
    }
  }
}

async function sendStream(hostile: HostileSip, held: net.Socket[]): Promise<void> {
  const { bytes, cuts } = hostile.nextStream();
  const ending = hostile.nextEnding();
  const socket = net.connect(gateway.sipPort, "127.0.0.1");
  socket.on("error", () => undefined);
  socket.resume();
  let start = 0;
  for (const end of [...cuts, bytes.length]) {
    socket.write(bytes.subarray(start, end));
    start = end;
    await pause(1);
  }
  if (ending === "end") {
    socket.end();
  } else if (ending === "reset") {
    socket.resetAndDestroy();
  } else {
    held.push(socket);
  }
}

/** Waits until timers, transactions and quarantines have run out. */
async function settled(): Promise<GatewayHoldings> {
  const isIdle = async (): Promise<boolean> =>
    JSON.stringify(await holdingsOf(gateway)) === JSON.stringify(idle);
  await eventually("an idle gateway", isIdle, SETTLED_WITHIN_MS).catch(() => undefined);
  return await holdingsOf(gateway);
}

/** Every counter that says what became of a datagram or a message, none of them twice. */
async function accounted(): Promise<number> {
  const { counters } = (await partsOf(gateway)).sip;
  const names = [
    ...["requestsIn", "responsesIn", "retransmissionsIn"],
    ...["refusedMalformed", "refusedTooManyHops", "refusedScheme", "refusedExtension"],
    ...["refusedOverload", "droppedEmpty", "droppedTooBig", "droppedUnterminated"],
    ...["droppedNotSip", "droppedMalformed", "refusedNotAdmitted", "droppedNotAdmitted"],
  ];
  return names.reduce((sum, name) => sum + (counters[name] ?? 0), 0);
}

describe(`${DATAGRAMS} datagrams and ${STREAMS} streams (seed ${SEED})`, () => {
  it("come after a call that is clean", { timeout: LOAD_TIMEOUT_MS }, async () => {
    await expectCleanCall();
    during = await WatchedCall.start(gateway, { rtpPort: 37_050 });
    await sendDatagrams(SEED + 1, DATAGRAMS * WARM_UP);
    await sendStreams(SEED + 1, STREAMS * WARM_UP);
    before = await memoryOf(gateway);
    during.takeHeard();
  });

  it("are each counted with what became of them", { timeout: LOAD_TIMEOUT_MS }, async () => {
    const counted = await accounted();
    const startedMs = performance.now();
    await sendDatagrams(SEED, DATAGRAMS);
    const seconds = (performance.now() - startedMs) / 1000;
    await pause(500);
    const fresh = (await accounted()) - counted;
    const { counters } = (await partsOf(gateway)).sip;
    const { dropped } = udpQueueOf(gateway.sipPort);
    const told = { datagrams: DATAGRAMS, seconds, counted: fresh, dropped, counters };
    console.log(JSON.stringify(told));
    expect(counters["faults"]).toBe(0);
    expect(fresh + dropped).toBeGreaterThanOrEqual(DATAGRAMS);
    expect(dropped).toBeLessThan(DATAGRAMS / 100);
    await expectClean(during);
  });

  it("are each closed, whatever their end", { timeout: LOAD_TIMEOUT_MS }, async () => {
    await sendStreams(SEED, STREAMS);
    await pause(1000);
    const { counters } = (await partsOf(gateway)).sip;
    console.log(JSON.stringify(counters));
    expect(counters["faults"]).toBe(0);
    expect(counters["droppedBadFraming"]).toBeGreaterThan(STREAMS / 20);
    await expectClean(during);
  });

  it("leave no memory taken, and a call after them is clean", {
    timeout: LOAD_TIMEOUT_MS,
  }, async () => {
    expect(await during.hangUp()).toMatchObject({ status: 200 });
    await expectCleanCall();
    expect(await settled()).toEqual(idle);
    const after = await memoryOf(gateway);
    const residentBytes = after.residentBytes - before.residentBytes;
    const heapBytes = after.heapBytes - before.heapBytes;
    console.log(`grown by: ${JSON.stringify({ residentBytes, heapBytes, before })}`);
    expect(residentBytes).toBeLessThan(MOST_GROWTH_BYTES);
    expect(gateway.log.filter(({ level }) => Number(level) >= 50)).toEqual([]);
    expect(await gateway.stop()).toMatchObject({ code: 0, leftBehind: [] });
  });
});
