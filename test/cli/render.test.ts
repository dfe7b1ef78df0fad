/** Configuration files of the programs beside the gateway: what they hold, and what they never do. */
import { XMLParser, XMLValidator } from "fast-xml-parser";
import { describe, expect, it } from "vitest";
import { runCli } from "../support/cli-bench.ts";

const DRACHTIO = `
sip:
  host: 0.0.0.0
  port: 5070
  advertise: [{ to: 10.0.0.0/8, address: 10.0.1.5 }, { to: 0.0.0.0/0, address: 203.0.113.9 }]
  drachtio: { host: drachtio, port: 9033, secret: only-the-two-of-us }
http: { port: 0 }
`;

async function rendered(program: string, yaml: string) {
  return await runCli(["render", program, "--config", "gateway.yaml"], {
    files: { "gateway.yaml": yaml },
  });
}

describe("trunkline render drachtio", () => {
  it("names the contact, the public address and the port for applications", async () => {
    const { code, out, error } = await rendered("drachtio", DRACHTIO);
    expect({ code, error }).toEqual({ code: 0, error: "" });
    expect(XMLValidator.validate(out)).toBe(true);
    const { drachtio } = new XMLParser({ ignoreAttributes: false }).parse(out) as {
      drachtio: { admin: object; sip: { contacts: { contact: object } } };
    };
    expect(drachtio.admin).toEqual({ "#text": "0.0.0.0", "@_port": "9033" });
    expect(drachtio.sip.contacts.contact).toEqual({
      "#text": "sip:*:5070;transport=udp,tcp",
      "@_external-ip": "203.0.113.9",
      "@_local-net": "10.0.0.0/8",
    });
  });

  it("never prints the shared secret", async () => {
    const { out, error } = await rendered("drachtio", DRACHTIO);
    expect(out + error).not.toContain("only-the-two-of-us");
    expect(out).toContain("DRACHTIO_SECRET");
  });

  it("says which rule of sip.advertise drachtio-server cannot follow", async () => {
    const two = DRACHTIO.replace("[{", "[{ to: 192.168.0.0/16, address: 192.168.1.5 }, {");
    const { code, error } = await rendered("drachtio", two);
    expect(code).toBe(0);
    expect(error).toContain("peers of 10.0.0.0/8 the address 10.0.1.5");
  });

  it("says that nothing uses it while the gateway takes SIP itself", async () => {
    const { out, error } = await rendered("drachtio", "sip: { port: 5080 }\n");
    expect(out).toContain("sip:127.0.0.1:5080;transport=udp,tcp");
    expect(error).toContain("set sip.drachtio to { host, port, secret }");
  });
});

describe("trunkline render rtpengine", () => {
  it("takes ports, addresses and the time without packets from the gateway", async () => {
    const { code, out } = await rendered(
      "rtpengine",
      "sip: { host: 10.0.1.5, advertise: 203.0.113.9 }\nmedia: { ports: { min: 30000, max: 30999 }, timeoutSeconds: 45 }\nhttp: { port: 0 }\n",
    );
    expect(code).toBe(0);
    const lines = out.split("\n");
    expect(lines).toContain("interface = 10.0.1.5!203.0.113.9");
    expect(lines).toContain("port-min = 30000");
    expect(lines).toContain("port-max = 30999");
    expect(lines).toContain("timeout = 45");
    expect(lines).toContain("table = -1");
  });

  it("answers a program it does not know with 2", async () => {
    const { code, error } = await runCli(["render", "asterisk"]);
    expect(code).toBe(2);
    expect(error).toContain("drachtio, rtpengine");
  });
});
