/** What is provisioned as an operator writes it: defaults, refusals with their place, and trunks that name a connector. */
import { describe, expect, it } from "vitest";
import { loadConfig } from "../../src/app/config.ts";
import { connectorsFileText } from "../../src/app/connectors-file.ts";
import { loadProvision } from "../../src/app/load-provision.ts";
import { loadTrunks } from "../../src/app/load-trunks.ts";
import type { Trunk } from "../../src/call/trunk.ts";
import type { Provision } from "../../src/provisioning/trunk-wish.ts";
import { memoryFiles } from "../support/memory-files.ts";

const FILE = "sip-config/trunks.yaml";
const environment = { PW: "correct-horse-battery", SHORT: "hunter2" };
const CONNECTORS = connectorsFileText("trunkline", [
  { key: "desk", id: "abc", host: "abc.voiceconnector.chime.aws", region: "eu-west-2" },
]);

function sources(text: string, more: Readonly<Record<string, string>> = {}) {
  const files = memoryFiles({ [FILE]: text, ...more });
  return { config: loadConfig({ environment: {}, files }).config, environment, files };
}

function provision(
  text: string,
  more: Readonly<Record<string, string>> = {},
): Provision | undefined {
  const { config, ...rest } = sources(text, more);
  return loadProvision(config, rest);
}

function problemsOf(load: () => unknown): string {
  try {
    load();
    return "";
  } catch (error) {
    expect(error).toMatchObject({ code: "CONFIG_INVALID" });
    return (error as Error).message;
  }
}

function desk(fields: string): string {
  return `provision: { connectors: { desk: { ${fields} } } }`;
}

describe("the provision of trunks", () => {
  it("is absent in a list of trunks, and in a file without it", () => {
    expect(provision("[]")).toBeUndefined();
    expect(provision("trunks: []")).toBeUndefined();
  });

  it("has its region from aws.region, and ports and transports from encryption", () => {
    const gateway = { "gateway.yaml": "aws: { region: eu-central-1 }\n" };
    const routes = "origination: { routes: [{ host: gw.example.com }] }";
    const wish = (fields: string) => provision(desk(fields), gateway)?.connectors[0];
    expect(wish(routes)).toMatchObject({
      name: "trunkline desk",
      region: "eu-central-1",
      origination: { disabled: false, routes: [{ port: 5061, transport: "tcp", priority: 1 }] },
    });
    expect(wish(`encryption: false, ${routes}`)?.origination?.routes[0]).toMatchObject({
      port: 5060,
      transport: "udp",
    });
  });

  it.each([
    ["kind: sip", 'found "sip"'],
    ["regoin: us-east-1", 'did you mean "region"?'],
    ["origination: { routes: [{ host: a, transport: udp }] }", "encryption needs transport: tcp"],
    ["origination: { routes: [{ host: a, transport: tls }] }", '"udp", "tcp", found "tls"'],
    ["origination: { routes: [] }", "desk.origination.routes: expected"],
    ["termination: { countries: [US], networks: [10.0.0.0/28] }", "expected a public IPv4 address"],
    ["termination: { countries: [US], networks: [203.0.113.0/24] }", "a network of /27 to /32"],
    [
      `termination: { countries: [US], credentials: [{ username: u, password: "\${env:PW}" }, { username: u, password: "\${env:PW}" }] }`,
      "expected each user name once",
    ],
    ["termination: { countries: [UK] }", "expected the ISO 3166 code of a country"],
    ["numbers: [+12065550100]", "quote it, or YAML drops its +"],
    ["tags: { 'trunkline:key': mine }", "the key of a tag"],
    [
      `termination: { countries: [US], credentials: [{ username: u, password: "\${env:SHORT}" }] }`,
      "12 characters",
    ],
  ])("refuses %s", (fields, problem) => {
    const problems = problemsOf(() => provision(desk(fields)));
    expect(problems).toContain(problem);
    expect(problems).toMatch(/sip-config\/trunks\.yaml:1:\d+ {2}provision\.connectors\.desk\./);
    expect(problems).not.toContain("hunter2");
  });

  it("refuses a number that is named twice, and a group of connectors that are not there", () => {
    const twice = `provision:
  connectors:
    one: { numbers: ["+12065550100"] }
    two: { numbers: ["+12065550100"] }
  groups:
    all: { connectors: [{ connector: three }] }`;
    const problems = problemsOf(() => provision(twice));
    expect(problems).toContain(
      `${FILE}:4:22  provision.connectors.two.numbers[0]: the number also leads to one`,
    );
    expect(problems).toContain('connectors[0].connector: there is no connector "three"');
  });
});

describe("a trunk with a connector", () => {
  const termination = `termination: { countries: [US], credentials: [{ username: gw, password: "\${env:PW}" }] }`;
  const file = (trunk: string, fields = termination): string =>
    `trunks: [{ name: a, ${trunk} }]\n${desk(fields)}`;

  function load(text: string, connectors: string | undefined = CONNECTORS): Trunk | undefined {
    const more =
      connectors === undefined ? {} : { "sip-config/trunks.connectors.yaml": connectors };
    const { config, ...rest } = sources(text, more);
    return loadTrunks(config, rest).trunks[0];
  }

  it("has host, networks, TLS, SRTP and password of it", () => {
    expect(load(file("connector: desk"))).toMatchObject({
      host: "abc.voiceconnector.chime.aws",
      networks: ["99.77.249.0/24", "2600:f0f0:c045::/48"],
      transport: "tls",
      srtp: "required",
      digest: { outbound: { username: "gw", password: environment.PW } },
    });
  });

  it("is never called where the connector takes no calls of ours", () => {
    expect(load(file("connector: desk", ""))?.host).toBeUndefined();
  });

  it("keeps what is written beside it", () => {
    const written = "connector: desk, transport: udp, srtp: off, networks: [203.0.113.9]";
    expect(load(file(written))).toMatchObject({
      transport: "udp",
      srtp: "off",
      networks: ["203.0.113.9"],
    });
  });

  it("is refused where the connector is unknown, not there yet, of another deployment, or beside a host", () => {
    const problem = (trunk: string, connectors?: string): string =>
      problemsOf(() => load(file(trunk), connectors));
    expect(problem("connector: dest")).toContain(
      `${FILE}:1:32  trunks[0].connector: there is no connector "dest" under provision`,
    );
    const notYet = 'connector "desk" is not there yet: run trunkline trunks apply';
    expect(problem("connector: desk", "deployment: trunkline\nconnectors: {}\n")).toContain(notYet);
    expect(
      problem(
        "connector: desk",
        CONNECTORS.replace("trunkline", "other").replace('"trunkline"', '"x"'),
      ),
    ).toContain(notYet);
    expect(problem("connector: desk, host: b")).toContain("has neither host nor register");
    expect(problem("connector: desk", "connectors: 5\n")).toContain("trunks.connectors.yaml:1:");
  });
});
