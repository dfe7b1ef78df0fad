/** A call store that never lets a call wait or a record go: what the store behind it cannot take is kept aside. */
import { after, type Clock, sleep, type Timer } from "../core/clock.ts";
import { codeOf, GatewayError } from "../core/errors.ts";
import type { CallId } from "../core/ids.ts";
import type { Logger } from "../core/logger.ts";
import type { Metrics } from "../core/metrics.ts";
import type { CallFilter, CallPage, CallRecord, CallStore } from "../ports/call-store.ts";
import { Spool } from "./spool.ts";
import type { SpoolFile } from "./spool-file.ts";
import { causeCode } from "./store-failure.ts";

/** What the store works with. */
export interface SpoolingStoreOptions {
  readonly inner: CallStore;
  readonly spoolFile: SpoolFile;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: Metrics;
  /** Records kept in memory while the store is down; beyond, the oldest is kept in the file only. */
  readonly maxInMemory: number;
  /** First pause before the store is tried again; doubles up to `maxRetryMs`. */
  readonly firstRetryMs: number;
  readonly maxRetryMs: number;
  /** Hears that the store takes nothing, and that it took all that waited; the same may be told again. */
  readonly onChange?: ((isDown: boolean) => void) | undefined;
}

/** Records written back in a row before the event loop gets a turn: the media clock runs on it. */
const RECORDS_PER_TURN = 5;
const TURN_MS = 5;

/** `open` and `saveCall` never reject; reading rejects with STORE_FAILED while the store is down. */
export class SpoolingStore implements CallStore {
  readonly #options: SpoolingStoreOptions;
  readonly #spool: Spool;
  readonly #abort = new AbortController();
  #innerOpen = false;
  #retry: Timer | undefined;
  #retryMs: number;
  #draining: Promise<void> | undefined;
  #closing: Promise<void> | undefined;

  constructor(options: SpoolingStoreOptions) {
    this.#options = options;
    const { spoolFile, logger, metrics, maxInMemory } = options;
    this.#spool = new Spool({ file: spoolFile, logger, metrics, maxInMemory });
    this.#retryMs = options.firstRetryMs;
  }

  /** Resolves after the first try, however it went; what the last run left is written in the background. */
  async open(): Promise<void> {
    await this.#spool.open();
    if (await this.#openInner()) {
      this.#startDrain();
    } else {
      this.#armRetry();
    }
  }

  /** Resolves when the record is in the store, in the spool file or, where neither can be written, in memory. */
  async saveCall(record: CallRecord): Promise<void> {
    if (this.#innerOpen && this.#spool.size === 0) {
      try {
        await this.#options.inner.saveCall(record);
        this.#options.onChange?.(false);
        return;
      } catch (error) {
        this.#tellDown(error);
      }
    }
    await this.#spool.add(record);
    if (this.#closing === undefined) {
      this.#armRetry();
    } else {
      await this.#spool.flush();
    }
  }

  findCall(callId: CallId): Promise<CallRecord | undefined> {
    return this.#innerOpen ? this.#options.inner.findCall(callId) : Promise.reject(notOpen());
  }

  listCalls(filter: CallFilter, limit: number, cursor?: string): Promise<CallPage> {
    return this.#innerOpen
      ? this.#options.inner.listCalls(filter, limit, cursor)
      : Promise.reject(notOpen());
  }

  /** Tries once more to write what waits, to the store or to the file, and closes the store. */
  close(): Promise<void> {
    this.#closing ??= this.#release();
    return this.#closing;
  }

  toJSON(): Readonly<Record<string, unknown>> {
    return {
      open: this.#innerOpen,
      waiting: this.#spool.size,
      retryMs: this.#retry === undefined ? undefined : this.#retryMs,
      spool: this.#spool.toJSON(),
      store: this.#options.inner.toJSON(),
    };
  }

  async #openInner(): Promise<boolean> {
    if (!this.#innerOpen) {
      try {
        await this.#options.inner.open();
        this.#innerOpen = true;
      } catch (error) {
        this.#tellDown(error);
      }
    }
    return this.#innerOpen;
  }

  #startDrain(): void {
    this.#draining ??= this.#drain().finally(() => {
      this.#draining = undefined;
      const unfinished = this.#spool.size > 0 || !this.#innerOpen;
      if (unfinished && this.#closing === undefined) {
        this.#armRetry();
      }
    });
  }

  /** Never rejects. */
  async #drain(): Promise<void> {
    if (!(await this.#openInner())) {
      return;
    }
    if (this.#spool.size === 0) {
      this.#options.onChange?.(false);
      return;
    }
    let taken = 0;
    try {
      await this.#spool.drain(async (record) => {
        if (taken > 0 && taken % RECORDS_PER_TURN === 0) {
          await sleep(this.#options.clock, TURN_MS, this.#abort.signal);
        }
        await this.#options.inner.saveCall(record);
        taken += 1;
      });
      this.#retryMs = this.#options.firstRetryMs;
      this.#options.onChange?.(false);
      this.#options.logger.info("store is back, records that waited are written", { taken });
    } catch (error) {
      if (!this.#abort.signal.aborted) {
        this.#tellDown(error);
      }
    }
  }

  #armRetry(): void {
    if (this.#retry !== undefined || this.#draining !== undefined) {
      return;
    }
    const { clock, maxRetryMs } = this.#options;
    this.#retry = after(clock, this.#retryMs, () => {
      this.#retry = undefined;
      this.#retryMs = Math.min(this.#retryMs * 2, maxRetryMs);
      this.#startDrain();
    });
  }

  async #release(): Promise<void> {
    this.#retry?.cancel();
    this.#retry = undefined;
    this.#abort.abort(new Error("the store closes"));
    await this.#draining;
    if (this.#innerOpen && this.#spool.size > 0) {
      await this.#spool
        .drain((record) => this.#options.inner.saveCall(record))
        .catch((error: unknown) => this.#tellDown(error));
    }
    await this.#spool.flush();
    this.#innerOpen = false;
    await this.#options.inner.close();
  }

  #tellDown(error: unknown): void {
    this.#options.onChange?.(true);
    this.#options.logger.error("call store is down, records are kept in the spool file", {
      code: codeOf(error) ?? "STORE_FAILED",
      cause: error instanceof GatewayError ? error.message : causeCode(error),
      waiting: this.#spool.size,
    });
  }
}

function notOpen(): GatewayError {
  return new GatewayError("STORE_FAILED", { reason: "the store is down; see the log" });
}
