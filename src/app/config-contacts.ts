/** Of the `assist` of the configuration: contacts that Amazon Connect itself transcribes or streams. */
import { z } from "zod";
import { TOPIC_ARN } from "../assist/sns-message.ts";
import { count } from "./config-values.ts";

const instanceId = () =>
  z
    .string()
    .regex(/^[0-9A-Za-z-]{1,100}$/, "the id of an instance, not its ARN")
    .describe("Id of the instance of Amazon Connect, in aws.region.");

/** Fields of `assist`. */
export const contactFields = {
  contactLens: z
    .strictObject({
      instanceId: instanceId(),
      streamArn: z
        .string()
        .regex(
          /^arn:aws[a-z-]*:kinesis:[a-z0-9-]+:\d{12}:stream\/[a-zA-Z0-9_.-]{1,128}$/,
          "the ARN of a data stream of Kinesis",
        )
        .optional()
        .describe(
          "Stream of real-time segments of the instance: every contact of it is followed; absent: those of POST /assist/contacts.",
        ),
      streamPollMs: count(200, 10_000)
        .default(500)
        .describe("Milliseconds between two readings of a shard, which takes five a second."),
      pollMs: count(500, 60_000)
        .default(1000)
        .describe("Milliseconds between two requests for the segments of contacts."),
      maxContacts: count(1, 5000).default(500).describe("Contacts at a time."),
      silenceSeconds: count(30, 14_400)
        .default(1800)
        .describe("Seconds without news after which a contact is over."),
    })
    .optional()
    .describe("Calls that Contact Lens transcribes in real time; absent: none are followed."),
  chatStreaming: z
    .strictObject({
      instanceId: instanceId(),
      topic: z
        .string()
        .regex(TOPIC_ARN, "the ARN of an SNS topic")
        .describe("Topic that messages are sent to; it has to be in snsTopics, too."),
    })
    .optional()
    .describe("Chats whose messages Amazon Connect is told to send; absent: nobody is told."),
};
