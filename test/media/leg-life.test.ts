import { describe, expect, test } from "vitest";
import { asCallId, createLegId } from "../../src/core/ids.ts";
import { writeReport } from "../../src/rtp/rtcp.ts";
import { MediaLab } from "../support/media-lab.ts";

function kinds(lab: MediaLab): readonly string[] {
  return lab.facts.map((fact) => fact.kind);
}

describe("a leg's life", () => {
  test("reports when media starts, stays away and comes back, once each", async () => {
    const lab = new MediaLab({ mediaTimeoutMs: 1000, peer: { idle: "nothing" } });
    await lab.openLeg();
    await lab.clock.advanceMs(3000);
    expect(kinds(lab)).toEqual(["mediaTimedOut"]);
    lab.peer.sendSilence(200);
    await lab.clock.advanceMs(3000);
    expect(kinds(lab)).toEqual(["mediaTimedOut", "mediaStarted", "mediaResumed", "mediaTimedOut"]);
    expect(lab.factsOf("mediaTimedOut")[1]?.silentMs).toBeGreaterThanOrEqual(1000);
    await lab.close();
  });

  test("does not miss the media of a peer that is on hold", async () => {
    const lab = new MediaLab({ mediaTimeoutMs: 1000, peer: { idle: "nothing" } });
    await lab.openLeg({ direction: "sendonly" });
    await lab.clock.advanceMs(5000);
    expect(kinds(lab)).toEqual([]);
    await lab.close();
  });

  test("hears digits once each, by RTP and by INFO, and hands them to the model", async () => {
    const lab = new MediaLab();
    await lab.openCall();
    lab.peer.sendDigits("19#");
    await lab.clock.advanceMs(1500);
    await lab.host.execute({ kind: "pressDigit", ...lab.ids, digit: "5" });
    expect(lab.factsOf("digitReceived").map((fact) => fact.digit)).toEqual(["1", "9", "#", "5"]);
    expect(lab.model.session.digits).toEqual(["1", "9", "#", "5"]);
    await lab.close();
  });

  test("presses digits in place of audio, without a gap in the sequence, and then speaks on", async () => {
    const lab = new MediaLab();
    await lab.openCall();
    lab.model.session.speakTone(7, 1000, "item-1");
    await lab.clock.advanceMs(200);
    await lab.host.execute({ kind: "sendDigits", ...lab.ids, digits: "42" });
    await lab.clock.advanceMs(2500);
    expect(lab.peer.digitsHeard).toEqual(["4", "2"]);
    expect(lab.peer.toneMs(7)).toBe(1000);
    expect(lab.peer.sequenceGaps()).toBe(0);
    await lab.close();
  });

  test("echoes the caller's bytes within 100 ms", async () => {
    const lab = new MediaLab();
    await lab.openLeg();
    await lab.host.execute({ kind: "attachEcho", ...lab.ids });
    await lab.clock.advanceMs(500);
    const startUs = lab.clock.nowUs();
    lab.peer.sendTone(6, 1000);
    await lab.clock.advanceMs(1500);
    expect(lab.peer.toneMs(6)).toBe(1000);
    const pcm = lab.peer.heard.find((packet) =>
      packet.payload.some((code) => (code & 0x7f) < 0x30),
    );
    expect((pcm?.atUs ?? 0) - startUs).toBeLessThanOrEqual(100_000);
    await lab.close();
  });

  test("plays nothing of a model that listens", async () => {
    const lab = new MediaLab();
    await lab.openCall("listen");
    lab.peer.sendTone(3, 400);
    lab.model.session.speakTone(7, 400, "item-1");
    await lab.clock.advanceMs(600);
    lab.model.session.sink.onSpeechStarted();
    expect(lab.model.session.tonesHeard()).toEqual([3]);
    expect(lab.peer.tonesHeard()).toEqual([]);
    expect(lab.model.session.interrupts).toEqual([]);
    await lab.close();
  });

  test("passes on what the model says, calls and is told", async () => {
    const lab = new MediaLab();
    await lab.openCall();
    const { session } = lab.model;
    session.sink.onTranscript("caller", "hello", "i", true);
    session.sink.onToolCall("t1", "hang_up", "{}");
    await lab.host.execute({ kind: "toolResult", ...lab.ids, toolCallId: "t1", outputJson: "{}" });
    await lab.host.execute({ kind: "say", ...lab.ids, text: "bye" });
    expect(lab.factsOf("transcriptAdded")).toMatchObject([{ speaker: "caller", text: "hello" }]);
    expect(lab.factsOf("toolCalled")).toMatchObject([{ toolCallId: "t1", name: "hang_up" }]);
    expect(session.toolResults).toEqual(["t1 {}"]);
    expect(session.said).toEqual(["bye"]);
    await lab.close();
  });

  test("reports the model's failure once and plays out what was said", async () => {
    const lab = new MediaLab();
    await lab.openCall();
    lab.model.session.speakTone(7, 400, "item-1", 4000, false);
    lab.model.session.fail({ code: "MODEL_LOST", reason: "gone" });
    lab.model.session.fail({ code: "MODEL_LOST", reason: "gone" });
    await lab.clock.advanceMs(600);
    expect(lab.factsOf("modelFailed")).toMatchObject([{ code: "MODEL_LOST", reason: "gone" }]);
    expect(lab.peer.toneMs(7)).toBe(400);
    expect(lab.factsOf("turnPlayed")).toHaveLength(1);
    await lab.attachModel();
    expect(lab.model.sessions).toHaveLength(2);
    expect(lab.model.sessions[0]?.closed).toBe(true);
    await lab.close();
  });

  test("reports by RTCP, learns of the other side from it, and says BYE", async () => {
    const lab = new MediaLab();
    lab.network.conditions = { delayMs: 15 };
    await lab.openLeg();
    lab.peer.sendTone(3, 1000);
    lab.peer.lose(200);
    await lab.clock.advanceMs(12_000);
    const reports = lab.peer.rtcpHeard.filter((packet) => packet.kind === "senderReport");
    expect(reports.length).toBeGreaterThanOrEqual(2);
    const first = reports[0];
    expect(first?.blocks[0]).toMatchObject({ ssrc: lab.peer.ssrc, cumulativeLost: 10 });
    expect(first?.ssrc).toBe(lab.peer.ssrcsHeard()[0]);

    const last = reports[reports.length - 1];
    const bytes = new Uint8Array(200);
    const middle =
      ((last?.sender.ntpSeconds ?? 0) << 16) | ((last?.sender.ntpFraction ?? 0) >>> 16);
    const length = writeReport(bytes, {
      ssrc: 1,
      cname: "peer",
      blocks: [
        {
          ssrc: last?.ssrc ?? 0,
          fractionLost: 64,
          cumulativeLost: 5,
          highestSequence: 1,
          jitter: 0,
          lastSenderReport: middle >>> 0,
          delaySinceLastSenderReport: 0,
        },
      ],
    });
    lab.peer.sendRtcp(bytes.subarray(0, length));
    await lab.clock.advanceMs(20);
    await lab.close();
    const stats = lab.factsOf("legClosed")[0]?.stats;
    expect(stats?.remoteLossFraction).toBe(0.25);
    expect(stats?.roundTripMs).toBeGreaterThan(0);
    expect(lab.peer.rtcpHeard.some((packet) => packet.kind === "bye")).toBe(false);
  });

  test("says BYE to a peer that is still there", async () => {
    const lab = new MediaLab();
    await lab.openCall();
    await lab.clock.advanceMs(500);
    await lab.host.execute({ kind: "closeLeg", ...lab.ids });
    await lab.clock.advanceMs(50);
    expect(lab.peer.rtcpHeard.map((packet) => packet.kind)).toContain("bye");
    await lab.close();
  });

  test("leaves nothing behind, and no fact follows legClosed", async () => {
    const lab = new MediaLab();
    await lab.openCall();
    lab.model.session.speakTone(7, 5000, "item-1");
    await lab.clock.advanceMs(500);
    await lab.close();
    expect(lab.factsOf("turnPlayed")[0]?.turn).toMatchObject({ playedMs: 500, unheardMs: 4500 });
    lab.model.session.speakTone(7, 500, "item-1");
    lab.model.session.sink.onSpeechStarted();
    lab.model.session.sink.onTranscript("model", "late", "i", true);
    expect(kinds(lab)[kinds(lab).length - 1]).toBe("legClosed");
    expect(lab.model.session.closed).toBe(true);
    expect(lab.clock.pending).toBe(0);
    expect(lab.network.openSockets).toEqual([]);
    expect(lab.host.toJSON()).toMatchObject({
      calls: 0,
      legs: 0,
      legsOpened: 1,
      legsClosed: 1,
      clock: { members: 0 },
      memory: { inUseBytes: 0 },
      anchors: { inUse: 0, inQuarantine: 1 },
    });
    expect(lab.host.dump(MediaLab.CALL)).toBeUndefined();
  });

  test("describes how it is wired", async () => {
    const lab = new MediaLab();
    await lab.openCall();
    const dump = lab.host.dump(MediaLab.CALL) as { legs: Record<string, { describe: string }> };
    expect(dump.legs[MediaLab.LEG]?.describe).toBe(
      "Rtp(0) -> Jitter(64) -> PCMU(decode) -> Conceal -> Taps[0]" +
        " | Playout(pcmu/8000) -> PCMU(encode) -> Rtp(0) | Tap[Uplink(pcmu/8000) -> fake]",
    );
    await lab.close();
  });
});

describe("the host", () => {
  test("refuses commands for a leg that is not open, and closes it gladly", async () => {
    const lab = new MediaLab();
    const ids = { callId: asCallId("x"), legId: createLegId(asCallId("x"), "a") };
    const say = lab.host.execute({ kind: "say", ...ids, text: "" });
    await expect(say).rejects.toMatchObject({ code: "MEDIA_LEG_UNKNOWN" });
    await expect(lab.host.execute({ kind: "closeLeg", ...ids })).resolves.toBeUndefined();
  });

  test("refuses a model that is not configured", async () => {
    const lab = new MediaLab();
    await lab.openLeg();
    const attach = lab.host.execute({
      kind: "attachModel",
      ...lab.ids,
      model: "nobody",
      mode: "talk",
      plan: lab.plan,
    });
    await expect(attach).rejects.toMatchObject({ code: "MODEL_UNKNOWN" });
    await lab.close();
  });

  test("carries out commands in order though the ports are not there yet", async () => {
    const lab = new MediaLab();
    await lab.peer.open();
    const opened = lab.host.execute({ kind: "openLeg", ...lab.ids });
    const updated = lab.update({});
    const attached = lab.attachModel();
    const closed = lab.host.execute({ kind: "closeLeg", ...lab.ids });
    await Promise.all(
      [opened, updated, attached, closed].map((done) => done.catch(() => undefined)),
    );
    await lab.close();
    expect(kinds(lab)).toEqual(["legClosed"]);
    expect(lab.network.openSockets).toEqual([]);
    expect(lab.clock.pending).toBe(0);
  });

  test("forgets a leg whose ports could not be had", async () => {
    const lab = new MediaLab();
    for (let port = 20_000; port < 20_100; port += 1) {
      lab.network.occupy("198.51.100.1", port);
    }
    const open = lab.host.execute({ kind: "openLeg", ...lab.ids });
    await expect(open).rejects.toMatchObject({ code: "MEDIA_PORTS_EXHAUSTED" });
    expect(lab.host.toJSON()).toMatchObject({ calls: 0, legs: 0 });
    expect(lab.facts).toEqual([]);
  });

  test("goes on when its delegate throws", async () => {
    const lab = new MediaLab();
    lab.host.setDelegate({
      onFact: () => {
        throw new Error("listener broke");
      },
    });
    await lab.openCall();
    lab.model.session.speakTone(7, 400, "item-1");
    await lab.clock.advanceMs(600);
    expect(lab.peer.tonesHeard()).toEqual([7]);
    expect(Number(lab.host.toJSON()["delegateFailures"])).toBeGreaterThan(0);
    await lab.close();
  });

  test("closes with all its legs and takes no new ones", async () => {
    const lab = new MediaLab();
    await lab.openCall();
    await lab.clock.advanceMs(100);
    await lab.host.close();
    await lab.peer.close();
    await lab.clock.advanceMs(100);
    expect(kinds(lab)).toContain("legClosed");
    expect(lab.clock.pending).toBe(0);
    expect(lab.network.openSockets).toEqual([]);
    const open = lab.host.execute({ kind: "openLeg", ...lab.ids });
    await expect(open).rejects.toMatchObject({ code: "MEDIA_LEG_UNKNOWN" });
  });

  test("gives the same facts for the same seed", async () => {
    const run = async (): Promise<string> => {
      const lab = new MediaLab({ seed: 42 });
      lab.network.conditions = {
        lossFraction: 0.1,
        reorderFraction: 0.1,
        delayMs: 10,
        jitterMs: 10,
      };
      await lab.openCall();
      lab.peer.sendTone(3, 2000);
      lab.model.session.speakTone(7, 1000, "item-1");
      await lab.clock.advanceMs(3000);
      await lab.close();
      return JSON.stringify(lab.facts);
    };
    expect(await run()).toBe(await run());
  });
});
