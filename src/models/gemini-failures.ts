/**
 * What a failure of Gemini Live means for the call.
 *
 * The service says much only in the text of a close frame: that is recognised here, and repeated nowhere.
 */
import { z } from "zod";
import type { ModelFailure } from "../ports/realtime-model.ts";
import type { SocketClosure } from "./model-socket.ts";

/** `{model}` stands for the name under which the model is configured. */
type FailureRow = readonly [code: ModelFailure["code"], reason: string];

const BAD_KEY: FailureRow = [
  "MODEL_REJECTED",
  "the API key was refused: look at models.{model}.apiKey",
];
const NO_MODEL: FailureRow = [
  "MODEL_REJECTED",
  "the service does not know the model, or not for live sessions: look at models.{model}.model",
];
const TOO_MANY: FailureRow = [
  "MODEL_RATE_LIMITED",
  "the quota or rate limit of the key is reached",
];
const NOT_ALLOWED: FailureRow = ["MODEL_REJECTED", "the key may not use this service or model"];
const BUSY: FailureRow = ["MODEL_RATE_LIMITED", "the service is overloaded"];
const SETUP_REFUSED: FailureRow = [
  "MODEL_REJECTED",
  "the settings of the session were refused: look at models.{model} and the tools of the flow",
];

/** Words of close frames and error bodies, first match first; from public reports, since they are documented nowhere. */
const WORDS: readonly (readonly [pattern: RegExp, row: FailureRow])[] = [
  [/api.?key|unregistered callers|unauthenticated|credential/i, BAD_KEY],
  [/quota|resource.?exhausted|rate.?limit|too many/i, TOO_MANY],
  [/not found for api version|not supported for bidi/i, NO_MODEL],
  [/permission.?denied|denied access|billing/i, NOT_ALLOWED],
  [/overloaded|unavailable/i, BUSY],
];

const REFUSALS = new Map<number, FailureRow>([
  [400, ["MODEL_REJECTED", "the service refused the request"]],
  [401, BAD_KEY],
  [403, NOT_ALLOWED],
  [404, ["MODEL_REJECTED", "there is no such service: look at models.{model}.url"]],
  [429, TOO_MANY],
]);

const CLOSINGS = new Map<number, FailureRow>([
  [1000, ["MODEL_LOST", "the service ended the session"]],
  [1001, ["MODEL_LOST", "the service is going away"]],
  [1003, ["MODEL_PROTOCOL", "the service does not take what it was sent"]],
  [1006, ["MODEL_LOST", "the connection broke"]],
  [1007, ["MODEL_PROTOCOL", "the service could not read a message"]],
  [1008, ["MODEL_LOST", "the service ended the session by its policy"]],
  [1009, ["MODEL_PROTOCOL", "a message was too long"]],
  [1011, ["MODEL_LOST", "the service failed"]],
  [1012, ["MODEL_LOST", "the service restarts"]],
  [1013, BUSY],
]);

/** Closings by which the service refuses a setup. */
const SETUP_CLOSINGS = new Set([1003, 1007, 1008]);

const errorBody = z.object({
  error: z.object({ message: z.string().optional(), status: z.string().optional() }),
});

/** Names the failures of one configured model. */
export class GeminiFailures {
  readonly #model: string;

  /** `model`: the name it is configured under. */
  constructor(model: string) {
    this.#model = model;
  }

  /** The upgrade was answered with an HTTP status. */
  ofRefusal(statusCode: number, body: string): ModelFailure {
    const row = recognise(errorWords(body)) ?? REFUSALS.get(statusCode);
    const detail = `HTTP ${statusCode}`;
    if (row !== undefined) {
      return this.#failure(row, detail);
    }
    const what = statusCode >= 500 ? "the service is failing" : "the service opened no session";
    return this.#failure(["MODEL_CONNECT_FAILED", what], detail);
  }

  /** The socket ended without our doing. */
  ofClosure(closure: SocketClosure, ready: boolean): ModelFailure {
    const { closeCode, errorCode, reason } = closure;
    const detail = errorCode ?? `close code ${closeCode}`;
    if (errorCode?.startsWith("WS_ERR_") === true) {
      return errorCode === "WS_ERR_UNSUPPORTED_MESSAGE_LENGTH"
        ? this.#failure(["MODEL_PROTOCOL", "a message was too long"], detail)
        : this.#failure(["MODEL_PROTOCOL", "the service broke the WebSocket protocol"], detail);
    }
    const named = recognise(reason ?? "");
    if (named !== undefined) {
      return this.#failure(named, detail);
    }
    if (!ready && SETUP_CLOSINGS.has(closeCode)) {
      return this.#failure(SETUP_REFUSED, detail);
    }
    const row = CLOSINGS.get(closeCode) ?? (["MODEL_LOST", "the connection ended"] as const);
    return !ready && row[0] === "MODEL_LOST"
      ? this.#failure(["MODEL_CONNECT_FAILED", `no session came about: ${row[1]}`], detail)
      : this.#failure(row, detail);
  }

  /** An error within the session: what it ends, or `undefined` when the session can go on. */
  ofError(status: string): ModelFailure | undefined {
    const row = recognise(status);
    return row === undefined ? undefined : this.#failure(row, "error in the session");
  }

  #failure([code, reason]: FailureRow, detail: string): ModelFailure {
    return { code, reason: `${reason.replace("{model}", this.#model)} (${detail})` };
  }
}

/** Whether a setup was refused for no reason that has a name: it may have been the handle in it. */
export function isSetupRefused({ closeCode, errorCode, reason }: SocketClosure): boolean {
  const isNamed = recognise(reason ?? "") !== undefined;
  return errorCode === undefined && SETUP_CLOSINGS.has(closeCode) && !isNamed;
}

function recognise(words: string): FailureRow | undefined {
  return WORDS.find(([pattern]) => pattern.test(words))?.[1];
}

function errorWords(body: string): string {
  try {
    const { error } = errorBody.parse(JSON.parse(body));
    return `${error.status ?? ""} ${error.message ?? ""}`;
  } catch {
    return "";
  }
}
