/** A request on its way through the server. */
import type { SipRequest } from "./message.ts";
import type { Essentials } from "./message-check.ts";
import type { Hop } from "./transport.ts";

/** A request that passed the checks, what identifies it, and where it came from. */
export interface Arrival {
  readonly request: SipRequest;
  readonly essentials: Essentials;
  readonly from: Hop;
}
