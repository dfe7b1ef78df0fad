/** Takes corrected roles to the call: on this node, or over the bus on whichever node has it. */
import { z } from "zod";
import { codeOf } from "../../core/errors.ts";
import { asCallId, type CallId } from "../../core/ids.ts";
import type { Metrics } from "../../core/metrics.ts";
import { type Bus, type BusMessage, FLEETING_PREFIX } from "../../ports/bus.ts";
import type { CallDirectory, RoleCorrection } from "../../ports/call-directory.ts";
import { ROLE_CORRECTION } from "../role-route.ts";
import type { MessageRefusal } from "./assist-messages.ts";

/** What the desk works with. */
export interface RoleDeskOptions {
  /** The calls of this node. */
  readonly directory: Pick<CallDirectory, "correctRole">;
  readonly bus: Bus;
  readonly metrics: Metrics;
  /** Whether calls may be on other nodes, which the bus reaches. */
  readonly hasOtherNodes: boolean;
}

/** A correction is not kept back for a node that is away: the agent sees that nothing changed, and asks again. */
const TOPIC_PREFIX = `${FLEETING_PREFIX}roles/`;
const CORRECTION = z.object(ROLE_CORRECTION);

/** Listens to other nodes from `start` to `close`. */
export class RoleDesk {
  readonly #options: RoleDeskOptions;
  #unsubscribe: (() => void) | undefined;

  constructor(options: RoleDeskOptions) {
    this.#options = options;
  }

  start(): void {
    const { bus, hasOtherNodes } = this.#options;
    if (hasOtherNodes) {
      this.#unsubscribe = bus.subscribe(`${TOPIC_PREFIX}*`, (topic, message) =>
        this.#take(topic, message),
      );
    }
  }

  close(): void {
    this.#unsubscribe?.();
  }

  /** `undefined`: done, or on its way; either way the call tells of it by its next `state`. */
  correct(callId: CallId, correction: RoleCorrection): MessageRefusal | undefined {
    const { bus, hasOtherNodes } = this.#options;
    const refusal = this.#correctHere(callId, correction);
    if (refusal !== "noSuchCall" || !hasOtherNodes) {
      return refusal;
    }
    bus.publish(`${TOPIC_PREFIX}${callId}`, { ...correction });
    return undefined;
  }

  #correctHere(callId: CallId, correction: RoleCorrection): MessageRefusal | undefined {
    try {
      const participants = this.#options.directory.correctRole(callId, correction);
      return participants === undefined ? "noSuchCall" : undefined;
    } catch (error) {
      return codeOf(error) === "CALL_PARTICIPANT_UNKNOWN" ? "noSuchParticipant" : "notRecorded";
    }
  }

  /** Every node hears it, and one of them has the call. */
  #take(topic: string, message: BusMessage): void {
    const { data } = CORRECTION.safeParse(message);
    const callId = asCallId(topic.slice(TOPIC_PREFIX.length));
    const reason = data === undefined ? "badMessage" : this.#correctHere(callId, data);
    if (reason !== undefined && reason !== "noSuchCall") {
      this.#options.metrics.increment("trunkline_assist_refused_total", { reason });
    }
  }
}
