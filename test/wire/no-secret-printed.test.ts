/** Every secret that the configuration can hold is put into one, every command is run, and nothing of it comes out. */
import { execFile } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { allServices } from "../support/aws/all-services.ts";
import { type AwsStandIn, startAwsStandIn } from "../support/aws/aws-stand-in.ts";
import { freeHttpPort, freeSipPort } from "./support/free-ports.ts";
import { buildGateway } from "./support/gateway-process.ts";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const RUN_LIMIT_MS = 60_000;
/** In each secret, so that one look finds them all; also as base64 in the key of recordings. */
const MARK = "tellnobody";
const RECORDING_KEY = Buffer.from(`${MARK}-recording-key-32-bytes-`.slice(0, 32)).toString(
  "base64",
);
const secret = (name: string): string => `${MARK}-${name}-0123456789abcdef0123456789abcdef`;

/** Fields of the schema that say they are secret, as paths without the choices on the way. */
const SECRET_FIELDS = [
  "a2a.keys.key",
  "assist.advisor.apiKey",
  "assist.advisor.secretAccessKey",
  "assist.advisor.sessionToken",
  "assist.tokenSecret",
  "aws.secretAccessKey",
  "aws.sessionToken",
  "bus.url",
  "connect.lookup.secret",
  "http.tokens.token",
  "models.apiKey",
  "models.bearerToken",
  "models.secretAccessKey",
  "models.sessionToken",
  "recordings.encryption.keys.key",
  "sip.drachtio.secret",
  "store.url",
];

interface SchemaNode {
  readonly description?: string;
  readonly properties?: Readonly<Record<string, SchemaNode>>;
  readonly additionalProperties?: SchemaNode | boolean;
  readonly items?: SchemaNode;
  readonly anyOf?: readonly SchemaNode[];
  readonly oneOf?: readonly SchemaNode[];
}

function secretPaths(node: SchemaNode, path: string): string[] {
  const below = [
    ...(node.anyOf ?? []),
    ...(node.oneOf ?? []),
    ...(node.items === undefined ? [] : [node.items]),
    ...(typeof node.additionalProperties === "object" ? [node.additionalProperties] : []),
  ];
  return [
    ...(/\bsecret\./.test(node.description ?? "") ? [path] : []),
    ...below.flatMap((each) => secretPaths(each, path)),
    ...Object.entries(node.properties ?? {}).flatMap(([name, each]) =>
      secretPaths(each, path === "" ? name : `${path}.${name}`),
    ),
  ];
}

const TRUNKS = `
trunks:
  - name: desk
    networks: [203.0.113.0/24]
    host: 127.0.0.1
    digest:
      inbound: { username: peer, password: ${secret("inbound")} }
      outbound: { username: us, password: ${secret("outbound")} }
provision:
  connectors:
    main:
      origination: { routes: [{ host: gw.example.com }] }
      termination:
        networks: [203.0.113.9/32]
        countries: [US]
        credentials: [{ username: gateway, password: ${secret("termination")} }]
`;

/** Two files, since some fields exclude each other. */
function configurations(ports: { sip: number; http: number }, endpoint: string) {
  const common = `
sip: { port: ${ports.sip} }
http: { port: ${ports.http}, tokens: [{ name: ops, token: ${secret("token")}, role: admin }] }
log: { level: debug }
connect: { instanceId: 11111111-2222-4333-8444-555555555555, lookup: { url: "https://crm.example.com/x", secret: ${secret("lookup")} } }
a2a: { keys: [{ name: connect, key: ${secret("a2a")} }] }
recordings: { encryption: { keys: [{ id: first, key: ${RECORDING_KEY} }] } }
models:
  o: { kind: openai, apiKey: ${secret("openai")}, url: "ws://127.0.0.1:9/v1/realtime" }
  z: { kind: azure, endpoint: "ws://127.0.0.1:9", deployment: d, bearerToken: ${secret("bearer")} }
  g: { kind: gemini, apiKey: ${secret("gemini")}, url: "ws://127.0.0.1:9" }
  l: { kind: gpt-live, apiKey: ${secret("live")}, url: "ws://127.0.0.1:9/v1/live/sessions" }
  t: { kind: openai-transcription, apiKey: ${secret("ears")}, url: "ws://127.0.0.1:9/v1/realtime" }
  n: { kind: nova-sonic, endpoint: "http://127.0.0.1:9", accessKeyId: AKIAX, secretAccessKey: ${secret("nova")}, sessionToken: ${secret("novatoken")} }
`;
  return {
    stranger: `${common}
aws: { endpoint: "${endpoint}", accessKeyId: AKIAX, secretAccessKey: ${secret("aws")}, sessionToken: ${secret("awstoken")} }
store: { kind: postgres, url: "postgres://gw:${secret("postgres")}@127.0.0.1:9/calls", spool: ./calls.spool }
bus: { kind: redis, url: "redis://gw:${secret("redis")}@127.0.0.1:9" }
assist: { tokenSecret: ${secret("assist")}, advisor: { kind: openai, model: m, url: "http://127.0.0.1:9/v1", apiKey: ${secret("advisor")} } }
`,
    known: `${common.replace(/sip: .*/, `sip: { port: ${ports.sip}, drachtio: { host: 127.0.0.1, port: 9, secret: ${secret("drachtio")} } }`)}
aws: { endpoint: "${endpoint}" }
assist: { tokenSecret: ${secret("assist")}, advisor: { kind: bedrock, model: m, endpoint: "http://127.0.0.1:9", accessKeyId: AKIAX, secretAccessKey: ${secret("bedrock")}, sessionToken: ${secret("bedrocktoken")} } }
`,
  };
}

const COMMANDS = [
  "check-config",
  "check-config --json",
  "doctor",
  "doctor --json",
  "doctor --explain invite.sip --from 203.0.113.5",
  "render drachtio",
  "render rtpengine --json",
  "schema",
  "trunks plan",
  "trunks apply --yes",
  "trunks apply --yes --rotate --json",
  "trunks show --json",
  "trunks destroy --yes",
  "flows render inbound --offline",
  "flows plan",
  "flows publish --json",
  "connect numbers",
  "connect call +12065550123 --flow nowhere --queue fallback",
  "recordings list --json",
  "calls list",
  "start",
];

describe("no secret is printed", () => {
  let standIn: AwsStandIn;
  let folder: string;

  beforeAll(async () => {
    await buildGateway();
    standIn = await startAwsStandIn({ port: 0, services: allServices() });
    folder = mkdtempSync(join(tmpdir(), "trunkline-secrets-"));
    for (const name of ["flows", "sip-config"]) {
      cpSync(join(ROOT, name), join(folder, name), { recursive: true });
    }
    mkdirSync(join(folder, "recordings"));
    writeFileSync(join(folder, "sip-config/trunks.yaml"), TRUNKS);
    writeFileSync(
      join(folder, "invite.sip"),
      "INVITE sip:agent@127.0.0.1 SIP/2.0\r\nVia: SIP/2.0/UDP 203.0.113.5;branch=z9hG4bK1\r\n" +
        "From: <sip:a@203.0.113.5>;tag=1\r\nTo: <sip:agent@127.0.0.1>\r\nCall-ID: 1@a\r\n" +
        "CSeq: 1 INVITE\r\nContact: <sip:a@203.0.113.5>\r\nMax-Forwards: 70\r\nContent-Length: 0\r\n\r\n",
    );
  });

  afterAll(async () => {
    await standIn.close();
    rmSync(folder, { recursive: true, force: true });
  });

  /** What a command says, however it ends; a gateway that starts is stopped after some seconds. */
  function outputOf(command: string, file: string): Promise<string> {
    const own = Object.entries(process.env).filter(([name]) => !name.startsWith("TRUNKLINE_"));
    const takesFile = !/^(?:calls|schema)/.test(command);
    const args = [...command.split(" "), ...(takesFile ? ["--config", file] : [])];
    return new Promise((resolve) => {
      const program = join(ROOT, "dist/main.js");
      const child = execFile(
        process.execPath,
        [program, ...args],
        {
          cwd: folder,
          timeout: command === "start" ? 6000 : RUN_LIMIT_MS,
          env: { ...Object.fromEntries(own), TRUNKLINE_DEBUG: "1", TRUNKLINE_TOKEN: secret("cli") },
          maxBuffer: 50_000_000,
        },
        (_error, stdout, stderr) => resolve(stdout + stderr),
      );
      child.stdin?.end();
    });
  }

  it("has each field that the schema calls secret in its configurations", () => {
    const schema = JSON.parse(
      readFileSync(join(ROOT, "gateway.schema.json"), "utf8"),
    ) as SchemaNode;
    expect([...new Set(secretPaths(schema, ""))].sort()).toEqual(SECRET_FIELDS);
  });

  it.each(["stranger", "known"] as const)(
    "by any command, as %s to the account, with debugging on",
    async (kind) => {
      const ports = { sip: await freeSipPort(), http: await freeHttpPort() };
      const yaml = configurations(ports, standIn.endpoint)[kind];
      const file = join(folder, `${kind}.yaml`);
      writeFileSync(file, yaml);
      expect(await outputOf("check-config", file)).toMatch(/^valid/m);
      for (const command of COMMANDS) {
        const said = await outputOf(command, file);
        expect(said, command).not.toBe("");
        expect(said, command).not.toContain(MARK);
        expect(said, command).not.toContain(RECORDING_KEY);
      }
    },
    300_000,
  );
});
