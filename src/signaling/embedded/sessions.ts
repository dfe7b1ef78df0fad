/** Starts and replaces the session timers of dialogs as requests agree on them. RFC 4028, Session Timers in SIP. */
import type { Clock } from "../../core/clock.ts";
import type { Counters } from "./counters.ts";
import type { Dialog } from "./dialog.ts";
import { SESSION_EXPIRED } from "./dialog-sender.ts";
import type { SipResponse } from "./message.ts";
import type { SessionTerms } from "./session-expires.ts";
import { termsOfResponse } from "./session-expires.ts";
import { SessionTimer } from "./session-timer.ts";
import type { SipTimers } from "./timers.ts";

/** What expiring sessions ask for. */
export interface SessionActions {
  /** Sends a refresh in a dialog. */
  refresh(dialog: Dialog): void;
  /** Ends a dialog in the server's own name. */
  end(dialog: Dialog, reasonText: string): void;
}

/** What the timers run on. */
export interface SessionsOptions {
  readonly clock: Clock;
  readonly timers: SipTimers;
  readonly counters: Counters;
}

/** The timers themselves belong to their dialogs, and stop with them. */
export class Sessions {
  readonly #options: SessionsOptions;
  #actions: SessionActions | undefined;

  constructor(options: SessionsOptions) {
    this.#options = options;
  }

  /** Says who refreshes and ends; called once, before the first message. */
  attach(actions: SessionActions): void {
    this.#actions = actions;
  }

  /** The shortest session that is agreed to. */
  get minSeconds(): number {
    return this.#options.timers.minSessionMs / 1000;
  }

  /** Our 2xx to the peer is out. */
  onAnswered(dialog: Dialog, terms: SessionTerms | undefined): void {
    this.#replace(dialog, terms, terms?.refresher === "uas");
  }

  /** The peer's 2xx to us is in; a peer that ignores a running timer leaves the refreshing to us. */
  onAccepted(dialog: Dialog, response: SipResponse): void {
    const { session } = dialog;
    const kept = session === undefined ? undefined : { seconds: session.seconds };
    const terms =
      termsOfResponse(response, this.minSeconds) ??
      (kept === undefined ? undefined : { ...kept, refresher: "uac" as const });
    this.#replace(dialog, terms, terms?.refresher === "uac");
  }

  /** The peer finds sessions shorter than `seconds` too short. */
  lengthen(dialog: Dialog, seconds: number): void {
    const length = Math.max(seconds, dialog.session?.seconds ?? 0);
    this.#replace(dialog, { seconds: length, refresher: "uac" }, true);
  }

  #replace(dialog: Dialog, terms: SessionTerms | undefined, weRefresh: boolean): void {
    dialog.session?.stop();
    dialog.session = undefined;
    if (terms === undefined || dialog.over) {
      return;
    }
    const { clock, counters } = this.#options;
    dialog.session = new SessionTimer({
      clock,
      seconds: terms.seconds,
      weRefresh,
      onRefreshDue: () => this.#actions?.refresh(dialog),
      onExpired: () => {
        counters.add("sessionsExpired");
        this.#actions?.end(dialog, SESSION_EXPIRED);
      },
    });
    dialog.session.start();
  }
}
