/** `trunkline sip-server` as it is typed: what it listens on, and what it objects to. */
import { describe, expect, it } from "vitest";
import { formatEndpoint, parseEndpoint } from "../../src/cli/endpoint.ts";
import type { SipServerCommandOptions } from "../../src/cli/sip-server-command.ts";
import { runCli } from "../support/cli-bench.ts";

async function typed(args: string) {
  const seen: SipServerCommandOptions[] = [];
  const sipServer = async (options: SipServerCommandOptions): Promise<0> => {
    seen.push(options);
    return 0;
  };
  const result = await runCli(`sip-server ${args}`.trim().split(" "), {
    implementations: { sipServer },
  });
  return { ...result, seen };
}

describe("trunkline sip-server", () => {
  it("listens on loopback, with the address and the secret that drachtio-srf is used to", async () => {
    expect((await typed("")).seen).toEqual([
      {
        sip: { host: "127.0.0.1", port: 5060 },
        tls: undefined,
        admin: { host: "127.0.0.1", port: 9022 },
        secret: "cymru",
        json: false,
      },
    ]);
  });

  it("takes addresses, also of IPv6, and a secret", async () => {
    const { seen } = await typed("--sip [::]:5070 --admin 10.0.0.1:9023 --secret s3 --json");
    expect(seen).toEqual([
      {
        sip: { host: "::", port: 5070 },
        tls: undefined,
        admin: { host: "10.0.0.1", port: 9023 },
        secret: "s3",
        json: true,
      },
    ]);
  });

  it("takes a certificate and its key for TLS", async () => {
    const { seen } = await typed("--tls 127.0.0.1:5061 --cert a.pem --key a.key");
    expect(seen).toMatchObject([{ tls: { port: 5061, cert: "a.pem", key: "a.key" } }]);
  });

  it.each([
    ["--sip 5060", "Expected ADDRESS:PORT"],
    ["--sip 127.0.0.1:66000", "Expected ADDRESS:PORT"],
    ["--sip example.com:5060", "Expected ADDRESS:PORT"],
    ["--admin ::1:9022", "Expected ADDRESS:PORT"],
    ["--tls 127.0.0.1:5061", "--tls, --cert and --key belong together"],
    ["--cert a.pem --key a.key", "--tls, --cert and --key belong together"],
    ["--tls 0.0.0.0:5061 --cert a --key b", "--tls must name the address of --sip, 127.0.0.1"],
    ["--secret a|b", "--secret may not be empty"],
    ["--admin 0.0.0.0:9022", "choose a --secret of your own"],
    ["--port 5060", "unknown option '--port'"],
  ])("objects to %s with 2", async (args, expected) => {
    const { code, error, seen } = await typed(args);
    expect(error).toContain(expected);
    expect({ code, seen }).toEqual({ code: 2, seen: [] });
  });
});

it.each(["127.0.0.1:5060", "[::1]:0", "localhost:65535"])("%s is read and written", (text) => {
  const endpoint = parseEndpoint(text);
  expect(endpoint === undefined ? undefined : formatEndpoint(endpoint)).toBe(text);
});
