/** The gateway's figures beside those of the caller of `trunkline call`. */
import { describe, expect, it } from "vitest";
import { readLedger, withLedger } from "../../src/cli/call-ledger.ts";
import { type CallReport, describeReport, type LedgerRow } from "../../src/cli/call-report.ts";
import { VirtualClock } from "../support/virtual-clock.ts";

const API = { url: "http://127.0.0.1:8080", token: undefined };
const PLACED = { sipCallId: "mine@here", invitedAtMs: VirtualClock.WALL_ORIGIN_MS };

const ROW: LedgerRow = {
  itemId: "a",
  source: "answer",
  model: "nova",
  heardFromMs: 5000,
  responseMs: 900,
  modelMs: 300,
  gatewayMs: 20,
  waitedMs: 0,
  toolMs: null,
  playedMs: 1200,
  unheardMs: 800,
  interrupted: true,
};
const FILLER: LedgerRow = {
  ...ROW,
  itemId: "f",
  source: "filler",
  model: null,
  heardFromMs: 9000,
  responseMs: 600,
  modelMs: null,
  interrupted: false,
};

const REPORT: CallReport = {
  uri: "sip:agent@127.0.0.1",
  answered: true,
  sipCallId: "mine@here",
  status: 200,
  setupMs: 20,
  durationMs: 12_000,
  greeting: { afterMs: 30, durationMs: 2000 },
  turns: [
    { asked: "words", answered: true, responseMs: 940, answerMs: 1200, answerFromMs: 5030 },
    { asked: "words", answered: false },
    { asked: "words", answered: true, responseMs: 640, answerMs: 500, answerFromMs: 9040 },
  ],
};

function log(sipCallId: string, answeredAtMs: number) {
  const { heardFromMs, ...row } = ROW;
  const firstPacketAt = new Date(answeredAtMs + heardFromMs).toISOString();
  return {
    sessionId: `id of ${sipCallId}`,
    sipCallId,
    answered: new Date(answeredAtMs).toISOString(),
    turns: [{ ...row, firstPacketAt }],
  };
}

/** Pages of call logs, each asked for by the cursor of the one before; `empty` times there is nothing yet. */
function gateway(pages: readonly (readonly unknown[])[], empty = 0) {
  const asked: string[] = [];
  const answer: typeof fetch = async (url) => {
    const { search, searchParams } = new URL(String(url));
    asked.push(search);
    const at = Number(searchParams.get("cursor") ?? 0);
    const nextCursor = at + 1 < pages.length ? String(at + 1) : null;
    const calls = asked.length <= empty ? [] : pages[at];
    return new Response(JSON.stringify({ calls, nextCursor }));
  };
  return { asked, fetch: answer };
}

async function read(fetchIt: typeof fetch) {
  const clock = new VirtualClock();
  const reading = readLedger(API, PLACED, { clock, fetch: fetchIt });
  reading.catch(() => undefined);
  for (let i = 0; i < 40; i += 1) {
    await clock.advanceMs(100);
  }
  expect(clock.pending).toBe(0);
  return await reading;
}

describe("the gateway's record of a placed call", () => {
  it("is found by its Call-ID, whatever the gateway's clock says", async () => {
    const skewedMs = VirtualClock.WALL_ORIGIN_MS - 600_000;
    const { asked, fetch } = gateway([[log("other", skewedMs)], [log("mine@here", skewedMs)]]);
    expect(await read(fetch)).toEqual({ callId: "id of mine@here", turns: [ROW] });
    expect(asked).toHaveLength(2);
    expect(asked[1]).toContain("cursor=1");
  });

  it("is waited for, but not for ever", async () => {
    const { fetch } = gateway([[log("mine@here", VirtualClock.WALL_ORIGIN_MS)]], 3);
    expect((await read(fetch))?.turns).toHaveLength(1);
    const other = gateway([[log("other", VirtualClock.WALL_ORIGIN_MS)]]);
    expect(await read(other.fetch)).toBeUndefined();
    expect(other.asked.length).toBeLessThan(20);
  });

  it("is not read from something that is no gateway", async () => {
    await expect(read(async () => new Response("{}"))).rejects.toThrow("like a gateway");
    await expect(read(() => Promise.reject(new Error("refused")))).rejects.toThrow("cannot be");
  });
});

describe("the report of a call", () => {
  const ledger = { callId: "c1", turns: [{ ...ROW, itemId: "g", heardFromMs: 0 }, ROW, FILLER] };

  it("has at each turn what the gateway measured of it", () => {
    const { turns } = withLedger(REPORT, ledger);
    expect(turns.map((turn) => turn.ledger?.itemId)).toEqual(["a", undefined, "f"]);
  });

  it("shows both side by side, and the difference", () => {
    const unasked = { ...ROW, itemId: "g", heardFromMs: 0, responseMs: null, modelMs: null };
    const full = { callId: "c1", turns: [unasked, ROW, FILLER, { ...ROW, heardFromMs: 60_000 }] };
    const lines = describeReport(withLedger(REPORT, full)).split("\n");
    const from = lines.indexOf("the gateway's ledger of call c1, in ms:");
    expect(lines.slice(from + 1)).toEqual([
      "  TURN      HEARD  MEASURED  DIFFERENCE  END OF TURN  TOOLS  MODEL  WAITED  GATEWAY  PLAYED        BY",
      "  greeting  -      -         -           -            -      -      0       20       1200 of 2000  nova",
      "  1         940    900       40          580          -      300    0       20       1200 of 2000  nova",
      "  3         640    600       40          -            -      -      0       20       1200          filler",
      "  -         -      900       -           580          -      300    0       20       1200 of 2000  nova",
    ]);
  });

  it("is as before where the gateway cannot be asked", () => {
    expect(describeReport(REPORT)).not.toContain("ledger");
    expect(describeReport(withLedger(REPORT, { callId: "c", turns: [] }))).not.toContain("ledger");
  });
});
