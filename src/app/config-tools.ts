/** The `tools` of the configuration: where the gateway may send what models want to know. */
import { z } from "zod";
import { parseNetwork } from "../core/network.ts";

const HOST_NAME =
  /^(?=.{1,253}$)[a-z0-9_](?:[a-z0-9_-]*[a-z0-9_])?(?:\.[a-z0-9_](?:[a-z0-9_-]*[a-z0-9_])?)*$/i;

function isHost(text: string): boolean {
  const looksNumeric = /^[\d.]+$|[:/]/.test(text);
  return looksNumeric ? parseNetwork(text) !== undefined : HOST_NAME.test(text);
}

/** Nobody is asked unless he is listed. */
export const toolsSchema = z.strictObject({
  allowedHosts: z
    .array(
      z
        .string()
        .refine(isHost, "expected a host name, an address or a network, for example 10.1.0.0/16"),
    )
    .max(256)
    .default([])
    .describe(
      "Hosts that webhooks of flows may be at. A name leads to public addresses only, unless they are listed too.",
    ),
});
