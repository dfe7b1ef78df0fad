/** Every setting of the gateway: meaning, unit, range and default. Defaults appear nowhere else. */
import { z } from "zod";
import { isLoopback } from "../core/ip-address.ts";
import { a2aSchema } from "./config-a2a.ts";
import { admissionFields } from "./config-admission.ts";
import { adviceFields } from "./config-advice.ts";
import { assistSchema } from "./config-assist.ts";
import { awsSchema } from "./config-aws.ts";
import { busSchema } from "./config-bus.ts";
import { connectSchema } from "./config-connect.ts";
import { contactFields } from "./config-contacts.ts";
import { kinesisVideoSchema } from "./config-kinesis-video.ts";
import { modelsSchema } from "./config-models.ts";
import { recordingsSchema } from "./config-recordings.ts";
import {
  advertiseSchema,
  refuseForeignTls,
  sipConnectionsSchema,
  sipTlsSchema,
} from "./config-sip.ts";
import { toolsSchema } from "./config-tools.ts";
import {
  bindPort,
  count,
  filePath,
  hostName,
  ipAddress,
  notAvailable,
  remotePort,
  secret,
} from "./config-values.ts";

const sipSchema = z.strictObject({
  host: ipAddress().default("127.0.0.1").describe("Address to bind; 0.0.0.0 for all."),
  port: bindPort().default(5060).describe("UDP and TCP port; 0: any free one."),
  tls: sipTlsSchema.optional().describe("SIP over TLS; absent: none."),
  connections: sipConnectionsSchema.prefault({}).describe("Bounds of TCP and TLS connections."),
  advertise: advertiseSchema
    .default("auto")
    .describe(
      "Address in Via, Contact and SDP: one behind 1:1 NAT, or a list; auto: the bound one.",
    ),
  drachtio: z
    .union([
      z.literal("embedded"),
      z.strictObject({
        host: hostName().describe("Host of the drachtio-server."),
        port: remotePort().default(9022).describe("Its port for applications."),
        secret: secret().describe("Its shared secret; secret."),
      }),
    ])
    .default("embedded")
    .describe("The SIP server: embedded, or a drachtio-server elsewhere."),
  ...admissionFields,
});

const mediaPortsSchema = z
  .strictObject({
    min: count(1024, 65_535).default(20_000).describe("Lowest UDP port for RTP and RTCP."),
    max: count(1025, 65_535).default(29_999).describe("Highest UDP port for RTP and RTCP."),
  })
  .superRefine(({ min, max }, context) => {
    if (max <= min) {
      const message = `expected a port above min (${min}): a call takes two ports`;
      context.addIssue({ code: "custom", path: ["max"], message });
    }
  });

const mediaSchema = z.strictObject({
  ports: mediaPortsSchema.prefault({}).describe("Ports for media; a call takes two."),
  anchor: z
    .enum(["direct", "rtpengine"])
    .superRefine(notAvailable((value) => value === "rtpengine", "rtpengine"))
    .default("direct")
    .describe("Who holds the RTP sockets: direct, this process."),
  rtpengine: z
    .array(
      z.strictObject({
        host: hostName().describe("Host of rtpengine."),
        port: remotePort().default(22_222).describe("Its NG control port."),
      }),
    )
    .max(64)
    .superRefine(notAvailable((value) => Array.isArray(value) && value.length > 0, "rtpengine"))
    .default([])
    .describe("rtpengines to use; not available in this version."),
  workers: count(0, 64)
    .superRefine(notAvailable((value) => value !== 0, "a media worker thread"))
    .default(0)
    .describe("Media worker threads; 0: the main thread."),
  advertise: advertiseSchema
    .default("auto")
    .describe("Address in SDP where it differs from sip.advertise; auto: the same."),
  srtp: z
    .enum(["off", "optional", "required"])
    .default("optional")
    .describe("Encrypted audio (SRTP, keys in SDP): refused, taken when offered, or demanded."),
  timeoutSeconds: count(5, 3600)
    .default(30)
    .describe("Seconds without a packet, hold not counted, after which onTimeout happens."),
  onTimeout: z
    .enum(["end", "report"])
    .default("end")
    .describe("end: the call is ended; report: it is logged and counted, and goes on."),
  quarantineSeconds: count(0, 600)
    .default(10)
    .describe("Seconds for which the ports of an ended call are left alone."),
  uplinkBatchMs: z
    .number()
    .int()
    .min(20)
    .max(200)
    .multipleOf(20, "a multiple of 20 from 20 to 200")
    .default(40)
    .describe("Milliseconds of audio in one message to a model; less is faster and costs CPU."),
});

const callsSchema = z.strictObject({
  max: count(1, 100_000).default(500).describe("Calls at a time; more are refused with 503."),
  retryAfterSeconds: count(1, 3600)
    .default(10)
    .describe("Seconds in Retry-After of a 503, when full or draining."),
  drainSeconds: count(0, 86_400)
    .default(30)
    .describe("Seconds that calls may go on after the signal to stop."),
  ringSeconds: count(5, 600)
    .default(60)
    .describe("Seconds that a call of ours may ring before it is given up."),
  readySeconds: count(1, 120)
    .default(10)
    .describe("Seconds a phone rings for a model that does not get ready."),
  farewellSeconds: count(1, 120)
    .default(15)
    .describe("Seconds that the last words before a hang-up may take."),
});

const httpSchema = z
  .strictObject({
    host: ipAddress().default("127.0.0.1").describe("Address to bind; 0.0.0.0 for all."),
    port: bindPort().default(8080).describe("TCP port; 0: any free one."),
    tokens: z
      .array(
        z.strictObject({
          name: z
            .string()
            .regex(/^[A-Za-z0-9_-]{1,32}$/, "1 to 32 letters, digits, _ and -")
            .describe("For logs: whose token it is."),
          token: secret()
            .min(16, "at least 16 characters that nobody guesses")
            .describe("Bearer token, at least 16 characters; secret."),
          role: z
            .enum(["read", "operate", "admin"])
            .default("read")
            .describe("read: look; operate: also place and end calls; admin: everything."),
        }),
      )
      .max(1000)
      .default([])
      .describe("Who may use the API; needed when it is bound to other than loopback."),
  })
  .superRefine(({ host, tokens }, context) => {
    if (!isLoopback(host) && tokens.length === 0) {
      const message = "an address other than loopback needs at least one entry in http.tokens";
      context.addIssue({ code: "custom", path: ["host"], message });
    }
  });

const logSchema = z.strictObject({
  level: z
    .enum(["debug", "info", "warn", "error", "silent"])
    .default("info")
    .describe("The least important lines that are written."),
  file: filePath().optional().describe("Written to this file as well as to stdout."),
});

const storeSchema = z.discriminatedUnion("kind", [
  z.strictObject({
    kind: z.literal("sqlite").describe("A file on this machine."),
    path: filePath().default("./data/trunkline.db").describe("The file; its folder is made."),
  }),
  z.strictObject({
    kind: z.literal("postgres").describe("PostgreSQL, which several gateways may share."),
    url: secret()
      .regex(/^postgres(?:ql)?:\/\/[^/]/, "expected postgres://user:password@host:port/database")
      .describe("Address with user and password; secret."),
    timeoutMs: count(100, 60_000)
      .default(5000)
      .describe("Milliseconds that connecting, and one statement, may take."),
    spool: filePath()
      .default("./data/trunkline.spool")
      .describe("File on this machine for records that the database cannot take."),
  }),
]);

/** The whole configuration. */
export const configSchema = z.strictObject({
  sip: sipSchema.superRefine(refuseForeignTls).prefault({}).describe("SIP."),
  media: mediaSchema.prefault({}).describe("RTP and what models hear of it."),
  calls: callsSchema.prefault({}).describe("Bounds of calls."),
  http: httpSchema.prefault({}).describe("API, metrics and pages."),
  log: logSchema.prefault({}).describe("What the gateway writes about itself."),
  store: storeSchema.prefault({ kind: "sqlite" }).describe("Where call records are kept."),
  bus: busSchema.prefault({ kind: "memory" }).describe("How news of calls travels."),
  trunks: filePath()
    .default("sip-config/trunks.yaml")
    .describe("File of trunks; absent: nobody but loopback may call."),
  routes: filePath().default("sip-config/routes.yaml").describe("File of routes."),
  flows: filePath().default("flows").describe("Folder of flows."),
  tools: toolsSchema.prefault({}).describe("What models may ask of other services."),
  assist: assistSchema
    .extend(adviceFields)
    .extend(contactFields)
    .superRefine(({ chatStreaming, snsTopics }, context) => {
      if (chatStreaming !== undefined && !snsTopics.includes(chatStreaming.topic)) {
        const message = "expected one of assist.snsTopics: messages of others are refused";
        context.addIssue({ code: "custom", path: ["chatStreaming", "topic"], message });
      }
    })
    .prefault({})
    .describe("Help for agents, and what their pages are told."),
  a2a: a2aSchema.prefault({}).describe("Voice by A2A: calls that Amazon Connect brings itself."),
  kinesisVideo: kinesisVideoSchema.prefault({}).describe("Live audio from Kinesis Video."),
  aws: awsSchema.prefault({}).describe("Where AWS is, and who asks."),
  recordings: recordingsSchema.prefault({}).describe("Files of calls whose flows record."),
  connect: connectSchema.prefault({}).describe("Amazon Connect, and the contacts of its calls."),
  models: modelsSchema.describe("Models by name; local is always there."),
});
