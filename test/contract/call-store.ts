/** What every call store must do, whatever it is made of. */
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { asCallId } from "../../src/core/ids.ts";
import type { CallFilter, CallRecord, CallStore } from "../../src/ports/call-store.ts";
import { callRecord, STARTED_AT_MS } from "../support/call-records.ts";

/** Runs the contract against a store that is new and empty for each test. */
export function callStoreContract(name: string, create: () => Promise<CallStore>): void {
  describe(`${name} keeps the contract of a call store`, () => {
    let store: CallStore;

    beforeEach(async () => {
      store = await create();
      await store.open();
    });

    afterEach(() => store.close());

    async function save(...records: readonly CallRecord[]): Promise<void> {
      for (const record of records) {
        await store.saveCall(record);
      }
    }

    async function idsOf(filter: CallFilter): Promise<string[]> {
      return (await store.listCalls(filter, 200)).records.map(({ callId }) => callId);
    }

    it("gives back every member of a record", async () => {
      const record = callRecord("a", { contactId: "contact-1", streamArn: "arn:aws:kinesis" });
      await save(record);
      expect(await store.findCall(record.callId)).toEqual(record);
      expect((await store.listCalls({}, 10)).records).toEqual([record]);
    });

    it("gives back the ledger of a call", async () => {
      const plain = callRecord("a");
      const usage = {
        inputTextTokens: 1,
        inputAudioTokens: 2,
        cachedTokens: 3,
        outputTextTokens: 4,
        outputAudioTokens: 5,
      };
      const record = callRecord("a", {
        turns: plain.turns.map((turn) => ({
          ...turn,
          source: "answer",
          model: "nova",
          turnEndedAtMs: 1,
          truncatedToMs: 1200,
          waitedMs: 2,
          toolMs: 3,
          usage,
          costUsd: 0.25,
        })),
        models: [
          {
            model: "nova",
            fromMs: 1,
            toMs: 2,
            ended: "replaced",
            code: "MODEL_LOST",
            reason: "the stream ended",
          },
        ],
        usage: [{ model: "nova", usage, costUsd: 0.25 }],
      });
      await save(record);
      expect(await store.findCall(record.callId)).toEqual(record);
    });

    it("gives back a record whose optional members are absent", async () => {
      const record = callRecord("a", {
        model: undefined,
        answeredAtMs: undefined,
        stats: undefined,
        transcript: [],
        turns: [],
        interruptions: [],
      });
      await save(record);
      expect(await store.findCall(record.callId)).toEqual(record);
    });

    it("keeps the last of two records with one call id", async () => {
      await save(callRecord("a", { flow: "first" }), callRecord("a", { flow: "second" }));
      expect((await store.listCalls({}, 10)).records.map(({ flow }) => flow)).toEqual(["second"]);
    });

    it("knows nothing of a call it was never given", async () => {
      expect(await store.findCall(asCallId("nobody"))).toBeUndefined();
      expect(await store.listCalls({}, 10)).toEqual({ records: [], nextCursor: undefined });
    });

    it.each([
      ["by call id", { callId: "b" }, ["b"]],
      ["by calling number, however it is written", { phoneNumber: "+1 (555) 010-0122" }, ["b"]],
      ["by called number", { phoneNumber: "15550100133" }, ["c"]],
      ["by a called name, in any case", { phoneNumber: "Agent" }, ["b", "a"]],
      ["by contact", { contactId: "contact-a" }, ["a"]],
      ["that started at or after", { fromMs: STARTED_AT_MS + 1000 }, ["c", "b"]],
      ["that started before", { toMs: STARTED_AT_MS + 1000 }, ["a"]],
      ["by all conditions at once", { phoneNumber: "agent", fromMs: STARTED_AT_MS + 1 }, ["b"]],
      ["of a number that only contains the digits", { phoneNumber: "0100122" }, []],
    ])("finds calls %s", async (_, filter, expected) => {
      await save(
        callRecord("a", { contactId: "contact-a" }),
        callRecord("b", { startedAtMs: STARTED_AT_MS + 1000, callingNumber: "+15550100122" }),
        callRecord("c", { startedAtMs: STARTED_AT_MS + 2000, calledNumber: "+15550100133" }),
      );
      expect(await idsOf(filter)).toEqual(expected);
    });

    it("gives each record once, newest first, while new calls arrive between pages", async () => {
      const all = Array.from({ length: 23 }, (_, index) =>
        callRecord(`call-${String(index).padStart(2, "0")}`, {
          startedAtMs: STARTED_AT_MS + Math.floor(index / 4),
        }),
      );
      await save(...all);
      const seen: string[] = [];
      let cursor: string | undefined;
      do {
        const page = await store.listCalls({}, 5, cursor);
        seen.push(...page.records.map(({ callId }) => callId));
        cursor = page.nextCursor;
        await save(callRecord(`new-${seen.length}`, { startedAtMs: STARTED_AT_MS + 60_000 }));
      } while (cursor !== undefined);
      expect(seen).toEqual(all.map(({ callId }) => callId).reverse());
    });

    it("gives no cursor when the page ends with the last record", async () => {
      await save(callRecord("a"), callRecord("b"));
      expect((await store.listCalls({}, 2)).nextCursor).toBeUndefined();
    });

    it.each([
      "nonsense",
      "",
      "W10",
      "!!!",
      "bnVsbA",
      Buffer.from('["x","y"]').toString("base64url"),
    ])("refuses the cursor %j with STORE_CURSOR_INVALID", async (cursor) => {
      await expect(store.listCalls({}, 5, cursor)).rejects.toMatchObject({
        code: "STORE_CURSOR_INVALID",
      });
    });
  });
}
