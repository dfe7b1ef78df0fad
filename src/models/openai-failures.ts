/** What a failure of the Realtime service means for the call: one table per place where it shows. */
import { z } from "zod";
import type { ModelFailure } from "../ports/realtime-model.ts";
import type { SocketClosure } from "./model-socket.ts";
import type { ServerError } from "./openai-server-event.ts";

type FailureCode = ModelFailure["code"];
type FailureRow = readonly [code: FailureCode, reason: string];

const BAD_KEY: FailureRow = ["MODEL_REJECTED", "the API key or token was refused"];
const NO_QUOTA: FailureRow = ["MODEL_REJECTED", "the account has no quota left"];
const TOO_MANY: FailureRow = ["MODEL_RATE_LIMITED", "the rate limit of the account is reached"];
const NO_MODEL: FailureRow = ["MODEL_REJECTED", "the model does not exist for this account"];
const EXPIRED: FailureRow = ["MODEL_LOST", "the session reached its longest duration"];

/** Codes and types of errors after which a session is of no use, whenever they come. */
const FATAL_ERRORS = new Map<string, FailureRow>([
  ["invalid_api_key", BAD_KEY],
  ["authentication_error", BAD_KEY],
  ["invalid_authentication", BAD_KEY],
  ["permission_error", ["MODEL_REJECTED", "the account may not use this model"]],
  ["insufficient_quota", NO_QUOTA],
  ["billing_hard_limit_reached", NO_QUOTA],
  ["model_not_found", NO_MODEL],
  // Azure OpenAI; taken from its documentation, not seen on the wire.
  ["DeploymentNotFound", ["MODEL_REJECTED", "the resource has no such deployment"]],
  ["rate_limit_exceeded", TOO_MANY],
  ["rate_limit_error", TOO_MANY],
  ["session_expired", EXPIRED],
]);

const REFUSALS = new Map<number, FailureRow>([
  [400, ["MODEL_REJECTED", "the service refused the request (HTTP 400)"]],
  [401, ["MODEL_REJECTED", "the API key or token was refused (HTTP 401)"]],
  [403, ["MODEL_REJECTED", "the account may not use this model (HTTP 403)"]],
  [404, ["MODEL_REJECTED", "the URL or the model does not exist (HTTP 404)"]],
  [429, ["MODEL_RATE_LIMITED", "the service takes no more sessions for now (HTTP 429)"]],
]);

const CLOSINGS = new Map<number, FailureRow>([
  [1000, ["MODEL_LOST", "the service ended the session"]],
  [1001, ["MODEL_LOST", "the service is going away"]],
  [1003, ["MODEL_PROTOCOL", "the service does not take what it was sent"]],
  [1006, ["MODEL_LOST", "the connection broke"]],
  [1007, ["MODEL_PROTOCOL", "a message could not be read"]],
  [1008, ["MODEL_REJECTED", "the session broke a policy of the service"]],
  [1009, ["MODEL_PROTOCOL", "a message was too long"]],
  [1011, ["MODEL_LOST", "the service failed"]],
  [1012, ["MODEL_LOST", "the service restarts"]],
  [1013, ["MODEL_RATE_LIMITED", "the service is overloaded"]],
  [3000, BAD_KEY],
  [3003, ["MODEL_REJECTED", "the account may not use this model"]],
]);

const refusalBody = z.object({
  error: z.object({ type: z.string().nullish(), code: z.string().nullish() }),
});

function failure(row: FailureRow, detail?: string): ModelFailure {
  return { code: row[0], reason: detail === undefined ? row[1] : `${row[1]} (${detail})` };
}

/** The upgrade was answered with an HTTP status; of `body` only the error's code counts. */
export function classifyRefusal(statusCode: number, body: string): ModelFailure {
  const named = fatalRow(refusalError(body));
  const row = named ?? REFUSALS.get(statusCode);
  if (row !== undefined) {
    return failure(row);
  }
  return statusCode >= 500
    ? failure(["MODEL_CONNECT_FAILED", `the service is failing (HTTP ${statusCode})`])
    : failure(["MODEL_CONNECT_FAILED", `the service did not open a session (HTTP ${statusCode})`]);
}

function refusalError(body: string): Pick<ServerError, "type" | "code"> | undefined {
  try {
    const { error } = refusalBody.parse(JSON.parse(body));
    return { type: error.type ?? "", code: error.code ?? undefined };
  } catch {
    return undefined;
  }
}

function fatalRow(error: Pick<ServerError, "type" | "code"> | undefined): FailureRow | undefined {
  if (error === undefined) {
    return undefined;
  }
  const byCode = error.code === undefined ? undefined : FATAL_ERRORS.get(error.code);
  return byCode ?? FATAL_ERRORS.get(error.type);
}

/** An error event, or the error of a failed response: what it ends, or `undefined` when the session can go on. */
export function classifyError(error: ServerError): ModelFailure | undefined {
  const row = fatalRow(error);
  return row === undefined ? undefined : failure(row);
}

/** The settings of the session were refused, so it never became ready. */
export function settingsRefused(error: ServerError): ModelFailure {
  const known = classifyError(error);
  return (
    known ?? failure(["MODEL_REJECTED", "the settings of the session were refused"], nameOf(error))
  );
}

/** The word of the service for an error, when it looks like one. */
export function nameOf(error: ServerError): string {
  const name = error.code ?? error.type;
  return /^[a-z0-9_.-]{1,64}$/.test(name) ? name : "unnamed";
}

/** The socket ended without our doing. */
export function classifyClosure(closure: SocketClosure, ready: boolean): ModelFailure {
  const { closeCode, errorCode } = closure;
  const row = CLOSINGS.get(closeCode) ?? (["MODEL_LOST", "the connection ended"] as const);
  const detail = errorCode ?? `close code ${closeCode}`;
  if (errorCode?.startsWith("WS_ERR_") === true) {
    return failure(
      errorCode === "WS_ERR_UNSUPPORTED_MESSAGE_LENGTH"
        ? ["MODEL_PROTOCOL", "a message was too long"]
        : ["MODEL_PROTOCOL", "the service broke the WebSocket protocol"],
      detail,
    );
  }
  if (!ready && row[0] === "MODEL_LOST") {
    return failure(["MODEL_CONNECT_FAILED", `no session came about: ${row[1]}`], detail);
  }
  return failure(row, detail);
}
