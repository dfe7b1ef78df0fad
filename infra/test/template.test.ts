/** The committed template: that it is the one of these sources, that CloudFormation knows what it asks for, and what it lets in. */
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { loadConfig } from "../../src/app/config.ts";
import { BUILT_IN_NETWORKS } from "../../src/app/voice-connector-networks.ts";
import { memoryFiles } from "../../test/support/memory-files.ts";
import { makeTemplate } from "../make-template.ts";
import { checkTemplate } from "../spec-check.ts";

interface Resource {
  readonly Type: string;
  readonly Properties: Readonly<Record<string, unknown>>;
}
interface CloudFormation {
  readonly Resources: Readonly<Record<string, Resource>>;
  readonly Mappings: Readonly<Record<string, Readonly<Record<string, { four: string }>>>>;
}

const COMMITTED = JSON.parse(
  readFileSync(new URL("../trunkline.template.json", import.meta.url), "utf8"),
) as CloudFormation;
const resources = (type: string, template = COMMITTED): readonly Resource[] =>
  Object.values(template.Resources).filter(({ Type }) => Type === type);

describe("the committed template", () => {
  it("is the one that these sources make: else npm --prefix infra run synth", () => {
    expect(makeTemplate(1)).toEqual(COMMITTED);
  });

  it("asks for nothing that CloudFormation does not know, and leaves out nothing it needs", () => {
    expect(Object.keys(COMMITTED.Resources).length).toBeGreaterThan(40);
    expect(checkTemplate(COMMITTED)).toEqual([]);
  });

  it("is held against the specification for good: a broken one is found", () => {
    const broken = structuredClone(COMMITTED) as { Resources: Record<string, Resource> };
    const [id] = Object.entries(broken.Resources).find(
      ([, { Type }]) => Type === "AWS::ECS::TaskDefinition",
    ) as [string, Resource];
    const task = broken.Resources[id] as unknown as {
      Properties: { ContainerDefinitions: Record<string, unknown>[] };
    };
    task.Properties.ContainerDefinitions[0] = { Nmae: "gateway", Image: "x" };
    broken.Resources["Odd"] = { Type: "AWS::EC2::Thing", Properties: {} };
    const problems = checkTemplate(broken).join("\n");
    expect(problems).toContain("no property Nmae");
    expect(problems).toContain("Name is required");
    expect(problems).toContain("Odd: no resource type AWS::EC2::Thing");
  });

  it("lets in SIP and RTP of the region's Voice Connectors, and nobody else", () => {
    const [group] = resources("AWS::EC2::SecurityGroup").filter(
      ({ Properties }) => Properties["GroupDescription"] === "SIP and RTP of Voice Connectors",
    );
    const rules = group?.Properties["SecurityGroupIngress"] as Record<string, unknown>[];
    expect(
      rules.map((rule) => `${rule["IpProtocol"]} ${rule["FromPort"]}-${rule["ToPort"]}`),
    ).toEqual(["udp 5060-5060", "tcp 5060-5060", "tcp 5061-5061", "udp 20000-29999"]);
    for (const { CidrIp } of rules as { CidrIp: { "Fn::FindInMap": unknown[] } }[]) {
      expect(CidrIp["Fn::FindInMap"]).toEqual([
        "VoiceConnectorNetworks",
        { Ref: "AWS::Region" },
        "four",
      ]);
    }
    const regions = COMMITTED.Mappings["VoiceConnectorNetworks"] ?? {};
    expect(Object.keys(regions).length).toBe(BUILT_IN_NETWORKS.size);
    for (const [region, { four }] of Object.entries(regions)) {
      expect(BUILT_IN_NETWORKS.get(`voice-connector:${region}`)).toContain(four);
    }
    expect(JSON.stringify(resources("AWS::EC2::SecurityGroup"))).not.toMatch(
      /"CidrIp":"0\.0\.0\.0\/0","Description":"(?!Allow all outbound)/,
    );
  });

  it("gives the gateway an environment that it takes as configuration", () => {
    const [container] = resources("AWS::ECS::TaskDefinition").flatMap(
      ({ Properties }) =>
        Properties["ContainerDefinitions"] as {
          Environment: { Name: string; Value: unknown }[];
          Secrets: { Name: string }[];
        }[],
    );
    const known: Record<string, string> = { "AWS::Region": "eu-central-1" };
    const environment = Object.fromEntries([
      ...(container?.Environment ?? []).map(({ Name, Value }) => {
        const { Ref } = Value as { Ref?: string };
        return [Name, typeof Value === "string" ? Value : (known[Ref ?? ""] ?? "203.0.113.9")];
      }),
      ...(container?.Secrets ?? []).map(({ Name }) => [Name, "0123456789abcdef0123456789abcdef"]),
    ]);
    const { config } = loadConfig({ file: undefined, environment, files: memoryFiles({}) });
    expect(config.sip).toMatchObject({
      host: "0.0.0.0",
      advertise: "203.0.113.9",
      hideFromStrangers: true,
    });
    expect(config.http.tokens).toMatchObject([
      { name: "operator", role: "operate", token: "0123456789abcdef0123456789abcdef" },
    ]);
    expect(config.assist.tokenSecret).toBe("0123456789abcdef0123456789abcdef");
    expect(config.aws.region).toBe("eu-central-1");
  });

  it("gives the gateway no permission on everything, but for transcription, which knows no resources", () => {
    const statements = resources("AWS::IAM::Policy")
      .filter(({ Properties }) => String(Properties["PolicyName"]).startsWith("TaskRole"))
      .flatMap(
        ({ Properties }) =>
          (Properties["PolicyDocument"] as { Statement: { Resource: unknown; Sid: string }[] })
            .Statement,
      );
    expect(statements.length).toBeGreaterThan(8);
    const wide = statements.filter(({ Resource }) => Resource === "*");
    expect(wide.map(({ Sid }) => Sid)).toEqual(["Transcription"]);
    expect(JSON.stringify(statements)).not.toMatch(/"Action":"\*"|"[a-z]+:\*"/);
  });

  it("makes a node, with an address and a service, for each that is asked for", () => {
    const three = makeTemplate(3) as unknown as CloudFormation;
    expect(resources("AWS::EC2::EIP", three).length).toBe(3);
    expect(resources("AWS::ECS::Service", three).length).toBe(3);
    expect(checkTemplate(three)).toEqual([]);
  });
});
