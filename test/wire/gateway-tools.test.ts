/** Tools of a real gateway: webhooks that answer, that are slow and that misbehave, and transfers of a real caller. */
import { createHmac } from "node:crypto";
import type { ServerResponse } from "node:http";
import { afterEach, describe, expect, it } from "vitest";
import type { OpenAiScript } from "../support/openai/script.ts";
import { findWords, HELLO, monoWav } from "./support/recordings.ts";
import { RtpEar } from "./support/rtp-ear.ts";
import { sippInstalled } from "./support/sipp.ts";
import { startSippCall, WENT_AS_WRITTEN } from "./support/sipp-call.ts";
import {
  HOOK_ADDRESS,
  HOOK_SECRET,
  type HookRequest,
  startToolGateway,
  type ToolGateway,
} from "./support/tool-gateway.ts";

const prompt = (name: string): Int16Array =>
  monoWav(new URL(`../../flows/prompts/${name}.wav`, import.meta.url));
const ONE_MOMENT = prompt("one-moment-please");
const HELLO_TRUNKLINE = prompt("hello-this-is-trunkline-say-something");
const SORRY = prompt("i-am-sorry-something-went-wrong-one");

/** A tool for each thing that can go wrong; the first one is right, but slow. */
const LOOKUPS = ["slow", "inside", "redirect", "big", "garbage", "hang"];
const lookup = (name: string, host = HOOK_ADDRESS): string => `
  - name: ${name}
    description: Looks something up.
    parameters: { type: object, properties: { order: { type: string } }, required: [order] }
    webhook:
      url: http://${host}:PORT/${name}
      timeoutMs: ${name === "slow" ? 5000 : 700}
      maxBytes: 200
      secret: "\${file:SECRET_FILE}"
    filler: One moment, please.
    fillerAfterMs: ${name === "slow" ? 400 : 5000}`;
const FLOW = `model: openai
tools:
  - hang_up
  - transfer${LOOKUPS.map((name) => lookup(name, name === "inside" ? "localhost" : undefined)).join("")}
transfers:
  sales: { to: "sip:sales@pbx.example.com", announce: "One moment, please." }
lastResort: { transfer: sales }
`;
/** Four digits would be found by chance, in a time or an id. */
const ORDER = "order-0042-8731";
const ARGUMENTS = JSON.stringify({ order: ORDER });

function answer({ path }: HookRequest, response: ServerResponse): void {
  const json = { "Content-Type": "application/json" };
  switch (path) {
    case "/slow":
      setTimeout(() => response.writeHead(200, json).end('{"state":"shipped"}'), 2500);
      break;
    case "/redirect":
      response.writeHead(302, { Location: "/slow" }).end();
      break;
    case "/big":
      response.writeHead(200, json).end(JSON.stringify("x".repeat(1000)));
      break;
    case "/garbage":
      response.writeHead(200, json).end("<html>");
      break;
    default:
  }
}

describe.skipIf(!sippInstalled())("the tools of a gateway", () => {
  let running: ToolGateway;
  let ear: RtpEar;

  async function start(script: OpenAiScript, flow = FLOW): Promise<void> {
    running = await startToolGateway({ script, flow, answer });
    ear = await RtpEar.open();
  }

  afterEach(async () => {
    await ear.close();
    await running.stop();
  });

  /** A caller who says something, which the model answers as scripted. */
  async function callAndSpeak(scenario: string, talkMs = 1000) {
    const { gateway } = running;
    const call = await startSippCall({ gateway, scenario, ear, talkMs });
    void ear.say(HELLO);
    return call;
  }

  const outputs = (): readonly unknown[] =>
    [...(running.standIn.brains[0]?.toolOutputs.values() ?? [])].map((text) => JSON.parse(text));

  it("ask signed webhooks, with a filler while they wait, and outlive all that they do", async () => {
    await start({
      speed: Number.POSITIVE_INFINITY,
      answers: [
        ...LOOKUPS.map((name) => ({ toolCalls: [{ name, arguments: ARGUMENTS }] })),
        { toolCalls: [{ name: "slow", arguments: "not json" }] },
        { text: "Goodbye.", toolCalls: [{ name: "hang_up", arguments: "{}" }] },
      ],
    });
    const { gateway, requests } = running;
    const call = await callAndSpeak("uac-wait-for-bye");
    expect(await call.done).toMatchObject(WENT_AS_WRITTEN);
    const log = await gateway.callLog(call.sipCallId);
    expect(log.tools.map(({ name, outcome }) => `${name} ${outcome}`)).toEqual([
      "slow done",
      "inside addressRefused",
      "redirect redirect",
      "big tooBig",
      "garbage notText",
      "hang timedOut",
      "slow badArguments",
      "hang_up done",
    ]);
    expect(log.verdict).toMatchObject({ endedBy: "model", outcome: "completed" });
    expect(outputs()[0]).toEqual({ ok: true, result: { state: "shipped" } });
    expect(outputs().slice(1, 7)).toMatchObject(Array.from({ length: 6 }, () => ({ ok: false })));
    expect(requests.map(({ path }) => path)).toEqual([
      "/slow",
      "/redirect",
      "/big",
      "/garbage",
      "/hang",
    ]);
    expectSigned(requests[0]);
    expect(JSON.parse(requests[0]?.body ?? "")).toMatchObject({
      tool: "slow",
      arguments: { order: ORDER },
      call: { flow: "agent", callingNumber: "caller", direction: "inbound" },
    });
    expect(findWords(ONE_MOMENT, ear.samples()).coefficient).toBeGreaterThan(0.9);
    expect(await gateway.metric("trunkline_tool_calls_total", { tool: "webhook" })).toBe(7);
    const leaks = [
      gateway.stderr,
      JSON.stringify(gateway.log),
      (await gateway.get("/metrics")).text,
    ];
    expect(leaks.filter((text) => text.includes(HOOK_SECRET) || text.includes(ORDER))).toEqual([]);
  });

  it("hand the caller over by REFER, after the announcement, and end the call", async () => {
    await start({ answers: [{ toolCalls: [{ name: "transfer", arguments: '{"to":"sales"}' }] }] });
    const { gateway } = running;
    const call = await callAndSpeak("uac-transferred");
    expect(await call.done).toMatchObject(WENT_AS_WRITTEN);
    const log = await gateway.callLog(call.sipCallId);
    expect(log.verdict).toEqual({
      endedBy: "model",
      outcome: "completed",
      reason: 'transferred to "sales"',
    });
    expect(findWords(ONE_MOMENT, ear.samples()).coefficient).toBeGreaterThan(0.9);
    expect(await gateway.metric("trunkline_transfers_total", { outcome: "done" })).toBe(1);
  });

  it("tell the model when nobody could be reached, and the call goes on", async () => {
    await start({
      answers: [
        { toolCalls: [{ name: "transfer", arguments: '{"to":"sales"}' }] },
        { text: "Nobody is there." },
      ],
    });
    const { gateway } = running;
    const call = await callAndSpeak("uac-transfer-busy", 2000);
    expect(await call.done).toMatchObject(WENT_AS_WRITTEN);
    const log = await gateway.callLog(call.sipCallId);
    expect(log.verdict).toMatchObject({ endedBy: "caller", reason: "the caller hung up" });
    expect(outputs()).toMatchObject([{ ok: false, error: expect.stringContaining("Nobody") }]);
    expect(log.modelResponses).toContain("Nobody is there.");
  });

  it("answer a call whose model is refused, say sorry, and hand it over", async () => {
    await start({ refuse: { status: 401, code: "invalid_api_key" } });
    const { gateway } = running;
    const call = await startSippCall({ gateway, scenario: "uac-transferred", ear });
    expect(await call.done).toMatchObject(WENT_AS_WRITTEN);
    const log = await gateway.callLog(call.sipCallId);
    expect(log.verdict).toMatchObject({ endedBy: "gateway", reason: 'transferred to "sales"' });
    expect(findWords(SORRY, ear.samples()).coefficient).toBeGreaterThan(0.9);
  });

  it("are those of the next model of the flow when the first one is refused", async () => {
    const greeting = "Hello, this is Trunkline. Say something.";
    const flow = `models: [openai, local]\ngreeting: ${greeting}\ntools: [hang_up]\n`;
    await start({ refuse: { status: 401, code: "invalid_api_key" } }, flow);
    const { gateway } = running;
    const call = await startSippCall({ gateway, scenario: "uac-talk", ear, talkMs: 4500 });
    expect(await call.done).toMatchObject(WENT_AS_WRITTEN);
    const log = await gateway.callLog(call.sipCallId);
    expect(log.verdict).toMatchObject({ endedBy: "caller", outcome: "completed" });
    expect(findWords(HELLO_TRUNKLINE, ear.samples()).coefficient).toBeGreaterThan(0.9);
    const replaced = { model: "openai", code: "MODEL_REJECTED" };
    expect(await gateway.metric("trunkline_model_replacements_total", replaced)).toBe(1);
  });
});

function expectSigned(request: HookRequest | undefined): void {
  const headers = request?.headers ?? {};
  const timestamp = String(headers["x-trunkline-timestamp"]);
  const hmac = createHmac("sha256", HOOK_SECRET)
    .update(`${timestamp}.${request?.body}`)
    .digest("hex");
  expect(headers["x-trunkline-signature"]).toBe(`v1=${hmac}`);
  expect(Math.abs(Number(timestamp) - Date.now() / 1000)).toBeLessThan(60);
}
