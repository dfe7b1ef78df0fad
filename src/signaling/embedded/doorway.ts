/** Asks the gate about whatever belongs to no transaction and no dialog of the server. */
import type { GateAnswer, SipGate } from "../../ports/sip-gate.ts";
import type { Arrival } from "./arrival.ts";
import type { Counters } from "./counters.ts";
import type { DialogRegistry } from "./dialog-registry.ts";
import { fieldsOf, headerKey, type SipRequest } from "./message.ts";
import type { TransactionLayer } from "./transaction-layer.ts";
import type { Hop } from "./transport.ts";

/** What the doorway knows. */
export interface DoorwayOptions {
  /** Absent: everybody is let in. */
  readonly gate: SipGate | undefined;
  readonly layer: TransactionLayer;
  readonly dialogs: DialogRegistry;
  readonly counters: Counters;
}

const ADMIT: GateAnswer = { kind: "admit" };
const DROP: GateAnswer = { kind: "drop" };

/** How messages begin that may belong to something the server has: answers, and requests that end or continue it. */
const CONTINUATIONS = ["SIP/", "ACK ", "BYE ", "CANCEL ", "PRACK ", "UPDATE ", "INFO "];
const LONGEST_CONTINUATION = 7;

/** Stateless: a request that is not let in leaves nothing behind. */
export class Doorway {
  readonly #options: DoorwayOptions;

  constructor(options: DoorwayOptions) {
    this.#options = options;
  }

  /** Whether a peer may open a connection. */
  mayConnect(host: string): boolean {
    const { gate, counters } = this.#options;
    const mayConnect = gate === undefined || gate.mayConnect(host);
    if (!mayConnect) {
      counters.add("droppedNotAdmitted");
    }
    return mayConnect;
  }

  /** Whether a message is worth parsing. */
  listensTo(bytes: Buffer, from: Hop): boolean {
    const { gate, counters } = this.#options;
    if (gate === undefined || mayContinue(bytes) || gate.listensTo(from.host)) {
      return true;
    }
    counters.add("droppedNotAdmitted");
    return false;
  }

  /** Whether the sender of a faulty message gets an answer. */
  mayAnswer(from: Hop): boolean {
    const { gate, counters } = this.#options;
    const mayAnswer = gate === undefined || gate.mayAnswer(from.host);
    if (!mayAnswer) {
      counters.add("droppedNotAdmitted");
    }
    return mayAnswer;
  }

  /** What becomes of a request that passed the checks. */
  answerTo(arrival: Arrival): GateAnswer {
    const { gate, layer, dialogs } = this.#options;
    const { request, essentials, from } = arrival;
    if (gate === undefined || request.method === "ACK" || layer.knows(arrival)) {
      return ADMIT;
    }
    if (request.method === "CANCEL" && layer.inviteOf(essentials) !== undefined) {
      return ADMIT;
    }
    if (essentials.toTag !== undefined || request.method === "CANCEL") {
      const isOurs = dialogs.findByRequest(essentials) !== undefined;
      return isOurs || this.mayAnswer(from) ? ADMIT : DROP;
    }
    return this.#count(gate.admit(gateRequestOf(request, from)));
  }

  #count(answer: GateAnswer): GateAnswer {
    if (answer.kind !== "admit") {
      const counter = answer.kind === "drop" ? "droppedNotAdmitted" : "refusedNotAdmitted";
      this.#options.counters.add(counter);
    }
    return answer;
  }
}

function mayContinue(bytes: Buffer): boolean {
  const start = bytes.toString("latin1", 0, LONGEST_CONTINUATION);
  return CONTINUATIONS.some((continuation) => start.startsWith(continuation));
}

function gateRequestOf(request: SipRequest, from: Hop) {
  const { host: address, port, transport } = from;
  return {
    method: request.method,
    uri: request.uri,
    source: { address, port, transport: transport.protocol },
    header: (name: string): string | undefined => {
      const values = fieldsOf(request, headerKey(name)).map(({ value }) => value);
      return values.length === 0 ? undefined : values.join(", ");
    },
  };
}
