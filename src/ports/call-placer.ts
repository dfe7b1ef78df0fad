/** The port through which people and programs place calls. */
import type { CallId } from "../core/ids.ts";

/** A call that is wanted. */
export interface CallOrder {
  /** A phone number as people write it, a `tel:` or a `sip:` URI. */
  readonly to: string;
  readonly flow: string;
  /** Name of a trunk; `undefined`: the first one that may call the number. */
  readonly trunk: string | undefined;
  /** What the flow's model is told about the call, and the record keeps. */
  readonly attributes: Readonly<Record<string, string>>;
  /** Sent in User-to-User, in hex (RFC 7433); absent: the header is not. Private. */
  readonly userToUser?: string | undefined;
}

/** Places calls. */
export interface CallPlacer {
  /**
   * Begins to call and returns at once; how it goes is seen in the call directory.
   *
   * @throws GatewayError CALL_NUMBER_INVALID, CALL_DESTINATION_DENIED, TRUNK_UNKNOWN, TRUNK_DOWN, ROUTE_NOT_FOUND,
   *   CALL_CAP_REACHED, CALL_TRUNK_FULL, CALL_DRAINING.
   */
  place(order: CallOrder): CallId;
}
