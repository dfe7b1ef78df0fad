/** Calls that are recorded, from the first packet to the record, on virtual time. */
import { afterEach, describe, expect, it } from "vitest";
import type { CallId } from "../../src/core/ids.ts";
import type { RecordAction } from "../../src/ports/call-directory.ts";
import {
  answeredPorts,
  assistEvents,
  connectStreams,
  inviteToRecord,
  recordingBody,
  recordingSdp,
  recordingXml,
} from "../support/recording-client.ts";
import { channelsOf } from "../support/recording-lab.ts";
import { Scenario, type ScenarioOptions } from "../support/scenario.ts";
import { spansOf } from "../support/tones.ts";

const STREAMS = [
  { label: "1", port: 4000 },
  { label: "2", port: 4010 },
];
const PEOPLE = [
  { id: "alex", label: "1" },
  { id: "pat", label: "2" },
];
const ROLES = [{ role: "agent" as const, aor: (aor: string) => aor.includes("alex") }];

let scenario: Scenario;

afterEach(async () => {
  expect(await scenario.close()).toEqual([]);
});

async function session(options: ScenarioOptions = {}, xml = recordingXml(PEOPLE)) {
  scenario = new Scenario({ roles: ROLES, recording: { consent: "assumed" }, ...options });
  await scenario.start();
  const agent = await scenario.phone(4000);
  const customer = await scenario.phone(4010);
  const client = inviteToRecord(scenario, recordingBody(recordingSdp(STREAMS), xml));
  await scenario.clock.advanceMs(100);
  connectStreams(client.answerSdp, [agent, customer]);
  return { agent, customer, client };
}

function callId(): CallId {
  const [call] = scenario.registry.list();
  if (call === undefined) {
    throw new Error("there should be a call");
  }
  return call.callId;
}

const operate = (action: RecordAction): Promise<void> | undefined =>
  scenario.registry.operate(callId(), { kind: "record", action });

async function hangUp(client: { hangUp(): void }) {
  client.hangUp();
  await scenario.clock.advanceMs(200);
  const [record] = scenario.records;
  if (record === undefined) {
    throw new Error("there should be a record");
  }
  return record;
}

/** What is heard on one side, edges left out: `tone ms`. */
function heard(samples: Int16Array): readonly string[] {
  return spansOf(samples, 8000)
    .filter(({ ms }) => ms >= 60)
    .map(({ sound, ms }) => `${sound} ${Math.round(ms / 100) * 100}`);
}

function fileOf(record: { readonly recording?: { readonly file: string } | undefined }) {
  return channelsOf(scenario.disk.bytesOf(record.recording?.file ?? "none"));
}

describe("a recording session that is recorded", () => {
  it("has the customer on the left and the agent on the right, in time, through loss, a hold and a new SSRC", async () => {
    const { agent, customer, client } = await session();
    customer.sendTone(3, 1000);
    agent.sendSilence(1000);
    agent.sendTone(6, 1000);
    await scenario.clock.advanceMs(2000);
    customer.lose(100);
    customer.sendTone(3, 1000);
    await scenario.clock.advanceMs(2000);
    const held = STREAMS.map((stream) => ({ ...stream, direction: "inactive" as const }));
    await scenario.signalWhile(client.reinvite(recordingSdp(held, 2)));
    await scenario.clock.advanceMs(1980);
    await scenario.signalWhile(client.reinvite(recordingSdp(STREAMS, 3)));
    customer.ssrc = 0x0bad_cafe;
    agent.ssrc = 0x0bad_beef;
    customer.sendTone(4, 1000);
    agent.sendTone(4, 1000);
    await scenario.clock.advanceMs(1980);
    const record = await hangUp(client);
    const { left, right } = fileOf(record);
    expect(heard(left).filter((span) => !span.startsWith("silence"))).toEqual([
      "3 1000",
      "3 1000",
      "4 1000",
    ]);
    expect(heard(right)).toEqual([
      "silence 1100",
      "6 1000",
      expect.stringMatching(/^silence 4/),
      "4 1000",
      expect.stringMatching(/^silence/),
    ]);
    const onset = (samples: Int16Array, after: number): number =>
      samples.findIndex((sample, index) => index > after && Math.abs(sample) > 3000);
    const [onLeft, onRight] = [onset(left, 5.5 * 8000), onset(right, 5.5 * 8000)];
    expect(Math.abs(onLeft - onRight) / 8).toBeLessThanOrEqual(20);
    expect(record).toMatchObject({
      consent: { state: "assumed", by: "flow" },
      recording: { state: "finished", droppedMs: 0, format: "pcm16", paused: [{ by: "client" }] },
    });
    expect(record.recording?.sha256).toMatch(/^[0-9a-f]{64}$/);
    expect(record.recording?.durationMs).toBeGreaterThan(7900);
  });

  it("keeps silence while an operator has it paused, and says so", async () => {
    const { customer, client } = await session();
    customer.sendTone(3, 6000);
    await scenario.clock.advanceMs(2000);
    await operate("pause");
    await scenario.clock.advanceMs(2000);
    expect(scenario.registry.find(callId())?.recording?.state).toBe("paused");
    await operate("resume");
    await scenario.clock.advanceMs(2100);
    const record = await hangUp(client);
    const spans = heard(fileOf(record).left);
    const paused = spans.indexOf("silence 2000");
    expect([spans[paused - 1], spans[paused], spans[paused + 1]]).toEqual([
      expect.stringMatching(/^3 /),
      "silence 2000",
      expect.stringMatching(/^3 /),
    ]);
    expect(record.recording?.paused).toEqual([
      { fromMs: expect.any(Number), toMs: expect.any(Number), by: "operator" },
    ]);
  });

  it("ends when it is stopped, and cannot be had again", async () => {
    const { customer, client } = await session();
    customer.sendTone(3, 4000);
    await scenario.clock.advanceMs(2000);
    await operate("stop");
    await scenario.clock.advanceMs(1000);
    await expect(operate("resume")).rejects.toMatchObject({ code: "RECORDING_NOT_ACTIVE" });
    const record = await hangUp(client);
    expect(record.recording?.durationMs).toBeLessThan(2200);
    expect(record.recording?.state).toBe("finished");
  });

  it("keeps nothing where consent is missing or refused", async () => {
    const { customer, client } = await session({ recording: { consent: "required" } });
    customer.sendTone(3, 1000);
    await scenario.clock.advanceMs(1000);
    await expect(operate("pause")).rejects.toMatchObject({ code: "RECORDING_NOT_ACTIVE" });
    await operate("stop");
    await expect(operate("consent")).rejects.toMatchObject({ code: "RECORDING_NOT_ACTIVE" });
    const record = await hangUp(client);
    expect(record.consent).toMatchObject({ state: "refused", by: "operator" });
    expect(record.recording).toBeUndefined();
    expect(scenario.disk.files.size).toBe(0);
  });

  it("begins when consent is given over the API, and when all people are said to be aware", async () => {
    const { customer, client } = await session({ recording: { consent: "required" } });
    customer.sendTone(3, 1000);
    customer.sendTone(5, 2000);
    await scenario.clock.advanceMs(1100);
    await operate("consent");
    const aware = recordingXml(PEOPLE).replaceAll(
      "<nameID",
      "<recordingaware>true</recordingaware><nameID",
    );
    await scenario.clock.advanceMs(1500);
    const record = await hangUp(client);
    expect(record.consent).toMatchObject({ state: "given", by: "operator" });
    expect(heard(fileOf(record).left).some((span) => span.startsWith("3"))).toBe(false);
    await scenario.close();
    const other = await session({ recording: { consent: "required" } }, aware);
    await scenario.clock.advanceMs(500);
    const second = await hangUp(other.client);
    expect(second.consent).toMatchObject({ state: "given", by: "client" });
    expect(second.recording?.state).toBe("finished");
  });

  it("tells the page when the disk is full, and when it is not any more, and the call goes on", async () => {
    const { customer, client } = await session();
    customer.sendTone(3, 6000);
    await scenario.clock.advanceMs(1000);
    scenario.disk.full = true;
    await scenario.clock.advanceMs(2000);
    scenario.disk.full = false;
    await scenario.clock.advanceMs(2000);
    const notices = assistEvents(scenario).filter((event) => event.kind === "notice");
    expect(notices).toMatchObject([
      { part: "store", ok: false },
      { part: "store", ok: true },
    ]);
    const record = await hangUp(client);
    expect(record.recording).toMatchObject({ state: "finished", droppedMs: 0 });
  });

  it("takes a third stream on the side of the agent", async () => {
    const { client, agent, customer } = await session();
    const third = await scenario.phone(4020);
    const offer = recordingSdp([...STREAMS, { label: "3", port: 4020 }], 2);
    const verdict = await scenario.signalWhile(client.reinvite(offer));
    const sdp = verdict.kind === "accept" ? verdict.sdp : "";
    expect(answeredPorts(sdp)).toHaveLength(3);
    connectStreams(sdp, [agent, customer, third]);
    third.sendTone(8, 1000);
    await scenario.clock.advanceMs(1500);
    const { left, right } = fileOf(await hangUp(client));
    expect(heard(right).some((span) => span.startsWith("8"))).toBe(true);
    expect(heard(left).some((span) => span.startsWith("8"))).toBe(false);
  });
});

describe("a call of an agent that is recorded", () => {
  it("has the caller on the left and the model on the right", async () => {
    scenario = new Scenario({ recording: { consent: "announced" } });
    await scenario.start();
    const peer = await scenario.phone();
    const caller = scenario.call(peer);
    await scenario.clock.advanceMs(300);
    peer.sendTone(3, 1000);
    await scenario.clock.advanceMs(1500);
    scenario.model.session.speakTone(7, 1000, "answer");
    await scenario.clock.advanceMs(1500);
    const record = await hangUp(caller);
    const { left, right } = fileOf(record);
    expect(heard(left).filter((span) => !span.startsWith("silence"))).toEqual(["3 1000"]);
    expect(heard(right).filter((span) => !span.startsWith("silence"))).toEqual(["7 1000"]);
    expect(record.consent).toMatchObject({ state: "announced", by: "flow" });
  });

  it("keeps nothing until the caller presses the key", async () => {
    scenario = new Scenario({ recording: { consent: "required", consentKey: "1" } });
    await scenario.start();
    const peer = await scenario.phone();
    const caller = scenario.call(peer);
    await scenario.clock.advanceMs(1000);
    expect(scenario.disk.files.size).toBe(0);
    peer.sendDigits("1");
    await scenario.clock.advanceMs(1500);
    const record = await hangUp(caller);
    expect(record.consent).toMatchObject({ state: "given", by: "caller" });
    expect(record.recording?.durationMs).toBeGreaterThan(800);
  });

  it("is not recorded where its flow does not say so", async () => {
    scenario = new Scenario();
    await scenario.start();
    const peer = await scenario.phone();
    const caller = scenario.call(peer);
    await scenario.clock.advanceMs(1000);
    await expect(operate("pause")).rejects.toMatchObject({ code: "RECORDING_NOT_ACTIVE" });
    const record = await hangUp(caller);
    expect([record.consent, record.recording]).toEqual([undefined, undefined]);
    expect(scenario.disk.files.size).toBe(0);
  });
});
