/** What a phone call is made of, and who hears from it. */
import type { Clock } from "../core/clock.ts";
import type { Logger } from "../core/logger.ts";
import type { CallRecord } from "../ports/call-store.ts";
import type { MediaHost } from "../ports/media-host.ts";
import type { Invitation } from "../ports/signaling-server.ts";
import type { Law } from "../sdp/codecs.ts";
import type { SrtpCapability } from "../sdp/stream-security.ts";
import type { CallRecordBuilder } from "./call-record.ts";
import type { CallRecorder } from "./call-recorder.ts";
import type { CallService } from "./call-service.ts";

/** Name of the leg towards whoever the call is with. */
export const CALLER_LEG = "caller";

/** `report`: it is logged and counted, and the call goes on. */
export type MediaTimeoutPolicy = "end" | "report";

/** What a call is made of. */
export interface PhoneCallOptions {
  readonly invitation: Invitation;
  readonly service: CallService;
  readonly record: CallRecordBuilder;
  readonly host: MediaHost;
  /** `undefined`: the call is not recorded. */
  readonly recorder: CallRecorder | undefined;
  /** Codecs that the caller's trunk allows, the best first; absent: all. */
  readonly laws?: readonly Law[] | undefined;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Whether audio is encrypted. */
  readonly srtp: SrtpCapability;
  /** The call is ended after this long. */
  readonly maxCallMs: number;
  /** How long the last words may take. */
  readonly farewellMs: number;
  /** What becomes of a call whose caller's audio stays away. */
  readonly mediaTimeout: MediaTimeoutPolicy;
  /** Sent as Retry-After with a 503. */
  readonly retryAfterSeconds: number;
  /** Told whenever the caller's audio has stayed away for too long. */
  readonly onMediaTimedOut: (silentMs: number) => void;
  /** Told once, when the call is answered, with the milliseconds since the invitation. */
  readonly onAnswered: (setupMs: number) => void;
  /** Told once, when everything is released. */
  readonly onReleased: (record: CallRecord) => void;
}
