/** Records survive a store that is down, in order, within bounds. */
import { beforeEach, describe, expect, it } from "vitest";
import type { SpoolFile } from "../../src/store/spool-file.ts";
import { SpoolingStore } from "../../src/store/spooling-store.ts";
import { callStoreContract } from "../contract/call-store.ts";
import { callRecord } from "../support/call-records.ts";
import { MemoryStore } from "../support/memory-store.ts";
import { RecordingLogger, RecordingMetrics } from "../support/recording-metrics.ts";
import { VirtualClock } from "../support/virtual-clock.ts";

class MemorySpoolFile implements SpoolFile {
  readonly path = "calls.spool";
  readonly aside: string[] = [];
  content: string[] = [];
  failing = false;

  append(line: string): Promise<void> {
    return this.#answer(() => {
      this.content.push(line);
    });
  }

  setAside(line: string): Promise<void> {
    return this.#answer(() => {
      this.aside.push(line);
    });
  }

  async *lines(): AsyncIterable<string> {
    for (let index = 0; index < this.content.length; index += 1) {
      await Promise.resolve();
      yield this.content[index] ?? "";
    }
  }

  clear(): Promise<void> {
    return this.#answer(() => {
      this.content = [];
    });
  }

  async #answer(work: () => void): Promise<void> {
    await Promise.resolve();
    if (this.failing) {
      throw Object.assign(new Error("no space"), { code: "ENOSPC" });
    }
    work();
  }
}

let clock: VirtualClock;
let inner: MemoryStore;
let file: MemorySpoolFile;
let metrics: RecordingMetrics;
let logger: RecordingLogger;

function createStore(maxInMemory = 100): SpoolingStore {
  return new SpoolingStore({
    inner,
    spoolFile: file,
    clock,
    logger,
    metrics,
    maxInMemory,
    firstRetryMs: 1000,
    maxRetryMs: 8000,
  });
}

/** Lets time pass in small steps, so that long chains of promises settle in between. */
async function pass(durationMs: number): Promise<void> {
  for (let passedMs = 0; passedMs < durationMs; passedMs += 1) {
    await clock.advanceMs(1);
  }
}

async function saveAll(store: SpoolingStore, ...ids: readonly string[]): Promise<void> {
  for (const id of ids) {
    await store.saveCall(callRecord(id));
  }
}

beforeEach(() => {
  clock = new VirtualClock();
  inner = new MemoryStore();
  file = new MemorySpoolFile();
  metrics = new RecordingMetrics();
  logger = new RecordingLogger();
});

callStoreContract("SpoolingStore", () => Promise.resolve(createStore()));

describe("the spooling store", () => {
  it("writes straight to a store that works, and leaves the spool alone", async () => {
    const store = createStore();
    await store.open();
    await saveAll(store, "a", "b");
    expect([inner.saves, file.content]).toEqual([["a", "b"], []]);
    await store.close();
    expect([clock.pending, inner.closed, metrics.counts.size]).toEqual([0, true, 0]);
  });

  it("keeps records aside while the store fails, and writes them in order when it is back", async () => {
    const store = createStore();
    await store.open();
    inner.failing = true;
    await saveAll(store, "a", "b");
    expect(file.content).toHaveLength(2);
    inner.failing = false;
    await saveAll(store, "c");
    expect(inner.saves).toEqual([]);
    await pass(1000);
    expect([inner.saves, file.content]).toEqual([["a", "b", "c"], []]);
    await saveAll(store, "d");
    expect(inner.saves.at(-1)).toBe("d");
    expect(metrics.counts.get("trunkline_store_spooled_total")).toBe(3);
    await store.close();
  });

  it("tries again less and less often, up to the longest pause", async () => {
    const store = createStore();
    inner.failing = true;
    await store.open();
    const tries: number[] = [];
    inner.open = () => {
      tries.push(clock.nowUs() / 1e6);
      return Promise.reject(new Error("down"));
    };
    await pass(40_000);
    expect(tries).toEqual([1, 3, 7, 15, 23, 31, 39]);
    await store.close();
    expect(clock.pending).toBe(0);
  });

  it("opens although the store does not, keeps trying, and then serves", async () => {
    inner.failing = true;
    const store = createStore();
    await store.open();
    await expect(store.listCalls({}, 10)).rejects.toMatchObject({ code: "STORE_FAILED" });
    await expect(store.findCall(callRecord("a").callId)).rejects.toMatchObject({
      code: "STORE_FAILED",
    });
    inner.failing = false;
    await pass(1000);
    expect((await store.listCalls({}, 10)).records).toEqual([]);
    expect(clock.pending).toBe(0);
  });

  it("writes what the last run left, and sets aside what cannot be read", async () => {
    file.content = [
      JSON.stringify(callRecord("a")),
      '{"callId":"cut',
      '{"callId":"no record"}',
      JSON.stringify(callRecord("b")),
    ];
    const store = createStore();
    await store.open();
    await pass(100);
    expect([inner.saves, file.content]).toEqual([["a", "b"], []]);
    expect(file.aside).toEqual(['{"callId":"cut', '{"callId":"no record"}']);
    await store.close();
  });

  it("goes on where it stopped when the store fails again in the middle", async () => {
    file.content = ["a", "b", "c", "d"].map((id) => JSON.stringify(callRecord(id)));
    const store = createStore();
    const save = inner.saveCall.bind(inner);
    let failures = 0;
    inner.saveCall = (record) => {
      if (record.callId === "c" && failures < 2) {
        failures += 1;
        return Promise.reject(new Error("down"));
      }
      return save(record);
    };
    await store.open();
    await saveAll(store, "e");
    await pass(5000);
    expect([inner.saves, file.content]).toEqual([["a", "b", "c", "d", "e"], []]);
    await store.close();
  });

  it("drops the oldest from memory beyond the bound, and reads it from the file", async () => {
    const store = createStore(3);
    inner.failing = true;
    await store.open();
    const ids = Array.from({ length: 20 }, (_, index) => `call-${index}`);
    await saveAll(store, ...ids);
    expect(store.toJSON()).toMatchObject({ spool: { inMemory: 3, inFileOnly: 17, lost: 0 } });
    inner.failing = false;
    await pass(10_000);
    expect(inner.saves).toEqual(ids);
    expect(store.toJSON()).toMatchObject({ waiting: 0, spool: { inMemory: 0, inFileOnly: 0 } });
    await store.close();
  });

  it("gives the event loop a turn between the records it writes back", async () => {
    const store = createStore();
    inner.failing = true;
    await store.open();
    await saveAll(store, ...Array.from({ length: 12 }, (_, index) => `call-${index}`));
    inner.failing = false;
    await pass(1000);
    expect(inner.saves.length).toBeLessThan(12);
    await pass(20);
    expect(inner.saves).toHaveLength(12);
    await store.close();
  });

  it("takes records in while it writes others back", async () => {
    const store = createStore(2);
    inner.failing = true;
    await store.open();
    await saveAll(store, "a", "b", "c", "d", "e", "f", "g");
    inner.failing = false;
    await pass(1000);
    await saveAll(store, "h", "i", "j", "k");
    await pass(1000);
    expect([...new Set(inner.saves)]).toEqual([..."abcdefghijk"]);
    expect(file.content).toEqual([]);
    await store.close();
  });

  it("holds records in memory when the spool file cannot be written, and says so with a code", async () => {
    const store = createStore();
    await store.open();
    inner.failing = true;
    file.failing = true;
    await saveAll(store, "a");
    expect(metrics.counts.get("trunkline_store_spool_failures_total")).toBe(1);
    expect(logger.lines.at(-1)).toMatchObject({
      level: "error",
      fields: { code: "STORE_FAILED", path: "calls.spool", cause: "ENOSPC" },
    });
    inner.failing = false;
    await pass(1000);
    expect(inner.saves).toEqual(["a"]);
    await store.close();
  });

  it("counts a record as lost only when nothing could take it", async () => {
    const store = createStore(1);
    await store.open();
    inner.failing = true;
    file.failing = true;
    await saveAll(store, "a", "b");
    expect(metrics.counts.get("trunkline_store_lost_total")).toBe(1);
    await store.close();
    expect(metrics.counts.get("trunkline_store_lost_total")).toBe(2);
  });

  it("writes what waits when it closes, to the store or else to the file", async () => {
    const toStore = createStore();
    await toStore.open();
    inner.failing = true;
    await saveAll(toStore, "a");
    inner.failing = false;
    await toStore.close();
    expect([inner.saves, file.content, clock.pending]).toEqual([["a"], [], 0]);

    const toFile = createStore();
    await toFile.open();
    inner.failing = true;
    file.failing = true;
    await saveAll(toFile, "b");
    file.failing = false;
    await toFile.close();
    expect([file.content.length, clock.pending]).toEqual([1, 0]);
  });

  it("keeps a record that comes after close in the file", async () => {
    const store = createStore();
    await store.open();
    await store.close();
    await saveAll(store, "late");
    expect([file.content.length, clock.pending]).toEqual([1, 0]);
  });
});
