/** The assist socket's log and connections over a bus, with bounds that a test reaches. */
import { AssistHub, type AssistHubLimits } from "../../src/api/assist/assist-hub.ts";
import { AssistLog, type AssistLogBounds } from "../../src/api/assist/assist-log.ts";
import { InProcessBus } from "../../src/bus/in-process-bus.ts";
import type { Clock } from "../../src/core/clock.ts";
import { asCallId } from "../../src/core/ids.ts";
import { silentLogger } from "../../src/core/logger.ts";
import { type Metrics, noMetrics } from "../../src/core/metrics.ts";
import type { AssistEnvelope, AssistEvent } from "../../src/ports/assist-events.ts";
import type { Bus } from "../../src/ports/bus.ts";
import type { CallDirectory } from "../../src/ports/call-directory.ts";
import { FakeDirectory } from "./fake-directory.ts";

/** What a test may want otherwise. */
export interface AssistLabOptions extends Partial<AssistHubLimits>, Partial<AssistLogBounds> {
  readonly clock: Clock;
  readonly bus?: Bus;
  readonly metrics?: Metrics;
  readonly hasOtherNodes?: boolean;
  readonly directory?: Pick<CallDirectory, "correctRole">;
}

/** A hub that is open. */
export function assistLab(options: AssistLabOptions) {
  const {
    clock,
    metrics = noMetrics,
    directory = new FakeDirectory(),
    hasOtherNodes = false,
    ...bounds
  } = options;
  const bus = options.bus ?? new InProcessBus({ logger: silentLogger, maxQueued: 10_000 });
  const log = new AssistLog({
    maxCalls: 100,
    maxEvents: 1000,
    maxChars: 1_000_000,
    maxTotalChars: 10_000_000,
    keepEndedMs: 600_000,
    keepSilentMs: 7_200_000,
    ...bounds,
    bus,
    clock,
    metrics,
  });
  const limits = {
    maxConnections: 10,
    maxSubscriptions: 4,
    maxBufferedBytes: 10_000,
    idleMs: 60_000,
    heartbeatMs: 15_000,
    ...bounds,
  };
  const hub = new AssistHub({ log, bus, clock, metrics, limits, directory, hasOtherNodes });
  hub.start();
  return { bus, log, hub };
}

/** Something final that a customer said. */
export function utterance(utteranceId: string, text = utteranceId): AssistEvent {
  return {
    kind: "transcript",
    utteranceId,
    participantId: "1",
    role: "customer",
    text,
    final: true,
    startMs: 0,
    endMs: 1,
  };
}

/** The conversation is over. */
export const ENDED: AssistEvent = { kind: "state", state: "ended", participants: [] };

/** Publishes an event as the call's node does. */
export function tell(
  bus: Bus,
  { callId, contactId, eventId, event }: Partial<AssistEnvelope> & { readonly eventId: number },
): void {
  const id = callId ?? asCallId("call-a");
  const envelope: AssistEnvelope = {
    eventId,
    callId: id,
    contactId,
    atMs: 1,
    event: event ?? utterance(`u${eventId}`),
  };
  bus.publish(`assist/${id}`, { ...envelope });
}
