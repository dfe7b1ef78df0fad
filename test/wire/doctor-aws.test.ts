/** What `trunkline doctor` says of an account, with stand-ins of AWS over real HTTP: each finding comes, and goes. */
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { awsError } from "../support/aws/aws-stand-in.ts";
import { refuseNext } from "../support/aws/faults.ts";
import { says, type Words } from "../support/doctor-lab.ts";
import { AccountLab, PASSWORD, SECRET_KEYS, WITH_INSTANCE } from "./support/account-lab.ts";

const GROUP = "sg-0123456789abcdef0";

const TRUNKS = `
trunks: []
provision:
  connectors:
    desk:
      encryption: false
      origination: { routes: [{ host: gw.example.com }] }
      termination:
        networks: [198.51.100.16/28]
        countries: [US]
        credentials: [{ username: gateway, password: "\${env:PASSWORD}" }]
`;
const TRANSFER = `${TRUNKS}    transfer: { kind: callTransfer, encryption: false }\n`;

let lab: AccountLab;
const printed: string[] = [];

async function hears(words: Words, ...rest: Parameters<AccountLab["examine"]>): Promise<boolean> {
  const result = await lab.examine(...rest);
  printed.push(result.out);
  return says(result.troubles, words);
}

beforeEach(async () => {
  lab = await new AccountLab().start();
});

afterEach(async () => {
  await lab.standIn.close();
  const all = printed.splice(0).join("\n");
  for (const secret of [PASSWORD, ...Object.values(SECRET_KEYS)]) {
    expect(all).not.toContain(secret);
  }
  expect(all).not.toMatch(/\+1206555\d{4}/);
});

describe("the doctor, of an account of AWS,", () => {
  it("asks nobody and says one line where nothing needs it", async () => {
    const { checks } = await lab.examine(undefined);
    expect(checks.filter(({ name }) => name.startsWith("aws"))).toEqual([
      { name: "aws", level: "ok", finding: "nothing configured needs an account" },
    ]);
    expect(lab.standIn.asked).toEqual([]);
  });

  it.each([
    ["ExpiredToken", "the keys have expired", "aws sso login"],
    ["InvalidClientTokenId", "AWS does not know these keys in us-east-1", "aws.accessKeyId"],
    ["SignatureDoesNotMatch", "does not belong to the access key", "aws.secretAccessKey"],
    ["AccessDenied", "may not", "policy"],
  ])("says what is wrong with keys, and asks no further: %s", async (code, finding, advice) => {
    lab.sts.state.refuse = code;
    expect(await hears(["aws keys", finding, advice], TRUNKS)).toBe(true);
    expect(lab.standIn.asked.map(({ service }) => service)).toEqual(["sts"]);
    lab.sts.state.refuse = undefined;
    expect(await hears(["aws keys", "", ""], TRUNKS)).toBe(false);
  });

  it("tells a wrong clock from a wrong secret", async () => {
    Object.assign(lab.sts.state, { refuse: "SignatureDoesNotMatch", clockOffsetMs: 3_600_000 });
    expect(await hears(["clock", "60 minutes behind AWS", "timedatectl"], TRUNKS)).toBe(true);
    expect(await hears(["aws keys", "", ""], TRUNKS)).toBe(false);
    Object.assign(lab.sts.state, { refuse: undefined, clockOffsetMs: -600_000 });
    expect(await hears(["clock", "10 minutes ahead of AWS", ""], TRUNKS)).toBe(true);
    lab.sts.state.clockOffsetMs = 0;
    expect(await hears(["clock", "", ""], TRUNKS)).toBe(false);
  });

  it("names every read call that is refused, together, and who may not", async () => {
    const denied = awsError(403, "ForbiddenException", "no");
    lab.standIn.faults.push(
      refuseNext("ListVoiceConnectors", denied),
      refuseNext("ListPhoneNumbers", denied),
    );
    const words: Words = [
      "aws permissions",
      "chime:ListVoiceConnectors, chime:ListPhoneNumbers: role gateway may not",
      "allow chime:ListVoiceConnectors, chime:ListPhoneNumbers in a policy of role gateway",
    ];
    expect(await hears(words, TRUNKS)).toBe(true);
    expect(await hears(["aws permissions", "", ""], TRUNKS)).toBe(false);
  });

  it("says of changes that they cannot be tried", async () => {
    const { checks } = await lab.examine(TRUNKS);
    const words: Words = ["aws changes", "chime:CreateVoiceConnector", ""];
    expect(says(checks, words)).toBe(true);
    expect(checks.find(({ name }) => name === "aws changes")?.finding).toContain("no dry run");
  });

  it("finds quotas that are too small, the gated one too", async () => {
    const gated: Words = [
      "quotas",
      "(L-2BE4D75F): 1 are wanted in us-east-1, 0 allowed",
      "servicequotas",
    ];
    const fast: Words = ["quotas", "new calls a second: 4 are wanted in us-east-1, 1 allowed", ""];
    const yaml = TRANSFER.replace("countries: [US]", "countries: [US]\n        callsPerSecond: 4");
    expect(await hears(gated, yaml)).toBe(true);
    expect(await hears(fast, yaml)).toBe(true);
    lab.quotas.raise("External voice transfer connectors", 1);
    lab.quotas.raise("Voice Connector calls per second", 5);
    expect(await hears(["quotas", "", ""], yaml)).toBe(false);
    lab.quotas.raise("Voice Connectors", 1);
    expect(await hears(["quotas", "Voice Connectors: 2 are wanted", ""], yaml)).toBe(true);
  });

  it("warns of more calls than the account takes", async () => {
    const yaml = TRUNKS.replace(
      "trunks: []",
      "trunks: [{ name: t, networks: [192.0.2.0/24], maxCalls: 40 }]",
    );
    const words: Words = ["quotas", "10 allowed, while the trunks take 40", "maxCalls"];
    expect(await hears(words, yaml)).toBe(true);
    expect(await hears(words, yaml.replace("maxCalls: 40", "maxCalls: 10"))).toBe(false);
  });

  it("goes by the plan of the trunks: nothing there, then all, then changed by hand", async () => {
    const name = "trunks in the account";
    const missing: Words = [name, "create connector desk", "trunks apply mends it"];
    expect(await hears(missing, TRUNKS)).toBe(true);
    await lab.apply(TRUNKS);
    expect(await hears([name, "", ""], TRUNKS)).toBe(false);
    const [connector] = lab.chime.connectors.all.values();
    connector?.settings.delete("Termination");
    const drifted: Words = [name, "1 difference", "trunks plan shows each field"];
    expect(await hears(drifted, TRUNKS)).toBe(true);
    await lab.apply(TRUNKS);
    expect(await hears([name, "", ""], TRUNKS)).toBe(false);
  });

  it("finds that the file which trunks look connectors up in is lost", async () => {
    await lab.apply(TRUNKS);
    const words: Words = ["trunks in the account", "their trunks do not start", "show --write"];
    expect(await hears(words, TRUNKS)).toBe(false);
    delete lab.files["sip-config/trunks.connectors.yaml"];
    expect(await hears(words, TRUNKS)).toBe(true);
  });

  it("says that it could not compare where AWS fails, and ends", async () => {
    const failed = awsError(400, "BadRequestException", "no");
    lab.standIn.faults.push({
      hits: ({ operation }) => operation === "ListTagsForResource",
      answer: failed,
    });
    await lab.apply(TRUNKS).catch(() => undefined);
    const words: Words = ["trunks in the account", "could not be compared", "try again"];
    expect(await hears(words, TRUNKS)).toBe(true);
  });
});

describe("the doctor, of contact flows,", () => {
  const gateway = WITH_INSTANCE;

  it("goes by the plan of the flows: nothing there, then all, then changed by hand", async () => {
    const missing: Words = ["contact flows", "create contact flow", "flows publish mends it"];
    expect(await hears(missing, undefined, { gateway })).toBe(true);
    await lab.publish();
    expect(await hears(["contact flows", "differences", ""], undefined, { gateway })).toBe(false);
    for (const flow of lab.connect.flows.values()) {
      flow.content = '{"Version":"2019-10-30"}';
    }
    const drifted: Words = ["contact flows", "5 differences", "flows plan shows it"];
    expect(await hears(drifted, undefined, { gateway })).toBe(true);
  });

  it("finds flows that name queues, numbers and connectors which are not there", async () => {
    const connector: Words = ["contact flows", "Voice Connector abcdef1ghij2klmno3pqr4", "ARN"];
    expect(await hears(connector, undefined, { gateway })).toBe(true);
    lab.edit("agents: { name: agents }", "agents: { name: nobody }");
    const queue: Words = [
      "contact flows",
      'queue "nobody": the instance has none',
      "it has: agents",
    ];
    expect(await hears(queue, undefined, { gateway })).toBe(true);
    lab.edit("agents: { name: nobody }", "agents: { name: agents }");
    lab.edit("connectors:                  #", "connectors: {}\n# ");
    lab.edit("  transfer: arn", "# arn");
    expect(await hears(queue, undefined, { gateway })).toBe(false);
    expect(await hears(connector, undefined, { gateway })).toBe(false);
    lab.edit('"+12065550100": inbound', '"+12065550177": inbound');
    const number: Words = ["contact flows", "number ending in 77: it is not claimed", "claim it"];
    expect(await hears(number, undefined, { gateway })).toBe(true);
  });

  it("finds placeholders of nothing, and live audio that the instance keeps nowhere", async () => {
    lab.edit(
      "lambdas: {}",
      'lambdas: { assist: "arn:aws:lambda:us-east-1:111122223333:function:a" }',
    );
    lab.edit("# assist: { file", "assist: { file");
    const lint: Words = ["contact flows", "<<flow:disposition>> is not resolved", "flows validate"];
    expect(await hears(lint, undefined, { gateway })).toBe(true);
    lab.edit("# disposition: { file", "disposition: { file");
    expect(await hears(lint, undefined, { gateway })).toBe(false);
    const words: Words = ["contact flows", "assist streams live audio", "set mediaStreams"];
    expect(await hears(words, undefined, { gateway })).toBe(true);
    lab.edit("# mediaStreams: { prefix: trunkline", "mediaStreams: { prefix: trunkline");
    lab.edit("key/…", "key/1");
    await lab.publish();
    expect(await hears(words, undefined, { gateway })).toBe(false);
  });

  it("finds another instance than the gateway's, and keys of another account", async () => {
    lab.edit("instanceId: 1111", "accountId: '444455556666'\ninstanceId: 1111");
    const keys: Words = [
      "aws keys",
      "of account 111122223333, but connect.yaml names",
      "accountId",
    ];
    expect(await hears(keys, undefined, { gateway })).toBe(true);
    lab.sts.state.account = "444455556666";
    expect(await hears(keys, undefined, { gateway })).toBe(false);
    lab.edit("instanceId: 1111", "instanceId: 2111");
    const other: Words = ["contact flows", "connect.instanceId is 1111", "the same id"];
    expect(await hears(other, undefined, { gateway })).toBe(true);
  });

  it("finds that pages show the contact control panel and no origin is approved", async () => {
    const pages = `${gateway}assist: { ccp: { url: "https://us.my.connect.aws/ccp-v2" } }\n`;
    const words: Words = ["contact flows", "approves no origin", "into origins"];
    expect(await hears(words, undefined, { gateway: pages })).toBe(true);
    expect(await hears(words, undefined, { gateway })).toBe(false);
    lab.edit("origins: []", 'origins: ["https://gw.example.com"]');
    expect(await hears(words, undefined, { gateway: pages })).toBe(false);
  });

  it("finds that contacts may not be read, and tries it without one", async () => {
    const words: Words = [
      "aws permissions",
      "connect:GetContactAttributes",
      "allow connect:GetContact",
    ];
    expect(await hears(words, undefined, { gateway })).toBe(false);
    const denied = awsError(403, "AccessDeniedException", "no");
    lab.standIn.faults.push(refuseNext("GetContactAttributes", denied));
    expect(await hears(words, undefined, { gateway })).toBe(true);
  });

  it("finds ARNs of another region", async () => {
    const topic = "arn:aws:sns:eu-west-1:111122223333:chats";
    const chats = `assist: { snsTopics: ["${topic}"], chatStreaming: { instanceId: i-1, topic: "${topic}" } }\n`;
    const words: Words = ["aws region", "assist.chatStreaming.topic is in eu-west-1", "aws.region"];
    expect(await hears(words, undefined, { gateway: chats })).toBe(true);
    const here = chats.replaceAll("eu-west-1", "us-east-1");
    expect(await hears(words, undefined, { gateway: here })).toBe(false);
  });
});

describe("the doctor, of security groups,", () => {
  const args = ["--security-group", GROUP];
  const media = { protocol: "udp", from: 20_000, to: 29_999, cidrs: ["3.80.16.0/23"] };
  const sip = { protocol: "udp", from: 5060, to: 5060, cidrs: ["3.80.0.0/16"] };
  const shut: Words = [
    "security groups",
    "media on UDP 20000-29999 is not let in from 3.80.16.0/23",
    `--group-id ${GROUP} --protocol udp --port 20000-29999 --cidr 3.80.16.0/23`,
  ];

  it("finds what is not let in, and the command for it", async () => {
    lab.ec2.groups.set(GROUP, [sip]);
    expect(await hears(shut, TRUNKS, { args })).toBe(true);
    lab.ec2.groups.set(GROUP, [sip, { ...media, to: 25_000 }]);
    expect(await hears(shut, TRUNKS, { args })).toBe(true);
    lab.ec2.groups.set(GROUP, [sip, { ...media, to: 25_000 }, { ...media, from: 25_001 }]);
    expect(await hears(["security groups", "", ""], TRUNKS, { args })).toBe(false);
    lab.ec2.groups.set(GROUP, [media]);
    const words: Words = ["security groups", "SIP on UDP 5060 is not let in", "--port 5060"];
    expect(await hears(words, TRUNKS, { args })).toBe(true);
  });

  it("finds SIP that is open to everybody, and a group that is not there", async () => {
    lab.ec2.groups.set(GROUP, [{ protocol: "-1", cidrs: ["0.0.0.0/0"] }]);
    const open: Words = [
      "security groups",
      "open to the whole internet",
      "networks of your trunks",
    ];
    expect(await hears(open, TRUNKS, { args })).toBe(true);
    lab.ec2.groups.set(GROUP, [sip, media]);
    expect(await hears(open, TRUNKS, { args })).toBe(false);
    lab.ec2.groups.clear();
    expect(await hears(["security groups", "there is no such thing", "id"], TRUNKS, { args })).toBe(
      true,
    );
  });

  it("does not ask unless somebody names them", async () => {
    await lab.examine(TRUNKS);
    expect(lab.standIn.asked.some(({ service }) => service === "ec2")).toBe(false);
  });
});
