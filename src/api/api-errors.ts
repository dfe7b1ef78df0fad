/** Every failure of a request as one shape: a code of the catalogue and a sentence, never a stack. */
import { hasZodFastifySchemaValidationErrors } from "fastify-type-provider-zod";
import { z } from "zod";
import { ERROR_CATALOGUE, type ErrorCode, GatewayError } from "../core/errors.ts";

/** The body of every answer that is not a success. */
export const ERROR_BODY = z.object({
  error: z.object({
    code: z.string().describe("A code of docs/errors.md."),
    message: z.string().describe("What went wrong, in plain words."),
  }),
});

/** What a failed request is answered with. */
export interface ErrorAnswer {
  readonly status: number;
  readonly body: z.infer<typeof ERROR_BODY>;
}

const CODE_BY_STATUS: Readonly<Record<number, ErrorCode>> = {
  401: "API_UNAUTHORIZED",
  403: "API_FORBIDDEN",
  404: "API_NOT_FOUND",
  405: "API_METHOD_NOT_ALLOWED",
  413: "API_TOO_LARGE",
  415: "API_MEDIA_TYPE",
};

/** Where HTTP has another word for it than SIP, or SIP none. */
const HTTP_STATUS: Partial<Record<ErrorCode, number>> = {
  STORE_FAILED: 503,
  ANNOUNCEMENT_CODE_TAKEN: 409,
  AUDIO_FILE_INVALID: 400,
  CALL_NOT_RECORDED: 409,
  CALL_NOT_TALKING: 409,
  CONTACT_NOT_CHAT: 409,
  CONTACT_SOURCE_OFF: 409,
  CONTACT_STREAMING_FAILED: 502,
  MEDIA_CLIPS_FULL: 409,
  MEDIA_NO_DIGITS: 409,
  MODEL_CANNOT_SAY: 409,
  RECORDING_NOT_ACTIVE: 409,
  VOICE_CANNOT_SAY: 422,
};

/** Errors that are not ours say nothing about themselves: they may hold anything. */
export function answerOf(error: unknown): ErrorAnswer {
  if (error instanceof GatewayError) {
    const status = HTTP_STATUS[error.code] ?? error.sipStatus;
    return answer(status, error.code, reasonOf(error.details));
  }
  if (hasZodFastifySchemaValidationErrors(error)) {
    const where = error.validationContext === "querystring" ? "query" : error.validationContext;
    const reasons = error.validation.map(({ instancePath, message }) => {
      const name = instancePath.replace(/^\//, "").replaceAll("/", ".");
      return [where, name === "" ? "" : ` ${name}`, `: ${message ?? "wrong"}`].join("");
    });
    return answer(400, "API_BAD_REQUEST", reasons.join("; "));
  }
  const status = (error as { statusCode?: unknown } | undefined)?.statusCode;
  if (typeof status === "number" && status >= 400 && status < 500) {
    const reason = error instanceof Error ? error.message : undefined;
    return answer(status, CODE_BY_STATUS[status] ?? "API_BAD_REQUEST", reason);
  }
  return answer(500, "API_FAILED", undefined);
}

/** What the details say in words. */
function reasonOf({ reason, expected, found }: GatewayError["details"]): string | undefined {
  if (typeof reason === "string") {
    return reason;
  }
  return typeof expected === "string" && typeof found === "string"
    ? `expected ${expected}, found ${found}`
    : undefined;
}

function answer(status: number, code: ErrorCode, reason: string | undefined): ErrorAnswer {
  const { meaning } = ERROR_CATALOGUE[code];
  const message =
    reason === undefined ? meaning : `${meaning.replace(/\.$/, "")}: ${reason.replace(/\.$/, "")}.`;
  return { status, body: { error: { code, message } } };
}
