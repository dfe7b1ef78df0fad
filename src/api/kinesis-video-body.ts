/** What is sent to have a contact listened to by Kinesis Video. */
import { z } from "zod";
import type { ContactOrder } from "../ports/contact-listener.ts";

const STREAM_ARN = z
  .string()
  .regex(
    /^arn:aws[a-z-]*:kinesisvideo:[a-z0-9-]+:\d{12}:stream\/[A-Za-z0-9_.-]{1,256}\/\d{1,20}$/,
    "the ARN of a Kinesis Video stream",
  );
const FRAGMENT = z.string().regex(/^\d{1,128}$/, "a fragment number, which is all digits");

const STREAM = z.strictObject({
  streamArn: STREAM_ARN,
  startFragmentNumber: FRAGMENT.optional().describe("Where to begin; absent: now."),
  role: z.enum(["customer", "agent"]).describe("Whose voice all of it is."),
});

/** The body of `POST /assist/contacts` with this source. @param contactId how contacts are written. */
export function kinesisVideoBody<Id extends z.ZodType<string>>(contactId: Id) {
  return z
    .strictObject({
      contactId: contactId.describe("The contact, as Amazon Connect names it."),
      source: z.literal("kinesisVideo").describe("Its audio is in Kinesis Video Streams."),
      streamArn: STREAM_ARN.optional().describe("Connect's stream, with both parties as tracks."),
      startFragmentNumber: FRAGMENT.optional().describe("Where to begin; absent: now."),
      streams: z
        .array(STREAM)
        .min(1)
        .max(4)
        .optional()
        .describe("Instead of streamArn: streams of one party each, as of a Voice Connector."),
      phoneNumber: z
        .string()
        .regex(/^\+[1-9]\d{3,14}$/, "a number in E.164")
        .optional()
        .describe("The customer's, for the record."),
    })
    .refine(({ streamArn, streams }) => (streamArn === undefined) !== (streams === undefined), {
      message: "expected streamArn or streams, and not both",
    });
}

/** As it was read. */
export type KinesisVideoBody = z.output<ReturnType<typeof kinesisVideoBody>>;

/** What is to be listened to. */
export function orderOf(body: KinesisVideoBody): ContactOrder {
  const { contactId, phoneNumber = "", streamArn, startFragmentNumber, streams = [] } = body;
  const own = streamArn === undefined ? [] : [{ streamArn, startFragmentNumber, role: undefined }];
  const others = streams.map(({ role, ...stream }) => ({
    streamArn: stream.streamArn,
    startFragmentNumber: stream.startFragmentNumber,
    role,
  }));
  return { contactId, phoneNumber, streams: [...own, ...others] };
}
