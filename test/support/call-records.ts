/** Call records for tests. */
import { asCallId } from "../../src/core/ids.ts";
import type { CallRecord } from "../../src/ports/call-store.ts";

/** 2026-01-02T03:04:05Z. */
export const STARTED_AT_MS = Date.UTC(2026, 0, 2, 3, 4, 5);

/** A completed call of one turn; `changes` win. */
export function callRecord(
  callId: string,
  changes: Partial<Omit<CallRecord, "callId">> = {},
): CallRecord {
  const startedAtMs = changes.startedAtMs ?? STARTED_AT_MS;
  return {
    callId: asCallId(callId),
    sipCallId: `${callId}@example.org`,
    direction: "inbound",
    flow: "agent",
    mode: "agent",
    model: "local",
    callingNumber: "+15550100199",
    calledNumber: "agent",
    contactId: undefined,
    trunk: undefined,
    attributes: {},
    streamArn: undefined,
    startedAtMs,
    answeredAtMs: startedAtMs + 20,
    endedAtMs: startedAtMs + 9000,
    verdict: { endedBy: "caller", outcome: "completed", reason: "the caller hung up" },
    transcript: [
      { speaker: "caller", text: "what are your opening hours", atMs: startedAtMs + 2000 },
      { speaker: "model", text: "We are open from nine to five.", atMs: startedAtMs + 2600 },
    ],
    interruptions: [{ atMs: startedAtMs + 5000, playedMs: 1200, unheardMs: 800 }],
    turns: [
      {
        itemId: "item-1",
        lastCallerVoiceAtMs: startedAtMs + 2000,
        firstModelAudioAtMs: startedAtMs + 2400,
        firstPacketAtMs: startedAtMs + 2420,
        endedAtMs: startedAtMs + 5000,
        playedMs: 1200,
        unheardMs: 800,
        interrupted: true,
      },
    ],
    models: [
      {
        model: "local",
        fromMs: startedAtMs + 10,
        toMs: startedAtMs + 9000,
        ended: "callEnded",
        code: undefined,
        reason: undefined,
      },
    ],
    usage: [],
    stats: {
      packetsReceived: 450,
      packetsSent: 449,
      packetsLost: 1,
      packetsLate: 0,
      packetsRefused: 0,
      jitterMs: 0.5,
      roundTripMs: undefined,
      remoteLossFraction: undefined,
    },
    ...changes,
  };
}
