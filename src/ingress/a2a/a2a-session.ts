/** One voice session of Amazon Connect, from its first frame to its last: a call that comes by a WebSocket. */
import { after, type Timer } from "../../core/clock.ts";
import { codeOf, GatewayError } from "../../core/errors.ts";
import type { CallId } from "../../core/ids.ts";
import type { Visit, Visitor } from "../../ports/call-door.ts";
import type { Verdict } from "../../ports/call-store.ts";
import type { MediaFact } from "../../ports/media-facts.ts";
import type { PcmLine } from "../../ports/pcm-line.ts";
import { arrivalOf, streamPlan } from "./a2a-arrival.ts";
import { A2aChannel } from "./a2a-channel.ts";
import { A2aConversation } from "./a2a-conversation.ts";
import { endingOf } from "./a2a-ending.ts";
import { A2aFragments } from "./a2a-fragments.ts";
import { type A2aFrame, type RpcId, readFrame } from "./a2a-frames.ts";
import { type A2aInit, readInit } from "./a2a-init.ts";
import { A2aLiveness } from "./a2a-liveness.ts";
import { RPC, RPC_REFUSED } from "./a2a-names.ts";
import type { A2aClosing } from "./a2a-peer.ts";
import type { A2aSessionOptions } from "./a2a-session-options.ts";
import { rpcError } from "./a2a-writer.ts";

/** The first frame has to be there by then. */
const INIT_MS = 10_000;
/** Frames of one session that make no sense. */
const MAX_MALFORMED = 100;

/** `waiting`: for the channel to be ready. `over`: nothing is sent any more. */
type State = "init" | "entering" | "waiting" | "live" | "over";

/** Owns the line; its door owns the socket. */
export class A2aSession implements Visitor {
  readonly #options: A2aSessionOptions;
  readonly #fragments = new A2aFragments();
  #state: State = "init";
  #init: A2aInit | undefined;
  #initId: RpcId = null;
  #conversation: A2aConversation | undefined;
  #line: PcmLine | undefined;
  #visit: Visit | undefined;
  readonly #channel = new A2aChannel();
  #timer: Timer | undefined;
  readonly #liveness: A2aLiveness;
  #malformed = 0;

  constructor(options: A2aSessionOptions) {
    this.#options = options;
    const { clock, peer } = options;
    this.#liveness = new A2aLiveness({
      clock,
      ping: () => peer.ping(),
      onSilent: () => this.#onSilent(),
    });
  }

  start(): void {
    const { clock } = this.#options;
    this.#timer = after(clock, INIT_MS, () => this.#close("protocol"));
    this.#liveness.start();
  }

  /** A message of the socket. */
  receive(text: string): void {
    this.heard();
    if (this.#state !== "over") {
      this.#take(readFrame(text));
    }
  }

  /** The peer is there. */
  readonly heard = (): void => this.#liveness.heard();

  /** The socket is closed. @param orderly the peer said goodbye. */
  gone(orderly: boolean): void {
    this.#end();
    const reason = orderly ? "Amazon Connect ended the session" : "the A2A connection broke";
    this.#visit?.leave(orderly ? "peer" : "server", reason);
  }

  async accept(_callId: CallId, signal: AbortSignal): Promise<void> {
    const init = this.#init;
    if (init === undefined || this.#state !== "entering") {
      throw new GatewayError("SIP_INVITATION_ENDED");
    }
    this.#state = "waiting";
    this.#send(this.#conversation?.writer.initResponse(this.#initId, init));
    await this.#channel.wait(this.#options.clock, signal);
    // The session may have ended in the same moment.
    this.#state = (this.#state as State) === "waiting" ? "live" : this.#state;
  }

  refuse(status: number, reason: string): void {
    this.#refuse(RPC_REFUSED, { why: reason, reason: `STATUS_${status}` });
  }

  onFact(fact: MediaFact): void {
    if (this.#state === "live") {
      this.#conversation?.onFact(fact);
    }
  }

  /** Connect routes the contact on: to a person, as a rule. */
  handOver(reason: string): boolean {
    if (this.#state !== "live" || this.#init?.finishTypes.has("ESCALATE") !== true) {
      return false;
    }
    this.#conversation?.end({ kind: "finish", type: "ESCALATE", reason });
    this.#close("finished");
    return true;
  }

  onEnded(verdict: Verdict): void {
    if (this.#state === "waiting" || this.#state === "live") {
      const supported = this.#init?.finishTypes ?? new Set();
      this.#conversation?.end(endingOf(verdict, supported));
      this.#close("finished");
    }
    this.#end();
    this.#line?.close();
  }

  /** Says goodbye for the gateway. */
  shutDown(): void {
    this.#close("shutdown");
  }

  #take(frame: A2aFrame): void {
    this.#options.metrics.increment("trunkline_a2a_frames_total", { kind: frame.kind });
    switch (frame.kind) {
      case "init":
        this.#onInit(frame);
        break;
      case "channelState":
        if (frame.state === "READY") {
          this.#channel.ready();
        }
        break;
      case "audio":
        for (const slice of frame.slices) {
          this.#line?.streams[0]?.push(slice);
        }
        break;
      case "dtmf":
        for (const digit of frame.digits) {
          this.#visit?.pressDigit(digit);
        }
        break;
      case "error":
        // Connect's words are for people who read the log of Connect; code and category are from closed sets.
        this.#options.logger.warn("Amazon Connect reports a problem of the A2A session", {
          errorCode: frame.code,
          category: frame.category,
        });
        break;
      case "fragment": {
        const whole = this.#fragments.complete(frame.fragment);
        if (whole !== undefined) {
          this.#take(whole);
        }
        break;
      }
      case "malformed":
        this.#onMalformed(frame.id, frame.code, frame.why);
        break;
      default:
        // Text turns are for sessions without audio; our own voice activity detection finds interruptions.
        break;
    }
  }

  #onInit({ id, contextId, session }: Extract<A2aFrame, { kind: "init" }>): void {
    if (this.#state !== "init") {
      this.#onMalformed(id, RPC.request, "the session was begun already");
      return;
    }
    const { rates, random } = this.#options;
    const init = readInit(session, rates);
    this.#initId = id;
    if ("why" in init) {
      this.#refuse(RPC.params, { why: init.why, reason: "INVALID_SESSION" });
      return;
    }
    this.#timer?.cancel();
    this.#state = "entering";
    this.#init = init;
    this.#conversation = new A2aConversation({
      ...this.#options,
      contextId: contextId ?? random.uuid(),
      init,
      send: (text) => this.#send(text),
    });
    this.#enter(init, this.#conversation);
  }

  #enter(init: A2aInit, conversation: A2aConversation): void {
    const { exchange, door, target, logger, onDropped } = this.#options;
    const onDroppedIn = (ms: number): void => onDropped("in", ms);
    this.#line = exchange.openLine([streamPlan(init, conversation.output, onDroppedIn)]);
    try {
      this.#visit = door.enter(arrivalOf(init, target, this.#line), this);
    } catch (error) {
      this.#line.close();
      logger.info("A2A session not taken", { code: codeOf(error), key: target.key });
      const why = error instanceof GatewayError ? error.message : "the gateway failed";
      this.#refuse(RPC_REFUSED, { why, reason: codeOf(error) ?? "INTERNAL_ERROR" });
    }
  }

  #onMalformed(id: RpcId, code: number, why: string): void {
    this.#malformed += 1;
    if (this.#malformed > MAX_MALFORMED) {
      this.#close("protocol");
      return;
    }
    const reason = code === RPC.method ? "UNSUPPORTED_OPERATION" : "INVALID_REQUEST";
    this.#send(rpcError(id, code, { why, reason }));
  }

  #refuse(code: number, refusal: { readonly why: string; readonly reason: string }): void {
    this.#send(rpcError(this.#initId, code, refusal));
    this.#close("refused");
  }

  #send(text: string | undefined): void {
    if (text !== undefined && this.#state !== "over") {
      this.#options.peer.send(text);
    }
  }

  #onSilent(): void {
    this.#close("silent");
    this.#visit?.leave("server", "Amazon Connect fell silent");
  }

  /** Nothing is sent afterwards. */
  #close(reason: A2aClosing): void {
    if (this.#state !== "over") {
      this.#end();
      this.#options.peer.close(reason);
    }
  }

  #end(): void {
    this.#state = "over";
    this.#timer?.cancel();
    this.#liveness.close();
  }
}
