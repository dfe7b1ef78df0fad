/** Where a provisioned Voice Connector brings its calls, and which calls of ours it takes: meaning, unit, range, default. */
import { z } from "zod";
import { countryOf } from "../call/countries.ts";
import { addressBytes, isInNetwork, parseNetwork } from "../core/network.ts";
import { count, hostName, remotePort, secret } from "./config-values.ts";

/** Networks that no Voice Connector sees: RFC 1918, loopback, link-local, shared. */
const PRIVATE = ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "127.0.0.0/8", "169.254.0.0/16"]
  .concat("100.64.0.0/10")
  .flatMap((text) => parseNetwork(text) ?? []);

/** What things of ours are called in the file. */
export const key = (): z.ZodString =>
  z.string().regex(/^[a-z][a-z0-9-]{0,31}$/, "a name of up to 32 lower-case letters, digits and -");

/** A country by its code. */
export const country = (): z.ZodString =>
  z
    .string()
    .regex(/^[A-Z]{2}$/, "an ISO 3166 code such as US")
    .refine((code) => countryOf(code) !== undefined, "expected the ISO 3166 code of a country");

/** A number in E.164. */
export const phoneNumber = (): z.ZodString =>
  z.string().regex(/^\+[1-9][0-9]{6,14}$/, 'a number such as "+12065550100", in quotes');

const publicNetwork = (): z.ZodString =>
  z
    .string()
    .refine(
      isPublicNetwork,
      "expected a public IPv4 address, or a network of /27 to /32 such as 203.0.113.0/28",
    );

const routeSchema = z.strictObject({
  host: hostName().describe("Name or public address of the gateway."),
  port: remotePort().optional().describe("Its port; absent: 5061 with encryption, else 5060."),
  transport: z
    .enum(["udp", "tcp"])
    .optional()
    .describe("With encryption: tcp, and TLS in it; absent: tcp with encryption, else udp."),
  priority: count(1, 100).default(1).describe("1 is asked first."),
  weight: count(1, 100).default(1).describe("Share among routes of one priority."),
});

/** Calls to us. */
export const originationSchema = z.strictObject({
  disabled: z.boolean().default(false).describe("true: no calls come in."),
  routes: z.array(routeSchema).min(1).max(10).describe("Where the connector's calls go: to us."),
});

/** Calls of ours. */
export const terminationSchema = z.strictObject({
  disabled: z.boolean().default(false).describe("true: no calls of ours are taken."),
  networks: z
    .array(publicNetwork())
    .max(100)
    .default([])
    .describe("Public addresses that our calls come from, /27 to /32."),
  callsPerSecond: count(1, 1000)
    .default(1)
    .describe("Calls a second that we may begin; more than 1 needs a higher quota."),
  countries: z.array(country()).min(1).max(250).describe("Countries that may be called."),
  defaultNumber: phoneNumber().optional().describe("Number that our calls show without another."),
  credentials: z
    .array(
      z.strictObject({
        username: z
          .string()
          .regex(/^[\x21\x23-\x5b\x5d-\x7e]{1,128}$/, "1 to 128 printable characters, no quotes")
          .describe("Our user name."),
        password: secret("a password of at least 12 characters, best as a reference")
          .min(12, "at least 12 characters that nobody guesses")
          .regex(/^[\x20-\x7e]{12,128}$/, "12 to 128 printable characters")
          .describe("Our password; secret."),
      }),
    )
    .max(10)
    .refine(
      (all) => new Set(all.map(({ username }) => username)).size === all.length,
      "expected each user name once",
    )
    .default([])
    .describe("User names and passwords that our calls may prove instead of an address."),
});

function isPublicNetwork(text: string): boolean {
  const network = parseNetwork(text);
  const bytes = addressBytes(text.split("/", 1)[0] as string);
  return (
    network !== undefined &&
    bytes?.length === 4 &&
    network.prefixBits >= 27 &&
    !PRIVATE.some((range) => isInNetwork(range, bytes))
  );
}
