/** Every setting of a trunk: meaning, unit, range and default; the trunks of `sip-config/trunks.yaml`. */
import { z } from "zod";
import { countryOf } from "../call/countries.ts";
import type { Trunk } from "../call/trunk.ts";
import { parseNetwork } from "../core/network.ts";
import { count, hostName, remotePort, secret } from "./config-values.ts";
import { provisionSchema } from "./provision-schema.ts";
import { BUILT_IN_NETWORKS } from "./voice-connector-networks.ts";

const HEADER_NAME = /^[A-Za-z0-9!%*_+`'~.-]{1,64}$/;
/** Printable, so that no value can end its header (RFC 3261 "Header Fields"). */
const HEADER_VALUE = /^[\x20-\x7e]{1,1024}$/;
const OWN_HEADERS =
  /^(?:via|v|from|f|to|t|call-id|i|cseq|contact|m|max-forwards|route|record-route|content-length|l|content-type|c|authorization|proxy-authorization)$/i;

const headerName = (): z.ZodString =>
  z
    .string()
    .regex(HEADER_NAME, "the name of a SIP header")
    .refine((name) => !OWN_HEADERS.test(name), "expected a header that SIP itself does not need");

/** Printable text that fits between the quotes of a header. */
const userName = (): z.ZodString =>
  z.string().regex(/^[\x21\x23-\x5b\x5d-\x7e]{1,128}$/, "1 to 128 printable characters, no quotes");

const network = (): z.ZodString =>
  z
    .string()
    .refine(
      (text) => BUILT_IN_NETWORKS.has(text) || parseNetwork(text) !== undefined,
      "expected a network such as 203.0.113.0/24 or 2001:db8::/32 without bits after its prefix, an address, " +
        `or one of ${[...BUILT_IN_NETWORKS.keys()].join(", ")}`,
    );

const password = (): z.ZodString => secret("the password, best as a reference").max(256);

const digestSchema = z.strictObject({
  inbound: z
    .strictObject({
      username: userName().describe("The peer's user name."),
      password: password().describe("The peer's password; secret."),
      realm: userName().default("trunkline").describe("Named in our challenge."),
      algorithms: z
        .array(z.enum(["MD5", "SHA-256"]))
        .min(1)
        .max(2)
        .default(["MD5"])
        .describe("Offered in this order; older peers give up at any other than MD5."),
    })
    .optional()
    .describe("What the peer must prove to call us; absent: its network is proof enough."),
  outbound: z
    .strictObject({
      username: userName().describe("Our user name at the peer."),
      password: password().describe("Our password at the peer; secret."),
    })
    .optional()
    .describe("What we answer the peer's challenges with."),
});

const registerSchema = z.strictObject({
  registrar: hostName().optional().describe("Where to register; absent: the trunk's host."),
  user: userName()
    .optional()
    .describe("User part of the address-of-record; absent: the user name of digest.outbound."),
  expiresSeconds: count(60, 86_400)
    .default(3600)
    .describe("Seconds that we ask for; the registrar may grant less."),
  retrySeconds: count(1, 3600)
    .default(5)
    .describe("Seconds to wait after a failure; twice as long after each further one."),
  maxRetrySeconds: count(1, 86_400)
    .default(600)
    .describe("The longest wait between attempts, in seconds."),
});

const pingSchema = z.strictObject({
  intervalSeconds: count(5, 3600).default(30).describe("Seconds between two OPTIONS."),
  timeoutSeconds: count(1, 32).default(5).describe("Seconds to wait for an answer."),
  downAfter: count(1, 20).default(3).describe("Unanswered in a row that make the trunk down."),
});

const headersSchema = z.strictObject({
  keep: z
    .array(headerName())
    .max(32)
    .default([])
    .describe("Headers of the peer's invitations that the call record keeps."),
  set: z
    .record(headerName(), z.string().regex(HEADER_VALUE, "1 to 1024 printable characters"))
    .default({})
    .describe("Headers of our invitations to the peer, with their values."),
  remove: z
    .array(headerName())
    .max(32)
    .default([])
    .describe("Headers that our invitations to the peer never carry."),
});

const identitySchema = z.strictObject({
  trustAsserted: z
    .boolean()
    .default(false)
    .describe("true: the calling number is that of P-Asserted-Identity, where there is one."),
  assert: z
    .boolean()
    .default(false)
    .describe("true: our invitations carry P-Asserted-Identity (RFC 3325)."),
  privacy: z
    .enum(["none", "id"])
    .default("none")
    .describe("id: our invitations ask to withhold our number from the called party."),
});

const isCountry = (code: string): boolean => countryOf(code) !== undefined;

const destination = (): z.ZodString =>
  z
    .string()
    .regex(/^(?:[A-Z]{2}|\+[1-9][0-9]{0,14})$/, 'a country such as US, or a prefix such as "+4930"')
    .refine(
      (entry) => entry.startsWith("+") || isCountry(entry),
      "expected the ISO 3166 code of a country, such as US or GB",
    );

const destinationsSchema = z.strictObject({
  allow: z
    .array(destination())
    .max(1000)
    .default([])
    .describe("Countries and prefixes that our calls may go to; nothing else is called."),
  deny: z
    .array(destination())
    .max(1000)
    .default([])
    .describe("Countries and prefixes that are never called; a longer prefix in allow wins."),
});

/** One trunk. */
export const trunkSchema = z
  .strictObject({
    name: z
      .string()
      .regex(/^[a-z][a-z0-9-]{0,31}$/, "a name of up to 32 lower-case letters, digits and -")
      .describe("For routes, logs, metrics and records."),
    networks: z
      .array(network())
      .max(256)
      .default([])
      .describe("Where the peer's signalling comes from: networks, addresses, built-in lists."),
    connector: z
      .string()
      .regex(/^[a-z][a-z0-9-]{0,31}$/, "the key of a connector of provision")
      .optional()
      .describe("A Voice Connector of provision: its host, networks, transport and credentials."),
    host: hostName().optional().describe("Where our calls go; absent: the peer only calls us."),
    port: remotePort().optional().describe("Its port; absent: as DNS or the transport says."),
    transport: z.enum(["udp", "tcp", "tls"]).default("udp").describe("How SIP goes to the peer."),
    digest: digestSchema.prefault({}).describe("User names and passwords."),
    register: registerSchema.optional().describe("We register with the peer."),
    ping: pingSchema.optional().describe("We ask the peer with OPTIONS whether it is there."),
    codecs: z
      .array(z.enum(["pcmu", "pcma"]))
      .min(1)
      .max(2)
      .refine((codecs) => new Set(codecs).size === codecs.length, "expected each codec once")
      .default(["pcmu", "pcma"])
      .describe("Codecs for audio, the best first in our offers; a caller's order is kept."),
    srtp: z
      .enum(["off", "optional", "required"])
      .optional()
      .describe("Encrypted audio; absent: as media.srtp says."),
    headers: headersSchema.prefault({}).describe("Headers that are kept, set, removed."),
    identity: identitySchema.prefault({}).describe("Who is calling, between trusted networks."),
    callerId: userName()
      .optional()
      .describe("Number that our calls show; absent: the user name that the trunk knows us by."),
    callsPerSecond: z
      .number()
      .min(0.1)
      .max(10_000)
      .optional()
      .describe("Invitations a second that the peer may send; more are refused with 503."),
    maxCalls: count(1, 100_000).optional().describe("Calls at a time; more are refused with 503."),
    country: z
      .string()
      .regex(/^[A-Z]{2}$/, "an ISO 3166 code such as US")
      .refine(isCountry, "expected the ISO 3166 code of a country, such as US or GB")
      .optional()
      .describe(
        "Country whose national numbers the peer writes; absent: numbers stay as they are.",
      ),
    destinations: destinationsSchema.prefault({}).describe("Where our calls may go."),
  })
  .superRefine(checkTrunk);

/** A list of trunks, their names and networks apart. */
export const trunksSchema: z.ZodType<WrittenTrunk[]> = z.array(trunkSchema).max(1000);

/** The whole file: the trunks alone, or beside what is provisioned for them. */
export const trunksFileSchema = z.union([
  trunksSchema,
  z.strictObject({
    trunks: z.array(trunkSchema).max(1000).default([]).describe("Who may call, and how."),
    provision: provisionSchema
      .optional()
      .describe("Voice Connectors that `trunkline trunks` makes and keeps as they are here."),
  }),
]);

/** A trunk as it is written; a connector is still to be looked up. */
export type WrittenTrunk = Trunk & { readonly connector?: string | undefined };

function checkTrunk(trunk: WrittenTrunk, context: z.RefinementCtx): void {
  const refuse = (path: readonly string[], message: string): void =>
    context.addIssue({ code: "custom", path: [...path], message });
  const { networks, digest, host, register, connector } = trunk;
  if (connector !== undefined) {
    if (host !== undefined || register !== undefined) {
      refuse(["connector"], "a trunk with a connector has neither host nor register");
    }
    return;
  }
  if (networks.length === 0 && digest.inbound === undefined && host === undefined) {
    refuse([], "a trunk needs networks or digest.inbound for its calls, or a host for ours");
  }
  if (host === undefined && trunk.ping !== undefined) {
    refuse(["ping"], "a ping needs the trunk's host");
  }
  if (register === undefined) {
    return;
  }
  if (host === undefined && register.registrar === undefined) {
    refuse(["register"], "a registration needs a registrar, or the trunk's host");
  }
  if (register.user === undefined && digest.outbound === undefined) {
    refuse(["register"], "a registration needs a user, or digest.outbound");
  }
}
