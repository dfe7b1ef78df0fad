/** Contacts that somebody else transcribes over HTTP: follow one, end that, see which are followed. */
import { z } from "zod";
import { GatewayError } from "../core/errors.ts";
import type { CallId } from "../core/ids.ts";
import type { ContactOrder } from "../ports/contact-listener.ts";
import { ERROR_BODY } from "./api-errors.ts";
import type { ApiApp } from "./app.ts";
import { kinesisVideoBody, orderOf } from "./kinesis-video-body.ts";
import type { ApiOptions } from "./options.ts";
import { refuseOtherMethods } from "./other-methods.ts";

const TAGS = ["assist"];
const PATH = "/assist/contacts";

const CONTACT_ID = z
  .string()
  .regex(/^[0-9A-Za-z][0-9A-Za-z-]{0,127}$/, "expected the id of a contact of Amazon Connect");

const FOLLOW = z.strictObject({
  contactId: CONTACT_ID.describe("The contact, as Amazon Connect names it."),
  source: z
    .enum(["contactLens", "chatStreaming"])
    .describe(
      "contactLens: a call that Contact Lens transcribes in real time. chatStreaming: a chat, whose messages are sent to the topic of assist.chatStreaming.",
    ),
});

const LISTEN = kinesisVideoBody(CONTACT_ID);

const FOLLOWED = z.object({
  contactId: z.string(),
  callId: z.string().optional().describe("With kinesisVideo: the call that listens."),
  topic: z.string().describe("Subscribe to this contact on WS /assist."),
});

const LIST = z.object({
  contacts: z
    .array(z.object({ contactId: z.string(), startedAt: z.string(), utterances: z.number() }))
    .describe("Contacts that Contact Lens transcribes."),
});

/** `POST` and `GET /assist/contacts`, `DELETE /assist/contacts/ID`. */
export function addContactRoutes(app: ApiApp, { contacts, video }: ApiOptions): void {
  app.post(
    PATH,
    {
      config: { role: "operate" },
      schema: {
        tags: TAGS,
        summary: "Follows a contact of Amazon Connect, and helps its agent.",
        body: z.union([FOLLOW, LISTEN]),
        response: {
          202: FOLLOWED,
          400: ERROR_BODY,
          409: ERROR_BODY,
          502: ERROR_BODY,
          503: ERROR_BODY,
        },
      },
    },
    async ({ body }, reply) => {
      const { contactId } = body;
      const topic = `assist/${contactId}`;
      void reply.code(202);
      if (body.source === "kinesisVideo") {
        return { contactId, callId: listen(video, orderOf(body)), topic };
      }
      await contacts.follow(contactId, body.source);
      return { contactId, topic };
    },
  );
  app.get(
    PATH,
    {
      config: { role: "read" },
      schema: {
        tags: TAGS,
        summary: "Contacts that are followed by Contact Lens.",
        response: { 200: LIST },
      },
    },
    () => ({
      contacts: contacts.list().map(({ contactId, startedAtMs, utterances }) => ({
        contactId,
        startedAt: new Date(startedAtMs).toISOString(),
        utterances,
      })),
    }),
  );
  refuseOtherMethods(app, PATH, ["GET", "POST"]);
  addUnfollow(app, { contacts, video });
}

function listen(video: ApiOptions["video"], order: ContactOrder): CallId {
  if (video === undefined) {
    throw new GatewayError("API_NOT_FOUND", { reason: "nothing listens to Kinesis Video here" });
  }
  return video.listen(order);
}

interface Unfollowed extends Pick<ApiOptions, "contacts"> {
  readonly video: ApiOptions["video"];
}

function addUnfollow(app: ApiApp, { contacts, video }: Unfollowed): void {
  app.delete(
    `${PATH}/:id`,
    {
      config: { role: "operate" },
      schema: {
        tags: TAGS,
        summary: "Follows a contact no longer; its record is kept.",
        params: z.object({ id: CONTACT_ID }),
        response: { 204: z.null(), 404: ERROR_BODY, 502: ERROR_BODY },
      },
    },
    async ({ params: { id } }, reply) => {
      if (video?.leave(id) !== true && !(await contacts.unfollow(id))) {
        throw new GatewayError("API_NOT_FOUND", { reason: "the contact is not followed" });
      }
      void reply.code(204);
      return null;
    },
  );
  refuseOtherMethods(app, `${PATH}/:id`, ["DELETE"]);
}
