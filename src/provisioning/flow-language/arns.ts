/** Shapes of the ARNs that contact flows hold, and the region, account and instance in them. */

/** What an ARN may name. */
export type ArnKind =
  | "queue"
  | "agent"
  | "flow"
  | "prompt"
  | "hours"
  | "lambda"
  | "connector"
  | "lexAlias";

const PREFIX = "^arn:aws(?:-[a-z-]+)?";
const PLACE = "([a-z]{2}(?:-[a-z]+)+-\\d):(\\d{12})";
const UUID = "[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}";
const INSTANCE = `${PREFIX}:connect:${PLACE}:instance/(${UUID})`;

const SHAPES: Readonly<Record<ArnKind, readonly [RegExp, string]>> = {
  queue: [
    new RegExp(`${INSTANCE}/queue/(?:agent/)?${UUID}$`),
    "the ARN of a queue (arn:aws:connect:REGION:ACCOUNT:instance/ID/queue/ID)",
  ],
  agent: [
    new RegExp(`${INSTANCE}/agent/${UUID}$`),
    "the ARN of an agent (arn:aws:connect:REGION:ACCOUNT:instance/ID/agent/ID)",
  ],
  flow: [
    new RegExp(`${INSTANCE}/contact-flow/${UUID}(?::(?:\\$LATEST|\\$SAVED|\\d{1,6}))?$`),
    "the ARN of a contact flow (arn:aws:connect:REGION:ACCOUNT:instance/ID/contact-flow/ID)",
  ],
  prompt: [
    new RegExp(`${INSTANCE}/prompt/${UUID}$`),
    "the ARN of a prompt (arn:aws:connect:REGION:ACCOUNT:instance/ID/prompt/ID)",
  ],
  hours: [
    new RegExp(`${INSTANCE}/operating-hours/${UUID}$`),
    "the ARN of hours of operation (arn:aws:connect:REGION:ACCOUNT:instance/ID/operating-hours/ID)",
  ],
  lambda: [
    new RegExp(
      `${PREFIX}:lambda:${PLACE}:function:[A-Za-z0-9_-]{1,64}(?::[A-Za-z0-9$_-]{1,128})?$`,
    ),
    "the ARN of a Lambda function (arn:aws:lambda:REGION:ACCOUNT:function:NAME)",
  ],
  connector: [
    new RegExp(`${PREFIX}:chime:${PLACE}:vc/[a-z0-9-]{21,36}$`),
    "the ARN of a Voice Connector (arn:aws:chime:REGION:ACCOUNT:vc/ID)",
  ],
  lexAlias: [
    new RegExp(`${PREFIX}:lex:${PLACE}:bot-alias/[A-Z0-9]{10}/[A-Z0-9]{10}$`),
    "the ARN of an alias of a Lex V2 bot (arn:aws:lex:REGION:ACCOUNT:bot-alias/BOT/ALIAS)",
  ],
};

/** Where an ARN is. */
export interface ArnPlace {
  readonly region: string;
  readonly accountId: string;
  /** Of Amazon Connect; `undefined`: of another service. */
  readonly instanceId: string | undefined;
}

/** `undefined`: it has not the shape of its kind. */
export function readArn(kind: ArnKind, text: string): ArnPlace | undefined {
  const [, region, accountId, instanceId] = SHAPES[kind][0].exec(text) ?? [];
  return region === undefined || accountId === undefined
    ? undefined
    : { region, accountId, instanceId };
}

/** What would be right, in words. */
export function arnShape(kind: ArnKind): string {
  return SHAPES[kind][1];
}
