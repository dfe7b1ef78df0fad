/** The calls in progress: seen, looked into, hung up. */
import { z } from "zod";
import { asCallId } from "../core/ids.ts";
import { ERROR_BODY } from "./api-errors.ts";
import type { ApiApp } from "./app.ts";
import { CALL_PARAMS, CALL_TAGS, foundCall } from "./call-path.ts";
import { CALL_IN_FULL, CALL_IN_SHORT, viewDetail, viewSummary } from "./call-views.ts";
import type { ApiOptions } from "./options.ts";
import { refuseOtherMethods } from "./other-methods.ts";

const ORDER = z.strictObject({
  to: z
    .string()
    .min(1)
    .max(256)
    .describe("A phone number, a tel: URI, or for trying out a sip: URI on loopback."),
  flow: z.string().min(1).max(64).describe("The flow that talks when the call is answered."),
  trunk: z
    .string()
    .min(1)
    .max(32)
    .optional()
    .describe("Name of a trunk; absent: the first of the file that may call the number."),
  attributes: z
    .record(z.string().regex(/^[A-Za-z0-9_.-]{1,64}$/), z.string().max(2048))
    .refine((attributes) => Object.keys(attributes).length <= 64, "at most 64 of them")
    .default({})
    .describe("What the flow's model is told about the call, and the record keeps."),
  userToUser: z
    .string()
    .min(1)
    .max(512)
    .optional()
    .describe("Sent to the peer in User-to-User (RFC 7433), in hex."),
});

/** `/calls` and what is below it. */
export function addCallRoutes(app: ApiApp, options: ApiOptions): void {
  addOrderRoute(app, options);
  addCallViews(app, options);
  refuseOtherMethods(app, "/calls", ["GET", "POST"]);
  refuseOtherMethods(app, "/calls/:id", ["GET", "DELETE"]);
  refuseOtherMethods(app, "/calls/:id/dump", ["GET"]);
}

function addOrderRoute(app: ApiApp, { placer }: ApiOptions): void {
  app.post(
    "/calls",
    {
      config: { role: "operate" },
      schema: {
        tags: CALL_TAGS,
        summary: "Places a call; answers before it rings.",
        body: ORDER,
        response: {
          202: z.object({ callId: z.string() }),
          400: ERROR_BODY,
          403: ERROR_BODY,
          404: ERROR_BODY,
          503: ERROR_BODY,
        },
      },
    },
    (request, reply) => {
      const { to, flow, trunk, attributes, userToUser } = request.body;
      const callId = placer.place({ to, flow, trunk, attributes, userToUser });
      void reply.code(202);
      return { callId };
    },
  );
}

function addCallViews(app: ApiApp, { directory }: ApiOptions): void {
  app.get(
    "/calls",
    {
      schema: {
        tags: CALL_TAGS,
        summary: "Calls in progress.",
        response: { 200: z.object({ calls: z.array(CALL_IN_SHORT) }) },
      },
    },
    () => ({ calls: directory.list().map(viewSummary) }),
  );
  app.get(
    "/calls/:id",
    {
      schema: {
        tags: CALL_TAGS,
        summary: "A call in progress, with what was said so far.",
        params: CALL_PARAMS,
        response: { 200: CALL_IN_FULL, 404: ERROR_BODY },
      },
    },
    (request) => viewDetail(foundCall(directory.find(asCallId(request.params.id)))),
  );
  app.delete(
    "/calls/:id",
    {
      config: { role: "operate" },
      schema: {
        tags: CALL_TAGS,
        summary: "Hangs a call up; answers before the call has ended.",
        params: CALL_PARAMS,
        response: { 202: z.object({ callId: z.string() }), 404: ERROR_BODY },
      },
    },
    (request, reply) => {
      const callId = asCallId(request.params.id);
      foundCall(directory.hangUp(callId) ? true : undefined);
      void reply.code(202);
      return { callId };
    },
  );
  app.get(
    "/calls/:id/dump",
    {
      schema: {
        tags: CALL_TAGS,
        summary:
          "Everything the gateway knows about a call in progress, for whoever looks for a fault.",
        params: CALL_PARAMS,
        response: { 200: z.record(z.string(), z.unknown()), 404: ERROR_BODY },
      },
    },
    (request) => foundCall(directory.dump(asCallId(request.params.id))),
  );
}
