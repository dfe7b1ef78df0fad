/** Call records that wait for the store: the newest in memory, all of them in a file, in one order. */
import type { Logger } from "../core/logger.ts";
import type { Metrics } from "../core/metrics.ts";
import type { CallRecord } from "../ports/call-store.ts";
import { decodeRecord, encodeRecord } from "./record-codec.ts";
import type { SpoolFile } from "./spool-file.ts";
import { causeCode } from "./store-failure.ts";

/** What a spool works with. */
export interface SpoolOptions {
  readonly file: SpoolFile;
  readonly logger: Logger;
  readonly metrics: Metrics;
  /** Records kept in memory; beyond, the oldest is kept in the file only. */
  readonly maxInMemory: number;
}

interface Waiting {
  readonly record: CallRecord;
  readonly inFile: boolean;
}

/**
 * The file holds, in order: lines already taken over by the store, lines that are not in memory, and those that are.
 * A record that the file did not take waits in memory only. Taking a record twice is harmless: saving is idempotent.
 */
export class Spool {
  readonly #options: SpoolOptions;
  readonly #waiting: Waiting[] = [];
  /** Lines at the start of the file that the store has. */
  #linesDone = 0;
  /** Lines after those that are not in memory. */
  #linesAhead = 0;
  #appending: Promise<void> = Promise.resolve();
  #appendsOpen = 0;
  #total = 0;
  #unwritten = 0;
  #lost = 0;
  #unreadable = 0;

  constructor(options: SpoolOptions) {
    this.#options = options;
  }

  /** Records that wait; while a record is on its way into the file, it counts. */
  get size(): number {
    return this.#linesAhead + this.#waiting.length + this.#appendsOpen;
  }

  /** Finds what the last run left; never rejects. */
  async open(): Promise<void> {
    try {
      for await (const line of this.#options.file.lines()) {
        if (isWhole(line)) {
          this.#linesAhead += 1;
        } else {
          await this.#setAside(line);
        }
      }
    } catch (error) {
      this.#tell("spool file cannot be read", error);
    }
  }

  /** Keeps a record; never rejects. Resolves when it is in the file, or known not to be. */
  add(record: CallRecord): Promise<void> {
    this.#total += 1;
    this.#appendsOpen += 1;
    this.#options.metrics.increment("trunkline_store_spooled_total");
    this.#appending = this.#appending.then(async () => {
      const inFile = await this.#append(record);
      this.#appendsOpen -= 1;
      this.#remember({ record, inFile });
    });
    return this.#appending;
  }

  /**
   * Hands every record to `take`, oldest first, until none is left; then empties the file.
   * Rejects with what `take` rejects with, and goes on from there when called again.
   */
  async drain(take: (record: CallRecord) => Promise<void>): Promise<void> {
    do {
      await this.#drainFile(take);
      await this.#drainMemory(take);
      await this.#appending;
    } while (this.#linesAhead + this.#waiting.length > 0);
    await this.#clear();
  }

  /** Tries once more to write to the file what is in memory only; never rejects. */
  async flush(): Promise<void> {
    await this.#appending;
    for (const { record, inFile } of this.#waiting.splice(0)) {
      if (!(inFile || (await this.#append(record)))) {
        this.#lose(1, record);
      }
    }
  }

  toJSON(): Readonly<Record<string, unknown>> {
    return {
      path: this.#options.file.path,
      inMemory: this.#waiting.length,
      inFileOnly: this.#linesAhead,
      total: this.#total,
      unwritten: this.#unwritten,
      unreadable: this.#unreadable,
      lost: this.#lost,
    };
  }

  async #append(record: CallRecord): Promise<boolean> {
    try {
      await this.#options.file.append(encodeRecord(record));
      return true;
    } catch (error) {
      this.#unwritten += 1;
      this.#options.metrics.increment("trunkline_store_spool_failures_total");
      this.#tell("spool file cannot be written", error);
      return false;
    }
  }

  #remember(waiting: Waiting): void {
    this.#waiting.push(waiting);
    if (this.#waiting.length <= this.#options.maxInMemory) {
      return;
    }
    const oldest = this.#waiting.shift();
    if (oldest?.inFile === true) {
      this.#linesAhead += 1;
    } else if (oldest !== undefined) {
      this.#lose(1, oldest.record);
    }
  }

  #lose(count: number, record?: CallRecord): void {
    this.#lost += count;
    for (let lost = 0; lost < count; lost += 1) {
      this.#options.metrics.increment("trunkline_store_lost_total");
    }
    const details = { code: "STORE_FAILED", callId: record?.callId, count };
    this.#options.logger.error("call record is lost", details);
  }

  async #drainFile(take: (record: CallRecord) => Promise<void>): Promise<void> {
    while (this.#linesAhead > 0) {
      const doneBefore = this.#linesDone;
      await this.#readOn(take);
      if (this.#linesDone === doneBefore && this.#linesAhead > 0) {
        this.#tell("spool file was emptied by somebody else", undefined);
        this.#lose(this.#linesAhead);
        this.#linesAhead = 0;
      }
    }
  }

  /** One pass over the file, from the first line that the store does not have. */
  async #readOn(take: (record: CallRecord) => Promise<void>): Promise<void> {
    let line = 0;
    for await (const text of this.#options.file.lines()) {
      const whole = isWhole(text);
      line += whole ? 1 : 0;
      if (!whole || line <= this.#linesDone) {
        continue;
      }
      const record = await this.#decode(text);
      if (record !== undefined) {
        await take(record);
      }
      this.#linesDone += 1;
      this.#linesAhead -= 1;
      if (this.#linesAhead === 0) {
        return;
      }
    }
  }

  async #drainMemory(take: (record: CallRecord) => Promise<void>): Promise<void> {
    for (;;) {
      const [first] = this.#waiting;
      if (first === undefined || this.#linesAhead > 0) {
        return;
      }
      await take(first.record);
      if (this.#waiting[0] === first) {
        this.#waiting.shift();
        this.#linesDone += first.inFile ? 1 : 0;
      }
    }
  }

  async #decode(line: string): Promise<CallRecord | undefined> {
    try {
      return decodeRecord(line);
    } catch {
      await this.#setAside(line);
      return undefined;
    }
  }

  async #setAside(line: string): Promise<void> {
    this.#unreadable += 1;
    try {
      await this.#options.file.setAside(line);
      this.#tell("line of the spool file cannot be read and is set aside", undefined);
    } catch (error) {
      this.#tell("line of the spool file cannot be read", error);
    }
  }

  async #clear(): Promise<void> {
    if (this.#linesDone === 0 || this.#appendsOpen > 0) {
      return;
    }
    const clearing = this.#options.file.clear().then(
      () => {
        this.#linesDone = 0;
      },
      (error: unknown) => this.#tell("spool file cannot be emptied", error),
    );
    this.#appending = this.#appending.then(() => clearing);
    await clearing;
  }

  #tell(message: string, error: unknown): void {
    const { file, logger } = this.#options;
    const cause = error === undefined ? undefined : causeCode(error);
    logger.error(message, { code: "STORE_FAILED", path: file.path, cause });
  }
}

/** A line that was cut short, by a crash or a full disk, is no JSON; such lines are never counted. */
function isWhole(line: string): boolean {
  try {
    JSON.parse(line);
    return true;
  } catch {
    return false;
  }
}
