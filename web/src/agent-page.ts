/** The page without its looks: what is followed, how the connection is, and what an agent can do. */
import { effect, type Signal, signal } from "@preact/signals";
import type { Clock } from "../../src/core/clock.ts";
import {
  type CallsAnswer,
  CallsWatch,
  chooseCall,
  type OfferedCall,
} from "./follow/calls-watch.ts";
import {
  type AccessCheck,
  AssistLink,
  type AssistLinkOptions,
  type Following,
  type LinkStatus,
} from "./link/assist-link.ts";
import { AssistState } from "./state/assist-state.ts";

/** What the page works with. */
export interface AgentPageOptions {
  readonly clock: Clock;
  readonly random: () => number;
  readonly open: AssistLinkOptions["open"];
  readonly checkAccess: AccessCheck;
  readonly askForCalls: () => Promise<CallsAnswer>;
}

/** What the page looks for while nothing else says what to follow. */
export type Search = "off" | "looking" | "unreachable" | "needsToken";

/** A role as it can be corrected. */
export type CorrectedRole = "customer" | "agent" | "unknown";

/** Works from `start` on. */
export class AgentPage {
  /** The one place that says which contact or call the page shows; `undefined`: the newest call that comes in. */
  readonly following: Signal<Following | undefined>;
  readonly status = signal<LinkStatus>({ kind: "idle" });
  readonly search = signal<Search>("off");
  /** Whether a contact control panel says what is followed: nothing is looked for then. */
  readonly isLed = signal(false);
  /** Recorded calls in progress, where the page may know of them. */
  readonly offers = signal<readonly OfferedCall[]>([]);
  readonly state = new AssistState();
  readonly #link: AssistLink;
  readonly #watch: CallsWatch;
  /** The call that the page chose by itself. */
  #chosen: string | undefined;

  constructor(following: Following | undefined, options: AgentPageOptions) {
    this.following = signal(following);
    this.#link = new AssistLink({
      ...options,
      positions: () => this.state.positions,
      onMessage: (message) => this.state.take(message),
      onStatus: (status) => {
        this.status.value = status;
      },
    });
    this.#watch = new CallsWatch({
      clock: options.clock,
      ask: options.askForCalls,
      onAnswer: (answer) => this.#onCalls(answer),
    });
  }

  start(): void {
    effect(() => {
      const following = this.following.value;
      this.#chosen = undefined;
      this.state.clear();
      this.#link.follow(following);
      const isLooking = following === undefined && !this.isLed.value;
      this.search.value = isLooking ? "looking" : "off";
      if (isLooking) {
        this.#watch.start();
      } else {
        this.#watch.stop();
      }
    });
  }

  /** The network is back, or somebody looks at the page. */
  hurry(): void {
    this.#link.hurry();
    if (this.following.peek() === undefined && !this.isLed.peek()) {
      this.#watch.start();
    }
  }

  setRole(participantId: string, role: CorrectedRole): void {
    const callId = this.state.view.peek()?.callId;
    this.state.refusal.value = undefined;
    if (!this.#link.send({ action: "setRole", callId, participantId, role })) {
      this.state.refusal.value = "There is no connection to the gateway just now: try again.";
    }
  }

  #onCalls(answer: CallsAnswer): void {
    this.search.value = answer.kind === "calls" ? "looking" : answer.kind;
    if (answer.kind !== "calls") {
      return;
    }
    this.offers.value = answer.calls;
    const view = this.state.view.peek();
    const shown =
      this.#chosen === undefined
        ? undefined
        : { callId: this.#chosen, ended: this.#hasEnded(answer.calls, view?.state) };
    const callId = chooseCall(answer.calls, shown);
    if (callId !== undefined && callId !== this.#chosen) {
      this.#chosen = callId;
      this.state.clear();
      this.#link.follow({ token: undefined, subject: { kind: "call", id: callId } });
    }
  }

  /** Ended in its events, or gone without a word. */
  #hasEnded(calls: readonly OfferedCall[], state: string | undefined): boolean {
    return state === "ended" || !calls.some(({ callId }) => callId === this.#chosen);
  }
}
