/** SIPp as a recording client: two streams, metadata, its own RTP, a hold, over UDP and TCP. */
import { randomUUID } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { encodeG711 } from "../../src/audio/g711.ts";
import { fillSine } from "../../src/audio/signal.ts";
import { toneHz } from "../support/tones.ts";
import { freeEarPort, freeSipPort } from "./support/free-ports.ts";
import {
  type ListeningGateway,
  linesOf,
  startListeningGateway,
} from "./support/listening-gateway.ts";
import { sippInstalled, startSipp } from "./support/sipp.ts";
import { WENT_AS_WRITTEN } from "./support/sipp-call.ts";

const SCENARIO = new URL("./scenarios/uac-siprec.xml", import.meta.url);
const TONE = 5;

describe.skipIf(!sippInstalled())("a recording session of SIPp", () => {
  const folder = mkdtempSync(join(tmpdir(), "sipp-siprec-"));
  let listening: ListeningGateway;

  beforeAll(async () => {
    listening = await startListeningGateway();
    const pcm = new Int16Array(8000);
    fillSine(pcm, 8000, toneHz(TONE), 8000, 0);
    const codes = new Uint8Array(pcm.length);
    encodeG711("pcmu", pcm, 0, pcm.length, codes, 0);
    const audio = join(folder, "tone.raw");
    writeFileSync(audio, codes);
    const scenario = readFileSync(SCENARIO, "utf8").replaceAll("@AUDIO@", audio);
    writeFileSync(join(folder, "scenario.xml"), scenario);
  });

  afterAll(async () => {
    rmSync(folder, { recursive: true, force: true });
    expect((await listening.stop()).leftBehind).toEqual([]);
  });

  it.each([
    ["UDP", "u1"],
    ["TCP", "t1"],
  ])("over %s is answered, heard and held", async (_transport, mode) => {
    const sipCallId = `siprec-${randomUUID()}`;
    const result = await startSipp([
      listening.gateway.target,
      ...["-sf", join(folder, "scenario.xml"), "-m", "1", "-t", mode, "-cid_str", sipCallId],
      ...["-p", String(await freeSipPort()), "-mi", "127.0.0.1"],
      ...["-mp", String(await freeEarPort()), "-timeout", "40s", "-timeout_error"],
    ]).done;
    expect(result).toMatchObject(WENT_AS_WRITTEN);
    const log = await listening.logOf(sipCallId);
    expect(linesOf(log)).toEqual([`cust: tone ${TONE}`]);
    expect(log.participants.map(({ id, role, name }) => [id, role, name])).toEqual([
      ["cust", "customer", "Pat Customer"],
      ["agent", "agent", "Alex Agent"],
    ]);
  });
});
