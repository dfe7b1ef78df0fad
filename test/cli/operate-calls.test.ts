/** `trunkline calls say|inject|mute|dtmf` against an API that is made up. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { runCli } from "../support/cli-bench.ts";

interface Asked {
  readonly request: string;
  readonly type: string | null;
  readonly body: string;
}

function api(status = 202, body: object = { callId: "x" }) {
  const asked: Asked[] = [];
  const answer: typeof fetch = async (url, init) => {
    const sent = new Request(url, init as RequestInit);
    asked.push({
      request: `${sent.method} ${new URL(sent.url).pathname}`,
      type: sent.headers.get("content-type"),
      body: await sent.text(),
    });
    return new Response(JSON.stringify(body), { status });
  };
  return { asked, fetch: answer };
}

let folder: string;
let file: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "trunkline-inject-"));
  file = join(folder, "a.wav");
  writeFileSync(file, "RIFF");
});

afterAll(() => rmSync(folder, { recursive: true }));

describe("trunkline calls", () => {
  it.each([
    [["say", "x", "Hello there."], "say", '{"text":"Hello there.","by":"model"}'],
    [["say", "x", "Hello.", "--by", "voice"], "say", '{"text":"Hello.","by":"voice"}'],
    [["mute", "x", "caller"], "mute", '{"who":"caller","on":true}'],
    [["unmute", "x", "model"], "mute", '{"who":"model","on":false}'],
    [["record", "pause", "x"], "recording", '{"action":"pause"}'],
    [["record", "consent", "x"], "recording", '{"action":"consent"}'],
    [["dtmf", "x", "12#"], "dtmf", '{"digits":"12#"}'],
  ])("%j asks the gateway for it", async (args, path, body) => {
    const { asked, fetch } = api();
    const { code, out } = await runCli(["calls", ...args], { fetch });
    expect({ code, out }).toEqual({ code: 0, out: "" });
    expect(asked).toEqual([{ request: `POST /calls/x/${path}`, type: "application/json", body }]);
  });

  it("inject sends a file, and says what is in it", async () => {
    const { asked, fetch } = api();
    await runCli(["calls", "inject", "x", file], { fetch });
    await runCli(["calls", "inject", "x", file, "--rate", "16000"], { fetch });
    expect(asked).toEqual([
      { request: "POST /calls/x/inject", type: "audio/wav", body: "RIFF" },
      { request: "POST /calls/x/inject", type: "audio/pcm;rate=16000", body: "RIFF" },
    ]);
  });

  it("prints the answer with --json, and a line for people without", async () => {
    const { fetch } = api();
    const { out } = await runCli(["calls", "mute", "x", "caller", "--json"], { fetch });
    expect(JSON.parse(out)).toEqual({ callId: "x" });
    const { error } = await runCli(["calls", "mute", "x", "caller"], { fetch });
    expect(error).toBe("the caller of call x is muted\n");
  });

  it("repeats why the gateway does not", async () => {
    const message = "The call is not answered yet, or is ending: its state is ringing.";
    const { fetch } = api(409, { error: { code: "CALL_NOT_TALKING", message } });
    const { code, error } = await runCli(["calls", "say", "x", "Hi."], { fetch });
    expect({ code, error }).toEqual({ code: 1, error: `${message}\n` });
  });

  it.each([
    [["dtmf", "x", "1,2"], "0-9, *, # and A-D"],
    [["mute", "x", "agent"], "caller or model"],
    [["record", "erase", "x"], "pause, resume, stop, consent"],
    [["say", "x", "Hi.", "--by", "me"], "model, voice"],
    [["inject", "x", "a.wav", "--rate", "44100"], "8000, 16000"],
  ])("%j is wrong usage", async (args, words) => {
    const { code, error } = await runCli(["calls", ...args]);
    expect(code).toBe(2);
    expect(error).toContain(words);
  });

  it("inject says which file it cannot read", async () => {
    const { code, error } = await runCli(["calls", "inject", "x", "/nowhere.wav"]);
    expect(code).toBe(1);
    expect(error).toContain("/nowhere.wav");
  });
});
