/** The page's connection to the gateway: subscribes, notices that it is dead, comes back, or says why it cannot. */
import { after, type Clock, type Timer } from "../../../src/core/clock.ts";
import { backOffMs } from "./back-off.ts";
import { type GatewayMessage, readMessage } from "./messages.ts";

/** What the page follows: `undefined` where the token alone says it. */
export type Subject =
  | {
      readonly kind: "contact";
      readonly id: string;
      /** The first contact of the same conversation: a recording may go by it. */
      readonly alsoId?: string;
      /** Whether a contact control panel says so. */
      readonly isOfPanel?: boolean;
    }
  | { readonly kind: "call"; readonly id: string }
  | undefined;

/** What is followed, and by which right. */
export interface Following {
  readonly subject: Subject;
  /** A one-contact token; `undefined`: none is needed. */
  readonly token: string | undefined;
}

/** How the connection is. */
export type LinkStatus =
  | { readonly kind: "idle" }
  | { readonly kind: "connecting" }
  | { readonly kind: "live" }
  | { readonly kind: "retrying"; readonly attempt: number; readonly waitMs: number }
  | { readonly kind: "refused"; readonly why: string; readonly needsToken: boolean };

/** A WebSocket, as far as the link cares; calls the handlers that it was given. */
export interface LinkSocket {
  send(text: string): void;
  close(): void;
}

/** What a socket tells. */
export interface SocketHandlers {
  readonly onOpen: () => void;
  readonly onText: (text: string) => void;
  /** Once, at the end; 1006 where nobody said why. */
  readonly onClose: (code: number) => void;
}

/** Why nobody is let in; `undefined`: the gateway would, or cannot be asked. */
export type AccessCheck = (
  token: string | undefined,
) => Promise<{ readonly why: string; readonly needsToken: boolean } | undefined>;

/** What the link works with. */
export interface AssistLinkOptions {
  readonly clock: Clock;
  /** 0 … 1. */
  readonly random: () => number;
  readonly open: (token: string | undefined, handlers: SocketHandlers) => LinkSocket;
  readonly checkAccess: AccessCheck;
  /** `eventId` of the last event that the page has, by call id. */
  readonly positions: () => Readonly<Record<string, number>>;
  readonly onMessage: (message: GatewayMessage) => void;
  readonly onStatus: (status: LinkStatus) => void;
}

/** Nothing came for so long: ask. */
const PING_AFTER_MS = 15_000;
/** No answer to that, or to the handshake: the connection is dead. */
const PATIENCE_MS = 10_000;
const EXPIRED = 4001;
const EXPIRED_TEXT = "The token is over. Get another one to go on.";

const OTHER_CONTACT_TEXT = "This token opens another contact than the one that is asked for.";

/** In the order in which they are asked for: what comes last is shown where both have a call. */
function wordsOf(subject: Subject): readonly Readonly<Record<string, string>>[] {
  if (subject === undefined) {
    return [{}];
  }
  if (subject.kind === "call") {
    return [{ callId: subject.id }];
  }
  const { id, alsoId } = subject;
  return [...(alsoId === undefined ? [] : [{ contactId: alsoId }]), { contactId: id }];
}

/** Follows one thing at a time, until it follows another or stops. */
export class AssistLink {
  readonly #options: AssistLinkOptions;
  #following: Following | undefined;
  #socket: LinkSocket | undefined;
  #timer: Timer | undefined;
  /** Rises with each socket: what an old one still says is nobody's. */
  #turn = 0;
  #attempt = 0;
  #wasOpen = false;
  /** Subscriptions that were not refused. */
  #hopes = 0;

  constructor(options: AssistLinkOptions) {
    this.#options = options;
  }

  /** `undefined` stops it. */
  follow(following: Following | undefined): void {
    this.#drop();
    this.#following = following;
    this.#attempt = 0;
    if (following === undefined) {
      this.#options.onStatus({ kind: "idle" });
    } else {
      this.#connect();
    }
  }

  /** Tries at once where it waits to try again: the network is back, or somebody looks. */
  hurry(): void {
    if (this.#following !== undefined && this.#socket === undefined && this.#timer !== undefined) {
      this.#connect();
    }
  }

  /** `false` where there is no connection. */
  send(message: Readonly<Record<string, unknown>>): boolean {
    if (!this.#wasOpen || this.#socket === undefined) {
      return false;
    }
    this.#socket.send(JSON.stringify(message));
    return true;
  }

  #connect(): void {
    this.#drop();
    const turn = this.#turn;
    const ours =
      <Args extends readonly unknown[]>(act: (...args: Args) => void) =>
      (...args: Args): void => {
        if (turn === this.#turn) {
          act(...args);
        }
      };
    if (this.#attempt === 0) {
      this.#options.onStatus({ kind: "connecting" });
    }
    this.#socket = this.#options.open(this.#following?.token, {
      onOpen: ours(() => this.#subscribe()),
      onText: ours((text: string) => this.#take(text)),
      onClose: ours((code: number) => this.#onClose(code)),
    });
    this.#arm(PATIENCE_MS, () => this.#onClose(1006));
  }

  #drop(): void {
    this.#turn += 1;
    this.#timer?.cancel();
    this.#timer = undefined;
    this.#socket?.close();
    this.#socket = undefined;
    this.#wasOpen = false;
  }

  #subscribe(): void {
    this.#wasOpen = true;
    const subject = this.#following?.subject;
    const positions = this.#options.positions();
    const known = Object.keys(positions).length > 0;
    const subjects = wordsOf(subject);
    this.#hopes = subjects.length;
    for (const words of subjects) {
      this.send({ action: "subscribe", ...words, ...(known ? { after: positions } : {}) });
    }
    this.#listen();
  }

  #take(text: string): void {
    const message = readMessage(text);
    this.#listen();
    if (message?.type === "subscribed") {
      this.#attempt = 0;
      this.#options.onStatus({ kind: "live" });
    } else if (message?.type === "error" && message.code === "otherContact") {
      this.#hopes -= 1;
      if (this.#hopes <= 0) {
        this.#refuse(OTHER_CONTACT_TEXT, true);
      }
      return;
    }
    if (message !== undefined) {
      this.#options.onMessage(message);
    }
  }

  #listen(): void {
    this.#arm(PING_AFTER_MS, () => {
      this.send({ action: "ping" });
      this.#arm(PATIENCE_MS, () => this.#onClose(1006));
    });
  }

  #arm(delayMs: number, act: () => void): void {
    this.#timer?.cancel();
    this.#timer = after(this.#options.clock, delayMs, act);
  }

  #onClose(code: number): void {
    const wasOpen = this.#wasOpen;
    this.#drop();
    if (code === EXPIRED) {
      this.#refuse(EXPIRED_TEXT, true);
    } else if (wasOpen) {
      this.#retry();
    } else {
      void this.#ask();
    }
  }

  /** A browser is not told why a handshake failed. */
  async #ask(): Promise<void> {
    const turn = this.#turn;
    const refusal = await this.#options.checkAccess(this.#following?.token);
    if (turn !== this.#turn) {
      return;
    }
    if (refusal === undefined) {
      this.#retry();
    } else {
      this.#refuse(refusal.why, refusal.needsToken);
    }
  }

  #retry(): void {
    this.#attempt += 1;
    const waitMs = backOffMs(this.#attempt, this.#options.random());
    this.#options.onStatus({ kind: "retrying", attempt: this.#attempt, waitMs });
    this.#arm(waitMs, () => this.#connect());
  }

  #refuse(why: string, needsToken: boolean): void {
    this.#drop();
    this.#options.onStatus({ kind: "refused", why, needsToken });
  }
}
