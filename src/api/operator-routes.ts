/** What an operator has a call do: say a text, mute somebody, press keys. */
import { z } from "zod";
import { asCallId } from "../core/ids.ts";
import type { OperatorCommand } from "../ports/call-directory.ts";
import { ERROR_BODY } from "./api-errors.ts";
import type { ApiApp } from "./app.ts";
import { CALL_PARAMS, CALL_TAGS, foundCall } from "./call-path.ts";
import type { ApiOptions } from "./options.ts";
import { refuseOtherMethods } from "./other-methods.ts";

const SAY = z.strictObject({
  text: z.string().trim().min(1).max(1000),
  by: z
    .enum(["model", "voice"])
    .default("model")
    .describe(
      "model: the model of the call says it, or something to that effect. voice: the gateway's own voice, at once and word for word.",
    ),
});

const MUTE = z.strictObject({
  who: z
    .enum(["caller", "model"])
    .describe("caller: the model hears silence. model: the caller hears nothing of the model."),
  on: z.boolean(),
});

const DTMF = z.strictObject({
  digits: z
    .string()
    .regex(/^[0-9*#A-Da-d]{1,64}$/, "expected 1 to 64 of 0-9, *, # and A-D")
    .describe("Keys to press, as telephone-events (RFC 4733)."),
});

const RECORDING = z.strictObject({
  action: z
    .enum(["pause", "resume", "stop", "consent"])
    .describe(
      "pause: silence is kept until resume, for instance while a card number is said. stop: for good; where consent is missing, it is refused. consent: those who speak agreed.",
    ),
});

/** What every command answers. */
export const COMMAND_ANSWERS = {
  202: z.object({ callId: z.string() }),
  400: ERROR_BODY,
  404: ERROR_BODY,
  409: ERROR_BODY,
};

/** `POST /calls/ID/say`, `/mute`, `/dtmf` and `/recording`. */
export function addOperatorRoutes(app: ApiApp, { directory }: ApiOptions): void {
  const operate = async (id: string, command: OperatorCommand) => {
    await foundCall(directory.operate(asCallId(id), command));
    return { callId: id };
  };
  const config = { role: "operate" } as const;
  app.post(
    "/calls/:id/say",
    {
      config,
      schema: {
        tags: CALL_TAGS,
        summary: "Has a text spoken to the caller; answers before it is heard.",
        params: CALL_PARAMS,
        body: SAY,
        response: { ...COMMAND_ANSWERS, 422: ERROR_BODY },
      },
    },
    async ({ params, body }, reply) => {
      void reply.code(202);
      return await operate(params.id, { kind: "say", ...body });
    },
  );
  app.post(
    "/calls/:id/mute",
    {
      config,
      schema: {
        tags: CALL_TAGS,
        summary: "Mutes the caller or the model, until told otherwise.",
        params: CALL_PARAMS,
        body: MUTE,
        response: COMMAND_ANSWERS,
      },
    },
    async ({ params, body }, reply) => {
      void reply.code(202);
      return await operate(params.id, { kind: "mute", ...body });
    },
  );
  app.post(
    "/calls/:id/dtmf",
    {
      config,
      schema: {
        tags: CALL_TAGS,
        summary: "Presses keys towards the caller; what is being said waits.",
        params: CALL_PARAMS,
        body: DTMF,
        response: COMMAND_ANSWERS,
      },
    },
    async ({ params, body }, reply) => {
      void reply.code(202);
      return await operate(params.id, { kind: "sendDigits", digits: body.digits.toUpperCase() });
    },
  );
  app.post(
    "/calls/:id/recording",
    {
      config,
      schema: {
        tags: CALL_TAGS,
        summary: "Pauses, resumes or stops the recording of the call, or notes consent to it.",
        params: CALL_PARAMS,
        body: RECORDING,
        response: COMMAND_ANSWERS,
      },
    },
    async ({ params, body }, reply) => {
      void reply.code(202);
      return await operate(params.id, { kind: "record", ...body });
    },
  );
  for (const command of ["say", "mute", "dtmf", "recording"]) {
    refuseOtherMethods(app, `/calls/:id/${command}`, ["POST"]);
  }
}
