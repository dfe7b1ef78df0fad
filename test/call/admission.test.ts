/** Who is let in, who says no, and what is said about it. */
import { describe, expect, it } from "vitest";
import { FakeCaller } from "../support/fake-signaling.ts";
import { AdmissionLab, gateRequest } from "../support/trunks.ts";

const TRUNKS = [
  "- { name: sbc, networks: [192.0.2.0/24], callsPerSecond: 2, maxCalls: 1 }",
  "- { name: secret, networks: [198.51.100.7], digest: { inbound: { username: u, password: p } } }",
].join("\n");
const STRANGER = "203.0.113.9";
const FORBIDDEN = { kind: "refuse", status: 403, reason: "Forbidden", headers: [] };
const FULL = { kind: "refuse", status: 503, headers: [["Retry-After", "5"]] };

function callerFrom(address: string): FakeCaller {
  return new FakeCaller(1, { offer: "", source: { address, port: 5060, transport: "udp" } });
}

describe("the gate", () => {
  it.each(["127.0.0.1", "127.8.8.8", "::1", "::ffff:127.0.0.1", "192.0.2.77"])(
    "lets %s in",
    (address) => {
      const { admission } = new AdmissionLab(TRUNKS);
      expect(admission.admit(gateRequest(address))).toEqual({ kind: "admit" });
    },
  );

  it.each(["193.0.2.1", "10.0.0.1", "::2", "127.evil.example"])("does not know %s", (address) => {
    const lab = new AdmissionLab(TRUNKS);
    expect(lab.admission.admit(gateRequest(address))).toEqual(FORBIDDEN);
    expect(lab.count("source", "refused")).toBe(1);
  });

  it("treats loopback as any other address when it is not trusted", () => {
    const { admission } = new AdmissionLab(TRUNKS, { trustLoopback: false });
    expect(admission.admit(gateRequest("127.0.0.1"))).toEqual(FORBIDDEN);
  });

  it("refuses scanners, wherever they are", () => {
    const lab = new AdmissionLab(TRUNKS);
    for (const agent of ["friendly-scanner", "sipcli/v1.8", "VaxSIPUserAgent/3.5", "SIPVicious"]) {
      const request = gateRequest("192.0.2.1", { "User-Agent": agent });
      expect(lab.admission.admit(request)).toEqual(FORBIDDEN);
    }
    expect(lab.count("scanner", "refused")).toBe(4);
    const request = gateRequest("192.0.2.1", { "User-Agent": "FreeSWITCH" });
    expect(lab.admission.admit(request)).toEqual({ kind: "admit" });
  });

  it("answers an address of no trunk no more often than it may send", async () => {
    const lab = new AdmissionLab(TRUNKS);
    const ask = () => lab.admission.admit(gateRequest(STRANGER)).kind;
    expect([ask(), ask(), ask(), ask()]).toEqual(["refuse", "refuse", "refuse", "drop"]);
    expect(lab.admission.listensTo(STRANGER)).toBe(false);
    expect(lab.admission.listensTo("203.0.113.10")).toBe(true);
    await lab.clock.advanceMs(1000);
    expect(lab.admission.listensTo(STRANGER)).toBe(true);
    expect([ask(), ask()]).toEqual(["refuse", "drop"]);
    expect(lab.count("rateLimit", "dropped")).toBe(3);
  });

  it("never limits who is known", () => {
    const { admission } = new AdmissionLab("- { name: a, networks: [192.0.2.0/24] }");
    for (let request = 0; request < 1000; request += 1) {
      expect(admission.admit(gateRequest("192.0.2.1")).kind).toBe("admit");
    }
    expect(admission.listensTo("192.0.2.1")).toBe(true);
  });

  it.each(["INVITE", "OPTIONS", "REGISTER"])("hides from strangers: %s gets nothing", (method) => {
    const lab = new AdmissionLab(TRUNKS, { hideFromStrangers: true });
    lab.counts.draining = true;
    expect(lab.admission.admit(gateRequest(STRANGER, {}, method))).toEqual({ kind: "drop" });
    expect(lab.admission.mayAnswer(STRANGER)).toBe(false);
    expect(lab.admission.mayConnect(STRANGER)).toBe(false);
    expect(lab.admission.mayConnect("192.0.2.1")).toBe(true);
    expect(lab.admission.mayAnswer("192.0.2.1")).toBe(true);
    expect(lab.admission.admit(gateRequest("192.0.2.1"))).toMatchObject({ status: 503 });
  });

  it("holds a trunk to its invitations a second, and OPTIONS are none", async () => {
    const lab = new AdmissionLab(TRUNKS);
    const ask = () => lab.admission.admit(gateRequest("192.0.2.1"));
    expect([ask().kind, ask().kind]).toEqual(["admit", "admit"]);
    expect(ask()).toMatchObject(FULL);
    expect(lab.admission.admit(gateRequest("192.0.2.1", {}, "OPTIONS")).kind).toBe("admit");
    await lab.clock.advanceMs(500);
    expect(ask().kind).toBe("admit");
    expect(lab.count("trunkRate", "refused")).toBe(1);
  });

  it("refuses past the cap, past a trunk's cap, and while draining, and says by whom", () => {
    const lab = new AdmissionLab(TRUNKS);
    lab.counts.callsOf = (trunk) => (trunk === "sbc" ? 1 : 0);
    expect(lab.admission.admit(gateRequest("192.0.2.1"))).toMatchObject(FULL);
    expect(lab.admission.admit(gateRequest("127.0.0.1")).kind).toBe("admit");
    lab.counts.activeCalls = 2;
    expect(lab.admission.admit(gateRequest("127.0.0.1"))).toMatchObject(FULL);
    lab.counts.draining = true;
    expect(lab.admission.admit(gateRequest("127.0.0.1"))).toMatchObject(FULL);
    const deciders = lab.logger.lines.map(({ fields }) => fields["decider"]);
    expect(deciders).toEqual(["trunkCap", "cap", "drain"]);
    const refused = [...lab.metrics.counts.keys()].filter((key) => key.includes("invitations"));
    expect(refused).toEqual([
      "trunkline_invitations_refused_total trunkFull",
      "trunkline_invitations_refused_total capReached",
      "trunkline_invitations_refused_total draining",
    ]);
  });
});

describe("an invitation that arrives", () => {
  it("is asked again only about what may have changed, where the gate was asked", () => {
    const lab = new AdmissionLab(TRUNKS);
    const entries = [1, 2, 3].map(() => lab.admission.enter(callerFrom("192.0.2.1")));
    expect(entries.map(({ kind }) => kind)).toEqual(["admitted", "admitted", "admitted"]);
    lab.counts.activeCalls = 2;
    const refused = lab.admission.enter(callerFrom("192.0.2.1"));
    expect(refused).toMatchObject({ kind: "refused", refusal: FULL });
    expect(lab.count("source", "admitted")).toBe(3);
  });

  it("is asked everything where no gate was: a drachtio-server hands on what comes", () => {
    const lab = new AdmissionLab(TRUNKS, { hideFromStrangers: true }, false);
    const stranger = lab.admission.enter(callerFrom(STRANGER));
    expect(stranger).toEqual({ kind: "refused", refusal: FORBIDDEN });
    const challenged = lab.admission.enter(callerFrom("198.51.100.7"));
    expect(challenged).toMatchObject({ kind: "refused", refusal: { status: 401 } });
  });

  it("learns its trunk", () => {
    const lab = new AdmissionLab(TRUNKS);
    expect(lab.admission.enter(callerFrom("192.0.2.1"))).toMatchObject({ trunk: { name: "sbc" } });
    expect(lab.admission.enter(callerFrom("127.0.0.1"))).toEqual({
      kind: "admitted",
      trunk: undefined,
    });
  });
});

describe("what is said", () => {
  it("names the decider and its reason, a few times, and then how many more", async () => {
    const lab = new AdmissionLab(TRUNKS, { strangers: { perSecond: 1000, burst: 1000 } });
    for (let request = 0; request < 12; request += 1) {
      lab.admission.admit(gateRequest(STRANGER, {}, request === 0 ? "x\r\ny" : "INVITE"));
    }
    expect(lab.logger.lines.length).toBe(5);
    expect(lab.logger.lines[0]?.fields["method"]).toBe("other");
    expect(lab.logger.lines[1]).toEqual({
      level: "info",
      message: "request not admitted",
      fields: {
        decider: "source",
        outcome: "refused",
        code: "CALL_NOT_ADMITTED",
        method: "INVITE",
        source: STRANGER,
        trunk: undefined,
        reason: "the address is in no network of a trunk",
      },
    });
    await lab.clock.advanceMs(10_000);
    expect(lab.logger.lines.at(-1)?.fields).toEqual({ decider: "source", requests: 7 });
    expect(lab.clock.pending).toBe(0);
  });

  it("leaves no timer behind", () => {
    const lab = new AdmissionLab(TRUNKS);
    lab.admission.admit(gateRequest(STRANGER));
    lab.admission.close();
    expect(lab.clock.pending).toBe(0);
  });
});
