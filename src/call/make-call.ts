/** Makes the call that an admitted invitation becomes: a conversation, or a recording session. */
import type { Clock } from "../core/clock.ts";
import type { Logger } from "../core/logger.ts";
import type { Metrics } from "../core/metrics.ts";
import type { Random } from "../core/random.ts";
import type { SrtpPolicy } from "../core/srtp-suites.ts";
import type { Bus } from "../ports/bus.ts";
import type { CallRecord } from "../ports/call-store.ts";
import type { MediaHost } from "../ports/media-host.ts";
import { SrtpKeyring } from "../sdp/srtp-keyring.ts";
import { type AdmittedCall, type CallPlan, isRecording, recordOf } from "./call-plan.ts";
import type { LiveCall } from "./live-call.ts";
import { PhoneCall } from "./phone-call.ts";
import type { MediaTimeoutPolicy } from "./phone-call-options.ts";
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
  const { clock, host, limits, logger, metrics, bus, random, onReleased } = parts;
  const { direction, invitation, trunk } = admitted;
  const { service } = plan;
  const options = {
    invitation,
    record: recordOf(admitted, plan, clock.wallMs()),
    host,
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
    },
    onMediaTimedOut: (silentMs: number) => {
      metrics.increment("trunkline_media_timeouts_total", { policy: limits.mediaTimeout });
      logger.warn("no audio from the caller", { silentMs, policy: limits.mediaTimeout });
    },
    onReleased: (record: CallRecord) => {
      admitted.onReleased?.(record);
      onReleased(record);
    },
  };
  return isRecording(service)
    ? new RecordingCall({ ...options, service, bus, metrics })
    : new PhoneCall({ ...options, service });
}
