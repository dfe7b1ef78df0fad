import { describe, expect, it } from "vitest";
import { partiesOf, unreadNumbers } from "../../src/call/inbound-parties.ts";
import { FakeCaller, type FakeInvite } from "../support/fake-signaling.ts";
import { trunkNamed } from "../support/trunk-named.ts";

const GERMAN = trunkNamed("german", { country: "DE" });

function numbersOf(invite: Partial<FakeInvite>, trunk: ReturnType<typeof trunkNamed> | undefined) {
  const invitation = new FakeCaller(1, { offer: undefined, ...invite });
  const { callingNumber, calledNumber } = partiesOf(invitation, trunk);
  return { callingNumber, calledNumber, unread: unreadNumbers(invitation, trunk) };
}

describe("the numbers of an invitation", () => {
  it("of a trunk with a country are in E.164", () => {
    expect(numbersOf({ from: "0170 1234567", to: "0049301234567" }, GERMAN)).toEqual({
      callingNumber: "+491701234567",
      calledNumber: "+49301234567",
      unread: {},
    });
  });

  it("that are none stay as they were written, and it is said why", () => {
    expect(numbersOf({ from: "anonymous", to: "112" }, GERMAN)).toEqual({
      callingNumber: "anonymous",
      calledNumber: "112",
      unread: { calling: "notANumber", called: "short" },
    });
  });

  it("stay as they were written where the trunk has no country, or there is no trunk", () => {
    for (const trunk of [trunkNamed("plain"), undefined]) {
      expect(numbersOf({ from: "0170 1234567", to: "+49 30 1234567" }, trunk)).toEqual({
        callingNumber: "0170 1234567",
        calledNumber: "+49 30 1234567",
        unread: {},
      });
    }
  });

  it("are read in the context that their URI names", () => {
    const headers = { From: "<sip:5550123;phone-context=+1212@sbc.example>;tag=1" };
    expect(numbersOf({ from: "5550123", headers }, GERMAN).callingNumber).toBe("+12125550123");
  });

  it("include the asserted one where the trunk is trusted with it", () => {
    const identity = { trustAsserted: true, assert: false, privacy: "none" } as const;
    const trunk = { ...GERMAN, identity };
    const invite = { from: "anonymous", asserted: "0301234567" };
    expect(numbersOf(invite, trunk).callingNumber).toBe("+49301234567");
  });
});
