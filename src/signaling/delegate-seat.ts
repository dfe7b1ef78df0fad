/** The one who listens to a dialog; comes a little later than the dialog does, and what was asked meanwhile waits. */
import type { Logger } from "../core/logger.ts";
import type { SipDialogDelegate } from "../ports/signaling-server.ts";

/** One per dialog. */
export class DelegateSeat {
  /** Resolves with the delegate, with nothing when the dialog is over first. */
  readonly settled: Promise<SipDialogDelegate | undefined>;
  readonly #logger: Logger;
  #settle: (delegate: SipDialogDelegate | undefined) => void = () => undefined;
  #delegate: SipDialogDelegate | undefined;

  constructor(logger: Logger) {
    this.#logger = logger;
    this.settled = new Promise((resolve) => {
      this.#settle = resolve;
    });
  }

  take(delegate: SipDialogDelegate): void {
    this.#delegate = delegate;
    this.#settle(delegate);
  }

  /** Nobody has to wait any longer. */
  giveUp(): void {
    this.#settle(undefined);
  }

  /** Does nothing before there is a delegate. One that throws is a bug of ours, and no reason to lose the other calls. */
  tell(act: (delegate: SipDialogDelegate) => void): void {
    try {
      if (this.#delegate !== undefined) {
        act(this.#delegate);
      }
    } catch (error) {
      this.#logger.error("dialog handler failed", { error });
    }
  }
}
