/** Requests of ours that open something: calls, registrations, pings; with the proofs that peers ask for. */
import { GatewayError } from "../core/errors.ts";
import type { Random } from "../core/random.ts";
import type { OutboundInvitation, OutboundRequest, SipAnswer } from "../ports/signaling-server.ts";
import { DigestSession } from "./digest-session.ts";
import type { DrachtioLink } from "./drachtio-link.ts";
import { placeInvite } from "./drachtio-outbound.ts";
import { placeRequest } from "./drachtio-request.ts";
import type { DrachtioDialog } from "./drachtio-types.ts";

/** More than there are trunks; the requests of further ones are each challenged anew. */
const MAX_SESSIONS = 1000;

/** Remembers, by Call-ID, what peers challenged with: the refresh of a registration need not be refused first. */
export class DrachtioClient {
  readonly #random: Random;
  readonly #sessions = new Map<string, DigestSession>();

  constructor(random: Random) {
    this.#random = random;
  }

  /** See `SignalingServer.invite`; the dialog lives on `link`. */
  async invite(link: DrachtioLink, invitation: OutboundInvitation): Promise<DrachtioDialog> {
    return await placeInvite(link, invitation, new DigestSession(this.#random));
  }

  /** See `SignalingServer.request`. */
  async request(link: DrachtioLink | undefined, request: OutboundRequest): Promise<SipAnswer> {
    return await placeRequest(openedLink(link), request, this.#sessionOf(request));
  }

  #sessionOf({ callId, credentials }: OutboundRequest): DigestSession {
    const known = callId === undefined ? undefined : this.#sessions.get(callId);
    const session = known ?? new DigestSession(this.#random);
    if (callId !== undefined && credentials !== undefined && this.#sessions.size < MAX_SESSIONS) {
      this.#sessions.set(callId, session);
    }
    return session;
  }
}

/** Throws SIP_SERVER_LOST for a link that is not up. */
export function openedLink(link: DrachtioLink | undefined): DrachtioLink {
  if (link?.up !== true) {
    throw new GatewayError("SIP_SERVER_LOST");
  }
  return link;
}
