/** Whole calls with Nova Sonic: the gateway, the client of AWS, and the stand-in over HTTP/2 with signatures checked. */
import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readWav } from "../../src/audio/wav.ts";
import { STAND_IN_KEYS } from "../../src/core/aws-access.ts";
import { type NovaStandIn, startNovaStandIn } from "../support/nova-stand-in.ts";
import { countingFaults, wordsIn } from "../support/numbered-words.ts";
import { GatewayProcess } from "./support/gateway-process.ts";
import { eventually } from "./support/waiting.ts";

const MAIN = fileURLToPath(new URL("../../dist/main.js", import.meta.url));
const HELLO = fileURLToPath(new URL("../fixtures/audio/hello.wav", import.meta.url));
/** A process of Node has to start first, on a machine that may be busy. */
const SLOW_MS = 20_000;
const SECRET = "very/secret+key";

let standIn: NovaStandIn;
let gateway: GatewayProcess;
const folder = mkdtempSync(join(tmpdir(), "wire-nova-"));

interface CallReport {
  readonly answered: boolean;
  readonly status?: number;
}

async function call(user: string, ...options: readonly string[]): Promise<CallReport> {
  const args = [MAIN, "call", `sip:${user}@${gateway.target}`, "--json", ...options];
  const { stdout } = await promisify(execFile)(process.execPath, args).catch(
    (failure: { readonly stdout: string }) => failure,
  );
  return JSON.parse(stdout) as CallReport;
}

beforeAll(async () => {
  standIn = await startNovaStandIn({ port: 0, script: { answers: [{ words: 10 }] } });
  const { endpoint } = standIn;
  gateway = await GatewayProcess.start({
    MODELS__NOVA__KIND: "nova-sonic",
    MODELS__NOVA__ENDPOINT: endpoint,
    MODELS__NOVA__ACCESS_KEY_ID: STAND_IN_KEYS.accessKeyId,
    MODELS__NOVA__SECRET_ACCESS_KEY: STAND_IN_KEYS.secretAccessKey,
    MODELS__WRONG__KIND: "nova-sonic",
    MODELS__WRONG__ENDPOINT: endpoint,
    MODELS__WRONG__ACCESS_KEY_ID: STAND_IN_KEYS.accessKeyId,
    MODELS__WRONG__SECRET_ACCESS_KEY: SECRET,
  });
});

afterAll(async () => {
  const exit = await gateway.stop();
  await standIn.close();
  rmSync(folder, { recursive: true, force: true });
  expect(exit).toMatchObject({ code: 0, leftBehind: [] });
});

describe("a call with Nova Sonic", () => {
  it("is greeted, heard, and answered without a gap or a repeat", async () => {
    const file = join(folder, "heard.wav");
    const ended = call("nova", "--say", HELLO, "--record", file, "--seconds", "15");
    const firstCall = async () => (await gateway.calls())[0]?.callId;
    const callId = await eventually("a call", firstCall, SLOW_MS);
    const dump = JSON.stringify(await gateway.dump(callId));
    expect(await ended).toMatchObject({ answered: true });
    expect(dump).toContain('"bufferedBytes"');
    expect(dump).not.toContain(STAND_IN_KEYS.secretAccessKey);
    const heard = readWav(readFileSync(file)).samples[1] ?? new Int16Array(0);
    const words = wordsIn(heard);
    expect(words.map(({ number }) => number)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    expect(countingFaults(words, { maxGapMs: 80, maxLengthErrorMs: 40 })).toEqual([]);
    const [brain] = standIn.brains;
    await eventually("an orderly end", () => brain?.isClosedInOrder, SLOW_MS);
    expect(brain?.violations).toEqual([]);
    const log = await eventually("a record", async () => (await gateway.callLogs()).at(0));
    expect(log.verdict).toMatchObject({ endedBy: "caller", outcome: "completed" });
    expect(JSON.stringify(log)).toContain("word 9.");
  });

  it("with a wrong key is not taken, says why in plain words, and shows the key nowhere", async () => {
    await call("wrong", "--seconds", "3");
    const why = /AWS refused the signature: look at secretAccessKey/;
    await eventually("the reason in the log", () => why.test(JSON.stringify(gateway.log)));
    const metrics = (await gateway.get("/metrics")).text;
    const shown = [gateway.log, gateway.stderr, await gateway.callLogs(), metrics];
    expect(JSON.stringify(shown)).not.toContain(SECRET);
    expect(JSON.stringify(shown)).not.toContain(STAND_IN_KEYS.secretAccessKey);
    expect(standIn.refusals).toContain("InvalidSignatureException");
  });
});

describe("trunkline doctor", () => {
  it("says which models would take a call, and what to change of the other", async () => {
    const models = Object.fromEntries(
      ["KIND", "ENDPOINT", "ACCESS_KEY_ID", "SECRET_ACCESS_KEY"].map((field) => [
        `TRUNKLINE_MODELS__WRONG__${field}`,
        {
          KIND: "nova-sonic",
          ENDPOINT: standIn.endpoint,
          ACCESS_KEY_ID: STAND_IN_KEYS.accessKeyId,
        }[field] ?? SECRET,
      ]),
    );
    const env = {
      ...process.env,
      ...models,
      TRUNKLINE_MODELS__NOVA__KIND: "nova-sonic",
      TRUNKLINE_MODELS__NOVA__ENDPOINT: standIn.endpoint,
    };
    const { stdout } = await promisify(execFile)(process.execPath, [MAIN, "doctor"], { env }).catch(
      (failure: { readonly stdout: string }) => failure,
    );
    expect(stdout).toMatch(/ok {4}model nova session: the service gave us one/);
    expect(stdout).toMatch(
      /fail {2}model wrong session: AWS refused the signature: look at secretAccessKey/,
    );
    expect(stdout).not.toContain(SECRET);
  });
});
