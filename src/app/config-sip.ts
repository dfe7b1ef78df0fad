/** Settings of SIP over streams: TLS with its certificates, and bounds of connections. */
import { z } from "zod";
import { bindPort, count, filePath } from "./config-values.ts";

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
