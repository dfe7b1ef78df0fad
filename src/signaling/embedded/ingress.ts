/** What arrives from the transports: parsed, checked, answered when malformed, counted when dropped. */
import type { Logger } from "../../core/logger.ts";
import type { Random } from "../../core/random.ts";
import type { Arrival } from "./arrival.ts";
import type { CounterName, Counters } from "./counters.ts";
import type { Doorway } from "./doorway.ts";
import { firstItemEnd, parameterOf, parseVia, tagOf } from "./header-values.ts";
import { SIP_LIMITS } from "./limits.ts";
import type { HeaderField, SipRequest, SipResponse } from "./message.ts";
import { field, headerOf, serialise } from "./message.ts";
import type { CheckRefusal } from "./message-check.ts";
import { checkMessage } from "./message-check.ts";
import type { Refusal } from "./message-parser.ts";
import { parseMessage } from "./message-parser.ts";
import type { Extensions } from "./request-check.ts";
import { checkRequest } from "./request-check.ts";
import { plainResponse } from "./response-builder.ts";
import type { TransactionLayer } from "./transaction-layer.ts";
import type { Hop, TransportDrop, TransportReceiver } from "./transport.ts";

const REFUSALS: Readonly<Record<Refusal, CounterName>> = {
  empty: "droppedEmpty",
  tooBig: "droppedTooBig",
  unterminated: "droppedUnterminated",
  notSip: "droppedNotSip",
};

const DROPS: Readonly<Record<TransportDrop, CounterName>> = {
  tooBig: "droppedTooBig",
  badFraming: "droppedBadFraming",
  slowPeer: "droppedSlowPeer",
  tooManyConnections: "droppedTooManyConnections",
  tooManyFromSource: "droppedTooManyFromSource",
  handshake: "droppedHandshake",
  backlog: "droppedBacklog",
};

const COUNTER_BY_STATUS: Readonly<Record<number, CounterName>> = {
  416: "refusedScheme",
  420: "refusedExtension",
  483: "refusedTooManyHops",
};

/** The first line of an answer. */
interface StatusLine {
  readonly status: number;
  readonly reason: string;
}

const TOO_LARGE: StatusLine = { status: 413, reason: "Request Entity Too Large" };

/** What the ingress is made of. */
export interface IngressOptions {
  readonly layer: TransactionLayer;
  readonly doorway: Doorway;
  readonly counters: Counters;
  readonly random: Random;
  readonly logger: Logger;
  /** What a request may require. */
  readonly extensions: Extensions;
  onFault(error: unknown): void;
}

/** The receiver of all transports; nothing ever throws out of it. */
export class Ingress implements TransportReceiver {
  readonly #options: IngressOptions;

  constructor(options: IngressOptions) {
    this.#options = options;
  }

  mayConnect(host: string): boolean {
    return this.#options.doorway.mayConnect(host);
  }

  onBytes(bytes: Buffer, from: Hop): void {
    try {
      this.#receive(bytes, from);
    } catch (error) {
      this.#options.onFault(error);
    }
  }

  onOversized(head: Buffer, from: Hop): void {
    try {
      this.#refuseOversized(head, from);
    } catch (error) {
      this.#options.onFault(error);
    }
  }

  onDropped(reason: TransportDrop): void {
    this.#options.counters.add(DROPS[reason]);
  }

  onTransportError(error: unknown): void {
    this.#options.counters.add("transportErrors");
    this.#options.logger.warn("a SIP transport failed", { error });
  }

  #receive(bytes: Buffer, from: Hop): void {
    if (!this.#options.doorway.listensTo(bytes, from)) {
      return;
    }
    const outcome = parseMessage(bytes, limitOf(from));
    if (!outcome.ok) {
      this.#options.counters.add(REFUSALS[outcome.refusal]);
      return;
    }
    const { message, fault } = outcome;
    if (message.kind === "request") {
      this.#onRequest(message, fault, from);
    } else if (fault === undefined) {
      this.#onResponse(message, from);
    } else {
      this.#options.counters.add("droppedMalformed");
    }
  }

  /** RFC 3261 section 21.4.11, 413 Request Entity Too Large. */
  #refuseOversized(head: Buffer, from: Hop): void {
    const { counters, doorway } = this.#options;
    const outcome = doorway.listensTo(head, from) ? parseMessage(head, limitOf(from)) : undefined;
    const message = outcome?.ok === true ? outcome.message : undefined;
    if (message?.kind !== "request" || message.method === "ACK") {
      counters.add("droppedTooBig");
    } else if (doorway.mayAnswer(from)) {
      counters.add("refusedTooBig");
      this.#answer(stampVia(message, from), from, TOO_LARGE);
    }
  }

  #onResponse(response: SipResponse, from: Hop): void {
    const { counters, layer } = this.#options;
    const check = checkMessage(response);
    if (!check.ok) {
      counters.add("droppedMalformed");
      return;
    }
    counters.add("responsesIn");
    layer.onResponse(response, check.essentials, from);
  }

  #onRequest(received: SipRequest, fault: CheckRefusal | undefined, from: Hop): void {
    const request = stampVia(received, from);
    if (fault !== undefined) {
      this.#refuseFaulty(request, from, fault);
      return;
    }
    const check = checkRequest(request, this.#options.extensions);
    if (check.ok) {
      this.#onSound({ request, essentials: check.essentials, from });
    } else {
      this.#refuseFaulty(request, from, check);
    }
  }

  #onSound(arrival: Arrival): void {
    const { doorway, layer } = this.#options;
    const { request, from } = arrival;
    const answer = doorway.answerTo(arrival);
    if (answer.kind === "refuse") {
      const extra = answer.headers.map(([name, value]) => field(name, value));
      this.#answer(request, from, answer, extra);
    } else if (answer.kind === "admit" && !layer.onRequest(arrival)) {
      this.#options.counters.add("refusedOverload");
      this.#answer(request, from, { status: 503, reason: "Service Unavailable" });
    }
  }

  /** RFC 3261 section 8.2.7, Stateless UAS Behavior. An ACK is never answered. */
  #refuseFaulty(request: SipRequest, from: Hop, refusal: CheckRefusal): void {
    const { counters, doorway } = this.#options;
    if (request.method === "ACK" || headerOf(request, "via") === undefined) {
      counters.add("droppedMalformed");
      return;
    }
    if (doorway.mayAnswer(from)) {
      counters.add(COUNTER_BY_STATUS[refusal.status] ?? "refusedMalformed");
      this.#answer(request, from, refusal, refusal.extra);
    }
  }

  #answer(
    request: SipRequest,
    from: Hop,
    { status, reason }: StatusLine,
    extra: readonly HeaderField[] = [],
  ): void {
    const { counters, random } = this.#options;
    const to = headerOf(request, "to");
    const tag = to === undefined || tagOf(to) !== undefined ? undefined : random.hex(8);
    const response = plainResponse(request, status, reason, tag, extra);
    const headers = response.headers.filter((header) => header.value !== "");
    const onSendFailed = (): void => counters.add("sendFailures");
    from.transport.send(serialise({ ...response, headers }), from, { onSendFailed });
  }
}

function limitOf(from: Hop): number {
  return from.transport.reliable ? SIP_LIMITS.streamMessageBytes : SIP_LIMITS.datagramBytes;
}

/**
 * Writes where the request really came from into its top Via, always both parameters. RFC 3261 section 18.2.1, Receiving
 * Requests; RFC 3581 section 4, Server Behavior.
 */
function stampVia(request: SipRequest, from: Hop): SipRequest {
  const index = request.headers.findIndex((header) => header.key === "via");
  const top = request.headers[index];
  const via = top === undefined ? undefined : parseVia(top.value);
  if (top === undefined || via === undefined) {
    return request;
  }
  const end = firstItemEnd(top.value);
  const kept = stripParameters(top.value.slice(0, end).trim());
  const stamped = `${kept};rport=${from.port};received=${from.host}${top.value.slice(end)}`;
  const headers: HeaderField[] = [...request.headers];
  headers[index] = { ...field(top.name, stamped), key: top.key };
  return { ...request, headers };
}

/** Removes `rport` and `received`, whatever they say. */
function stripParameters(via: string): string {
  const [head = "", ...parameters] = via.split(";");
  const kept = parameters.filter((parameter) => {
    const text = `;${parameter}`;
    return parameterOf(text, "rport") === undefined && parameterOf(text, "received") === undefined;
  });
  return [head.trim(), ...kept.map((parameter) => parameter.trim())].join(";");
}
