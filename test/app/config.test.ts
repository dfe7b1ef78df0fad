/** Where settings come from, which source wins, and what is said of wrong ones. */
import { describe, expect, it } from "vitest";
import { type Config, type LoadedConfig, loadConfig } from "../../src/app/config.ts";
import { GatewayError } from "../../src/core/errors.ts";
import { memoryFiles } from "../support/memory-files.ts";

interface Given {
  readonly yaml?: string;
  readonly environment?: Record<string, string>;
  readonly files?: Record<string, string>;
}

function load({ yaml, environment = {}, files = {} }: Given): LoadedConfig {
  const texts = { ...files, ...(yaml === undefined ? {} : { "gateway.yaml": yaml }) };
  return loadConfig({ environment, files: memoryFiles(texts) });
}
const configOf = (given: Given): Config => load(given).config;

function problemsOf(given: Given): string[] {
  try {
    load(given);
  } catch (error) {
    expect(error).toBeInstanceOf(GatewayError);
    expect(error).toMatchObject({ code: "CONFIG_INVALID" });
    return (error as Error).message.split("\n  ").slice(1);
  }
  return [];
}
const env = (name: string): string => `$\{env:${name}}`;
const file = (path: string): string => `$\{file:${path}}`;

describe("loadConfig", () => {
  it("needs no file: loopback, the local model", () => {
    const { config, file: source, variables } = load({});
    expect(source).toBeUndefined();
    expect(variables).toEqual([]);
    expect(config.sip).toMatchObject({ host: "127.0.0.1", port: 5060, drachtio: "embedded" });
    expect(config.models).toEqual({ local: { kind: "local", speech: "auto" } });
    expect(config.store).toEqual({ kind: "sqlite", path: "./data/trunkline.db" });
  });

  it("takes an empty file as one that changes nothing", () => {
    expect(configOf({ yaml: "# nothing\n" })).toEqual(configOf({}));
  });

  it("prefers variables over the file over defaults", () => {
    const environment = { TRUNKLINE_SIP__PORT: "5070", TRUNKLINE_CALLS__RETRY_AFTER_SECONDS: "3" };
    const config = configOf({ yaml: "sip: { port: 5061 }\ncalls: { max: 7 }\n", environment });
    expect(config.sip.port).toBe(5070);
    expect(config.calls).toMatchObject({ max: 7, retryAfterSeconds: 3, drainSeconds: 30 });
  });

  it("reads the file that is named, by the command line before the variable", () => {
    const files = memoryFiles({ "a.yaml": "calls: { max: 1 }", "b.yaml": "calls: { max: 2 }" });
    const environment = { TRUNKLINE_CONFIG: "b.yaml" };
    expect(loadConfig({ environment, files }).config.calls.max).toBe(2);
    expect(loadConfig({ file: "a.yaml", environment, files }).config.calls.max).toBe(1);
  });

  it("freezes what it returns, to the last field", () => {
    const config = configOf({});
    expect(() => Object.assign(config.media.ports, { min: 1 })).toThrow(TypeError);
    expect(() => Object.assign(config.models, { x: 1 })).toThrow(TypeError);
  });

  it("keeps the local model beside the ones a file names", () => {
    const { models } = configOf({ yaml: "models: { o: { kind: openai, apiKey: secret } }" });
    expect(Object.keys(models)).toEqual(["o", "local"]);
  });

  it("takes prices in full, and zero for those that are not named", () => {
    const prices = "{ inputText: 4, inputAudio: 32, cached: 0.4, outputAudio: 64 }";
    const { models } = configOf({
      yaml: `models: { o: { kind: openai, apiKey: secret, prices: ${prices} } }`,
    });
    expect(models["o"]).toMatchObject({
      prices: { inputText: 4, inputAudio: 32, cached: 0.4, outputText: 0, outputAudio: 64 },
    });
  });

  it("takes secrets from the environment and from files", () => {
    const yaml = `models: { a: { kind: openai, apiKey: "${env("KEY")}" }, b: { kind: openai, apiKey: "${file("/k")}" } }\nsip: { port: "${env("PORT")}" }\n`;
    const { models, sip } = configOf({
      yaml,
      environment: { KEY: "from-env", PORT: "5999" },
      files: { "/k": "from-file\n" },
    });
    expect(models).toMatchObject({ a: { apiKey: "from-env" }, b: { apiKey: "from-file" } });
    expect(sip.port).toBe(5999);
  });
});

describe("environment variables", () => {
  it("set fields of every type", () => {
    const config = configOf({
      environment: {
        TRUNKLINE_SIP__HIDE_FROM_STRANGERS: "false",
        TRUNKLINE_MEDIA__PORTS__MAX: "21000",
        TRUNKLINE_HTTP__TOKENS: '[{"name":"a","token":"0123456789abcdef"}]',
        TRUNKLINE_STORE__PATH: "12345",
        TRUNKLINE_LOG__FILE: "",
        TRUNKLINE_SIP__DRACHTIO__HOST: "drachtio",
        TRUNKLINE_SIP__DRACHTIO__SECRET: "cymru",
      },
    });
    expect(config.sip.hideFromStrangers).toBe(false);
    expect(config.sip.drachtio).toEqual({ host: "drachtio", port: 9022, secret: "cymru" });
    expect(config.media.ports).toEqual({ min: 20_000, max: 21_000 });
    expect(config.http.tokens).toHaveLength(1);
    expect(config.store).toEqual({ kind: "sqlite", path: "12345" });
    expect(config.log.file).toBeUndefined();
  });

  it("make a model of the kind it is named after", () => {
    const environment = { TRUNKLINE_MODELS__OPENAI__API_KEY: "a-key" };
    const { openai } = configOf({ environment }).models;
    expect(openai).toMatchObject({ kind: "openai", apiKey: "a-key", model: "gpt-realtime" });
  });

  it("find a model of the file whatever its letters", () => {
    const yaml = "models: { open-ai: { kind: openai, apiKey: x } }";
    const environment = { TRUNKLINE_MODELS__OPEN_AI__API_KEY: "y" };
    expect(configOf({ yaml, environment }).models["open-ai"]).toMatchObject({ apiKey: "y" });
  });

  it("of Kubernetes and of other programs are left alone", () => {
    const environment = {
      TRUNKLINE_PORT: "tcp://10.0.0.1:5060",
      TRUNKLINE_PORT_5060_UDP_ADDR: "10.0.0.1",
      TRUNKLINE_SERVICE_HOST: "10.0.0.1",
      TRUNKLINE_DEBUG: "1",
      PATH: "/bin",
    };
    expect(configOf({ environment })).toEqual(configOf({}));
  });

  it.each([
    [
      "TRUNKLINE_SIP__PROT",
      "1",
      "TRUNKLINE_SIP__PROT  no field of the configuration; did you mean TRUNKLINE_SIP__PORT?",
    ],
    [
      "TRUNKLINE_SIP_PORT",
      "1",
      "TRUNKLINE_SIP_PORT  no field of the configuration; did you mean TRUNKLINE_SIP__PORT?",
    ],
    [
      "TRUNKLINE_SIP__PORT",
      "many",
      'TRUNKLINE_SIP__PORT  sip.port: expected a whole number from 0 to 65535, found "many"',
    ],
    [
      "TRUNKLINE_MODELS__X__URL",
      "ws://a",
      'TRUNKLINE_MODELS__X__URL  models.x.kind: is missing: expected one of "local", "openai", "gemini", "azure", "gpt-live", "nova-sonic", "transcribe", "openai-transcription"',
    ],
    [
      "TRUNKLINE_LOG__FILE",
      env("NOPE"),
      "TRUNKLINE_LOG__FILE  log.file: the environment variable NOPE is not set",
    ],
  ])("%s=%s is refused by its name", (name, text, expected) => {
    expect(problemsOf({ environment: { [name]: text } })).toEqual([expected]);
  });
});

describe("a wrong configuration", () => {
  it.each([
    [
      "a host name to bind",
      "sip: { host: localhost }",
      '1:14  sip.host: expected an IPv4 or IPv6 address, found "localhost"',
    ],
    ["an unknown key", "sip: { prot: 1 }", '1:8  sip.prot: unknown key; did you mean "port"?'],
    [
      "a quoted number",
      'sip: { port: "1" }',
      '1:14  sip.port: expected a whole number from 0 to 65535, found "1": write it without quotes',
    ],
    [
      "ports the wrong way round",
      "media: { ports: { min: 3000, max: 2000 } }",
      "1:35  media.ports.max: expected a port above min (3000): a call takes two ports, found 2000",
    ],
    [
      "an open API",
      "http: { host: 0.0.0.0 }",
      "1:15  http.host: an address other than loopback needs at least one entry in http.tokens",
    ],
    [
      "a model without its key",
      "models: { openai: { kind: openai } }",
      `1:11  models.openai.apiKey: is missing: expected the key of the service, best as a reference: "${env("OPENAI_API_KEY")}"`,
    ],
    [
      "credentials in a URL",
      "models: { o: { kind: openai, apiKey: x, url: 'wss://u:p@h/' } }",
      "1:46  models.o.url: expected a ws:// or wss:// address without user and password",
    ],
    [
      "a key in a URL",
      "models: { g: { kind: gemini, apiKey: x, url: 'wss://h/?key=secret' } }",
      "1:46  models.g.url: expected an address without the key, which belongs into apiKey",
    ],
    [
      "a model nobody could dial",
      "models: { ring-5: { kind: local } }",
      "1:11  models.ring-5: expected a name that is not dialled for something else",
    ],
    [
      "another model called local",
      "models: { local: { kind: openai, apiKey: x } }",
      '1:26  models.local.kind: expected "local": this name is kept for the built-in model',
    ],
    [
      "a reference to nothing",
      `log: { file: "${file("/none")}" }`,
      "1:14  log.file: the file /none does not exist",
    ],
    [
      "client certificates that nobody vouches for",
      "sip: { tls: { cert: a, key: b, clientCertificates: require } }",
      "1:8  sip.tls.ca: is missing: expected a file of authorities: clientCertificates is require",
    ],
    [
      "TLS in front of a drachtio-server",
      "sip: { drachtio: { host: a, secret: b }, tls: { cert: a, key: b } }",
      "1:47  sip.tls: expected no TLS here: the drachtio-server that sip.drachtio names has its own",
    ],
    [
      "a server name that is none",
      "sip: { tls: { cert: a, key: b, serverNames: [{ name: 'a b', cert: c, key: d }] } }",
      "1:54  sip.tls.serverNames[0].name: expected a host name, or *. and a domain",
    ],
    [
      "an address of the wrong family",
      "sip: { advertise: [{ to: 10.0.0.0/8, address: '2001:db8::1' }] }",
      "1:47  sip.advertise[0].address: expected an IPv4 address, as 10.0.0.0/8 is",
    ],
    [
      "half a batch",
      "media: { uplinkBatchMs: 30 }",
      "1:25  media.uplinkBatchMs: expected a multiple of 20 from 20 to 200, found 30",
    ],
    [
      "half of an AWS key",
      "models: { n: { kind: nova-sonic, accessKeyId: AKIA } }",
      "1:11  models.n.secretAccessKey: accessKeyId and secretAccessKey are set together or not at all",
    ],
    [
      "audio unencrypted to another machine",
      "models: { n: { kind: nova-sonic, endpoint: 'http://10.0.0.1:80' } }",
      "1:44  models.n.endpoint: expected https://, or http:// to this machine, without user and password",
    ],
    [
      "a setting that Nova Sonic v1 does not know",
      "models: { n: { kind: nova-sonic, model: 'amazon.nova-sonic-v1:0', endpointingSensitivity: low } }",
      "1:91  models.n.endpointingSensitivity: is not known to Nova Sonic v1",
    ],
  ])("says where there is %s", (_what, yaml, expected) => {
    expect(problemsOf({ yaml }).join("\n")).toContain(`gateway.yaml:${expected}`);
  });

  it.each([
    ["media: { anchor: rtpengine }", "media.anchor: rtpengine"],
    ["media: { rtpengine: [{ host: a }] }", "media.rtpengine: rtpengine"],
    ["media: { workers: 2 }", "media.workers: a media worker thread"],
  ])("is one that wants what is not built: %s", (yaml, expected) => {
    expect(problemsOf({ yaml })).toEqual([
      expect.stringContaining(`${expected} is not available in this version`),
    ]);
  });

  it.each([
    ["bus: { kind: redis, url: 'http://h' }", "bus.url: expected redis://HOST:PORT"],
    ["bus: { kind: redis, url: 'redis://h', channel: 'a b' }", "bus.channel: expected 1 to 64"],
    ["store: { kind: postgres, url: x }", "store.url: expected postgres://user:password@host:port"],
    ["assist: { tokenSecret: short }", "assist.tokenSecret: expected at least 32 characters"],
    ["assist: { origins: ['agents.example.com'] }", "assist.origins[0]: expected an origin"],
    [
      "assist: { ccp: { url: 'http://a.my.connect.aws/ccp-v2' } }",
      "assist.ccp.url: expected https",
    ],
    ["assist: { ccp: { url: 'https://a.my.connect.aws/' } }", "assist.ccp.url: expected https"],
    ["assist: { ccp: { url: 'https://a.my.connect.aws/ccp-v2', region: x } }", "assist.ccp.region"],
  ])("says what a bus and pages need: %s", (yaml, expected) => {
    expect(problemsOf({ yaml })).toEqual([expect.stringContaining(expected)]);
  });

  it("names the file that is not there", () => {
    const environment = { TRUNKLINE_CONFIG: "none.yaml" };
    expect(problemsOf({ environment })).toEqual(["none.yaml  does not exist"]);
  });

  it("tells everything at once, in the order of the lines", () => {
    const yaml = `models: { a: { kind: openai, apiKey: "${env("NONE")}" } }\nsip: { port: 99999, hots: x }\nlog: { level: loud }\n`;
    const problems = problemsOf({ yaml, environment: { TRUNKLINE_SIP__HOTS: "y" } });
    expect(problems.map((problem) => problem.split("  ")[0])).toEqual([
      "gateway.yaml:1:38",
      "gateway.yaml:2:14",
      "gateway.yaml:2:21",
      "gateway.yaml:3:15",
      "TRUNKLINE_SIP__HOTS",
    ]);
  });

  it.each([
    [`sip: { port: "${env("KEY")}" }`],
    [`sip: { host: "x${env("KEY")}" }`],
    [`models: "${env("KEY")}"`],
    [`models: { a: { kind: "${env("KEY")}" } }`],
    ["http: { tokens: [{ name: a, token: hush }] }"],
    ["http: { tokens: [hush] }"],
    ["sip: { drachtio: { host: a, secret: [hush] } }"],
  ])("never shows a secret: %s", (yaml) => {
    const problems = problemsOf({ yaml, environment: { KEY: "hush" } });
    expect(problems).not.toEqual([]);
    expect(problems.join()).not.toContain("hush");
  });
});
