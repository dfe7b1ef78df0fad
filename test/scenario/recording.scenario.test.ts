/** Recording sessions, from the invitation to the record, on virtual time. */
import { afterEach, describe, expect, it } from "vitest";
import type { AssistEnvelope } from "../../src/ports/assist-events.ts";
import { LocalSession } from "../../src/sdp/local-session.ts";
import { SrtpKeyring } from "../../src/sdp/srtp-keyring.ts";
import type { RoleRule } from "../../src/siprec/roles.ts";
import { adviceLab, PLAYBOOK } from "../support/advice-lab.ts";
import {
  answeredPorts,
  assistEvents,
  connectStreams,
  inviteToRecord,
  recordingBody,
  recordingSdp,
  recordingXml,
} from "../support/recording-client.ts";
import { Scenario, type ScenarioOptions } from "../support/scenario.ts";
import { SeededRandom } from "../support/seeded-random.ts";

const STREAMS = [
  { label: "a_leg", port: 4000 },
  { label: "01", port: 4010 },
];
const PEOPLE = [
  { id: "pat", label: "01" },
  { id: "alex", label: "a_leg" },
];
const ROLES: readonly RoleRule[] = [{ role: "agent", aor: (aor) => aor.includes("alex") }];
const BODY = recordingBody(recordingSdp(STREAMS), recordingXml(PEOPLE));

let scenario: Scenario;

async function recorded(options: ScenarioOptions = {}) {
  scenario = new Scenario({ roles: ROLES, ...options });
  await scenario.start();
  const peers = [await scenario.phone(4000), await scenario.phone(4010)];
  const client = inviteToRecord(scenario, BODY);
  await scenario.clock.advanceMs(100);
  connectStreams(client.answerSdp, peers);
  const [first, second] = scenario.model.sessions;
  const [one, other] = peers;
  if (first === undefined || second === undefined || one === undefined || other === undefined) {
    throw new Error("two streams should have a model each");
  }
  return { client, peers, first, second, one, other };
}

afterEach(async () => {
  expect(await scenario.close()).toEqual([]);
});

describe("a recording session", () => {
  it("is answered with every m-line in order, its label, and as a recorder", async () => {
    const { client } = await recorded();
    expect(client.statuses).toEqual([200]);
    expect(client.answerHeaders["Contact"]).toContain("+sip.srs");
    expect(client.answerSdp?.match(/a=label:\S+/g)).toEqual(["a=label:a_leg", "a=label:01"]);
    expect(client.answerSdp?.match(/a=(?:recvonly|inactive|sendrecv)/g)).toEqual([
      "a=recvonly",
      "a=recvonly",
    ]);
    expect(answeredPorts(client.answerSdp).every((port) => port > 0)).toBe(true);
  });

  const many = (count: number) =>
    Array.from({ length: count }, (_, index) => ({ label: `${index}`, port: 4000 + 2 * index }));
  const answerTo = async (count: number) => {
    scenario = new Scenario();
    await scenario.start();
    const client = inviteToRecord(scenario, recordingBody(recordingSdp(many(count)), ""));
    for (let waited = 0; client.statuses.length === 0 && waited < 20; waited += 1) {
      await scenario.clock.advanceMs(50);
    }
    await scenario.clock.advanceMs(100);
    return client;
  };

  it("answers 64 streams, and records as many as the flow allows", async () => {
    const { statuses, answerSdp } = await answerTo(64);
    expect(statuses).toEqual([200]);
    expect(answerSdp?.match(/a=label:\S+/g)).toEqual(
      many(64).map(({ label }) => `a=label:${label}`),
    );
    const ports = answeredPorts(answerSdp);
    expect(ports.map((port) => port > 0)).toEqual(many(64).map((_, index) => index < 16));
    expect(new Set(ports.slice(0, 16)).size).toBe(16);
    expect(scenario.model.sessions).toHaveLength(16);
    const told = scenario.metrics.counts.get("trunkline_siprec_oddities_total streamsTooMany");
    expect(told).toBe(1);
  });

  it("refuses more than 64 streams with 488", async () => {
    expect((await answerTo(65)).statuses).toEqual([488]);
  });

  it("gives each stream to a model of its own, and sends nothing back", async () => {
    const { one, other, first, second } = await recorded();
    one.sendTone(3, 600);
    other.sendTone(6, 600);
    await scenario.clock.advanceMs(1500);
    expect([first.tonesHeard(), second.tonesHeard()]).toEqual([[3], [6]]);
    first.speakTone(9, 500, "answer");
    await scenario.clock.advanceMs(800);
    expect([one.heard.length, other.heard.length]).toEqual([0, 0]);
  });

  it("tells who said what, by role, on the bus and in the record", async () => {
    const { client, first, second } = await recorded();
    await scenario.clock.advanceMs(900);
    second.sink.onSpeechStarted();
    await scenario.clock.advanceMs(500);
    second.sink.onTranscript("caller", "my or", "u1", false);
    await scenario.clock.advanceMs(500);
    second.sink.onSpeechStopped();
    second.sink.onTranscript("caller", "my order", "u1", true);
    first.sink.onTranscript("caller", "which one?", "u1", true);
    await scenario.clock.advanceMs(100);
    client.hangUp();
    await scenario.clock.advanceMs(100);
    const events = assistEvents(scenario);
    expect(events[0]).toMatchObject({
      kind: "state",
      state: "live",
      participants: [
        { id: "a_leg", role: "agent", name: "alex" },
        { id: "01", role: "customer", name: "pat", because: "the other one of two" },
      ],
    });
    const said = events.filter((event) => event.kind === "transcript");
    expect(said.map(({ role, text, final }) => [role, text, final])).toEqual([
      ["customer", "my or", false],
      ["customer", "my order", true],
      ["agent", "which one?", true],
    ]);
    expect(said[0]?.utteranceId).toBe(said[1]?.utteranceId);
    expect(said[1]?.utteranceId).not.toBe(said[2]?.utteranceId);
    expect((said[1]?.endMs ?? 0) - (said[1]?.startMs ?? 0)).toBe(1000);
    expect(events.at(-1)).toMatchObject({ kind: "state", state: "ended" });
    const ids = scenario.published
      .filter(({ topic }) => topic.startsWith("assist/"))
      .map(({ message }) => message["eventId"]);
    expect(ids).toEqual(ids.map((_id, index) => index + 1));
    expect(scenario.records[0]).toMatchObject({
      mode: "assist",
      verdict: { outcome: "completed", endedBy: "caller" },
      participants: [{ role: "agent" }, { role: "customer" }],
      transcript: [
        { role: "customer", text: "my order", participantId: "01" },
        { role: "agent", text: "which one?", participantId: "a_leg" },
      ],
    });
  });

  it("tells how loud each stream is, ten values a second, apart from what is kept", async () => {
    const { one } = await recorded();
    one.sendTone(3, 1000, 16_384);
    await scenario.clock.advanceMs(1100);
    const levels = scenario.published.filter(({ topic }) => topic.startsWith("fleeting/assist/"));
    const events = levels.map(({ message }) => (message as unknown as AssistEnvelope).event);
    const of = (id: string): number[] =>
      events.flatMap((event) =>
        event.kind === "level" && event.participantId === id ? event.levelsDbfs : [],
      );
    expect(events.every((event) => event.kind === "level" && event.everyMs === 100)).toBe(true);
    expect(of("a_leg").length).toBeGreaterThanOrEqual(10);
    expect(of("a_leg").filter((level) => Math.abs(level + 6) < 0.5).length).toBeGreaterThan(7);
    expect(Math.max(...of("01"))).toBeLessThan(-70);
    expect(assistEvents(scenario).some(({ kind }) => kind === "level")).toBe(false);
    const onCallTopics = scenario.published.filter(({ topic }) => topic.startsWith("call/"));
    expect(onCallTopics.some(({ message }) => message["kind"] === "levelsMeasured")).toBe(false);
  });

  it("helps the agent with what the customer asks, with its sources, and sums up at the end", async () => {
    const { desk } = adviceLab({});
    const { client, first, second } = await recorded({ help: { desk, playbook: PLAYBOOK } });
    second.sink.onTranscript("caller", "How long does a refund take?", "u1", true);
    first.sink.onTranscript("caller", "Good morning", "u1", true);
    await scenario.clock.advanceMs(100);
    client.hangUp();
    await scenario.clock.advanceMs(100);
    const events = assistEvents(scenario);
    const [asked] = events.filter((event) => event.kind === "transcript");
    const suggestions = events.filter((event) => event.kind === "suggestion");
    const answer = suggestions.find(({ category }) => category === "answer");
    expect(answer?.sources.length).toBeGreaterThan(0);
    expect(answer?.utteranceId).toBe(asked?.utteranceId);
    expect(events.slice(-2).map(({ kind }) => kind)).toEqual(["summary", "state"]);
    const ids = scenario.published
      .filter(({ topic }) => topic.startsWith("assist/"))
      .map(({ message }) => message["eventId"]);
    expect(ids).toEqual(ids.map((_id, index) => index + 1));
  });

  it("is held and resumed, gets a stream and loses one, without a new port for the others", async () => {
    const { client, one, peers } = await recorded();
    const before = answeredPorts(client.answerSdp);
    const held = STREAMS.map((stream) => ({ ...stream, direction: "inactive" as const }));
    const hold = await scenario.signalWhile(client.reinvite(recordingSdp(held, 2)));
    expect(hold).toMatchObject({ kind: "accept", headers: { Contact: /srs/ } });
    const heldSdp = hold.kind === "accept" ? hold.sdp : "";
    expect(heldSdp.match(/a=inactive/g)).toHaveLength(2);
    expect(answeredPorts(heldSdp)).toEqual(before);
    expect(assistEvents(scenario).at(-1)).toMatchObject({ state: "held" });

    const more = [
      { label: "a_leg", port: 4000 },
      { label: "01", port: 0 },
      { label: "10", port: 4020 },
    ];
    const third = await scenario.phone(4020);
    const resumed = await scenario.signalWhile(client.reinvite(recordingSdp(more, 3)));
    const sdp = resumed.kind === "accept" ? resumed.sdp : "";
    const [kept, gone, added] = answeredPorts(sdp);
    expect([kept, gone]).toEqual([before[0], 0]);
    expect(added).toBeGreaterThan(0);
    expect(sdp.match(/a=label:\S+/g)).toEqual(["a=label:a_leg", "a=label:01", "a=label:10"]);
    connectStreams(sdp, [one, peers[1] ?? third, third]);
    third.sendTone(4, 600);
    await scenario.clock.advanceMs(1500);
    expect(scenario.model.session.tonesHeard()).toEqual([4]);
    expect(assistEvents(scenario).at(-1)).toMatchObject({
      state: "live",
      participants: [{ id: "a_leg" }, { id: "10", role: "unknown" }],
    });
  });

  it("takes metadata alone, by UPDATE and by INFO, and roles follow it", async () => {
    const { client } = await recorded();
    const swapped = recordingXml([
      { id: "pat", label: "a_leg" },
      { id: "alex", label: "01" },
    ]);
    const type = "application/rs-metadata+xml";
    const noted = await scenario.signalWhile(client.update({ contentType: type, text: swapped }));
    expect(noted.kind).toBe("noted");
    expect(assistEvents(scenario).at(-1)).toMatchObject({
      participants: [{ role: "customer" }, { role: "agent" }],
    });
    client.sendInfo(type, recordingXml(PEOPLE));
    expect(assistEvents(scenario).at(-1)).toMatchObject({
      participants: [{ role: "agent" }, { role: "customer" }],
    });
  });

  it("keeps the audio whatever the metadata is, and counts what is odd", async () => {
    scenario = new Scenario({ roles: ROLES });
    await scenario.start();
    const peer = await scenario.phone(4000);
    const bomb = '<!DOCTYPE a [<!ENTITY b "c">]><recording>&b;</recording>';
    const client = inviteToRecord(scenario, recordingBody(recordingSdp(STREAMS), bomb));
    await scenario.clock.advanceMs(100);
    expect(client.statuses).toEqual([200]);
    connectStreams(client.answerSdp, [peer]);
    peer.sendTone(3, 500);
    await scenario.clock.advanceMs(1000);
    expect(scenario.model.sessions[0]?.tonesHeard()).toEqual([3]);
    const odd = [...scenario.metrics.counts.keys()].filter((key) => key.includes("oddities"));
    expect(odd).not.toEqual([]);
  });

  it("needs no metadata at all", async () => {
    scenario = new Scenario();
    await scenario.start();
    const client = scenario.signaling.call({
      offer: recordingSdp(STREAMS),
      headers: { Require: "100relsiprec" },
    });
    await scenario.clock.advanceMs(100);
    expect(client.statuses).toEqual([200]);
    expect(assistEvents(scenario)[0]).toMatchObject({
      participants: [
        { id: "a_leg", role: "unknown" },
        { id: "01", role: "unknown" },
      ],
    });
  });

  it("is encrypted, each stream with keys of its own", async () => {
    scenario = new Scenario({ srtp: "required" });
    await scenario.start();
    const peers = [await scenario.phone(4000), await scenario.phone(4010)];
    const keys = new SrtpKeyring(new SeededRandom(11));
    const session = new LocalSession(1, { policy: "required", keys });
    const transports = peers.map(({ address, port }) => ({ address, port, rtcpPort: port + 1 }));
    const sdp = session.offer({ transports, direction: "sendonly" });
    const client = inviteToRecord(scenario, recordingBody(sdp, recordingXml(PEOPLE)));
    await scenario.clock.advanceMs(100);
    const { streams } = session.applyAnswer(client.answerSdp ?? "");
    for (const [index, peer] of peers.entries()) {
      scenario.srtpOf.get(peer)?.secure(streams[index]?.srtp);
    }
    expect(streams[0]?.srtp?.remote).not.toEqual(streams[1]?.srtp?.remote);
    connectStreams(client.answerSdp, peers);
    peers[0]?.sendTone(3, 500);
    peers[1]?.sendTone(6, 500);
    await scenario.clock.advanceMs(1200);
    expect(scenario.model.sessions.map((one) => one.tonesHeard())).toEqual([[3], [6]]);
  });

  it("stays as it was when a new offer cannot be taken", async () => {
    const { client, one, first } = await recorded();
    const worse = recordingSdp(STREAMS, 2).replaceAll("RTP/AVP 0 8", "RTP/AVP 18");
    await expect(scenario.signalWhile(client.reinvite(worse))).rejects.toMatchObject({
      sipStatus: 488,
    });
    one.sendTone(3, 500);
    await scenario.clock.advanceMs(1000);
    expect(first.tonesHeard()).toEqual([3]);
  });

  it("is hung up by an operator, who can say nothing into it", async () => {
    const { client } = await recorded();
    const callId = scenario.registry.list()[0]?.callId;
    if (callId === undefined) {
      throw new Error("there should be a call");
    }
    await expect(
      scenario.registry.operate(callId, { kind: "say", text: "hello" }),
    ).rejects.toMatchObject({ code: "CALL_NOT_TALKING" });
    scenario.registry.hangUp(callId);
    await scenario.clock.advanceMs(100);
    expect(client.byesReceived).toBe(1);
  });

  it("is given up before the answer without a trace", async () => {
    scenario = new Scenario();
    await scenario.start();
    const client = inviteToRecord(scenario, BODY);
    client.cancel();
    await scenario.clock.advanceMs(100);
    expect(client.statuses).toEqual([487]);
    expect(scenario.records[0]?.verdict.outcome).toBe("cancelled");
  });

  it("is refused without audio that can be taken, and leaves no port behind", async () => {
    scenario = new Scenario();
    await scenario.start();
    const sdp = recordingSdp(STREAMS).replaceAll("RTP/AVP 0 8", "RTP/AVP 18");
    const client = inviteToRecord(scenario, recordingBody(sdp, recordingXml(PEOPLE)));
    await scenario.clock.advanceMs(100);
    expect(client.statuses).toEqual([488]);
    expect(scenario.records[0]?.verdict.outcome).toBe("refused");
    expect(assistEvents(scenario)).toEqual([]);
  });

  it("ends when no stream brings audio any more, not when one falls silent", async () => {
    const { client, one, other } = await recorded({ mediaTimeoutMs: 5000 });
    await scenario.clock.advanceMs(1000);
    one.hush();
    await scenario.clock.advanceMs(6000);
    expect(client.byesReceived).toBe(0);
    other.hush();
    await scenario.clock.advanceMs(6000);
    expect(client.byesReceived).toBe(1);
    expect(scenario.records[0]?.verdict.outcome).toBe("mediaTimeout");
  });

  it("says when the transcription fails, and opens it again", async () => {
    const { client, first } = await recorded();
    first.fail({ code: "MODEL_LOST", reason: "gone" });
    await scenario.clock.advanceMs(100);
    expect(assistEvents(scenario).at(-1)).toMatchObject({ part: "transcriber", ok: false });
    await scenario.clock.advanceMs(10_100);
    expect(scenario.model.sessions).toHaveLength(3);
    expect(assistEvents(scenario).at(-1)).toMatchObject({ part: "transcriber", ok: true });
    expect(client.byesReceived).toBe(0);
  });
});
