/** Every error the gateway raises on purpose, in one catalogue: what the caller's SIP side sees and who is to blame. */

import { type Blame, type ErrorRow, row } from "./error-row.ts";
import { RECORDING_ERRORS } from "./recording-errors.ts";
import { SERVICE_ERRORS } from "./service-errors.ts";

/** One row per code; `docs/errors.md` has a paragraph for each (checked by a test). */
export const ERROR_CATALOGUE = {
  CONFIG_INVALID: row(500, "operator", false, "A configuration file or variable is wrong."),
  SIP_BIND_FAILED: row(500, "operator", true, "The SIP port could not be opened."),
  SIP_TLS_INVALID: row(
    500,
    "operator",
    false,
    "A certificate or key for SIP over TLS cannot be used.",
  ),
  SIP_MALFORMED: row(400, "caller", false, "A SIP message could not be understood."),
  SIP_SERVER_LOST: row(500, "upstream", true, "The link to the SIP server is down."),
  SIP_REQUEST_FAILED: row(
    500,
    "upstream",
    true,
    "A SIP request of ours was refused or not answered.",
  ),
  SIP_INVITATION_ENDED: row(
    487,
    "caller",
    false,
    "The invitation ended before it could be answered.",
  ),
  SIP_BODY_NOT_TAKEN: row(
    415,
    "caller",
    false,
    "The body of the invitation is not one that the flow takes.",
  ),
  SDP_MALFORMED: row(400, "caller", false, "An SDP body could not be understood."),
  SDP_NO_COMMON_CODEC: row(
    488,
    "caller",
    false,
    "The offer holds no codec that the gateway takes.",
  ),
  SDP_NO_AUDIO: row(488, "caller", false, "The offer holds no audio stream that can be used."),
  SDP_ADDRESS_FAMILY: row(
    488,
    "caller",
    false,
    "The offer wants audio sent to an address of the other IP version than ours.",
  ),
  SDP_TOO_MANY_STREAMS: row(
    488,
    "caller",
    false,
    "The offer holds more streams than the gateway takes.",
  ),
  SDP_SRTP_OFF: row(
    488,
    "caller",
    false,
    "The peer demands encrypted audio (SRTP), which is switched off for it.",
  ),
  SDP_SRTP_REQUIRED: row(
    488,
    "caller",
    false,
    "The peer has plain audio only, and encrypted audio (SRTP) is required of it.",
  ),
  SDP_NO_COMMON_CRYPTO: row(
    488,
    "caller",
    false,
    "The peer demands encrypted audio (SRTP) with no key that the gateway takes.",
  ),
  ROUTE_NOT_FOUND: row(404, "operator", false, "No route or flow takes this call."),
  CALL_NOT_ADMITTED: row(403, "caller", false, "The source of the call is not known."),
  CALL_CAP_REACHED: row(503, "gateway", true, "The gateway is at its limit of calls."),
  CALL_TRUNK_FULL: row(503, "caller", true, "The trunk is at its limit of calls."),
  CALL_NUMBER_INVALID: row(400, "caller", false, "The number to call cannot be used."),
  CALL_DESTINATION_DENIED: row(403, "operator", false, "The trunk may not call this destination."),
  CALL_NOT_ANSWERED: row(480, "unknown", true, "A call of ours was not answered in time."),
  CALL_NOT_TALKING: row(500, "caller", true, "The call is not answered yet, or is ending."),
  CALL_NOT_RECORDED: row(500, "caller", false, "The call is no recording session."),
  CALL_PARTICIPANT_UNKNOWN: row(
    404,
    "caller",
    false,
    "The recording session has no such participant.",
  ),
  TRUNK_UNKNOWN: row(404, "caller", false, "There is no such trunk for calls of ours."),
  TRUNK_DOWN: row(503, "upstream", true, "The trunk is down."),
  CALL_DRAINING: row(503, "gateway", true, "The gateway is shutting down and takes no new calls."),
  CALL_STATE_INVALID: row(
    500,
    "gateway",
    false,
    "A call received an input its state has no row for.",
  ),
  MEDIA_PORTS_EXHAUSTED: row(503, "gateway", true, "No RTP port is free."),
  MEDIA_BIND_FAILED: row(500, "operator", true, "An RTP port could not be opened."),
  MEDIA_LEG_UNKNOWN: row(500, "gateway", false, "A command names a leg that does not exist."),
  MEDIA_CLIP_TOO_LONG: row(413, "caller", false, "The audio is longer than a call takes at once."),
  MEDIA_CLIPS_FULL: row(503, "operator", true, "Too much audio waits to be played into the call."),
  MEDIA_NO_DIGITS: row(500, "caller", false, "The peer takes no keys by telephone-event."),
  MODEL_CANNOT_SAY: row(500, "caller", false, "The call has no model that speaks given texts."),
  VOICE_CANNOT_SAY: row(
    500,
    "operator",
    false,
    "This machine has no audio for the text: install flite or espeak-ng.",
  ),
  MODEL_UNKNOWN: row(500, "operator", false, "A flow names a model that is not configured."),
  MODEL_CONNECT_FAILED: row(503, "upstream", true, "The model could not be reached."),
  MODEL_REJECTED: row(
    503,
    "operator",
    false,
    "The model refused the session, for instance a wrong key.",
  ),
  MODEL_RATE_LIMITED: row(503, "upstream", true, "The model refused the session for now."),
  MODEL_PROTOCOL: row(
    500,
    "upstream",
    true,
    "The model sent something the gateway cannot understand.",
  ),
  MODEL_LOST: row(
    500,
    "upstream",
    true,
    "The connection to the model ended in the middle of a call.",
  ),
  MODEL_SILENT: row(500, "upstream", true, "The model let the caller wait too long for an answer."),
  ANNOUNCEMENTS_FULL: row(503, "operator", true, "No code is free for another announced contact."),
  ANNOUNCEMENT_CODE_TAKEN: row(500, "caller", true, "Another announced contact has this code."),
  STORE_FAILED: row(500, "operator", true, "The call store could not be read or written."),
  STORE_CURSOR_INVALID: row(400, "caller", false, "The cursor is not one that the gateway gave."),
  HTTP_BIND_FAILED: row(500, "operator", true, "The HTTP port could not be opened."),
  API_BAD_REQUEST: row(400, "caller", false, "The HTTP request is not what this path takes."),
  API_UNAUTHORIZED: row(401, "caller", false, "The HTTP request carries no known token."),
  API_FORBIDDEN: row(403, "caller", false, "The HTTP request is not allowed."),
  API_NOT_FOUND: row(404, "caller", false, "There is nothing at this path, or no such call."),
  API_METHOD_NOT_ALLOWED: row(405, "caller", false, "The path does not take this HTTP method."),
  API_TOO_LARGE: row(413, "caller", false, "The body of the HTTP request is too large."),
  API_MEDIA_TYPE: row(415, "caller", false, "The path does not take a body of this media type."),
  API_PAGES_MISSING: row(503, "operator", false, "The pages of the gateway were not built."),
  API_FULL: row(503, "operator", true, "The gateway has as many WebSockets as it takes."),
  API_RATE_LIMITED: row(429, "caller", true, "Too many HTTP requests came from one address."),
  API_FAILED: row(500, "gateway", true, "The HTTP request failed inside the gateway."),
  ADVISOR_FAILED: row(
    500,
    "upstream",
    true,
    "The model that advises agents gave no answer, and nothing is known locally.",
  ),
  CONTACT_SOURCE_OFF: row(500, "operator", false, "The source of contacts is not configured."),
  CONTACTS_FULL: row(503, "operator", true, "The gateway follows as many contacts as it takes."),
  CONTACT_NOT_CHAT: row(500, "caller", false, "Only chats can be streamed to a topic."),
  CONTACT_STREAMING_FAILED: row(
    500,
    "upstream",
    true,
    "Amazon Connect did not begin, or end, the streaming of a contact.",
  ),
  SNS_UNREACHABLE: row(503, "upstream", true, "Amazon SNS could not be asked about a message."),
  AUDIO_FILE_INVALID: row(500, "operator", false, "An audio file is missing or not a usable WAV."),
  ...SERVICE_ERRORS,
  ...RECORDING_ERRORS,
} as const satisfies Record<string, ErrorRow>;

/** A key of the catalogue. */
export type ErrorCode = keyof typeof ERROR_CATALOGUE;

/** An error from the catalogue. `details` say where and what was expected; they never hold caller content. */
export class GatewayError extends Error {
  readonly code: ErrorCode;
  readonly details: Readonly<Record<string, unknown>>;

  constructor(
    code: ErrorCode,
    details: Readonly<Record<string, unknown>> = {},
    options: ErrorOptions = {},
  ) {
    super(`${ERROR_CATALOGUE[code].meaning}${detailText(details)}`, options);
    this.name = "GatewayError";
    this.code = code;
    this.details = details;
  }

  get sipStatus(): number {
    return ERROR_CATALOGUE[this.code].sipStatus;
  }

  get blame(): Blame {
    return ERROR_CATALOGUE[this.code].blame;
  }

  get retry(): boolean {
    return ERROR_CATALOGUE[this.code].retry;
  }
}

/** A list under `problems` is told line by line; everything else in brackets. */
function detailText(details: Readonly<Record<string, unknown>>): string {
  const problems = details["problems"];
  if (Array.isArray(problems)) {
    return problems.map((problem) => `\n  ${String(problem)}`).join("");
  }
  const parts = Object.entries(details).map(([key, value]) => `${key}: ${String(value)}`);
  return parts.length === 0 ? "" : ` (${parts.join(", ")})`;
}

/** The code of a catalogue error, or `undefined` for anything else. */
export function codeOf(error: unknown): ErrorCode | undefined {
  return error instanceof GatewayError ? error.code : undefined;
}
