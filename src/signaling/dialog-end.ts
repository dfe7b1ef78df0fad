/** Who ended a dialog, read from the BYE that drachtio-srf shows. */
import type { DialogEnd } from "../ports/signaling-server.ts";
import type { DrachtioRequest } from "./drachtio-types.ts";
import { reasonText } from "./sip-values.ts";

/** The server makes up a BYE when it gives a dialog up, for instance for want of an ACK. */
export function endOf(bye: DrachtioRequest | undefined): DialogEnd {
  const by = bye?.source === "application" ? "server" : "peer";
  return { by, reason: reasonText(bye?.get("Reason")) };
}
