/** The timer values of RFC 3261 section 17 and Table 4, derived from three round-trip estimates, and that of RFC 4028. */

/** Milliseconds. */
export interface SipTimers {
  /** Round-trip time estimate. */
  readonly t1Ms: number;
  /** The longest retransmission interval of non-INVITE requests and INVITE responses. */
  readonly t2Ms: number;
  /** The longest time a message stays in the network. */
  readonly t4Ms: number;
  /** The shortest session that is agreed to. RFC 4028 section 5, Min-SE Header Field Definition: 90 s at least. */
  readonly minSessionMs: number;
}

/** RFC 3261 section 17.1.1.1, Overview of INVITE Transaction. */
export const DEFAULT_SIP_TIMERS: SipTimers = {
  t1Ms: 500,
  t2Ms: 4000,
  t4Ms: 5000,
  minSessionMs: 90_000,
};

/** Timers B, F, H, J, L and M, and the time a 2xx waits for its ACK. */
export function patienceMs(timers: SipTimers): number {
  return 64 * timers.t1Ms;
}

/** Timer D: how long responses to an INVITE may still arrive over an unreliable transport. */
export function responseLingerMs(timers: SipTimers): number {
  return Math.max(32_000, patienceMs(timers));
}
