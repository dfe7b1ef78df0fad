/** Facts of the contact control panel, and the agent, contacts and active contact that come of them. */
import { describe, expect, it } from "vitest";
import type { ContactEvent, ContactSnapshot } from "../../web/src/ccp/ccp-contact.ts";
import { applyFact, type CcpFact, NO_PANEL } from "../../web/src/ccp/ccp-state.ts";
import { type LibraryContact, readAgent, readContact } from "../../web/src/ccp/read-contact.ts";

const snapshot = (contactId: string, stateType: string): ContactSnapshot => ({
  contactId,
  initialContactId: undefined,
  channel: "voice",
  isInbound: true,
  queue: undefined,
  stateType,
  customer: undefined,
  isOnHold: false,
  attributes: [],
});
const told = (contactId: string, event: ContactEvent, stateType: string): CcpFact => ({
  kind: "contact",
  event,
  contact: snapshot(contactId, stateType),
});
const seen = (...facts: readonly CcpFact[]) => {
  const { contacts, activeId } = facts.reduce(applyFact, NO_PANEL);
  return { phases: contacts.map(({ contactId, phase }) => `${contactId} ${phase}`), activeId };
};
const RINGS = told("a", "connecting", "connecting");
const ACCEPTED = told("a", "accepted", "connecting");
const CONNECTED = told("a", "connected", "connected");

describe("a contact in the panel", () => {
  it.each([
    ["rings, and nobody has it yet", [RINGS], "a connecting", undefined],
    ["is accepted", [RINGS, ACCEPTED], "a accepted", "a"],
    [
      "stays accepted while the snapshot is behind",
      [RINGS, ACCEPTED, told("a", "refresh", "connecting")],
      "a accepted",
      "a",
    ],
    ["is connected on a desk phone, which says no accept", [RINGS, CONNECTED], "a connected", "a"],
    ["was there before the page", [told("a", "refresh", "connected")], "a connected", "a"],
    ["is missed", [RINGS, told("a", "missed", "missed")], "a missed", undefined],
    [
      "is missed, whatever is called an end or error of it after that",
      [
        RINGS,
        told("a", "missed", "error"),
        told("a", "ended", "error"),
        told("a", "failed", "error"),
      ],
      "a missed",
      undefined,
    ],
    [
      "has work left after its end",
      [RINGS, CONNECTED, told("a", "afterWork", "ended"), told("a", "ended", "ended")],
      "a afterWork",
      "a",
    ],
    ["fails", [RINGS, ACCEPTED, told("a", "failed", "error")], "a failed", "a"],
  ])("%s", (_, facts, phase, activeId) => {
    expect(seen(...facts)).toEqual({ phases: [phase], activeId });
  });

  it("is gone when it is destroyed, and another one that the agent has takes its place", () => {
    const chat = told("b", "connected", "connected");
    const gone = told("b", "destroyed", "ended");
    expect(seen(CONNECTED, chat)).toEqual({
      phases: ["a connected", "b connected"],
      activeId: "b",
    });
    expect(seen(CONNECTED, chat, gone)).toEqual({ phases: ["a connected"], activeId: "a" });
    expect(seen(CONNECTED, told("a", "destroyed", ""))).toEqual({
      phases: [],
      activeId: undefined,
    });
  });

  it("does not take the page from the one that the agent picked", () => {
    const chat = told("b", "connected", "connected");
    const pick: CcpFact = { kind: "pick", contactId: "a" };
    const facts = [CONNECTED, chat, pick, told("b", "refresh", "connected")];
    expect(seen(...facts).activeId).toBe("a");
    expect(seen(...facts, told("c", "connecting", "connecting")).activeId).toBe("a");
    expect(seen(...facts, told("c", "accepted", "connecting")).activeId).toBe("c");
    expect(seen(...facts, { kind: "pick", contactId: "nobody" }).activeId).toBe("a");
  });

  it("is one of thirty at most, and none of an agent who is logged out", () => {
    const many = Array.from({ length: 40 }, (_, index) =>
      told(`c${index}`, "incoming", "incoming"),
    );
    expect(seen(...many).phases).toHaveLength(30);
    const out: CcpFact = { kind: "panel", phase: "notLoggedIn" };
    expect(seen(CONNECTED, out)).toEqual({ phases: [], activeId: undefined });
  });
});

describe("what the library says", () => {
  const contact: LibraryContact = {
    getContactId: () => "a",
    getInitialContactId: () => "first",
    getType: () => "chat",
    isInbound: () => true,
    getQueue: () => ({ name: "Support" }),
    getState: () => ({ type: "connected" }),
    getAttributes: () => ({ tier: { name: "Tier", value: "Gold" }, odd: 7, none: { value: "" } }),
    getInitialConnection: () => ({
      getEndpoint: () => ({ phoneNumber: "+1" }),
      getState: () => ({ type: "hold" }),
    }),
  };

  it("is read where it is there", () => {
    expect(readContact(contact)).toEqual({
      contactId: "a",
      initialContactId: "first",
      channel: "chat",
      isInbound: true,
      queue: "Support",
      stateType: "connected",
      customer: "+1",
      isOnHold: true,
      attributes: [{ name: "Tier", value: "Gold" }],
    });
  });

  it("is blank where it is null, or the contact is gone", () => {
    const gone = (): never => {
      throw new Error("Contact a no longer exists.");
    };
    const blank = { ...snapshot("a", ""), initialContactId: undefined };
    const nothing = {
      getInitialContactId: gone,
      getType: gone,
      isInbound: gone,
      getQueue: () => null,
      getState: gone,
      getAttributes: () => null,
      getInitialConnection: () => null,
    };
    expect(readContact({ ...contact, ...nothing })).toEqual(blank);
  });

  it("is bounded: a contact may have any number of attributes", () => {
    const entries = Array.from({ length: 500 }, (_, i) => [`k${i}`, { value: "x".repeat(5000) }]);
    const { attributes } = readContact({
      ...contact,
      getAttributes: () => Object.fromEntries(entries),
    });
    expect([attributes.length, attributes[0]?.value.length]).toEqual([100, 1001]);
  });

  it.each([
    [{ name: "Available", type: "routable" }, "routable"],
    [{ name: "Lunch", type: "not_routable" }, "notRoutable"],
    [{ name: "Offline", type: "offline" }, "offline"],
    [{ name: "AfterCallWork", type: "system" }, "afterWork"],
    [{ name: "Init", type: "init" }, "init"],
    [{ name: "MissedCallAgent", type: "error" }, "error"],
    [null, "notRoutable"],
  ])("of an agent: %j is %s", (state, kind) => {
    expect(readAgent({ getState: () => state }).kind).toBe(kind);
  });
});
