/** Calls with encrypted audio, from the offer to the record, on virtual time. */
import { afterEach, describe, expect, it } from "vitest";
import type { SrtpKeys } from "../../src/core/srtp-suites.ts";
import { LocalSession } from "../../src/sdp/local-session.ts";
import { SrtpKeyring } from "../../src/sdp/srtp-keyring.ts";
import type { FakeCaller } from "../support/fake-signaling.ts";
import type { RtpPeer } from "../support/rtp-peer.ts";
import { offerOf, Scenario, type ScenarioOptions } from "../support/scenario.ts";
import { SeededRandom } from "../support/seeded-random.ts";
import { trunksOf } from "../support/trunks.ts";

let scenario: Scenario;

/** The SDP of a phone that wants its audio encrypted. */
class SecurePhone {
  readonly peer: RtpPeer;
  readonly session: LocalSession;

  constructor(peer: RtpPeer, seed = 11) {
    this.peer = peer;
    const keys = new SrtpKeyring(new SeededRandom(seed));
    this.session = new LocalSession(1, { policy: "required", keys });
  }

  get capabilities() {
    const { address, port } = this.peer;
    return { transports: [{ address, port, rtcpPort: port + 1 }] };
  }

  offer(): string {
    return this.session.offer(this.capabilities);
  }

  /** Uses the keys that the exchange agreed on. */
  agree(answerSdp: string | undefined): SrtpKeys | undefined {
    const { srtp } = this.session.applyAnswer(answerSdp ?? "").audio;
    this.use(srtp);
    return srtp;
  }

  use(keys: SrtpKeys | undefined): void {
    scenario.srtpOf.get(this.peer)?.secure(keys);
  }
}

async function started(options: ScenarioOptions = {}): Promise<void> {
  scenario = new Scenario(options);
  await scenario.start();
}

/** A call whose audio is encrypted from the first packet on. */
async function secureCall() {
  const phone = new SecurePhone(await scenario.phone());
  const offer = phone.offer();
  const caller = scenario.call(phone.peer, { offer });
  await scenario.clock.advanceMs(60);
  const keys = phone.agree(caller.answerSdp);
  await scenario.clock.advanceMs(40);
  return { phone, caller, keys, offer };
}

async function expectBothHear(phone: SecurePhone, tone: number): Promise<void> {
  const { session } = scenario.model;
  const heard = phone.peer.tonesHeard().length;
  const before = session.tonesHeard().length;
  phone.peer.sendTone(tone, 400);
  session.speakTone(tone + 1, 400, `item-${tone}`);
  await scenario.clock.advanceMs(900);
  expect(session.tonesHeard().slice(before)).toEqual([tone]);
  expect(phone.peer.tonesHeard().slice(heard)).toEqual([tone + 1]);
}

async function reinvited(caller: FakeCaller, offer: string): Promise<string> {
  const verdict = await scenario.signalWhile(caller.reinvite(offer));
  return verdict.kind === "accept" ? verdict.sdp : verdict.kind;
}

function refused(): unknown {
  return scenario.host.toJSON()["srtpRefused"];
}

afterEach(async () => {
  expect(await scenario.close()).toEqual([]);
});

describe("an encrypted call", () => {
  it("is held, resumed, given new keys, and ends as any other", async () => {
    await started({ srtp: "required" });
    const { phone, caller, keys, offer } = await secureCall();
    const early = refused();
    await expectBothHear(phone, 2);

    const held = await reinvited(caller, offer.replace("a=sendrecv", "a=inactive"));
    await scenario.clock.advanceMs(5000);
    const resumed = await reinvited(caller, offer);
    const cryptoOf = (sdp: string): string => /a=crypto.*/.exec(sdp)?.[0] ?? "";
    expect(cryptoOf(held)).toBe(cryptoOf(caller.answerSdp ?? ""));
    expect(cryptoOf(resumed)).toBe(cryptoOf(held));
    await expectBothHear(phone, 3);

    const anew = new SecurePhone(phone.peer, 12);
    const newKeys = anew.session.offer(anew.capabilities);
    const rekeyed = await reinvited(caller, newKeys);
    expect(anew.agree(rekeyed)?.remote).not.toEqual(keys?.remote);
    await expectBothHear(anew, 4);

    caller.hangUp();
    await scenario.clock.advanceMs(100);
    expect(refused()).toEqual(early);
    expect(scenario.records.map(({ verdict }) => verdict.outcome)).toEqual(["completed"]);
    expect(JSON.stringify(scenario.records)).not.toContain("inline:");
  });

  it("is offered by us when the caller wants us to offer", async () => {
    for (const policy of ["required", "optional"] as const) {
      await started({ srtp: policy });
      const phone = new SecurePhone(await scenario.phone());
      const caller = scenario.call(phone.peer, { offer: undefined });
      const ours = new Promise<string>((resolve) => {
        const answer = caller.answer.bind(caller);
        caller.answer = (sent) => {
          resolve(sent.sdp);
          const reply = phone.session.answer(sent.sdp, phone.capabilities);
          phone.use(reply.audio.srtp);
          caller.remoteSdp = reply.sdp;
          return answer(sent);
        };
      });
      await scenario.clock.advanceMs(100);
      expect(await ours).toContain(policy === "required" ? "RTP/SAVP" : "RTP/AVP");
      await expectBothHear(phone, 2);
      caller.hangUp();
      await scenario.clock.advanceMs(100);
      expect(await scenario.close()).toEqual([]);
    }
    await started();
  });
});

describe("a call that is not what the policy wants", () => {
  it.each([
    ["required", "SDP_SRTP_REQUIRED"],
    ["off", "SDP_SRTP_OFF"],
  ] as const)("is refused with 488 where encryption is %s", async (srtp, code) => {
    await started({ srtp });
    const peer = await scenario.phone();
    const offer = srtp === "off" ? new SecurePhone(peer).offer() : offerOf(peer);
    const caller = scenario.call(peer, { offer });
    await scenario.clock.advanceMs(100);
    expect(caller.statuses).toEqual([488]);
    expect(caller.refusalHeaders["Warning"]).toMatch(/^302 trunkline ".*encrypted audio \(SRTP\)/);
    expect(scenario.records[0]?.verdict).toMatchObject({
      outcome: "refused",
      reason: expect.stringContaining(code),
    });
  });

  it("is measured by the trunk before the configuration", async () => {
    const trunks = trunksOf("- { name: secure, networks: [192.0.2.0/24], srtp: required }");
    await started({ srtp: "off", trunks });
    const source = { address: "192.0.2.9", port: 5060, transport: "udp" } as const;
    const peer = await scenario.phone();
    const plain = scenario.call(peer, { offer: offerOf(peer), source });
    const secure = scenario.call(peer, { offer: new SecurePhone(peer).offer(), source });
    await scenario.clock.advanceMs(100);
    expect([plain.statuses, secure.statuses]).toEqual([[488], [200]]);
    secure.hangUp();
    await scenario.clock.advanceMs(100);
  });

  it("does not lose its keys by a new offer that is plain", async () => {
    await started({ srtp: "required" });
    const { phone, caller } = await secureCall();
    const refusal = caller.reinvite(offerOf(phone.peer));
    await expect(scenario.signalWhile(refusal)).rejects.toMatchObject({
      code: "SDP_SRTP_REQUIRED",
    });
    await expectBothHear(phone, 2);
    caller.hangUp();
    await scenario.clock.advanceMs(100);
  });
});
