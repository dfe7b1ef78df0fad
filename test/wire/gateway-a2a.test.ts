/** Voice by A2A end to end: Connect's stand-in dials a real gateway over real WebSockets. */
import { cpSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { fillSine } from "../../src/audio/signal.ts";
import { A2aStandIn } from "../support/a2a-stand-in.ts";
import { toneHz } from "../support/tones.ts";
import { GatewayProcess } from "./support/gateway-process.ts";
import { findWords, GREETING } from "./support/recordings.ts";

const KEY = "key-of-the-tests-1234";
const LOST_KEY = "key-of-the-lost-12345";
const ECHO_KEY = "key-of-the-echo-12345";
const FLOWS = new URL("../../flows", import.meta.url).pathname;
/** Its model is never there: callers are told so and handed over. */
const LOST_FLOW = `
mode: agent
model: dead
instructions: ""
transfers:
  person: { to: "sip:person@pbx.example.com", description: "No model is left" }
lastResort: { transfer: person }
`;

let gateway: GatewayProcess;
let folder: string;

function tone(number: number, ms: number, rateHz: number): Int16Array {
  const samples = new Int16Array((rateHz / 1000) * ms);
  fillSine(samples, rateHz, toneHz(number), 8000, 0);
  return samples;
}

async function dial(options: Partial<Parameters<typeof A2aStandIn.dial>[0]> = {}) {
  const url = `ws://127.0.0.1:${gateway.httpPort}/a2a`;
  const standIn = await A2aStandIn.dial({ url, key: KEY, ...options });
  if (typeof standIn === "number") {
    throw new Error(`refused with ${standIn}`);
  }
  return standIn;
}

describe("voice by A2A", () => {
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "a2a-"));
    const flows = join(folder, "flows");
    cpSync(FLOWS, flows, { recursive: true });
    writeFileSync(join(flows, "lost.yaml"), LOST_FLOW);
    gateway = await GatewayProcess.start({
      FLOWS: flows,
      MODELS__DEAD__KIND: "openai",
      MODELS__DEAD__API_KEY: "sk-nothing",
      MODELS__DEAD__URL: "ws://127.0.0.1:9/",
      A2A__KEYS: JSON.stringify([
        { name: "connect", key: KEY, flow: "agent" },
        { name: "lost", key: LOST_KEY, flow: "lost" },
        { name: "echo", key: ECHO_KEY, flow: "echo" },
      ]),
    });
  });

  afterAll(async () => {
    const log = JSON.stringify(gateway.log) + gateway.stderr;
    expect(await gateway.stop()).toMatchObject({ code: 0, leftBehind: [] });
    expect(log).not.toContain(KEY);
    rmSync(folder, { recursive: true, force: true });
  });

  it.each([8000, 16_000, 24_000])("carries a tone there and back at %i Hz", async (rateHz) => {
    const standIn = await dial({ key: ECHO_KEY, inputRateHz: rateHz, outputRateHz: rateHz });
    await standIn.begin();
    await standIn.speak(tone(4, 1500, rateHz));
    await standIn.pause(1500);
    await standIn.close();
    expect(standIn.connect.tonesPlayed()).toEqual([4]);
    expect(standIn.connect.played.length / rateHz).toBeGreaterThan(1.3);
    expect(standIn.connect.complaints).toEqual([]);
  });

  it("speaks the flow's greeting, hears keys, finishes, and sends the spans that were wanted", async () => {
    const standIn = await dial({ wantsSpans: true, contactId: "contact-a2a-1" });
    await standIn.begin();
    await standIn.pause(7000);
    const heard = Int16Array.from(standIn.connect.played);
    expect(findWords(GREETING, heard).coefficient).toBeGreaterThan(0.8);
    expect(standIn.connect.statuses).toEqual(["TASK_STATE_COMPLETED"]);
    expect(standIn.connect.spans.map(({ name }) => name)).toContain("invoke_agent agent");
    standIn.connect.press("9");
    const quiet = standIn.pause(5000);
    await standIn.until(() => standIn.closeCode !== undefined, 15_000);
    await quiet;
    expect(standIn.connect.finish?.type).toBe("COMPLETE");
    expect(standIn.closeCode).toBe(1000);
    expect(standIn.connect.complaints).toEqual([]);
    const answer = await fetch(
      `http://127.0.0.1:${gateway.httpPort}/call-logs?contactId=contact-a2a-1`,
    );
    expect(await answer.text()).toContain('"contactId":"contact-a2a-1"');
  });

  it("escalates to a person when no model is left, after it said so", async () => {
    const standIn = await dial({ key: LOST_KEY });
    await standIn.begin();
    const quiet = standIn.pause(8000);
    await standIn.until(() => standIn.connect.finish !== undefined, 20_000);
    await quiet;
    expect(standIn.connect.finish).toEqual({ type: "ESCALATE", reason: "No model is left" });
    expect(standIn.connect.played.length / 8000).toBeGreaterThan(1);
    expect(standIn.connect.complaints).toEqual([]);
  });

  it("has Connect forget what it holds when the caller speaks over the greeting", async () => {
    const standIn = await dial({ playoutMs: 400 });
    await standIn.begin();
    const quiet = standIn.pause(1500);
    await standIn.until(() => standIn.connect.chunks > 20);
    await quiet;
    await standIn.speak(tone(5, 1500, 8000));
    await standIn.until(() => standIn.connect.interruptions.length > 0);
    expect(standIn.connect.interruptions[0]).toBe("USER_AUDIO_INPUT");
    expect(standIn.connect.flushed / 8).toBeGreaterThan(100);
    await standIn.close();
  });

  it("refuses whoever shows no key", async () => {
    const url = `ws://127.0.0.1:${gateway.httpPort}/a2a`;
    expect(await A2aStandIn.dial({ url, key: "wrong" })).toBe(401);
  });

  it("shows a card to whoever asks", async () => {
    const url = `http://127.0.0.1:${gateway.httpPort}/.well-known/agent-card.json`;
    expect(await (await fetch(url)).json()).toMatchObject({ name: "Trunkline" });
  });

  it("leaves no call behind when Connect's socket breaks", async () => {
    const standIn = await dial();
    await standIn.begin();
    await standIn.close();
    await standIn.until(() => standIn.closeCode !== undefined);
    for (let tries = 0; tries < 100 && (await gateway.calls()).length > 0; tries += 1) {
      await standIn.pause(20);
    }
    expect(await gateway.calls()).toEqual([]);
  });
});
