/** The calls in progress: seen, looked into, hung up. */
import { z } from "zod";
import { GatewayError } from "../core/errors.ts";
import { asCallId } from "../core/ids.ts";
import { ERROR_BODY } from "./api-errors.ts";
import type { ApiApp } from "./app.ts";
import { CALL_IN_FULL, CALL_IN_SHORT, viewDetail, viewSummary } from "./call-views.ts";
import type { ApiOptions } from "./options.ts";
import { refuseOtherMethods } from "./other-methods.ts";

const TAGS = ["calls"];
const PARAMS = z.object({ id: z.string().min(1).max(128).describe("The call id.") });

/** `/calls` and what is below it. */
export function addCallRoutes(app: ApiApp, { directory }: ApiOptions): void {
  app.get(
    "/calls",
    {
      schema: {
        tags: TAGS,
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
        tags: TAGS,
        summary: "A call in progress, with what was said so far.",
        params: PARAMS,
        response: { 200: CALL_IN_FULL, 404: ERROR_BODY },
      },
    },
    (request) => viewDetail(found(directory.find(asCallId(request.params.id)))),
  );
  app.delete(
    "/calls/:id",
    {
      config: { role: "operate" },
      schema: {
        tags: TAGS,
        summary: "Hangs a call up; answers before the call has ended.",
        params: PARAMS,
        response: { 202: z.object({ callId: z.string() }), 404: ERROR_BODY },
      },
    },
    (request, reply) => {
      const callId = asCallId(request.params.id);
      found(directory.hangUp(callId) ? true : undefined);
      void reply.code(202);
      return { callId };
    },
  );
  app.get(
    "/calls/:id/dump",
    {
      schema: {
        tags: TAGS,
        summary:
          "Everything the gateway knows about a call in progress, for whoever looks for a fault.",
        params: PARAMS,
        response: { 200: z.record(z.string(), z.unknown()), 404: ERROR_BODY },
      },
    },
    (request) => found(directory.dump(asCallId(request.params.id))),
  );
  refuseOtherMethods(app, "/calls", ["GET"]);
  refuseOtherMethods(app, "/calls/:id", ["GET", "DELETE"]);
  refuseOtherMethods(app, "/calls/:id/dump", ["GET"]);
}

function found<T>(value: T | undefined): T {
  if (value === undefined) {
    throw new GatewayError("API_NOT_FOUND", {
      reason: "no call in progress has this id; calls that ended are in /call-logs?sessionId=",
    });
  }
  return value;
}
