/** Of the `assist` of the configuration: what agents are helped with, and who may ask. */
import { z } from "zod";
import { TOPIC_ARN } from "../assist/sns-message.ts";
import { isIpAddress, isLoopback } from "../core/ip-address.ts";
import { count, filePath, secret } from "./config-values.ts";

/** What customers say travels unencrypted on this machine only. */
function isServiceUrl(text: string): boolean {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const host = url?.hostname.replace(/^\[|\]$/g, "") ?? "";
  const isHere = host === "localhost" || (isIpAddress(host) && isLoopback(host));
  const isSafe = url?.protocol === "https:" || (url?.protocol === "http:" && isHere);
  return isSafe && url?.username === "" && url.password === "" && url.search === "";
}

function isOrigin(text: string): boolean {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  return (url?.protocol === "https:" || url?.protocol === "http:") && url.origin === text;
}

const serviceUrl = () =>
  z
    .string()
    .refine(isServiceUrl, "expected https://, or http:// to this machine, without user and query");

const timeoutMs = () =>
  count(200, 60_000).default(8000).describe("Milliseconds that an answer may take.");

const advisorSchema = z.discriminatedUnion("kind", [
  z.strictObject({
    kind: z.literal("local").describe("The knowledge folder alone; needs no account."),
  }),
  z.strictObject({
    kind: z.literal("openai").describe("Chat completions of OpenAI, or of a server like it."),
    url: serviceUrl()
      .default("https://api.openai.com/v1")
      .describe("Where the service is; http:// for a server on this machine."),
    model: z.string().min(1).max(200).describe("The service's name of the model."),
    apiKey: secret().optional().describe("Key of the service; absent: none is sent; secret."),
    timeoutMs: timeoutMs(),
  }),
  z
    .strictObject({
      kind: z.literal("bedrock").describe("Converse of Amazon Bedrock."),
      region: z
        .string()
        .regex(/^[a-z]{2}(?:-[a-z]+)+-\d$/, "a region of AWS, such as us-east-1")
        .default("us-east-1")
        .describe("AWS region; the model has to be there."),
      model: z
        .string()
        .min(1)
        .max(200)
        .describe("Bedrock model or inference profile; it has to know tools."),
      endpoint: serviceUrl()
        .optional()
        .describe("For a stand-in on this machine, or a private endpoint."),
      accessKeyId: z
        .string()
        .min(1)
        .optional()
        .describe("AWS access key; absent: the environment, profile or role of this machine."),
      secretAccessKey: secret().optional().describe("Belongs to it; secret."),
      sessionToken: secret().optional().describe("Of temporary keys; secret."),
      timeoutMs: timeoutMs(),
    })
    .superRefine(({ accessKeyId, secretAccessKey }, context) => {
      if ((accessKeyId === undefined) !== (secretAccessKey === undefined)) {
        const path = [accessKeyId === undefined ? "accessKeyId" : "secretAccessKey"];
        const message = "accessKeyId and secretAccessKey are set together or not at all";
        context.addIssue({ code: "custom", path, message });
      }
    }),
]);

const knowledgeTimeoutMs = () =>
  count(100, 30_000).default(2000).describe("Milliseconds that looking up may take.");
const maxAsked = () =>
  count(1, 64).default(8).describe("Questions to it at a time; others go to the folder.");

const knowledgeSourceSchema = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("folder").describe("The folder of assist.knowledge alone.") }),
  z.strictObject({
    kind: z.literal("bedrock").describe("A knowledge base of Amazon Bedrock, by Retrieve."),
    knowledgeBaseId: z
      .string()
      .regex(/^[0-9A-Za-z]{1,10}$/, "up to 10 letters and digits, as the console shows it")
      .describe("Id of the knowledge base, in aws.region."),
    searchType: z
      .enum(["HYBRID", "SEMANTIC"])
      .optional()
      .describe("How it searches; absent: the service chooses."),
    timeoutMs: knowledgeTimeoutMs(),
    maxAsked: maxAsked(),
  }),
  z.strictObject({
    kind: z.literal("kendra").describe("An index of Amazon Kendra."),
    indexId: z
      .string()
      .regex(/^[A-Za-z0-9][A-Za-z0-9-]{35}$/, "36 letters, digits and -, as the console shows it")
      .describe("Id of the index, in aws.region."),
    operation: z
      .enum(["retrieve", "query"])
      .default("retrieve")
      .describe("retrieve: long passages; query: short excerpts, and answers from FAQs."),
    timeoutMs: knowledgeTimeoutMs(),
    maxAsked: maxAsked(),
  }),
]);

/** Used where nothing says otherwise, and then they may be absent. */
export const DEFAULT_KNOWLEDGE = "flows/knowledge";
/** See {@link DEFAULT_KNOWLEDGE}. */
export const DEFAULT_PLAYBOOK = "flows/playbooks/support.yaml";

/** Fields of `assist`. */
export const adviceFields = {
  knowledge: filePath()
    .default(DEFAULT_KNOWLEDGE)
    .describe("Folder of Markdown files that answers come from."),
  knowledgeSource: knowledgeSourceSchema
    .prefault({ kind: "folder" })
    .describe("Where passages come from; the folder takes over while a service fails."),
  playbook: filePath().default(DEFAULT_PLAYBOOK).describe("File of the playbook of chats."),
  advisor: advisorSchema.prefault({ kind: "local" }).describe("Who answers customers' questions."),
  cors: z
    .array(z.string().refine(isOrigin, "expected an origin, for example https://ccp.example.com"))
    .max(100)
    .default([])
    .describe("Origins whose pages may use /processChat; []: none but our own."),
  chatsPerSecond: count(1, 1000)
    .default(5)
    .describe("Requests to /processChat a second from one address."),
  chatBurst: count(1, 10_000).default(20).describe("How many of them at once after a pause."),
  snsTopics: z
    .array(z.string().regex(TOPIC_ARN, "the ARN of an SNS topic"))
    .max(100)
    .default([])
    .describe("Topics of chat streaming whose messages /assist/sns takes; []: none."),
};
