/** What Amazon Connect shall have, as `flows/connect/connect.yaml` says it. */
import { z } from "zod";
import { FLOW_TYPES } from "./flow-language/block-type.ts";

const name = z
  .string()
  .regex(/^[A-Za-z][A-Za-z0-9_-]{0,63}$/, "letters, digits, _ and -, a letter first");
const e164 = z
  .string()
  .regex(/^\+[1-9]\d{6,14}$/, 'a number in E.164, in quotes, such as "+12065550100"');
const arnOf = (service: string): z.ZodString =>
  z
    .string()
    .regex(
      new RegExp(`^arn:aws(?:-[a-z-]+)?:${service}:[a-z0-9-]+:\\d{12}:.{1,300}$`),
      `an ARN of ${service}`,
    );

const outboundSchema = z.strictObject({
  number: e164.describe("A claimed number that outbound calls of the queue show."),
  name: z.string().min(1).max(255).optional().describe("The name that they show."),
  flow: name.optional().describe("Outbound whisper flow, by its name here."),
});

const flowSchema = z.strictObject({
  file: z.string().min(1).max(200).describe("The template, beside this file."),
  type: z.enum(FLOW_TYPES).describe("Type of the flow; it cannot be changed later."),
  name: z.string().min(1).max(127).optional().describe("In the instance; absent: Metadata.name."),
});

/** The file. */
export const connectWishSchema = z.strictObject({
  instanceId: z
    .string()
    .regex(/^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/, "the id of an instance, a UUID")
    .describe("The instance."),
  accountId: z
    .string()
    .regex(/^\d{12}$/, "twelve digits, in quotes")
    .optional()
    .describe("Account of the instance; needed for connectors by their key only."),
  connectorBlock: z
    .enum(["exported", "documented"])
    .default("exported")
    .describe("How the block of the transfer connector is spelt."),
  connectors: z
    .record(name, z.string().min(1).max(200))
    .default({})
    .describe(
      "<<connector:NAME>>: the ARN of a Voice Connector, or its key in sip-config/trunks.yaml.",
    ),
  queues: z
    .record(
      name,
      z.strictObject({ name: z.string().min(1).max(127), outbound: outboundSchema.optional() }),
    )
    .default({})
    .describe("<<queue:NAME>>: queues by their name in the instance."),
  values: z.record(name, z.string().min(1).max(1024)).default({}).describe("<<value:NAME>>."),
  texts: z.record(name, z.string().min(1).max(3000)).default({}).describe("<<text:NAME>>."),
  lambdas: z
    .record(name, arnOf("lambda"))
    .default({})
    .describe("<<lambda:NAME>>: functions, which are allowed for the instance."),
  bots: z.record(name, arnOf("lex")).default({}).describe("<<lex:NAME>>: aliases of Lex V2 bots."),
  flows: z.record(name, flowSchema).default({}).describe("<<flow:NAME>>: contact flows."),
  numbers: z.record(e164, name).default({}).describe("Claimed number → the flow that answers it."),
  origins: z
    .array(z.string().regex(/^https:\/\/[A-Za-z0-9.-]{1,253}(?::\d{1,5})?$/, "https:// and a host"))
    .max(50)
    .default([])
    .describe("Approved origins of pages that embed the CCP."),
  mediaStreams: z
    .strictObject({
      prefix: z.string().regex(/^[A-Za-z0-9_.-]{1,128}$/, "letters, digits, _, . and -"),
      retentionHours: z.number().int().min(0).max(87_600).default(24),
      keyArn: arnOf("kms"),
    })
    .optional()
    .describe("Where live audio goes; absent: as it is."),
});

/** Checked. */
export type ConnectWish = Readonly<z.output<typeof connectWishSchema>>;

/** A flow that is wished, with its template. */
export interface WishedFlow {
  readonly key: string;
  /** For places. */
  readonly file: string;
  /** In the instance. */
  readonly name: string;
  readonly type: (typeof FLOW_TYPES)[number];
  readonly description: string | undefined;
  readonly template: string;
}
