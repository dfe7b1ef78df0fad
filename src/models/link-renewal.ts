/** Opens the successor of a connection before the service ends it, and finds the pause in which it takes over. */
import type { TranscriberLink } from "./transcriber-link.ts";

/** The successor is opened so long before the end, or in the last quarter of a short connection. */
const PREPARE_US = 60_000_000;
const PREPARE_SHARE = 1 / 4;
/** From here on no pause is waited for. */
const FORCE_US = 5_000_000;
const FORCE_SHARE = 1 / 16;
/** Between two attempts. */
const RETRY_US = 5_000_000;

/** What it is told about. */
export interface LinkRenewalOptions {
  readonly maxSessionMs: number;
  readonly open: () => TranscriberLink;
}

/** Watches one connection after the other. */
export class LinkRenewal {
  readonly #options: LinkRenewalOptions;
  #successor: TranscriberLink | undefined;
  #nextUs = 0;
  /** As the service said of the connection of now. */
  #endsUs: number | undefined;

  constructor(options: LinkRenewalOptions) {
    this.#options = options;
  }

  /** The service says when the connection of now ends. */
  onExpiring(nowUs: number, remainingMs: number): void {
    this.#endsUs = nowUs + remainingMs * 1000;
  }

  /** The successor, when it is to take over now. */
  onTick(
    link: TranscriberLink,
    { nowUs, quiet }: { readonly nowUs: number; readonly quiet: boolean },
  ): TranscriberLink | undefined {
    const wholeUs = this.#options.maxSessionMs * 1000;
    const endsUs = Math.min(link.openedUs + wholeUs, this.#endsUs ?? Number.POSITIVE_INFINITY);
    if (nowUs < endsUs - Math.min(PREPARE_US, wholeUs * PREPARE_SHARE)) {
      return undefined;
    }
    if (this.#successor === undefined && nowUs >= this.#nextUs) {
      this.#nextUs = nowUs + RETRY_US;
      this.#successor = this.#options.open();
    }
    const isForced = nowUs >= endsUs - Math.min(FORCE_US, wholeUs * FORCE_SHARE);
    return this.#successor?.state === "open" && (quiet || isForced) ? this.take() : undefined;
  }

  /** A connection failed: where it was the successor, there is none. */
  onFailed(link: TranscriberLink, nowUs: number): void {
    if (link === this.#successor) {
      this.#successor = undefined;
      this.#nextUs = nowUs + RETRY_US;
    }
  }

  /** Takes the successor out, where there is one. */
  take(): TranscriberLink | undefined {
    const successor = this.#successor;
    this.#successor = undefined;
    this.#endsUs = undefined;
    return successor;
  }

  close(): void {
    this.take()?.abort();
  }
}
