/** Who is let in, and who says no. */
import { describe, expect, it } from "vitest";
import { refusalOf } from "../../src/call/admission.ts";
import { FakeCaller } from "../support/fake-signaling.ts";

const OPEN = { activeCalls: 0, maxCalls: 2, draining: false };

function callerFrom(address: string): FakeCaller {
  return new FakeCaller(1, { offer: "", source: { address, port: 5060, transport: "udp" } });
}

describe("admission", () => {
  it.each(["127.0.0.1", "127.8.8.8", "::1", "::ffff:127.0.0.1"])("lets %s in", (address) => {
    expect(refusalOf(callerFrom(address), OPEN)).toBeUndefined();
  });

  it.each(["192.0.2.1", "10.0.0.1", "::2", "127.evil.example"])("does not know %s", (address) => {
    expect(refusalOf(callerFrom(address), OPEN)).toEqual({
      decider: "source",
      code: "CALL_NOT_ADMITTED",
    });
  });

  it("refuses past the cap and while draining", () => {
    const caller = callerFrom("127.0.0.1");
    expect(refusalOf(caller, { ...OPEN, activeCalls: 2 })?.code).toBe("CALL_CAP_REACHED");
    expect(refusalOf(caller, { ...OPEN, draining: true })?.code).toBe("CALL_DRAINING");
  });

  it("tells a stranger nothing about the load", () => {
    const refusal = refusalOf(callerFrom("192.0.2.1"), { ...OPEN, activeCalls: 2, draining: true });
    expect(refusal?.code).toBe("CALL_NOT_ADMITTED");
  });
});
