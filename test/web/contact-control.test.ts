/** Which panel the page shows, which contact it follows then, and whose tokens it takes. */
import { beforeEach, describe, expect, it } from "vitest";
import { AgentPage } from "../../web/src/agent-page.ts";
import type { TypedSettings } from "../../web/src/ccp/ccp-address.ts";
import { ContactControl, type GatewaySettings } from "../../web/src/ccp/contact-control.ts";
import type { SocketHandlers } from "../../web/src/link/assist-link.ts";
import { VirtualClock } from "../support/virtual-clock.ts";

const ACME = { url: "https://acme.my.connect.aws/ccp-v2", region: "us-east-1" };
const CRM = "https://crm.example.com";

let stored: TypedSettings | "off" | undefined;
let told: GatewaySettings | undefined;
let reloads: number;
let parent: { readonly message: object; readonly origins: readonly string[] }[];
let sockets: (SocketHandlers & { readonly token: string | undefined; readonly sent: unknown[] })[];

beforeEach(() => {
  stored = undefined;
  told = { ccp: ACME, tokenOrigins: [CRM] };
  [reloads, parent, sockets] = [0, [], []];
});

async function open(isOff = false) {
  const clock = new VirtualClock();
  const page = new AgentPage(undefined, {
    clock,
    random: () => 0,
    open: (token, handlers) => {
      const sent: unknown[] = [];
      sockets.push({ ...handlers, token, sent });
      return { send: (text) => sent.push(JSON.parse(text)), close: () => undefined };
    },
    checkAccess: async () => undefined,
    askForCalls: async () => ({ kind: "calls", calls: [] }),
  });
  const control = new ContactControl({
    page,
    clock,
    store: {
      read: () => stored,
      write: (settings) => {
        stored = settings;
      },
    },
    askSettings: async () => told,
    ownOrigin: "https://gateway.example.com",
    reload: () => {
      reloads += 1;
    },
    tellParent: (message, origins) => parent.push({ message, origins }),
  });
  await control.start(isOff);
  page.start();
  return { page, control };
}

const has = (control: ContactControl, contactId: string, initialContactId?: string): void =>
  control.take({
    kind: "contact",
    event: "connected",
    contact: {
      contactId,
      initialContactId,
      channel: "voice",
      isInbound: true,
      queue: undefined,
      stateType: "connected",
      customer: undefined,
      isOnHold: false,
      attributes: [],
    },
  });
const asked = (): unknown[] => {
  sockets.at(-1)?.onOpen();
  return sockets.at(-1)?.sent ?? [];
};

describe("the panel of a page", () => {
  it("is the gateway's, unless this browser was told of another one, or of none", async () => {
    expect((await open()).control.settings.value).toEqual(ACME);
    stored = { url: "https://other.my.connect.aws/ccp-v2", region: "" };
    expect((await open()).control.settings.value?.url).toBe(stored.url);
    stored = { url: "https://evil.example.com/ccp-v2", region: "" };
    expect((await open()).control.settings.value).toEqual(ACME);
    stored = "off";
    expect((await open()).control.settings.value).toBeUndefined();
    stored = undefined;
    expect((await open(true)).control.settings.value).toBeUndefined();
    told = undefined;
    expect((await open()).control.settings.value).toBeUndefined();
  });

  it("begins where one is saved, and anew where another one was open", async () => {
    told = undefined;
    const { control, page } = await open();
    expect([page.search.value, control.save({ url: "x y", region: "" }).ok]).toEqual([
      "looking",
      false,
    ]);
    expect(control.save({ url: "acme", region: "" }).ok).toBe(true);
    expect([stored, page.search.value]).toEqual([{ url: ACME.url, region: "" }, "off"]);
    control.openWith(async () => ({ logIn: () => undefined, accept: () => undefined }));
    control.save({ url: "other", region: "" });
    expect(reloads).toBe(1);
  });
});

describe("a page with a panel", () => {
  it("looks for no calls, follows the contact and its first one, and lets go of it at its end", async () => {
    const { control, page } = await open();
    expect([page.search.value, sockets.length]).toEqual(["off", 0]);
    has(control, "c-2", "c-1");
    expect(asked()).toEqual([
      { action: "subscribe", contactId: "c-1" },
      { action: "subscribe", contactId: "c-2" },
    ]);
    expect(parent).toEqual([
      {
        message: { type: "trunkline-contact", contactId: "c-2", initialContactId: "c-1" },
        origins: [CRM],
      },
    ]);
    control.take({ kind: "panel", phase: "notLoggedIn" });
    expect([page.following.value, page.status.value.kind]).toEqual([undefined, "idle"]);
  });

  it("is let in by a token for either contact, and says so where neither is opened", async () => {
    const { control, page } = await open();
    has(control, "c-2", "c-1");
    asked();
    const refuse = (): void =>
      sockets.at(-1)?.onText(JSON.stringify({ type: "error", code: "otherContact", message: "" }));
    refuse();
    expect(page.status.value.kind).not.toBe("refused");
    refuse();
    expect(page.status.value).toMatchObject({ kind: "refused", needsToken: true });
  });

  it("takes tokens of pages that may frame it, and of nobody else", async () => {
    const { control } = await open();
    has(control, "c-1");
    const message = { type: "trunkline-token", token: "t-1" };
    control.takeToken("https://evil.example.com", message);
    control.takeToken(CRM, { ...message, type: "other" });
    control.takeToken(CRM, { ...message, token: "x".repeat(5000) });
    control.takeToken(CRM, null);
    expect(sockets).toHaveLength(1);
    control.takeToken(CRM, message);
    expect(sockets.at(-1)?.token).toBe("t-1");
    control.takeToken("https://gateway.example.com", { ...message, token: "t-2" });
    expect(sockets.at(-1)?.token).toBe("t-2");
  });

  it("keeps each contact's token for when the agent comes back to it", async () => {
    const { control } = await open();
    has(control, "c-1");
    control.takeToken(CRM, { type: "trunkline-token", token: "t-1", contactId: "c-1" });
    control.takeToken(CRM, { type: "trunkline-token", token: "t-2", contactId: "c-2" });
    expect(sockets.at(-1)?.token).toBe("t-1");
    has(control, "c-2");
    expect(sockets.at(-1)?.token).toBe("t-2");
    control.pick("c-1");
    expect([sockets.at(-1)?.token, asked()]).toEqual([
      "t-1",
      [{ action: "subscribe", contactId: "c-1" }],
    ]);
  });
});
