/** What is said to requests of methods that the gateway does not take outside dialogs. */
import type { DrachtioSrf } from "./drachtio-types.ts";
import { hasTag } from "./sip-values.ts";

/** The methods we take, as announced in Allow (RFC 3261 "Allow"). */
export const ALLOW = "INVITE, ACK, CANCEL, BYE, OPTIONS, INFO, PRACK, UPDATE";

const REFUSED = ["register", "subscribe", "publish", "message", "refer", "notify", "info"] as const;

/** Answers 405, or 481 to what names a dialog that is over: a drachtio-server hands such requests on. */
export function refuseOtherMethods(srf: DrachtioSrf, onRefused: () => void): void {
  for (const method of REFUSED) {
    srf.use(method, (request, response) => {
      onRefused();
      if (hasTag(request.get("To"))) {
        response.send(481);
      } else {
        response.send(405, { headers: { Allow: ALLOW } });
      }
    });
  }
}
