/** Somebody moves the database away while the gateway runs: calls go on, and their records come when it is back. */
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { GatewayProcess } from "./support/gateway-process.ts";
import { holdingsOf } from "./support/gateway-state.ts";
import { eventually } from "./support/waiting.ts";
import { CALLER_TONE, WatchedCall } from "./support/watched-call.ts";

/** The pauses between tries double from 1 s. */
const BACK_WITHIN_MS = 40_000;

let folder: string;
let database: string;
let gateway: GatewayProcess;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "store-trouble-"));
  database = join(folder, "calls.db");
});

afterEach(async () => {
  await gateway.exit(1).catch(() => undefined);
  rmSync(folder, { recursive: true, force: true });
});

/** A short call; its Call-ID. */
async function call(): Promise<string> {
  const watched = await WatchedCall.answered(gateway, { rtpPort: 37_030 });
  await watched.talk(1500);
  expect(watched.takeHeard().tones).toEqual([CALLER_TONE]);
  expect(await watched.hangUp()).toMatchObject({ status: 200 });
  return watched.dialog.callId;
}

function recorded(): Promise<readonly string[]> {
  return gateway.callLogs().then((logs) => logs.map(({ sipCallId }) => sipCallId));
}

async function waiting(): Promise<number> {
  return (await holdingsOf(gateway)).store.waiting;
}

async function writtenBack(callIds: readonly string[]): Promise<void> {
  await eventually("nothing waits", async () => (await waiting()) === 0, BACK_WITHIN_MS);
  expect(new Set(await recorded())).toEqual(new Set(callIds));
  expect(await gateway.metric("trunkline_store_lost_total")).toBe(0);
  expect(await gateway.stop()).toMatchObject({ code: 0, leftBehind: [] });
  expect(existsSync(`${database}.spool`)).toBe(false);
}

it("moves calls of a time without a database into it when it is back", async () => {
  gateway = await GatewayProcess.start({ STORE__PATH: database });
  const before = await call();
  await gateway.callLog(before);
  renameSync(database, `${database}.aside`);
  mkdirSync(database);
  const during = [await call(), await call()];
  await eventually("both wait", async () => (await waiting()) === 2);
  expect(existsSync(`${database}.spool`)).toBe(true);
  rmdirSync(database);
  renameSync(`${database}.aside`, database);
  await writtenBack([before, ...during]);
}, 120_000);

it("starts without a usable database, and writes what waited once there can be one", async () => {
  mkdirSync(database);
  gateway = await GatewayProcess.start({ STORE__PATH: database });
  const during = await call();
  await eventually("it waits", async () => (await waiting()) === 1);
  expect(await gateway.get("/call-logs")).toMatchObject({ status: 503 });
  rmdirSync(database);
  await writtenBack([during]);
}, 120_000);
