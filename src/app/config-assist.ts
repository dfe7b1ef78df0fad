/** Settings of the assist socket. */
import { z } from "zod";
import { isIpAddress, isLoopback } from "../core/ip-address.ts";
import { count, secret } from "./config-values.ts";

/** The page of a contact control panel; unencrypted on this machine only, for a stand-in. */
function isCcpUrl(text: string): boolean {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || url.username !== "" || url.password !== "") {
    return false;
  }
  const host = url.hostname.replace(/^\[|\]$/g, "");
  const isHere = isIpAddress(host) && isLoopback(host);
  const isSafe = url.protocol === "https:" || (url.protocol === "http:" && isHere);
  return isSafe && /^(?:\/connect)?\/ccp-v2\/?$/.test(url.pathname) && url.search + url.hash === "";
}

const ccpSchema = z.strictObject({
  url: z
    .string()
    .refine(isCcpUrl, "expected https://NAME.my.connect.aws/ccp-v2, or …awsapps.com/connect/ccp-v2")
    .describe("Address of the contact control panel of the instance of Amazon Connect."),
  region: z
    .string()
    .regex(/^[a-z]{2}(?:-[a-z]+)+-\d$/, "a region of AWS, such as us-east-1")
    .optional()
    .describe("AWS region of the instance; chats need it."),
});

/** Who may connect, and what is kept for those who come late. */
export const assistSchema = z.strictObject({
  tokenSecret: secret()
    .min(32, "at least 32 characters that nobody guesses")
    .optional()
    .describe(
      "Signs one-contact tokens, at least 32 characters, the same on all nodes; absent: a random one per process; secret.",
    ),
  origins: z
    .array(
      z
        .string()
        .regex(/^https?:\/\/[A-Za-z0-9.:[\]_-]+$/, "an origin such as https://agents.example.com")
        .toLowerCase(),
    )
    .max(100)
    .default([])
    .describe(
      "Origins of pages beside our own that may connect, and show the agent's page in a frame, as https://agents.example.com.",
    ),
  ccp: ccpSchema
    .optional()
    .describe(
      "The contact control panel that the agent's page shows; absent: each agent may set one on the page.",
    ),
  maxConnections: count(1, 400).default(200).describe("Pages connected at a time."),
  keepSeconds: count(0, 86_400)
    .default(600)
    .describe("Seconds for which a call that ended can still be read."),
});
