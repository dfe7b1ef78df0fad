/** Makes the call that an admitted invitation becomes: a conversation, or a recording session. */
import type { Clock } from "../core/clock.ts";
import { createLegId } from "../core/ids.ts";
import type { Logger } from "../core/logger.ts";
import type { Metrics } from "../core/metrics.ts";
import type { Random } from "../core/random.ts";
import type { SrtpPolicy } from "../core/srtp-suites.ts";
import type { Bus } from "../ports/bus.ts";
import type { CallRecord } from "../ports/call-store.ts";
import type { MediaHost } from "../ports/media-host.ts";
import type { RecordingStore } from "../ports/recording-store.ts";
import { SrtpKeyring } from "../sdp/srtp-keyring.ts";
import { type AdmittedCall, type CallPlan, isRecording, recordOf } from "./call-plan.ts";
import type { CallRecordBuilder } from "./call-record.ts";
import { CallRecorder } from "./call-recorder.ts";
import type { LiveCall } from "./live-call.ts";
import { PhoneCall } from "./phone-call.ts";
import { CALLER_LEG, type MediaTimeoutPolicy } from "./phone-call-options.ts";
import { RecordingCall } from "./recording/recording-call.ts";

/** What calls are made with. */
export interface CallParts {
  readonly clock: Clock;
  readonly random: Random;
  /** Of the call. */
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly host: MediaHost;
  readonly bus: Bus;
  /** Absent: nothing is recorded here. */
  readonly recordings?: RecordingStore | undefined;
  readonly srtp: SrtpPolicy;
  readonly limits: {
    readonly retryAfterSeconds: number;
    readonly farewellMs: number;
    readonly mediaTimeout: MediaTimeoutPolicy;
  };
  readonly onReleased: (record: CallRecord) => void;
}

/** To be started once. */
export function makeCall(admitted: AdmittedCall, plan: CallPlan, parts: CallParts): LiveCall {
  const { clock, host, limits, logger, metrics, bus, random } = parts;
  const { direction, invitation, trunk } = admitted;
  const { service } = plan;
  const record = recordOf(admitted, plan, clock.wallMs());
  const recorder = recorderOf(record, plan, parts);
  const options = {
    invitation,
    record,
    host,
    recorder,
    laws: trunk?.codecs,
    clock,
    logger,
    maxCallMs: plan.maxCallMs,
    srtp: { policy: admitted.srtp ?? trunk?.srtp ?? parts.srtp, keys: new SrtpKeyring(random) },
    ...limits,
    onAnswered: (setupMs: number) => {
      if (direction === "inbound") {
        metrics.observe("trunkline_setup_ms", setupMs);
      }
      logger.info("call answered", { setupMs: Math.round(setupMs) });
      recorder?.begin();
    },
    onMediaTimedOut: (silentMs: number) => {
      metrics.increment("trunkline_media_timeouts_total", { policy: limits.mediaTimeout });
      logger.warn("no audio from the caller", { silentMs, policy: limits.mediaTimeout });
    },
    onReleased: recordedFirst(recorder, (ended) => {
      admitted.onReleased?.(ended);
      parts.onReleased(ended);
    }),
  };
  return isRecording(service)
    ? new RecordingCall({ ...options, service, bus, metrics })
    : new PhoneCall({ ...options, service });
}

function recorderOf(
  record: CallRecordBuilder,
  { recording: policy, service }: CallPlan,
  { recordings: store, clock, host, logger }: CallParts,
): CallRecorder | undefined {
  if (policy === undefined || store === undefined) {
    return undefined;
  }
  const recorder = new CallRecorder({ store, policy, host, clock, logger, record });
  if (!isRecording(service)) {
    const legId = createLegId(record.origin.callId, CALLER_LEG);
    recorder.follow([{ legId, heard: "left", said: "right" }]);
  }
  return recorder;
}

/** The record of a call says how its recording ended. */
function recordedFirst(
  recorder: CallRecorder | undefined,
  onReleased: (record: CallRecord) => void,
): (record: CallRecord) => void {
  return recorder === undefined
    ? onReleased
    : (record) => void recorder.finish().then((parts) => onReleased({ ...record, ...parts }));
}
