/** Help for agents over HTTP: an answer to a customer's message, and messages of chats by Amazon SNS. */
import type { FastifyReply, FastifyRequest } from "fastify";
import { z } from "zod";
import { SourceBuckets } from "../call/token-bucket.ts";
import { codeOf, GatewayError } from "../core/errors.ts";
import type { ChatAnswer, NotificationOutcome } from "../ports/chat-assistant.ts";
import { ERROR_BODY } from "./api-errors.ts";
import type { ApiApp } from "./app.ts";
import type { ApiOptions } from "./options.ts";
import { refuseOtherMethods } from "./other-methods.ts";

const TAGS = ["assist"];
const CHAT_PATH = "/processChat";
const SNS_PATH = "/assist/sns";
const MAX_MESSAGE = 4000;
/** A message of SNS has 256 KiB at most, and its envelope some more. */
const MAX_SNS_BYTES = 320 * 1024;
/** SNS delivers from few addresses. */
const SNS_RATE = { perSecond: 100, burst: 500 };

const CHAT_BODY = z.object({
  customerMessage: z
    .string()
    .trim()
    .min(1)
    .max(MAX_MESSAGE)
    .describe(`What the customer wrote, at most ${MAX_MESSAGE} characters.`),
});

const CHAT_ANSWER = z.object({
  suggestedAnswer: z.string().nullable().describe("What to answer; null: nothing is known."),
  sources: z
    .array(z.object({ title: z.string(), uri: z.string().nullable(), excerpt: z.string() }))
    .describe("What the answer rests on."),
  by: z.enum(["local", "bedrock", "openai"]).describe("Who answered."),
  notice: z.string().nullable().describe("What a person should know, in plain words."),
});

const SNS_ANSWER = z.object({ outcome: z.string().describe("What became of the message.") });

/** `/processChat` and `/assist/sns`. */
export function addAdviceRoutes(app: ApiApp, options: ApiOptions): void {
  addChatRoute(app, options);
  addPreflight(app);
  refuseOtherMethods(app, CHAT_PATH, ["POST", "OPTIONS"]);
  void app.register((scope, _options, done) => {
    scope.removeAllContentTypeParsers();
    const types = ["text/plain", "application/json"];
    scope.addContentTypeParser(types, { parseAs: "string" }, (_request, body, parsed) =>
      parsed(null, body),
    );
    addSnsRoute(scope as unknown as ApiApp, options);
    done();
  });
  refuseOtherMethods(app, SNS_PATH, ["POST"]);
}

function addChatRoute(app: ApiApp, { assistant, clock, metrics }: ApiOptions): void {
  const buckets = new SourceBuckets(clock, assistant.rate);
  app.post(
    CHAT_PATH,
    {
      config: { cors: true },
      schema: {
        tags: TAGS,
        summary: "Suggests what to answer to a message of a customer.",
        body: CHAT_BODY,
        response: {
          200: CHAT_ANSWER,
          400: ERROR_BODY,
          413: ERROR_BODY,
          415: ERROR_BODY,
          429: ERROR_BODY,
          500: ERROR_BODY,
        },
      },
      onRequest: async (request) => {
        if (!buckets.take(request.ip)) {
          const reason = "ask again in a second; see assist.chatsPerSecond";
          throw new GatewayError("API_RATE_LIMITED", { reason });
        }
      },
      onError: (_request, _reply, error, done) => {
        metrics.increment("trunkline_assist_chat_refused_total", { reason: reasonOf(error) });
        done();
      },
    },
    async ({ body }) => viewAnswer(await assistant.answer(body.customerMessage)),
  );
}

/** What a browser asks before a page of another origin may post; {@link addCors} has set the headers. */
function addPreflight(app: ApiApp): void {
  app.options(
    CHAT_PATH,
    {
      config: { role: "anyone", cors: true },
      schema: {
        tags: TAGS,
        summary: "Whether a page of another origin may ask; see assist.cors.",
        security: [],
        response: { 204: z.null() },
      },
    },
    (_request, reply) => {
      void reply.code(204).send(null);
    },
  );
}

function addSnsRoute(app: ApiApp, { assistant, clock, metrics }: ApiOptions): void {
  const buckets = new SourceBuckets(clock, SNS_RATE);
  app.post(
    SNS_PATH,
    {
      bodyLimit: MAX_SNS_BYTES,
      config: { role: "anyone" },
      schema: {
        tags: TAGS,
        summary: "Takes signed messages of the topics in assist.snsTopics.",
        description:
          "The body is what Amazon SNS posts. A confirmation of a subscription is confirmed; messages of customers are answered on the bus.",
        security: [],
        response: { 200: SNS_ANSWER, 400: ERROR_BODY, 403: ERROR_BODY, 503: ERROR_BODY },
      },
      onRequest: async (request) => {
        if (!buckets.take(request.ip)) {
          const outcome = "rateLimited";
          metrics.increment("trunkline_assist_notifications_total", { outcome });
          throw new GatewayError("API_RATE_LIMITED");
        }
      },
    },
    async ({ body }) => {
      const outcome = await assistant.notify(typeof body === "string" ? body : "");
      refuseUnlessTaken(outcome);
      return { outcome };
    },
  );
}

/** SNS delivers again on 429 and 5xx, and gives up on other statuses. */
function refuseUnlessTaken(outcome: NotificationOutcome): void {
  switch (outcome) {
    case "taken":
    case "confirmed":
    case "ignored":
    case "repeated":
      return;
    case "malformed":
      throw new GatewayError("API_BAD_REQUEST", { reason: "this is no message of Amazon SNS" });
    case "topicRefused":
      throw new GatewayError("API_FORBIDDEN", { reason: "the topic is not in assist.snsTopics" });
    case "stale":
      throw new GatewayError("API_FORBIDDEN", { reason: "the message is too old" });
    case "certificateRefused":
    case "signatureWrong":
      throw new GatewayError("API_FORBIDDEN", { reason: "the signature is not that of the topic" });
    case "certificateFailed":
    case "confirmationFailed":
      throw new GatewayError("SNS_UNREACHABLE");
  }
}

function viewAnswer({ text, sources, by, notice }: ChatAnswer): z.infer<typeof CHAT_ANSWER> {
  return {
    suggestedAnswer: text ?? null,
    sources: sources.map(({ title, uri, excerpt }) => ({ title, uri: uri ?? null, excerpt })),
    by,
    notice: notice ?? null,
  };
}

function reasonOf(error: Error): "badRequest" | "rateLimited" | "failed" {
  const code = codeOf(error);
  if (code === "API_RATE_LIMITED") {
    return "rateLimited";
  }
  const status = (error as { statusCode?: unknown }).statusCode;
  const isCaller = typeof status === "number" && status < 500;
  return isCaller || "validation" in error ? "badRequest" : "failed";
}

/** Headers for a page of one of the origins; others get none, and their browsers keep the answer from them. */
export function addCors(
  request: FastifyRequest,
  reply: FastifyReply,
  origins: readonly string[],
): void {
  void reply.header("vary", "Origin");
  const { origin } = request.headers;
  if (origin !== undefined && origins.includes(origin)) {
    void reply.headers({
      "access-control-allow-origin": origin,
      "access-control-allow-methods": "POST, OPTIONS",
      "access-control-allow-headers": "Authorization, Content-Type",
      "access-control-max-age": "600",
    });
  }
}
