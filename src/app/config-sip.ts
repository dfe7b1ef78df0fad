/** Settings of SIP's way out: TLS with its certificates, bounds of connections, and the addresses that peers are told. */
import { z } from "zod";
import { isIpv4 } from "../core/ip-address.ts";
import { parseNetwork } from "../core/network.ts";
import { bindPort, count, filePath, ipAddress } from "./config-values.ts";

const SERVER_NAME = /^(?:\*\.)?(?:[A-Za-z0-9_-]+\.)*[A-Za-z0-9_-]+$/;

const serverNameSchema = z.strictObject({
  name: z
    .string()
    .regex(SERVER_NAME, "a host name, or *. and a domain")
    .describe("Name that a peer asks for; *.example.com covers one level."),
  cert: filePath().describe("Certificate chain for this name, PEM file."),
  key: filePath().describe("Its private key, PEM file."),
});

/** SIP over TLS, both directions. */
export const sipTlsSchema = z
  .strictObject({
    port: bindPort().default(5061).describe("TLS port; 0: any free one."),
    cert: filePath().describe("Certificate chain, PEM file; read again on SIGHUP."),
    key: filePath().describe("Private key, PEM file; read again on SIGHUP."),
    ca: filePath()
      .optional()
      .describe("Authorities, PEM file: of clients; of servers beside the public authorities."),
    verify: z
      .boolean()
      .default(true)
      .describe("false: a peer that we call need not prove its name; for a laboratory only."),
    clientCertificates: z
      .enum(["none", "request", "require"])
      .default("none")
      .describe("Whether peers that call us show a certificate; request: those that have one."),
    serverNames: z
      .array(serverNameSchema)
      .max(100)
      .default([])
      .describe("Further certificates, by the name that a peer asks for."),
  })
  .superRefine(({ clientCertificates, ca }, context) => {
    if (clientCertificates !== "none" && ca === undefined) {
      const message = `expected a file of authorities: clientCertificates is ${clientCertificates}`;
      context.addIssue({ code: "custom", path: ["ca"], message });
    }
  });

/** How many connections peers may hold. */
export const sipConnectionsSchema = z.strictObject({
  max: count(1, 65_535).default(1024).describe("TCP and TLS connections at a time, both ways."),
  perSource: count(1, 65_535).default(256).describe("Connections that one address may make to us."),
});

const advertiseRuleSchema = z
  .strictObject({
    to: z
      .string()
      .refine((text) => parseNetwork(text) !== undefined, {
        message: "expected a network such as 10.0.0.0/8 or 2001:db8::/32",
        abort: true,
      })
      .describe("Network of peers, for example 10.0.0.0/8."),
    address: ipAddress().describe("Address that these peers are told."),
  })
  .superRefine(({ to, address }, context) => {
    const isFour = parseNetwork(to)?.bytes.length === 4;
    if (isFour !== isIpv4(address)) {
      const message = `expected an ${isFour ? "IPv4" : "IPv6"} address, as ${to} is`;
      context.addIssue({ code: "custom", path: ["address"], message });
    }
  });

/** `auto`, one address for everybody, or a list of which the first entry that fits decides. */
export const advertiseSchema = z.union(
  [z.literal("auto"), ipAddress(), z.array(advertiseRuleSchema).min(1).max(100)],
  '"auto", an IP address, or a list of { to, address }',
);

/** A drachtio-server speaks TLS by its own settings. */
export function refuseForeignTls(
  { drachtio, tls }: { readonly drachtio: unknown; readonly tls?: unknown },
  context: z.RefinementCtx,
): void {
  if (drachtio !== "embedded" && tls !== undefined) {
    const message = "expected no TLS here: the drachtio-server that sip.drachtio names has its own";
    context.addIssue({ code: "custom", path: ["tls"], message });
  }
}
