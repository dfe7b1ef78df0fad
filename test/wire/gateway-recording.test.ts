/** Recordings of a real gateway: a recording client sends two tones, and the files say who said what, crash or not. */
import { execFile } from "node:child_process";
import {
  cpSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, expect, it } from "vitest";
import { correlate } from "../../src/audio/correlation.ts";
import { fillSine } from "../../src/audio/signal.ts";
import { writeWav } from "../../src/audio/wav.ts";
import { channelsOf } from "../support/recording-lab.ts";
import { toneHz, tonesIn } from "../support/tones.ts";
import { GatewayProcess, type GatewaySettings } from "./support/gateway-process.ts";
import { HELLO } from "./support/recordings.ts";
import { eventually, pause } from "./support/waiting.ts";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const KEY = Buffer.alloc(32, 9).toString("base64");

let folder: string;
let settings: GatewaySettings;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "recording-wire-"));
  cpSync(join(ROOT, "flows"), join(folder, "flows"), { recursive: true });
  const flow = join(folder, "flows", "assist.yaml");
  writeFileSync(
    flow,
    `${readFileSync(flow, "utf8")}\nrecording: { mode: on, consent: announced }\n`,
  );
  settings = { FLOWS: join(folder, "flows"), RECORDINGS__FOLDER: join(folder, "kept") };
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

interface Ran {
  readonly code: number;
  readonly out: string;
  readonly error: string;
}

function trunkline(args: readonly string[], environment: NodeJS.ProcessEnv = {}): Promise<Ran> {
  const env = { ...process.env, ...environment };
  return new Promise((resolve) => {
    const program = [join(ROOT, "dist", "main.js"), ...args];
    execFile(process.execPath, program, { env }, (error, out, stderr) => {
      resolve({ code: typeof error?.code === "number" ? error.code : 0, out, error: stderr });
    });
  });
}

/** A stereo WAV: words and a tone of the customer on the left, another tone of the agent on the right. */
function conversation(seconds: number): string {
  const left = new Int16Array(seconds * 8000);
  const right = new Int16Array(seconds * 8000);
  left.set(HELLO.subarray(0, 16_000), 4000);
  fillSine(left.subarray(20_000), 8000, toneHz(3), 8000, 0);
  fillSine(right.subarray(8000, 20_000), 8000, toneHz(6), 8000, 0);
  const file = join(folder, "conversation.wav");
  writeFileSync(file, writeWav(8000, [left, right]));
  return file;
}

const send = (gateway: GatewayProcess, file: string): Promise<Ran> =>
  trunkline(["siprec", "send", file, "--json", "--to", `sip:x@${gateway.target}`]);

function filesKept(): readonly string[] {
  const kept = join(folder, "kept");
  return existsSync(kept)
    ? readdirSync(kept, { recursive: true })
        .map(String)
        .filter((path) => path.includes("/"))
    : [];
}

it("has the customer on the left and the agent on the right, word for word and in time", async () => {
  const gateway = await GatewayProcess.start(settings);
  const file = conversation(5);
  const report = JSON.parse((await send(gateway, file)).out) as { readonly sipCallId: string };
  const log = (await gateway.callLog(report.sipCallId)) as unknown as {
    readonly sessionId: string;
    readonly consent: { readonly state: string };
    readonly recording: {
      readonly file: string;
      readonly state: string;
      readonly droppedMs: number;
    };
  };
  expect(log.recording).toMatchObject({ state: "finished", droppedMs: 0 });
  expect(log.consent.state).toBe("announced");
  const heard = channelsOf(readFileSync(join(folder, "kept", log.recording.file)));
  const sent = channelsOf(readFileSync(file));
  expect(tonesIn(heard.right, 8000)).toEqual([6]);
  expect(tonesIn(heard.left.subarray(24_000), 8000)).toEqual([3]);
  const onLeft = correlate(sent.left.subarray(0, 20_000), heard.left.subarray(0, 28_000), 8000);
  // As it was sent, through G.711 there and back: nothing is stretched while the clocks agree.
  expect(onLeft.coefficient).toBeGreaterThan(0.99);
  const agentBegan = heard.right.findIndex((sample) => Math.abs(sample) > 3000);
  expect(Math.abs(agentBegan - (8000 + onLeft.lag)) / 8).toBeLessThanOrEqual(20);
  const listed = await trunkline(["recordings", "list", "--json"], {
    TRUNKLINE_RECORDINGS__FOLDER: join(folder, "kept"),
  });
  expect(JSON.parse(listed.out)).toMatchObject({
    recordings: [{ callId: log.sessionId, state: "finished" }],
  });
  expect(await gateway.metric("trunkline_recordings_total", { outcome: "finished" })).toBe(1);
  expect((await gateway.stop()).leftBehind).toEqual([]);
});

it("keeps what was said until the process was killed, encrypted, and finishes it at the next start", async () => {
  const config = join(folder, "gateway.yaml");
  writeFileSync(config, `recordings: { encryption: { keys: [{ id: k1, key: ${KEY} }] } }\n`);
  const first = await GatewayProcess.start({ ...settings, CONFIG: config });
  const sending = send(first, conversation(20));
  await eventually(
    "audio",
    () => (filesKept().some((path) => path.endsWith(".enc.part")) ? true : undefined),
    30_000,
  );
  await pause(4000);
  process.kill(first.pid, "SIGKILL");
  await first.exit();
  const [left] = filesKept().filter((path) => path.endsWith(".part"));
  expect(left).toMatch(/\.wav\.enc\.part$/);
  const killedMs = Date.now();
  const second = await GatewayProcess.start({ ...settings, CONFIG: config });
  const path = await eventually(
    "the finished file",
    () => filesKept().find((name) => name.endsWith(".enc")),
    30_000,
  );
  expect(Date.now() - killedMs).toBeLessThan(30_000);
  expect((await second.stop()).leftBehind).toEqual([]);
  const out = join(folder, "out.wav");
  const sealed = join(folder, "kept", path);
  const decrypt = ["recordings", "decrypt", sealed, "--config", config, "--out", out];
  const done = await trunkline(decrypt);
  expect([done.code, done.error]).toEqual([0, expect.stringContaining("killed while it recorded")]);
  expect(tonesIn(channelsOf(readFileSync(out)).right, 8000)).toEqual([6]);
  expect((await trunkline(decrypt)).error).toContain("is there already");
  const bytes = readFileSync(sealed);
  bytes.writeUInt8(bytes.readUInt8(5000) ^ 1, 5000);
  writeFileSync(sealed, bytes);
  rmSync(out);
  const refused = await trunkline(decrypt);
  expect([refused.code, refused.error]).toEqual([1, expect.stringContaining("RECORDING_DAMAGED")]);
  expect(existsSync(out)).toBe(false);
  await sending;
});
