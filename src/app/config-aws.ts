/** Settings of AWS: what every part that asks one of its services shares. */
import { z } from "zod";
import type { AwsAccess } from "../core/aws-access.ts";
import { isIpAddress, isLoopback } from "../core/ip-address.ts";
import { secret } from "./config-values.ts";

/** Keys and calls travel unencrypted on this machine only. */
export function isEndpoint(text: string): boolean {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const host = url?.hostname.replace(/^\[|\]$/g, "") ?? "";
  const isHere = host === "localhost" || (isIpAddress(host) && isLoopback(host));
  const isSafe = url?.protocol === "https:" || (url?.protocol === "http:" && isHere);
  return isSafe && url?.username === "" && url.password === "";
}

/** Where AWS is, and who asks. */
export const awsSchema = z
  .strictObject({
    region: z
      .string()
      .regex(/^[a-z]{2}(?:-[a-z]+)+-\d$/, "a region of AWS, such as us-east-1")
      .default("us-east-1")
      .describe("AWS region of Connect, Voice Connectors, transcription, knowledge and storage."),
    endpoint: z
      .string()
      .refine(isEndpoint, "expected https://, or http:// to this machine, without user")
      .optional()
      .describe("Of all services together, for a stand-in on this machine; absent: AWS itself."),
    accessKeyId: z
      .string()
      .min(1)
      .optional()
      .describe("AWS access key; absent: the environment, profile or role of this machine."),
    secretAccessKey: secret().optional().describe("Belongs to it; secret."),
    sessionToken: secret().optional().describe("Of temporary keys; secret."),
  })
  .superRefine(({ accessKeyId, secretAccessKey, sessionToken }, context) => {
    if ((accessKeyId === undefined) !== (secretAccessKey === undefined)) {
      const path = [accessKeyId === undefined ? "accessKeyId" : "secretAccessKey"];
      const message = "accessKeyId and secretAccessKey are set together or not at all";
      context.addIssue({ code: "custom", path, message });
    } else if (sessionToken !== undefined && accessKeyId === undefined) {
      const message = "needs accessKeyId and secretAccessKey";
      context.addIssue({ code: "custom", path: ["sessionToken"], message });
    }
  });

/** The settings as clients take them. */
export function awsAccess(settings: z.output<typeof awsSchema>): AwsAccess {
  const { region, endpoint, accessKeyId, secretAccessKey, sessionToken } = settings;
  const keys =
    accessKeyId === undefined || secretAccessKey === undefined
      ? undefined
      : { accessKeyId, secretAccessKey, sessionToken };
  return { region, endpoint, keys };
}
