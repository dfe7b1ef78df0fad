/** Which stream of a call is which channel of what a service hears: the customer first, the agent second. */
import type { StreamRole } from "../ports/realtime-model.ts";

/** The channels in order; `undefined`: silence. */
export interface AssignedChannels<Seat> {
  readonly channels: readonly (Seat | undefined)[];
  /** What an agent should know about it. */
  readonly remark: string | undefined;
}

/** @param needsRoles the service knows customer and agent only, and both are there, even when one is silent. */
export function assignChannels<Seat extends { readonly role: StreamRole }>(
  seats: readonly Seat[],
  needsRoles: boolean,
): AssignedChannels<Seat> {
  const [first, second] = seats;
  if (first === undefined) {
    return { channels: [], remark: undefined };
  }
  const remark = needsRoles ? remarkOn(seats) : undefined;
  if (second === undefined) {
    const isAgent = first.role === "agent";
    const pair = isAgent ? [undefined, first] : [first, undefined];
    return { channels: needsRoles ? pair : [first], remark };
  }
  const isAgentFirst = rankOf(first.role) > rankOf(second.role);
  return { channels: isAgentFirst ? [second, first] : [first, second], remark };
}

/** The lower one is first. */
function rankOf(role: StreamRole): number {
  return ["customer", "unknown", "agent"].indexOf(role);
}

function remarkOn(seats: readonly { readonly role: StreamRole }[]): string | undefined {
  const roles = new Set(seats.map(({ role }) => role));
  if (!roles.has("unknown") && roles.size === seats.length) {
    return undefined;
  }
  return seats.length === 1
    ? "who is on the stream is not known: the transcription takes them for the customer"
    : "who is who is not known: the transcription takes the first stream for the customer";
}
