/** The page's connection on virtual time: how it comes back, what it asks for then, and when it gives up. */
import { beforeEach, describe, expect, it } from "vitest";
import {
  AssistLink,
  type LinkStatus,
  type SocketHandlers,
} from "../../web/src/link/assist-link.ts";
import { backOffMs } from "../../web/src/link/back-off.ts";
import type { GatewayMessage } from "../../web/src/link/messages.ts";
import { VirtualClock } from "../support/virtual-clock.ts";

interface FakeSocket extends SocketHandlers {
  readonly token: string | undefined;
  readonly sent: Record<string, unknown>[];
  closed: boolean;
}

let clock: VirtualClock;
let sockets: FakeSocket[];
let statuses: LinkStatus[];
let messages: GatewayMessage[];
let positions: Record<string, number>;
let refusal: { why: string; needsToken: boolean } | undefined;
let link: AssistLink;

beforeEach(() => {
  clock = new VirtualClock();
  [sockets, statuses, messages, positions, refusal] = [[], [], [], {}, undefined];
  link = new AssistLink({
    clock,
    random: () => 0,
    open: (token, handlers) => {
      const socket: FakeSocket = { ...handlers, token, sent: [], closed: false };
      sockets.push(socket);
      return {
        send: (text) => socket.sent.push(JSON.parse(text) as Record<string, unknown>),
        close: () => {
          socket.closed = true;
        },
      };
    },
    checkAccess: async () => refusal,
    positions: () => positions,
    onMessage: (message) => messages.push(message),
    onStatus: (status) => statuses.push(status),
  });
});

const newest = (): FakeSocket => {
  const socket = sockets.at(-1);
  if (socket === undefined) {
    throw new Error("no socket was opened");
  }
  return socket;
};
const kinds = () => statuses.map(({ kind }) => kind);
const openAndSubscribe = (): void => {
  newest().onOpen();
  newest().onText('{"type":"subscribed","callId":"a","calls":[]}');
};
const CALL = { subject: { kind: "call", id: "a" }, token: undefined } as const;

describe("the page's connection", () => {
  it("subscribes to what it follows and is live once the gateway says so", () => {
    link.follow({ subject: { kind: "contact", id: "c-1" }, token: "t" });
    expect(newest().token).toBe("t");
    newest().onOpen();
    expect([newest().sent, kinds()]).toEqual([
      [{ action: "subscribe", contactId: "c-1" }],
      ["connecting"],
    ]);
    newest().onText('{"type":"subscribed","contactId":"c-1","calls":[]}');
    expect(kinds()).toEqual(["connecting", "live"]);
  });

  it("leaves the id out where the token alone says it", () => {
    link.follow({ subject: undefined, token: "t" });
    newest().onOpen();
    expect(newest().sent).toEqual([{ action: "subscribe" }]);
  });

  it("comes back by itself and asks for what it missed", async () => {
    link.follow(CALL);
    openAndSubscribe();
    positions = { a: 17 };
    newest().onClose(1006);
    expect(statuses.at(-1)).toEqual({ kind: "retrying", attempt: 1, waitMs: 250 });
    await clock.advanceMs(249);
    expect(sockets).toHaveLength(1);
    await clock.advanceMs(1);
    newest().onOpen();
    expect(newest().sent).toEqual([{ action: "subscribe", callId: "a", after: { a: 17 } }]);
    newest().onText('{"type":"subscribed","callId":"a","calls":[]}');
    expect(kinds()).toEqual(["connecting", "live", "retrying", "live"]);
  });

  it("waits longer each time, and starts anew once it was live", async () => {
    link.follow(CALL);
    const waits: number[] = [];
    for (let round = 0; round < 8; round += 1) {
      newest().onClose(1006);
      await clock.advanceMs(0);
      const status = statuses.at(-1);
      const waitMs = status?.kind === "retrying" ? status.waitMs : -1;
      waits.push(waitMs);
      await clock.advanceMs(waitMs);
    }
    expect(waits).toEqual([250, 500, 1000, 2000, 4000, 7500, 7500, 7500]);
    openAndSubscribe();
    newest().onClose(1001);
    expect(statuses.at(-1)).toEqual({ kind: "retrying", attempt: 1, waitMs: 250 });
  });

  it("says why it is not let in, and tries no more", async () => {
    refusal = { why: "The token is wrong.", needsToken: true };
    link.follow(CALL);
    newest().onClose(1006);
    await clock.advanceMs(60_000);
    expect(statuses.at(-1)).toEqual({ kind: "refused", ...refusal });
    expect([sockets.length, clock.pending]).toEqual([1, 0]);
  });

  it("is refused when its token is over, or opens something else", () => {
    link.follow(CALL);
    openAndSubscribe();
    newest().onClose(4001);
    expect(statuses.at(-1)).toMatchObject({ kind: "refused", needsToken: true });
    link.follow(CALL);
    newest().onOpen();
    newest().onText('{"type":"error","code":"otherContact","message":"no"}');
    expect(statuses.at(-1)).toMatchObject({
      kind: "refused",
      why: expect.stringContaining("another contact"),
    });
    expect([newest().closed, clock.pending]).toEqual([true, 0]);
  });

  it("asks when nothing comes, and takes silence for death", async () => {
    link.follow(CALL);
    openAndSubscribe();
    await clock.advanceMs(15_000);
    expect(newest().sent.at(-1)).toEqual({ action: "ping" });
    newest().onText('{"type":"pong"}');
    await clock.advanceMs(24_999);
    expect(kinds().at(-1)).toBe("live");
    await clock.advanceMs(1);
    expect([kinds().at(-1), sockets[0]?.closed]).toEqual(["retrying", true]);
  });

  it("does not wait for ever for a handshake", async () => {
    link.follow(CALL);
    await clock.advanceMs(10_000);
    expect(kinds().at(-1)).toBe("retrying");
  });

  it("hears nothing more of a socket that it left", () => {
    link.follow(CALL);
    const [first] = sockets;
    link.follow({ subject: { kind: "call", id: "b" }, token: undefined });
    first?.onOpen();
    first?.onText('{"type":"gap","callId":"a","through":3}');
    first?.onClose(1006);
    expect([first?.closed, messages, kinds()]).toEqual([true, [], ["connecting", "connecting"]]);
    link.follow(undefined);
    expect([kinds().at(-1), clock.pending]).toEqual(["idle", 0]);
  });

  it("tries at once when somebody looks, but never twice at a time", async () => {
    link.follow(CALL);
    link.hurry();
    expect(sockets).toHaveLength(1);
    openAndSubscribe();
    newest().onClose(4003);
    link.hurry();
    expect(sockets).toHaveLength(2);
    await clock.advanceMs(5000);
    expect(sockets).toHaveLength(2);
  });

  it("sends only while there is somebody to send to", () => {
    expect(link.send({ action: "ping" })).toBe(false);
    link.follow(CALL);
    expect(link.send({ action: "ping" })).toBe(false);
    newest().onOpen();
    expect(link.send({ action: "setRole" })).toBe(true);
  });

  it("is never in step with the connections of other pages", () => {
    expect([backOffMs(3, 0), backOffMs(3, 0.5), backOffMs(3, 1)]).toEqual([1000, 1500, 2000]);
    expect(backOffMs(100, 1)).toBe(15_000);
  });
});
