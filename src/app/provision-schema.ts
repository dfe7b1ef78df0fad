/** Every setting of a provisioned Voice Connector: meaning, unit, range and default. */
import { z } from "zod";
import { count } from "./config-values.ts";
import { key, originationSchema, phoneNumber, terminationSchema } from "./provision-values.ts";
import { BUILT_IN_NETWORKS } from "./voice-connector-networks.ts";

const REGIONS = [...BUILT_IN_NETWORKS.keys()].map((name) => name.replace("voice-connector:", ""));

const streamingSchema = z.strictObject({
  disabled: z.boolean().default(false).describe("true: no audio is streamed."),
  retentionHours: count(0, 87_600).describe("Hours that the audio is kept; 0: it is not kept."),
  notify: z
    .array(z.enum(["eventBridge", "sns", "sqs"]))
    .max(3)
    .default(["eventBridge"])
    .describe("Who hears that a stream began or ended."),
  analytics: z
    .strictObject({
      disabled: z.boolean().default(false).describe("true: calls are not analysed."),
      configuration: z
        .string()
        .regex(/^arn:[^\s]{1,1000}$/, "an ARN")
        .describe("ARN of a call analytics configuration."),
    })
    .optional()
    .describe("Call analytics; changes take about five minutes to arrive."),
});

const externalSystemsSchema = z.strictObject({
  borderControllers: z
    .array(
      z.enum([
        "RIBBON_SBC",
        "ORACLE_ACME_PACKET_SBC",
        "AVAYA_SBCE",
        "CISCO_UNIFIED_BORDER_ELEMENT",
        "AUDIOCODES_MEDIANT_SBC",
      ]),
    )
    .max(5)
    .default([])
    .describe("Session border controllers beside the connector."),
  contactCenters: z
    .array(
      z.enum([
        "GENESYS_ENGAGE_ON_PREMISES",
        "AVAYA_AURA_CALL_CENTER_ELITE",
        "AVAYA_AURA_CONTACT_CENTER",
        "CISCO_UNIFIED_CONTACT_CENTER_ENTERPRISE",
      ]),
    )
    .max(4)
    .default([])
    .describe("Contact centre systems beside it."),
});

const numberFields = {
  numbers: z
    .array(phoneNumber())
    .max(500)
    .optional()
    .describe("Exactly these lead here, ordered where need be; absent: what leads here is left."),
  search: z
    .array(
      z.strictObject({
        type: z.enum(["local", "tollFree"]).default("local").describe("Which sort of number."),
        prefix: z
          .string()
          .regex(/^[2-9][0-9]{2}$/, 'three digits in quotes, such as "206"')
          .describe("Area code, or prefix of a toll-free number."),
        count: count(1, 50).default(1).describe("How many."),
      }),
    )
    .max(20)
    .default([])
    .describe("Numbers of the United States, whichever are free; ordered once and kept."),
};

/** One connector, as it is written. */
export const connectorSchema = z
  .strictObject({
    name: z
      .string()
      .regex(/^[a-zA-Z0-9 _.-]{1,256}$/, "1 to 256 letters, digits, spaces, _, . and -")
      .optional()
      .describe("Shown in the console; absent: deployment and key."),
    kind: z
      .enum(["phone", "callTransfer", "analytics"])
      .default("phone")
      .describe("phone: numbers; callTransfer, analytics: Amazon Connect. Never changes."),
    region: z.enum(REGIONS).optional().describe("AWS region; absent: aws.region. Never changes."),
    network: z
      .enum(["ipv4", "dualStack"])
      .default("ipv4")
      .describe("dualStack: IPv6 as well, where our host has it. Never changes."),
    encryption: z
      .boolean()
      .default(true)
      .describe("true: TLS and SRTP only; needs a certificate that AWS trusts."),
    origination: originationSchema.optional().describe("Calls to us; absent: none."),
    termination: terminationSchema.optional().describe("Calls of ours; absent: none."),
    logging: z
      .strictObject({
        sip: z.boolean().default(false).describe("SIP messages go to CloudWatch, numbers in them."),
        media: z.boolean().default(false).describe("Measurements of media go to CloudWatch."),
      })
      .prefault({})
      .describe("What the service writes to CloudWatch."),
    streaming: streamingSchema.optional().describe("Audio to Kinesis Video Streams; absent: none."),
    externalSystems: externalSystemsSchema.optional().describe("Other equipment beside it."),
    ...numberFields,
    tags: z
      .record(
        z.string().regex(/^(?!aws:|trunkline:)[\w .:/=+@-]{1,128}$/, "the key of a tag"),
        z.string().max(256),
      )
      .refine((tags) => Object.keys(tags).length <= 45, "expected at most 45 tags")
      .default({})
      .describe("Further tags; those that others set are left alone."),
  })
  .superRefine(({ encryption, origination }, context) => {
    for (const [index, { transport }] of (origination?.routes ?? []).entries()) {
      if (encryption && transport === "udp") {
        const path = ["origination", "routes", index, "transport"];
        const message = "encryption needs transport: tcp (TLS goes over it); udp is not encrypted";
        context.addIssue({ code: "custom", path, message });
      }
    }
  });

const groupSchema = z.strictObject({
  connectors: z
    .array(
      z.strictObject({
        connector: key().describe("Key of a connector."),
        priority: count(1, 99).default(1).describe("1 is asked first."),
      }),
    )
    .min(1)
    .max(20)
    .describe("Who takes the calls of the group's numbers."),
  distribution: z
    .enum(["priority", "balanced"])
    .default("priority")
    .describe("priority: by priority, then by chance; balanced: all the same."),
  ...numberFields,
});

/** The `provision` part of `sip-config/trunks.yaml`. */
export const provisionSchema = z
  .strictObject({
    deployment: key()
      .default("trunkline")
      .describe("Marks what is ours; each installation in an account needs its own."),
    connectors: z.record(key(), connectorSchema).default({}).describe("Voice Connectors by key."),
    groups: z.record(key(), groupSchema).default({}).describe("Groups of them by key."),
  })
  .superRefine(checkTogether);

/** The part, checked. */
export type WrittenProvision = z.output<typeof provisionSchema>;

function checkTogether(provision: WrittenProvision, context: z.RefinementCtx): void {
  const refuse = (path: readonly PropertyKey[], message: string): void =>
    context.addIssue({ code: "custom", path: [...path], message });
  const owners = [
    ...Object.entries(provision.connectors).map((entry) => ["connectors", ...entry] as const),
    ...Object.entries(provision.groups).map((entry) => ["groups", ...entry] as const),
  ];
  const seen = new Map<string, string>();
  for (const [part, name, { numbers }] of owners) {
    for (const [index, number] of (numbers ?? []).entries()) {
      const other = seen.get(number);
      seen.set(number, name);
      if (other !== undefined) {
        refuse([part, name, "numbers", index], `the number also leads to ${other}`);
      }
    }
  }
  for (const [name, { connectors }] of Object.entries(provision.groups)) {
    for (const [index, { connector }] of connectors.entries()) {
      if (!Object.hasOwn(provision.connectors, connector)) {
        const path = ["groups", name, "connectors", index, "connector"];
        refuse(path, `there is no connector "${connector}"`);
      }
    }
  }
}
