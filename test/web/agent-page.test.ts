/** What the page follows: what its address says, what a panel says, or the newest recorded call. */
import { beforeEach, describe, expect, it } from "vitest";
import { AgentPage } from "../../web/src/agent-page.ts";
import { ContactSeam } from "../../web/src/ccp/contact-seam.ts";
import { type CallsAnswer, readCalls } from "../../web/src/follow/calls-watch.ts";
import { readFragment, writeFragment } from "../../web/src/follow/fragment.ts";
import type { Following, SocketHandlers } from "../../web/src/link/assist-link.ts";
import { VirtualClock } from "../support/virtual-clock.ts";

let clock: VirtualClock;
let answer: CallsAnswer;
let asked: number;
let sockets: (SocketHandlers & { readonly token: string | undefined; readonly sent: unknown[] })[];

beforeEach(() => {
  clock = new VirtualClock();
  answer = { kind: "calls", calls: [] };
  [asked, sockets] = [0, []];
});

function pageOf(following?: Following): AgentPage {
  const page = new AgentPage(following, {
    clock,
    random: () => 0,
    open: (token, handlers) => {
      const sent: unknown[] = [];
      sockets.push({ ...handlers, token, sent });
      return { send: (text) => sent.push(JSON.parse(text)), close: () => undefined };
    },
    checkAccess: async () => undefined,
    askForCalls: async () => {
      asked += 1;
      return answer;
    },
  });
  page.start();
  return page;
}

const call = (callId: string, second: number) => ({
  callId,
  phoneNumber: "",
  contactId: undefined,
  start: `2026-01-01T00:00:0${second}.000Z`,
});
/** What the newest connection asked for. */
const subscription = () => {
  sockets.at(-1)?.onOpen();
  return sockets.at(-1)?.sent[0];
};
const tellEnd = (callId: string): void => {
  const event = { kind: "state", state: "ended", participants: [] };
  sockets.at(-1)?.onText(JSON.stringify({ type: "event", eventId: 1, callId, event }));
};

describe("a page whose address says nothing", () => {
  it("follows the first call that comes in, and does not leave it for a newer one", async () => {
    const page = pageOf();
    await clock.advanceMs(2500);
    expect([asked, sockets.length, page.search.value]).toEqual([3, 0, "looking"]);
    answer = { kind: "calls", calls: [call("old", 1)] };
    await clock.advanceMs(1000);
    expect(subscription()).toEqual({ action: "subscribe", callId: "old" });
    answer = { kind: "calls", calls: [call("newer", 3), call("old", 1), call("new", 2)] };
    await clock.advanceMs(3000);
    expect([sockets.length, page.offers.value.length]).toEqual([1, 3]);
    tellEnd("old");
    await clock.advanceMs(1000);
    expect(subscription()).toEqual({ action: "subscribe", callId: "newer" });
  });

  it("keeps showing a call that ended until the next one comes", async () => {
    const page = pageOf();
    answer = { kind: "calls", calls: [call("a", 1)] };
    await clock.advanceMs(1000);
    sockets.at(-1)?.onOpen();
    tellEnd("a");
    answer = { kind: "calls", calls: [] };
    await clock.advanceMs(5000);
    expect([sockets.length, page.state.view.value?.state]).toEqual([1, "ended"]);
  });

  it("asks no more where a token is needed, and again when the gateway is back", async () => {
    answer = { kind: "unreachable" };
    const page = pageOf();
    await clock.advanceMs(0);
    expect(page.search.value).toBe("unreachable");
    answer = { kind: "needsToken" };
    await clock.advanceMs(3000);
    expect([page.search.value, asked, clock.pending]).toEqual(["needsToken", 2, 0]);
  });
});

describe("a page whose address says what to follow", () => {
  it("asks for no calls, and shows what it is told to follow next", async () => {
    const page = pageOf({ subject: { kind: "contact", id: "c-1" }, token: "t" });
    await clock.advanceMs(5000);
    expect([asked, sockets.at(-1)?.token]).toEqual([0, "t"]);
    expect(subscription()).toEqual({ action: "subscribe", contactId: "c-1" });
    const seam = new ContactSeam(page);
    seam.followContact("c-2");
    expect([subscription(), sockets.at(-1)?.token]).toEqual([
      { action: "subscribe", contactId: "c-2" },
      "t",
    ]);
    seam.followContact(undefined);
    expect([sockets.length, page.status.value.kind]).toEqual([2, "idle"]);
  });

  it("sends a corrected role, and says so where it cannot", () => {
    const page = pageOf({ subject: { kind: "call", id: "a" }, token: undefined });
    page.setRole("1", "agent");
    expect(page.state.refusal.value).toContain("no connection");
    sockets.at(-1)?.onOpen();
    page.setRole("1", "agent");
    expect(page.state.refusal.value).toBeUndefined();
    expect(sockets.at(-1)?.sent.at(-1)).toEqual({
      action: "setRole",
      participantId: "1",
      role: "agent",
    });
  });
});

describe("the part of the address behind the #", () => {
  it.each([
    ["", undefined],
    ["#", undefined],
    ["#token=a1.b.c", { token: "a1.b.c", subject: undefined }],
    ["#contactId=c-1", { token: undefined, subject: { kind: "contact", id: "c-1" } }],
    ["#token=t&callId=a", { token: "t", subject: { kind: "call", id: "a" } }],
  ] as const)("%j is read and written", (fragment, following) => {
    expect(readFragment(fragment)).toEqual(following);
    expect(readFragment(writeFragment(following))).toEqual(following);
  });

  it("keeps odd ids whole", () => {
    const following = { token: "a+b/c=", subject: { kind: "contact", id: "ä&#=?" } } as const;
    expect(readFragment(writeFragment(following))).toEqual(following);
  });
});

describe("the answer to GET /calls", () => {
  it("offers recorded calls only, and nothing of what is none", () => {
    const body = {
      calls: [
        { callId: "a", start: "s", mode: "assist", phoneNumber: "+1", contactId: null },
        { callId: "b", start: "s", mode: "agent" },
        { callId: 7, start: "s", mode: "assist" },
      ],
    };
    expect(readCalls(body)).toEqual([
      { callId: "a", start: "s", phoneNumber: "+1", contactId: undefined },
    ]);
    expect([readCalls(null), readCalls({ calls: 1 })]).toEqual([[], []]);
  });
});
