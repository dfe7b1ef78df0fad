/** A message of Amazon SNS over HTTP: its fields, what of it is signed, and where its topic lives. */
import { z } from "zod";

const text = (maxCharacters: number) => z.string().max(maxCharacters);

const common = {
  MessageId: text(200).min(1),
  TopicArn: text(400),
  Message: text(262_144),
  Timestamp: text(40),
  SignatureVersion: z.enum(["1", "2"]),
  Signature: text(4096),
  SigningCertURL: text(1024),
};

const messageSchema = z.discriminatedUnion("Type", [
  z.object({ Type: z.literal("Notification"), Subject: text(1000).nullish(), ...common }),
  z.object({
    Type: z.enum(["SubscriptionConfirmation", "UnsubscribeConfirmation"]),
    Token: text(4096),
    SubscribeURL: text(4096),
    ...common,
  }),
]);

/** A message whose fields are there; nothing is proven yet. */
export type SnsMessage = z.output<typeof messageSchema>;

/** `undefined` for what is no message of SNS. */
export function readSnsMessage(body: string): SnsMessage | undefined {
  const parsed = messageSchema.safeParse(jsonOf(body));
  return parsed.success ? parsed.data : undefined;
}

/** Any JSON value; `undefined` for what is no JSON. */
export function jsonOf(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}

/** What the signature is over. Amazon SNS Developer Guide, "Verifying the signatures of Amazon SNS messages". */
export function signedTextOf(message: SnsMessage): string {
  const { Message, MessageId, Timestamp, TopicArn, Type } = message;
  const fields =
    message.Type === "Notification"
      ? { Message, MessageId, Subject: message.Subject ?? undefined, Timestamp, TopicArn, Type }
      : {
          Message,
          MessageId,
          SubscribeURL: message.SubscribeURL,
          Timestamp,
          Token: message.Token,
          TopicArn,
          Type,
        };
  return Object.entries(fields)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => `${name}\n${value}\n`)
    .join("");
}

/** The name of a topic with its place: partition, region, account. */
export const TOPIC_ARN =
  /^arn:(aws|aws-cn|aws-us-gov):sns:([a-z]{2}(?:-[a-z]+)+-\d{1,2}):\d{12}:[A-Za-z0-9_-]{1,256}(?:\.fifo)?$/;

/** The only host that speaks for a topic; `undefined` for what is no topic. */
export function hostOfTopic(topicArn: string): string | undefined {
  const [, partition, region] = TOPIC_ARN.exec(topicArn) ?? [];
  if (region === undefined) {
    return undefined;
  }
  return `sns.${region}.amazonaws.com${partition === "aws-cn" ? ".cn" : ""}`;
}

/** Whether an address is of that host over TLS, on its usual port and with nobody's name in it. */
export function isAt(url: string, host: string): boolean {
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  return (
    parsed !== undefined &&
    parsed.protocol === "https:" &&
    parsed.host === host &&
    parsed.username === "" &&
    parsed.password === ""
  );
}
