/** An operator speaks into real calls: what the phone hears, what the model hears, and what the record says. */
import { execFile } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { writeWav } from "../../src/audio/wav.ts";
import type { CallLog } from "./support/call-log.ts";
import { GatewayProcess } from "./support/gateway-process.ts";
import { PeerCall, SDP } from "./support/peer-call.ts";
import { findWords, GREETING, HELLO, voicedFrames, YOU_SAID } from "./support/recordings.ts";
import { RtpEar } from "./support/rtp-ear.ts";
import { UdpPeer } from "./support/sip-peer.ts";
import { eventually, pause } from "./support/waiting.ts";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const EVENTS = "a=rtpmap:101 telephone-event/8000\r\na=fmtp:101 0-15\r\n";
const ALIKE = 0.8;

/** A call with ears, and its id. */
interface OpenCall {
  readonly dialog: PeerCall;
  readonly ear: RtpEar;
  readonly callId: string;
  hangUp(): Promise<CallLog>;
}

let gateway: GatewayProcess;
let folder: string;

async function call(): Promise<OpenCall> {
  const ear = await RtpEar.open();
  const peer = await UdpPeer.open(gateway.sipPort, 0);
  const dialog = new PeerCall(peer, gateway.sipPort, "agent");
  const body = SDP(ear.port).replace("RTP/AVP 0\r\n", `RTP/AVP 0 101\r\n${EVENTS}`);
  await dialog.establish({ body });
  const live = await eventually("the call", async () => (await gateway.calls())[0]);
  return {
    dialog,
    ear,
    callId: live.callId,
    hangUp: async () => {
      await dialog.exchange("BYE");
      await Promise.all([ear.close(), peer.close()]);
      return await gateway.callLog(dialog.callId);
    },
  };
}

async function post(
  path: string,
  body: string | Uint8Array,
  type = "application/json",
): Promise<number> {
  const response = await fetch(`http://127.0.0.1:${gateway.httpPort}/calls/${path}`, {
    method: "POST",
    headers: { "content-type": type },
    body: body as string | Uint8Array<ArrayBuffer>,
  });
  await response.text();
  return response.status;
}

const heardFor = (ear: RtpEar, ms: number): boolean => ear.heard.length >= ms / 20;

/** Telephone-events: the event code of each key, once. */
function keysIn(ear: RtpEar): number[] {
  const events = ear.heard.filter(({ payloadType }) => payloadType === 101);
  return [...new Map(events.map((event) => [event.rtpTimestamp, event.payload[0] ?? -1])).values()];
}

describe("an operator who speaks into a call", () => {
  beforeAll(async () => {
    gateway = await GatewayProcess.start();
    folder = mkdtempSync(join(tmpdir(), "operator-"));
  });

  afterAll(async () => {
    rmSync(folder, { recursive: true, force: true });
    expect(await gateway.stop()).toMatchObject({ code: 0, leftBehind: [] });
  });

  it("is heard in the order of the orders, and the model's answer goes on where it was", async () => {
    const { ear, callId, hangUp } = await call();
    await eventually("the greeting", () => heardFor(ear, 1200));
    const wide = new Int16Array(HELLO.length * 3);
    for (let i = 0; i < wide.length; i += 1) {
      const [at, part] = [Math.floor(i / 3), (i % 3) / 3];
      const here = HELLO[at] ?? 0;
      wide[i] = here + ((HELLO[at + 1] ?? here) - here) * part;
    }
    expect(await post(`${callId}/inject`, writeWav(24_000, [wide, wide]), "audio/wav")).toBe(202);
    const bare = new Uint8Array(YOU_SAID.slice().buffer);
    expect(await post(`${callId}/inject`, bare, "audio/pcm;rate=8000")).toBe(202);
    const totalMs = (GREETING.length + HELLO.length + YOU_SAID.length) / 8;
    await eventually("all of it", () => heardFor(ear, totalMs + 800), 20_000);
    const log = await hangUp();
    const heard = ear.samples();
    const first = findWords(HELLO, heard);
    const second = findWords(YOU_SAID, heard);
    const rest = findWords(GREETING.slice(-8000), heard);
    console.log(`alike: ${[first, second, rest].map((w) => w.coefficient.toFixed(3)).join(", ")}`);
    for (const { coefficient } of [first, second, rest]) {
      expect(coefficient).toBeGreaterThan(ALIKE);
    }
    expect(Math.abs(second.atMs - first.atMs - HELLO.length / 8)).toBeLessThan(60);
    expect(rest.atMs).toBeGreaterThan(second.atMs + YOU_SAID.length / 8 - 20);
    const rows = log.turns.map(({ source, playedMs, unheardMs }) => [source, playedMs, unheardMs]);
    expect(rows.map(([source]) => source)).toEqual(["inject", "inject", "answer"]);
    expect(Math.abs(Number(rows[2]?.[1]) - GREETING.length / 8)).toBeLessThanOrEqual(20);
    expect(rows[2]?.[2]).toBe(0);
  });

  it("has texts spoken by the gateway's own voice: a prompt as it was recorded, and any other", async () => {
    const { ear, callId, hangUp } = await call();
    await eventually("the greeting", () => heardFor(ear, 400));
    expect(await post(`${callId}/say`, '{"text":"You said:","by":"voice"}')).toBe(202);
    await eventually("the prompt", () => heardFor(ear, 2500), 10_000);
    expect(findWords(YOU_SAID, ear.samples()).coefficient).toBeGreaterThan(ALIKE);
    const from = ear.heard.length;
    const text = "The office closes in five minutes, please call again tomorrow.";
    const status = await post(`${callId}/say`, JSON.stringify({ text, by: "voice" }));
    if (status === 202) {
      await eventually("the text", () => ear.heard.length > from + 150, 10_000);
      expect(voicedFrames(ear.samples(from)).filter(Boolean).length).toBeGreaterThan(50);
    } else {
      expect(status).toBe(422);
    }
    const log = await hangUp();
    expect(log.turns[0]).toMatchObject({ source: "say", model: null });
  });

  it("mutes the caller for the model and the model for the caller", async () => {
    const { ear, callId, hangUp } = await call();
    await eventually("the greeting", () => heardFor(ear, GREETING.length / 8 + 400), 15_000);
    const said = async (): Promise<number> =>
      (await gateway.show(callId)).transcript.filter(({ speaker }) => speaker === "caller").length;
    expect(await post(`${callId}/mute`, '{"who":"caller","on":true}')).toBe(202);
    await ear.say(HELLO);
    await pause(2000);
    expect(await said()).toBe(0);
    expect((await gateway.show(callId)).muted).toEqual({ caller: true, model: false });
    expect(await post(`${callId}/mute`, '{"who":"caller","on":false}')).toBe(202);
    expect(await post(`${callId}/mute`, '{"who":"model","on":true}')).toBe(202);
    const from = ear.heard.length;
    await ear.say(HELLO);
    await eventually("the caller is heard", async () => (await said()) > 0, 10_000);
    await pause(1500);
    expect(voicedFrames(ear.samples(from))).not.toContain(true);
    const log = await hangUp();
    expect(log.turns.length).toBeGreaterThan(1);
  });

  it("presses keys that arrive as telephone-events", async () => {
    const { ear, callId, hangUp } = await call();
    await eventually("audio", () => heardFor(ear, 200));
    expect(await post(`${callId}/dtmf`, '{"digits":"19#"}')).toBe(202);
    await eventually("the keys", () => keysIn(ear).length === 3);
    await hangUp();
    expect(keysIn(ear)).toEqual([1, 9, 11]);
  });

  it("does it from a terminal, and is told what cannot be", async () => {
    const { ear, callId, hangUp } = await call();
    await eventually("audio", () => heardFor(ear, 200));
    const file = join(folder, "hello.wav");
    writeFileSync(file, writeWav(8000, [HELLO]));
    const calls = (...args: readonly string[]) =>
      promisify(execFile)(process.execPath, [join(ROOT, "dist", "main.js"), "calls", ...args], {
        cwd: ROOT,
        env: { ...process.env, TRUNKLINE_URL: `http://127.0.0.1:${gateway.httpPort}` },
      });
    expect((await calls("inject", callId, file)).stderr).toContain("hears it");
    await eventually("the file", () => heardFor(ear, 1500 + HELLO.length / 8), 15_000);
    await expect(calls("inject", callId, join(ROOT, "package.json"))).rejects.toMatchObject({
      code: 1,
      stderr: expect.stringContaining("RIFF WAVE"),
    });
    await hangUp();
    expect(findWords(HELLO, ear.samples()).coefficient).toBeGreaterThan(ALIKE);
    await expect(calls("say", callId, "Hello?")).rejects.toMatchObject({
      stderr: expect.stringContaining("no such call"),
    });
  });

  it("may ask how long callers wait: the caller's figure and the gateway's are the same", async () => {
    const { stdout } = await promisify(execFile)(process.execPath, [
      ...[join(ROOT, "dist", "main.js"), "call", `sip:agent@${gateway.target}`, "--json"],
      ...["--say", join(ROOT, "test/fixtures/audio/hello.wav")],
      ...["--api", `http://127.0.0.1:${gateway.httpPort}`],
    ]);
    const [turn] = JSON.parse(stdout).turns;
    console.log(`heard after ${turn.responseMs} ms, measured ${turn.ledger.responseMs} ms`);
    expect(turn.ledger).toMatchObject({ source: "answer", model: "local" });
    expect(Math.abs(turn.responseMs - turn.ledger.responseMs)).toBeLessThan(300);
    const { modelMs, gatewayMs } = turn.ledger;
    expect(modelMs + gatewayMs).toBeLessThan(turn.ledger.responseMs);
  });

  it("may be cut short by the caller who hangs up", async () => {
    const { ear, callId, hangUp } = await call();
    await eventually("audio", () => heardFor(ear, 200));
    expect(
      await post(`${callId}/inject`, writeWav(8000, [new Int16Array(240_000)]), "audio/wav"),
    ).toBe(202);
    await pause(500);
    const log = await hangUp();
    const inject = log.turns.find(({ source }) => source === "inject");
    expect((inject?.playedMs ?? 0) + (inject?.unheardMs ?? 0)).toBe(30_000);
    expect(inject?.playedMs).toBeLessThan(10_000);
    expect(log.verdict.outcome).toBe("completed");
    expect(await gateway.calls()).toEqual([]);
  });
});
