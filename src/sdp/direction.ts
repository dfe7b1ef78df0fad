/** Arithmetic of directions: RFC 3264 §6.1 Unicast Streams and §8.4 Putting a Unicast Media Stream on Hold. */
import type { Direction } from "./session-description.ts";

const sends = (direction: Direction): boolean =>
  direction === "sendrecv" || direction === "sendonly";
const receives = (direction: Direction): boolean =>
  direction === "sendrecv" || direction === "recvonly";

function directionFrom(sending: boolean, receiving: boolean): Direction {
  if (sending) {
    return receiving ? "sendrecv" : "sendonly";
  }
  return receiving ? "recvonly" : "inactive";
}

/** The same flow seen from the other end. */
export function mirrored(direction: Direction): Direction {
  return directionFrom(receives(direction), sends(direction));
}

/** What both allow. */
export function commonDirection(one: Direction, other: Direction): Direction {
  return directionFrom(sends(one) && sends(other), receives(one) && receives(other));
}

/** What is left of a direction when there is nowhere to send to. */
export function withoutSending(direction: Direction): Direction {
  return directionFrom(false, receives(direction));
}
