/** Builds what is done towards the trunks without a call, and ties it to the link to the SIP server. */
import { TrunkPeers } from "../call/trunks/trunk-peers.ts";
import type { Clock } from "../core/clock.ts";
import type { Logger } from "../core/logger.ts";
import type { Random } from "../core/random.ts";
import type { SignalingHandler, SignalingServer } from "../ports/signaling-server.ts";
import type { CallScripts } from "./load-flows.ts";

/** What the trunks' peers run on. */
export interface TrunkParts {
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly scripts: CallScripts;
}

/** Nothing is asked before the link is up; see {@link startingPeers}. */
export function composeTrunkPeers(parts: TrunkParts, signaling: SignalingServer): TrunkPeers {
  const { clock, random, logger, scripts } = parts;
  return new TrunkPeers({
    clock,
    random,
    logger,
    trunks: scripts.trunks.trunks,
    request: (request) => signaling.request(request),
  });
}

/** The handler, and peers that start to ask whenever the link comes up. */
export function startingPeers(handler: SignalingHandler, peers: TrunkPeers): SignalingHandler {
  return {
    onInvitation: (invitation) => handler.onInvitation(invitation),
    onLink: (state) => {
      handler.onLink(state);
      if (state === "up") {
        peers.start();
      }
    },
  };
}
