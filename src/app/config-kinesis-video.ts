/** Settings of live audio from Kinesis Video Streams. */
import { z } from "zod";

/** What listens, and one contact for gateways that are started for a single one. */
export const kinesisVideoSchema = z
  .strictObject({
    flow: z
      .string()
      .min(1)
      .default("assist")
      .describe("Flow of mode assist that listens to contacts of POST /assist/contacts."),
    streamArn: z
      .string()
      .regex(
        /^arn:aws[a-z-]*:kinesisvideo:[a-z0-9-]+:\d{12}:stream\/[A-Za-z0-9_.-]{1,256}\/\d{1,20}$/,
        "the ARN of a Kinesis Video stream",
      )
      .optional()
      .describe("Listened to from the start, with contactId; absent: nothing is."),
    contactId: z
      .string()
      .regex(/^[A-Za-z0-9_-]{1,128}$/, "letters, digits, _ and -")
      .optional()
      .describe("The contact whose audio is in streamArn."),
    startFragmentNumber: z
      .string()
      .regex(/^\d{1,128}$/, "a fragment number in quotes, which is all digits")
      .optional()
      .describe("Where to begin in streamArn; absent: now."),
    customerPhoneNumber: z
      .string()
      .regex(/^\+[1-9]\d{3,14}$/, 'a number in E.164, in quotes, for example "+12065550100"')
      .optional()
      .describe("The customer's number, for the record."),
  })
  .superRefine(({ streamArn, contactId }, context) => {
    if ((streamArn === undefined) !== (contactId === undefined)) {
      const path = [streamArn === undefined ? "streamArn" : "contactId"];
      const message = "streamArn and contactId are set together or not at all";
      context.addIssue({ code: "custom", path, message });
    }
  });
