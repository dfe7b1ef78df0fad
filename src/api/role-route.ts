/** Who is who in a recording session, as a person knows it. */
import { z } from "zod";
import { asCallId } from "../core/ids.ts";
import { ERROR_BODY } from "./api-errors.ts";
import type { ApiApp } from "./app.ts";
import { CALL_PARAMS, CALL_TAGS, foundCall } from "./call-path.ts";
import { PARTICIPANTS, viewParticipants } from "./conversation-views.ts";
import type { ApiOptions } from "./options.ts";
import { refuseOtherMethods } from "./other-methods.ts";

const PATH = "/calls/:id/roles";

/** What a person can say of a participant, over HTTP and on the assist socket. */
export const ROLE_CORRECTION = {
  participantId: z.string().min(1).max(128).describe("As participants of the call have it."),
  role: z
    .enum(["customer", "agent", "unknown"])
    .describe("What it is from now on, whatever the flow's rules say."),
};

/** `POST /calls/ID/roles`. */
export function addRoleRoute(app: ApiApp, { directory }: ApiOptions): void {
  app.post(
    PATH,
    {
      config: { role: "operate" },
      schema: {
        tags: CALL_TAGS,
        summary: "Corrects who is the customer and who the agent of a recording session.",
        params: CALL_PARAMS,
        body: z.strictObject(ROLE_CORRECTION),
        response: {
          200: z.object({ callId: z.string(), participants: PARTICIPANTS }),
          400: ERROR_BODY,
          404: ERROR_BODY,
          409: ERROR_BODY,
        },
      },
    },
    ({ params: { id }, body }) => {
      const participants = foundCall(directory.correctRole(asCallId(id), body));
      return { callId: id, participants: viewParticipants(participants) };
    },
  );
  refuseOtherMethods(app, PATH, ["POST"]);
}
