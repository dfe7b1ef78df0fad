import { describe, expect, it } from "vitest";
import { diallingOf } from "../../../src/call/outbound/dialling.ts";
import type { Trunk } from "../../../src/call/trunk.ts";
import { trunkNamed } from "../../support/trunk-named.ts";

const BERLIN = "+49301234567";
const GERMAN = trunkNamed("german", {
  host: "de.example",
  country: "DE",
  destinations: { allow: ["DE"], deny: ["+4930999"] },
});
const WORLD = trunkNamed("world", {
  host: "world.example",
  port: 5070,
  transport: "tcp",
  destinations: { allow: ["DE", "US"], deny: [] },
});
const INBOUND_ONLY = trunkNamed("connect", { networks: ["192.0.2.0/24"] });

function dial(
  to: string,
  trunks: readonly Trunk[],
  trunk?: string,
  isDown: (name: string) => boolean = () => false,
) {
  return diallingOf({ to, trunk, trunks, isDown });
}

describe("a call of ours goes", () => {
  it("over the trunk that is named, in E.164", () => {
    expect(dial("030 1234567", [WORLD, GERMAN], "german")).toMatchObject({
      uri: "sip:+49301234567@de.example;transport=udp",
      trunk: { name: "german" },
      calledNumber: BERLIN,
      callingNumber: "trunkline",
      headers: {},
      credentials: undefined,
    });
  });

  it("over the first trunk that may call the number and is not down", () => {
    expect(dial(BERLIN, [INBOUND_ONLY, GERMAN, WORLD]).trunk?.name).toBe("german");
    expect(dial("+12125550123", [GERMAN, WORLD]).trunk?.name).toBe("world");
    const isDown = (name: string): boolean => name === "german";
    expect(dial(BERLIN, [GERMAN, WORLD], undefined, isDown).uri).toBe(
      "sip:+49301234567@world.example:5070;transport=tcp",
    );
  });

  it("to loopback without a trunk", () => {
    expect(dial("sip:echo@127.0.0.1:5070", [])).toMatchObject({
      uri: "sip:echo@127.0.0.1:5070;transport=udp",
      calledNumber: "echo",
      trunk: undefined,
    });
    expect(dial("sip:echo@127.0.0.1;transport=tcp", []).uri).toBe(
      "sip:echo@127.0.0.1;transport=tcp",
    );
  });

  it("as whom the trunk knows us", () => {
    const outbound = { username: "gw", password: "p" };
    const trunk = {
      ...GERMAN,
      digest: { outbound },
      register: { registrar: "r.example", expiresSeconds: 60, retrySeconds: 1, maxRetrySeconds: 1 },
    };
    expect(dial(BERLIN, [trunk])).toMatchObject({
      callingNumber: "gw",
      credentials: outbound,
      headers: { From: "<sip:gw@r.example>" },
    });
    expect(dial(BERLIN, [{ ...trunk, callerId: "+4930555" }])).toMatchObject({
      callingNumber: "+4930555",
      headers: { From: "<sip:+4930555@r.example>" },
    });
  });

  it("with the headers of the trunk, and without those that it removes", () => {
    const trunk: Trunk = {
      ...GERMAN,
      callerId: "+4930555",
      identity: { trustAsserted: false, assert: true, privacy: "id" },
      headers: { keep: [], set: { "X-Customer": "7", Subject: "call" }, remove: ["subject"] },
    };
    expect(dial(BERLIN, [trunk]).headers).toEqual({
      "P-Asserted-Identity": "<sip:+4930555@localhost>",
      Privacy: "id",
      "X-Customer": "7",
    });
    const silent = { ...trunk, headers: { ...trunk.headers, remove: ["p-asserted-identity"] } };
    expect(dial(BERLIN, [silent]).headers).not.toHaveProperty("P-Asserted-Identity");
  });
});

describe("a call of ours is refused", () => {
  const refused = (code: string, reason: string) =>
    expect.objectContaining({ code, details: expect.objectContaining({ reason }) });

  it.each([
    ["to a country that no trunk may call", "+442079460958", "notListed"],
    ["to a prefix that the trunk denies", "+49309991234", "deniedByTrunk, by +4930999"],
    ["to a premium number", "+499001234567", "premium, by +49900"],
    ["to a satellite", "+8816123456789", "satellite, by +881"],
    ["to a SIP URI elsewhere", "sip:+442079460958@evil.example", "notListed"],
  ])("%s", (_name, to, reason) => {
    expect(() => dial(to, [GERMAN])).toThrow(refused("CALL_DESTINATION_DENIED", reason));
  });

  it.each(["112", "agent", "sip:agent@192.0.2.1", "sip:echo@127.0.0.1.evil.example", "", "0"])(
    "to %j, which is no number",
    (to) => {
      expect(() => dial(to, [GERMAN])).toThrow(
        expect.objectContaining({ code: "CALL_NUMBER_INVALID" }),
      );
    },
  );

  it("over a trunk that there is not, or that has no host", () => {
    for (const name of ["nobody", "connect"]) {
      expect(() => dial(BERLIN, [GERMAN, INBOUND_ONLY], name)).toThrow(
        refused("TRUNK_UNKNOWN", "no trunk of this name takes our calls"),
      );
    }
    expect(() => dial(BERLIN, [])).toThrow(
      refused("TRUNK_UNKNOWN", "no trunk takes calls of ours"),
    );
  });

  it("to loopback over a trunk", () => {
    expect(() => dial("sip:echo@127.0.0.1", [GERMAN], "german")).toThrow(
      expect.objectContaining({ code: "CALL_NUMBER_INVALID" }),
    );
  });

  it("while every trunk that may call the number is down", () => {
    expect(() => dial(BERLIN, [GERMAN, WORLD], undefined, () => true)).toThrow(
      refused("TRUNK_DOWN", "it does not answer OPTIONS"),
    );
  });
});
