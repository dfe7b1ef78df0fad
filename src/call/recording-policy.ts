/** Whether the calls of a flow are recorded, and who has to agree. */
import { z } from "zod";

/** Of a flow. */
export const recordingSchema = z
  .strictObject({
    mode: z
      .enum(["off", "on"])
      .default("off")
      .describe("on: the call is recorded, left the customer or caller, right the agent or model."),
    consent: z
      .enum(["assumed", "announced", "required"])
      .default("assumed")
      .describe(
        "Why it may be. assumed: by contract or law; announced: they were told before; required: nothing is kept until consent is given, by a key, the API, or a recording client whose people all know.",
      ),
    consentKey: z
      .string()
      .regex(/^[0-9*#]$/, "one of 0-9, * and #")
      .optional()
      .describe("With consent required: the key by which the caller of mode agent agrees."),
  })
  .superRefine(({ consent, consentKey }, context) => {
    if (consentKey !== undefined && consent !== "required") {
      const message = "goes with consent: required";
      context.addIssue({ code: "custom", path: ["consentKey"], message });
    }
  });

/** How the calls of a flow that records are recorded. */
export type RecordingPolicy = Readonly<
  Pick<z.output<typeof recordingSchema>, "consent"> & { consentKey?: string | undefined }
>;

/** `undefined`: they are not. */
export function recordingPolicyOf(
  recording: z.output<typeof recordingSchema>,
): RecordingPolicy | undefined {
  const { mode, consent, consentKey } = recording;
  return mode === "on" ? { consent, consentKey } : undefined;
}
