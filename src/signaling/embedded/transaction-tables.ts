/** The four transaction machines of RFC 3261 section 17, as corrected by RFC 6026, as tables. */

/** States of all four machines. RFC 6026 adds `accepted`. */
export type TransactionState =
  | "calling"
  | "trying"
  | "proceeding"
  | "completed"
  | "confirmed"
  | "accepted"
  | "terminated";

/** `retransmit` is timer A, E or G; `timeout` is B, F or H; `linger` is D, I, J, K, L or M. */
type TimerInput = "retransmit" | "timeout" | "linger";

/** What happens to a server transaction; `provisional`, `success` and `failure` are responses of its user. */
export type ServerInput =
  | "request"
  | "ack"
  | "provisional"
  | "success"
  | "failure"
  | "sendFailed"
  | TimerInput;

/** What happens to a client transaction; `provisional`, `success` and `failure` came from the network. */
export type ClientInput = "provisional" | "success" | "failure" | "sendFailed" | TimerInput;

/** What a server transaction does; `armLinger` comes last, because over a reliable transport it may fire at once. */
export type ServerAction =
  | "send"
  | "resend"
  | "armRetransmit"
  | "stopRetransmit"
  | "armTimeout"
  | "armLinger"
  | "stopTimers"
  | "passAck"
  | "end";

/** What a client transaction does. */
export type ClientAction =
  | "resend"
  | "armRetransmit"
  | "stopTimers"
  | "armLinger"
  | "pass"
  | "acknowledge"
  | "reportTimeout"
  | "reportSendFailure"
  | "end";

/** The next state and what to do on the way. */
export interface Row<Action> {
  readonly next: TransactionState;
  readonly actions: readonly Action[];
}

/** Rows by state, then input. An input without a row is a fault of the caller. */
export type Machine<Input extends string, Action> = Readonly<
  Partial<Record<TransactionState, Readonly<Partial<Record<Input, Row<Action>>>>>>
>;

function row<Action>(next: TransactionState, ...actions: Action[]): Row<Action> {
  return { next, actions };
}

/** RFC 3261 section 17.2.1, INVITE Server Transaction; RFC 6026 section 7.1, timer L. */
export const INVITE_SERVER: Machine<ServerInput, ServerAction> = {
  proceeding: {
    request: row("proceeding", "resend"),
    ack: row("proceeding"),
    provisional: row("proceeding", "send"),
    success: row("accepted", "send", "armLinger"),
    failure: row("completed", "send", "armRetransmit", "armTimeout"),
    sendFailed: row("proceeding"),
  },
  completed: {
    request: row("completed", "resend"),
    ack: row("confirmed", "stopTimers", "armLinger"),
    retransmit: row("completed", "resend", "armRetransmit"),
    timeout: row("terminated", "stopTimers", "end"),
    sendFailed: row("completed"),
  },
  confirmed: {
    request: row("confirmed"),
    ack: row("confirmed"),
    linger: row("terminated", "end"),
    sendFailed: row("confirmed"),
  },
  accepted: {
    request: row("accepted"),
    ack: row("accepted", "passAck"),
    success: row("accepted", "send"),
    linger: row("terminated", "end"),
    sendFailed: row("accepted"),
  },
};

/** RFC 3261 section 17.2.2, Non-INVITE Server Transaction. */
export const PLAIN_SERVER: Machine<ServerInput, ServerAction> = {
  trying: {
    request: row("trying"),
    provisional: row("proceeding", "send"),
    success: row("completed", "send", "armLinger"),
    failure: row("completed", "send", "armLinger"),
    sendFailed: row("trying"),
  },
  proceeding: {
    request: row("proceeding", "resend"),
    provisional: row("proceeding", "send"),
    success: row("completed", "send", "armLinger"),
    failure: row("completed", "send", "armLinger"),
    sendFailed: row("proceeding"),
  },
  completed: {
    request: row("completed", "resend"),
    linger: row("terminated", "end"),
    sendFailed: row("completed"),
  },
};

/** RFC 3261 section 17.1.1, INVITE Client Transaction; RFC 6026 section 7.2, timer M. */
export const INVITE_CLIENT: Machine<ClientInput, ClientAction> = {
  calling: {
    retransmit: row("calling", "resend", "armRetransmit"),
    timeout: row("terminated", "stopTimers", "reportTimeout", "end"),
    provisional: row("proceeding", "stopTimers", "pass"),
    success: row("accepted", "stopTimers", "pass", "armLinger"),
    failure: row("completed", "stopTimers", "acknowledge", "pass", "armLinger"),
    sendFailed: row("terminated", "stopTimers", "reportSendFailure", "end"),
  },
  proceeding: {
    provisional: row("proceeding", "pass"),
    success: row("accepted", "pass", "armLinger"),
    failure: row("completed", "acknowledge", "pass", "armLinger"),
    sendFailed: row("proceeding"),
  },
  completed: {
    provisional: row("completed"),
    success: row("completed"),
    failure: row("completed", "acknowledge"),
    linger: row("terminated", "end"),
    sendFailed: row("completed"),
  },
  accepted: {
    provisional: row("accepted"),
    success: row("accepted", "pass"),
    failure: row("accepted"),
    linger: row("terminated", "end"),
    sendFailed: row("accepted"),
  },
};

/** RFC 3261 section 17.1.2, Non-INVITE Client Transaction. */
export const PLAIN_CLIENT: Machine<ClientInput, ClientAction> = {
  trying: {
    retransmit: row("trying", "resend", "armRetransmit"),
    timeout: row("terminated", "stopTimers", "reportTimeout", "end"),
    provisional: row("proceeding", "pass"),
    success: row("completed", "stopTimers", "pass", "armLinger"),
    failure: row("completed", "stopTimers", "pass", "armLinger"),
    sendFailed: row("terminated", "stopTimers", "reportSendFailure", "end"),
  },
  proceeding: {
    retransmit: row("proceeding", "resend", "armRetransmit"),
    timeout: row("terminated", "stopTimers", "reportTimeout", "end"),
    provisional: row("proceeding", "pass"),
    success: row("completed", "stopTimers", "pass", "armLinger"),
    failure: row("completed", "stopTimers", "pass", "armLinger"),
    sendFailed: row("terminated", "stopTimers", "reportSendFailure", "end"),
  },
  completed: {
    provisional: row("completed"),
    success: row("completed"),
    failure: row("completed"),
    linger: row("terminated", "end"),
    sendFailed: row("completed"),
  },
};

/** The row for `input` in `state`. Throws a plain Error, naming both, when the machine has none. */
export function rowOf<Input extends string, Action>(
  machine: Machine<Input, Action>,
  state: TransactionState,
  input: Input,
): Row<Action> {
  const found = machine[state]?.[input];
  if (found === undefined) {
    throw new Error(`transaction has no row for ${input} in state ${state}`);
  }
  return found;
}
