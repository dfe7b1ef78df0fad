/** The chat assistant of a real gateway over real HTTP: local, with a model that answers, hangs and is gone, and Bedrock's own client. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { createServer as createHttp2Server, type Http2Server } from "node:http2";
import type { AddressInfo } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { SystemClock } from "../../src/core/clock.ts";
import { BedrockAdvisor } from "../../src/models/bedrock-advisor.ts";
import type { AdviceRequest } from "../../src/ports/advisor.ts";
import { GatewayProcess } from "./support/gateway-process.ts";

const ORIGIN = "https://ccp.example.com";
const KEY = "sk-wire-secret";
const WORDS = "When are you open on Saturday?";

interface ChatAnswer {
  readonly suggestedAnswer: string | null;
  readonly by: string;
  readonly notice: string | null;
  readonly sources: readonly { readonly title: string; readonly uri: string }[];
}

const closers: (() => Promise<unknown>)[] = [];

afterEach(async () => {
  for (const close of closers.splice(0).reverse()) {
    await close();
  }
});

async function start(settings: Readonly<Record<string, string>> = {}): Promise<GatewayProcess> {
  const gateway = await GatewayProcess.start(settings);
  closers.push(() => gateway.stop());
  return gateway;
}

async function listen(server: Server | Http2Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", () => resolve()));
  return (server.address() as AddressInfo).port;
}

async function ask(gateway: GatewayProcess, customerMessage: string) {
  const startedMs = performance.now();
  const response = await fetch(`http://127.0.0.1:${gateway.httpPort}/processChat`, {
    method: "POST",
    headers: { "content-type": "application/json", origin: ORIGIN },
    body: JSON.stringify({ customerMessage }),
  });
  const json = (await response.json()) as ChatAnswer;
  return {
    status: response.status,
    headers: response.headers,
    json,
    ms: performance.now() - startedMs,
  };
}

describe("the chat assistant of a gateway", () => {
  it("answers from the shipped knowledge without any account, and browsers may ask", async () => {
    const gateway = await start({
      ASSIST__CORS: JSON.stringify([ORIGIN]),
      ASSIST__CHAT_BURST: "60",
    });
    const url = `http://127.0.0.1:${gateway.httpPort}/processChat`;
    const preflight = await fetch(url, { method: "OPTIONS", headers: { origin: ORIGIN } });
    expect([preflight.status, preflight.headers.get("access-control-allow-origin")]).toEqual([
      204,
      ORIGIN,
    ]);
    const { status, json, headers } = await ask(gateway, WORDS);
    expect([status, headers.get("access-control-allow-origin")]).toEqual([200, ORIGIN]);
    expect(json).toMatchObject({ by: "local", sources: [{ uri: "opening-hours.md" }] });
    expect(json.suggestedAnswer).toContain("Saturday");
    const times: number[] = [];
    for (let turn = 0; turn < 50; turn += 1) {
      times.push((await ask(gateway, WORDS)).ms);
    }
    const p95 = times.sort((left, right) => left - right)[47] ?? 0;
    console.info(
      `/processChat, local knowledge, ${times.length} requests: p95 ${p95.toFixed(1)} ms`,
    );
    expect(p95).toBeLessThan(300);
    expect((await fetch(url, { method: "POST", body: "{" })).status).toBe(400);
    expect((await gateway.get("/metrics")).text).toContain('advisor="local",outcome="advised"} 51');
  });

  it("asks a model, falls back when it hangs or is gone, and says nothing of what was written", async () => {
    let mode: "answer" | "hang" = "answer";
    const seen: string[] = [];
    const server = createServer((request: IncomingMessage, response: ServerResponse) => {
      seen.push(`${request.method} ${request.url} ${request.headers.authorization}`);
      request.resume();
      if (mode === "answer") {
        const content = JSON.stringify({ answer: "From nine to four.", sources: [1] });
        response.setHeader("content-type", "application/json");
        response.end(JSON.stringify({ choices: [{ message: { role: "assistant", content } }] }));
      }
    });
    const port = await listen(server);
    const stop = async (): Promise<void> => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    };
    const gateway = await start({
      ASSIST__ADVISOR__KIND: "openai",
      ASSIST__ADVISOR__URL: `http://127.0.0.1:${port}/v1`,
      ASSIST__ADVISOR__MODEL: "m",
      ASSIST__ADVISOR__API_KEY: KEY,
      ASSIST__ADVISOR__TIMEOUT_MS: "500",
      ASSIST__CORS: JSON.stringify([ORIGIN]),
    });
    const answered = await ask(gateway, WORDS);
    expect(answered.json).toMatchObject({
      suggestedAnswer: "From nine to four.",
      by: "openai",
      notice: null,
      sources: [{ uri: "opening-hours.md" }],
    });
    expect(seen).toEqual([`POST /v1/chat/completions Bearer ${KEY}`]);
    mode = "hang";
    const hung = await ask(gateway, WORDS);
    expect(hung.json).toMatchObject({ by: "local", notice: expect.stringContaining("model") });
    expect(hung.ms).toBeLessThan(3000);
    await stop();
    expect((await ask(gateway, WORDS)).json.by).toBe("local");
    expect((await ask(gateway, "Does your cat play the piano?")).status).toBe(500);
    const log = JSON.stringify(gateway.log);
    expect(log).toContain("the advisor fails");
    expect(log).not.toMatch(/Saturday|piano|sk-wire/);
    expect(gateway.stderr).not.toContain(KEY);
  });
});

describe("an advisor of Bedrock, by its own client", () => {
  const request: AdviceRequest = {
    question: WORDS,
    history: [],
    knowledge: [{ title: "Opening hours", uri: "opening-hours.md", excerpt: "9 to 4" }],
    timeoutMs: 2000,
    signal: new AbortController().signal,
  };
  const input = { answer: "From nine to four.", sources: [1] };
  const message = (content: readonly unknown[]) => ({
    output: { message: { role: "assistant", content } },
    stopReason: "tool_use",
    usage: { inputTokens: 1, outputTokens: 1, totalTokens: 2 },
    metrics: { latencyMs: 1 },
  });
  const used = message([{ toolUse: { toolUseId: "t", name: "suggest_answer", input } }]);

  async function bench(status: number, answer: unknown, errorType?: string) {
    const bodies: { readonly path: string; readonly json: Record<string, unknown> }[] = [];
    const server = createHttp2Server((req, res) => {
      const chunks: Buffer[] = [];
      req.on("data", (chunk: Buffer) => chunks.push(chunk));
      req.on("end", () => {
        bodies.push({ path: req.url, json: JSON.parse(Buffer.concat(chunks).toString()) });
        const type = errorType === undefined ? {} : { "x-amzn-errortype": errorType };
        res.writeHead(status, { "content-type": "application/json", ...type });
        if (answer !== undefined) {
          res.end(JSON.stringify(answer));
        }
      });
    });
    const port = await listen(server);
    const clock = new SystemClock();
    const advisor = new BedrockAdvisor({
      clock,
      address: { region: "eu-central-1", endpoint: `http://127.0.0.1:${port}` },
      model: "eu.amazon.nova-lite-v1:0",
    });
    closers.push(async () => {
      advisor.close();
      await new Promise((resolve) => server.close(resolve));
    });
    return { advisor, bodies, clock };
  }

  it("makes the model call a tool, and takes its arguments", async () => {
    const { advisor, bodies, clock } = await bench(200, used);
    expect(await advisor.advise(request)).toEqual({
      kind: "advised",
      text: "From nine to four.",
      sources: request.knowledge,
    });
    expect(bodies[0]?.path).toBe("/model/eu.amazon.nova-lite-v1%3A0/converse");
    expect(bodies[0]?.json).toMatchObject({
      toolConfig: { toolChoice: { tool: { name: "suggest_answer" } } },
      inferenceConfig: { maxTokens: 1000, temperature: 0.1 },
    });
    expect(clock.pending).toBe(0);
  });

  it.each([
    [200, message([{ text: "From nine to four." }]), undefined, "badAnswer"],
    [403, { message: "no" }, "AccessDeniedException", "refused"],
    [429, { message: "slow down" }, "ThrottlingException", "rateLimited"],
    [500, { message: "oh" }, "InternalServerException", "status"],
  ])("takes %d for a failure", async (status, answer, errorType, failure) => {
    const { advisor } = await bench(status, answer, errorType);
    expect(await advisor.advise(request)).toEqual({ kind: "failed", failure });
  });

  it("gives up when time is over", async () => {
    const { advisor, clock } = await bench(200, undefined);
    const outcome = await advisor.advise({ ...request, timeoutMs: 300 });
    expect(outcome).toEqual({ kind: "failed", failure: "timedOut" });
    expect(clock.pending).toBe(0);
  });

  it("takes a closed port for unreachable", async () => {
    const advisor = new BedrockAdvisor({
      clock: new SystemClock(),
      address: { region: "eu-central-1", endpoint: "http://127.0.0.1:46999" },
      model: "m",
    });
    expect(await advisor.advise(request)).toEqual({ kind: "failed", failure: "unreachable" });
    advisor.close();
  });
});
