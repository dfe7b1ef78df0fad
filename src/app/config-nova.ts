/** Settings of Amazon Nova Sonic. */
import { z } from "zod";
import { isIpAddress, isLoopback } from "../core/ip-address.ts";
import { pricesSchema } from "./config-model-values.ts";
import { count, secret } from "./config-values.ts";

const SECRET_EXPECTED = 'a secret of AWS, best as a reference: "$'.concat(
  '{env:AWS_SECRET_ACCESS_KEY}"',
);

/** Audio and signatures travel unencrypted on this machine only. */
function isEndpoint(text: string): boolean {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const host = url?.hostname.replace(/^\[|\]$/g, "") ?? "";
  const isHere = host === "localhost" || (isIpAddress(host) && isLoopback(host));
  const isPlain = url?.protocol === "http:" && isHere;
  return (isPlain || url?.protocol === "https:") && url?.username === "" && url.password === "";
}

/** A model of Amazon Nova Sonic. */
export const novaSchema = z
  .strictObject({
    kind: z.literal("nova-sonic").describe("Amazon Nova Sonic, v1 or v2, by Amazon Bedrock."),
    region: z
      .string()
      .regex(/^[a-z]{2}(?:-[a-z]+)+-\d$/, "a region of AWS, such as us-east-1")
      .default("us-east-1")
      .describe("AWS region; the model has to be there."),
    model: z.string().min(1).default("amazon.nova-2-sonic-v1:0").describe("Bedrock model id."),
    endpoint: z
      .string()
      .refine(
        isEndpoint,
        "expected https://, or http:// to this machine, without user and password",
      )
      .optional()
      .describe("For a stand-in on this machine, or a private endpoint of Bedrock."),
    accessKeyId: z
      .string()
      .min(1)
      .optional()
      .describe("AWS access key; absent: the environment, profile or role of this machine."),
    secretAccessKey: secret(SECRET_EXPECTED).optional().describe("Belongs to it; secret."),
    sessionToken: secret(SECRET_EXPECTED)
      .optional()
      .describe("Of temporary keys, which expire and are not renewed; secret."),
    voice: z
      .string()
      .min(1)
      .optional()
      .describe("Voice for flows that name none; absent: tiffany."),
    endpointingSensitivity: z
      .enum(["high", "medium", "low"])
      .optional()
      .describe("How soon a pause ends the caller's turn: high is soonest. v2 only."),
    maxTokens: count(1, 10_000).default(1024).describe("Longest answer in tokens."),
    topP: z.number().min(0).max(1).default(0.9).describe("Nucleus sampling."),
    temperature: z.number().min(0).max(1).default(0.7).describe("Randomness of answers."),
    maxSessionSeconds: count(10, 480)
      .default(480)
      .describe("Longest session; lower only for a stand-in. The service allows 8 minutes."),
    prices: pricesSchema,
  })
  .superRefine((settings, context) => {
    const { accessKeyId, secretAccessKey, sessionToken, endpointingSensitivity, model } = settings;
    if ((accessKeyId === undefined) !== (secretAccessKey === undefined)) {
      const path = [accessKeyId === undefined ? "accessKeyId" : "secretAccessKey"];
      const message = "accessKeyId and secretAccessKey are set together or not at all";
      context.addIssue({ code: "custom", path, message });
    } else if (sessionToken !== undefined && accessKeyId === undefined) {
      const message = "needs accessKeyId and secretAccessKey";
      context.addIssue({ code: "custom", path: ["sessionToken"], message });
    }
    if (endpointingSensitivity !== undefined && model.includes("nova-sonic-v1")) {
      const message = "is not known to Nova Sonic v1";
      context.addIssue({ code: "custom", path: ["endpointingSensitivity"], message });
    }
  });

/** The settings of one such model. */
export type NovaConfig = z.output<typeof novaSchema>;
