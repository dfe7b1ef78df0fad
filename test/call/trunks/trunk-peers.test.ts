import { describe, expect, it } from "vitest";
import {
  callUri,
  registrationAddresses,
  trunkUri,
} from "../../../src/call/trunks/trunk-address.ts";
import { TrunkPeers } from "../../../src/call/trunks/trunk-peers.ts";
import { RecordingLogger } from "../../support/recording-metrics.ts";
import { SeededRandom } from "../../support/seeded-random.ts";
import { ScriptedPeer } from "../../support/sip-answers.ts";
import { trunkNamed } from "../../support/trunk-named.ts";
import { VirtualClock } from "../../support/virtual-clock.ts";

const REGISTERING = trunkNamed("office", {
  host: "pbx.example",
  port: 5070,
  transport: "tcp",
  digest: { outbound: { username: "gw+1", password: "hush-hush" } },
  register: { expiresSeconds: 600, retrySeconds: 5, maxRetrySeconds: 60 },
  ping: { intervalSeconds: 30, timeoutSeconds: 5, downAfter: 2 },
});

function lab(peer: ScriptedPeer) {
  const clock = new VirtualClock();
  const logger = new RecordingLogger();
  const trunks = [REGISTERING, trunkNamed("connect", { networks: ["192.0.2.0/24"] })];
  const random = new SeededRandom(1);
  const peers = new TrunkPeers({ clock, random, logger, trunks, request: peer.request });
  return { clock, logger, peers };
}

describe("the peers of the trunks", () => {
  it("are registered with and pinged as their trunk says, and let alone where it says nothing", async () => {
    const peer = new ScriptedPeer({ status: 200 });
    const { clock, peers, logger } = lab(peer);
    peers.start();
    await clock.advanceMs(0);
    expect(peer.requests.map(({ method, uri }) => [method, uri])).toEqual([
      ["OPTIONS", "sip:pbx.example:5070;transport=tcp"],
      ["REGISTER", "sip:pbx.example:5070;transport=tcp"],
    ]);
    expect(peers.listTrunks()).toMatchObject([
      { name: "office", ping: { state: "up" }, registration: { state: "registered" } },
      { name: "connect", host: undefined, ping: undefined, registration: undefined },
    ]);
    await peers.stop();
    await peers.stop();
    expect(clock.pending).toBe(0);
    expect(peer.requests).toHaveLength(3);
    peers.start();
    expect(peer.requests).toHaveLength(3);
    expect(JSON.stringify(logger)).not.toContain("hush-hush");
  });

  it("tell of each change once, in plain words", async () => {
    const peer = new ScriptedPeer("silence");
    const { clock, peers, logger } = lab(peer);
    peers.start();
    await clock.advanceMs(120_000);
    expect(peers.isDown("office")).toBe(true);
    peer.script = [{ status: 200 }];
    await clock.advanceMs(120_000);
    expect(logger.lines.map(({ message }) => message)).toEqual([
      "not registered with the trunk, trying again",
      "trunk is down: it does not answer OPTIONS",
      expect.stringMatching(/trunk is up|registered with the trunk/),
      expect.stringMatching(/trunk is up|registered with the trunk/),
    ]);
    expect([peers.isDown("office"), peers.isDown("connect")]).toEqual([false, false]);
    await peers.stop();
  });
});

describe("the address of a trunk", () => {
  it.each([
    [{ host: "h.example", transport: "udp" }, "sip:h.example;transport=udp"],
    [{ host: "192.0.2.1", port: 5080, transport: "tcp" }, "sip:192.0.2.1:5080;transport=tcp"],
    [{ host: "2001:db8::1", transport: "tls" }, "sip:[2001:db8::1];transport=tls"],
    [{}, undefined],
  ] as const)("of %j is %s", (settings, uri) => {
    expect(trunkUri(trunkNamed("t", settings))).toBe(uri);
  });

  it("of a call holds the number, and nothing can break out of it", () => {
    const trunk = trunkNamed("t", { host: "h.example" });
    expect(callUri(trunk, "+4930123")).toBe("sip:+4930123@h.example;transport=udp");
    expect(callUri(trunk, "a@evil;x=y>\r\n")).toBe(
      "sip:a%40evil%3Bx=y%3E%0D%0A@h.example;transport=udp",
    );
  });

  it("of a registration is the registrar, with the user that the trunk or its credentials name", () => {
    const register = { expiresSeconds: 60, retrySeconds: 1, maxRetrySeconds: 1 };
    expect(registrationAddresses(REGISTERING)).toEqual({
      registrarUri: "sip:pbx.example:5070;transport=tcp",
      addressOfRecord: "sip:gw+1@pbx.example",
      user: "gw+1",
    });
    const elsewhere = {
      ...REGISTERING,
      register: { ...register, registrar: "r.example", user: "u" },
    };
    expect(registrationAddresses(elsewhere)).toEqual({
      registrarUri: "sip:r.example;transport=tcp",
      addressOfRecord: "sip:u@r.example",
      user: "u",
    });
    expect(registrationAddresses(trunkNamed("t", { host: "h" }))).toBeUndefined();
  });
});
