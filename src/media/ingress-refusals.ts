/** Why packets of a leg were not used, counted. */

/** Why packets were not used. */
export interface IngressRefusals {
  /** Before the peer was known. */
  early: number;
  malformed: number;
  /** From somebody else. */
  stranger: number;
  /** Of no agreed payload type. */
  unknownPayload: number;
  /** While the agreed direction does not have the peer send. */
  notReceiving: number;
}

/** All zero. */
export function createIngressRefusals(): IngressRefusals {
  return { early: 0, malformed: 0, stranger: 0, unknownPayload: 0, notReceiving: 0 };
}
