/** Challenges, and what answers to them are worth. */
import { describe, expect, it } from "vitest";
import { type DigestAlgorithm, digestResponse, readDigests } from "../../src/core/sip-digest.ts";
import type { GateAnswer } from "../../src/ports/sip-gate.ts";
import { AdmissionLab, gateRequest } from "../support/trunks.ts";

const INBOUND = "{ inbound: { username: branch, password: s3cret, algorithms: [MD5, SHA-256] } }";
const ROAMING = `- { name: branch, digest: ${INBOUND} }`;
const BOTH = `- { name: branch, networks: [192.0.2.0/24], digest: ${INBOUND} }`;
const ANYWHERE = "203.0.113.9";

interface Proof {
  readonly challenge: ReadonlyMap<string, string>;
  readonly password?: string;
  readonly nonceCount?: string;
  readonly username?: string;
  readonly without?: string;
}

function challengesOf(answer: GateAnswer): readonly ReadonlyMap<string, string>[] {
  const headers = answer.kind === "refuse" && answer.status === 401 ? answer.headers : [];
  return headers.flatMap(([, value]) => readDigests(value));
}

function firstChallenge(lab: AdmissionLab, address = ANYWHERE): ReadonlyMap<string, string> {
  const [challenge] = challengesOf(lab.admission.admit(gateRequest(address)));
  if (challenge === undefined) {
    throw new Error("there is no challenge");
  }
  return challenge;
}

function authorization(proof: Proof): string {
  const { challenge, password = "s3cret", nonceCount = "00000001", username = "branch" } = proof;
  const algorithm = challenge.get("algorithm") as DigestAlgorithm;
  const nonce = challenge.get("nonce") ?? "";
  const realm = challenge.get("realm") ?? "";
  const uri = "sip:agent@elsewhere.example";
  const protection = { nonceCount, clientNonce: "c0ffee" };
  const input = { algorithm, username, realm, password, nonce, method: "INVITE", uri, protection };
  const parts = {
    username: `"${username}"`,
    realm: `"${realm}"`,
    nonce: `"${nonce}"`,
    uri: `"${uri}"`,
    response: `"${digestResponse(input)}"`,
    algorithm,
    qop: "auth",
    nc: nonceCount,
    cnonce: '"c0ffee"',
  };
  const kept = Object.entries(parts).filter(([name]) => name !== proof.without);
  return `Digest ${kept.map(([name, value]) => `${name}=${value}`).join(", ")}`;
}

function answerTo(lab: AdmissionLab, proof: Proof, address = ANYWHERE): GateAnswer {
  return lab.admission.admit(gateRequest(address, { Authorization: authorization(proof) }));
}

describe("a challenge", () => {
  it("offers the algorithms of the trunk in their order, with qop", () => {
    const lab = new AdmissionLab(ROAMING);
    const challenges = challengesOf(lab.admission.admit(gateRequest(ANYWHERE)));
    expect(challenges.map((challenge) => challenge.get("algorithm"))).toEqual(["MD5", "SHA-256"]);
    expect(challenges[0]?.get("qop")).toBe("auth");
    expect(challenges[0]?.get("realm")).toBe("trunkline");
    expect(challenges[0]?.has("stale")).toBe(false);
    expect(lab.count("digest", "challenged")).toBe(1);
  });

  it("takes no algorithm that it did not offer", () => {
    const strong = ROAMING.replace("MD5, ", "");
    const lab = new AdmissionLab(strong);
    const challenge = new Map(firstChallenge(lab));
    expect(challenge.get("algorithm")).toBe("SHA-256");
    challenge.set("algorithm", "MD5");
    expect(answerTo(lab, { challenge })).toMatchObject({ status: 401 });
  });

  it("is for invitations: strangers get 403 for anything else", () => {
    const lab = new AdmissionLab(ROAMING);
    const answer = lab.admission.admit(gateRequest(ANYWHERE, {}, "REGISTER"));
    expect(answer).toMatchObject({ status: 403 });
  });

  it("is asked of a network too, where the trunk has a password", () => {
    const lab = new AdmissionLab(BOTH);
    expect(lab.admission.admit(gateRequest(ANYWHERE))).toMatchObject({ status: 403 });
    const challenge = firstChallenge(lab, "192.0.2.5");
    expect(answerTo(lab, { challenge }, "192.0.2.5").kind).toBe("admit");
    expect(answerTo(lab, { challenge, nonceCount: "00000002" }, ANYWHERE)).toMatchObject({
      status: 403,
    });
  });
});

describe("an answer", () => {
  it.each([0, 1])("is taken with algorithm %i of the challenge", (index) => {
    const lab = new AdmissionLab(ROAMING);
    const challenge = challengesOf(lab.admission.admit(gateRequest(ANYWHERE)))[index];
    expect(challenge).toBeDefined();
    expect(answerTo(lab, { challenge: challenge ?? new Map() })).toEqual({ kind: "admit" });
  });

  it("works once for each nonce count", () => {
    const lab = new AdmissionLab(ROAMING, { strangers: { perSecond: 100, burst: 100 } });
    const challenge = firstChallenge(lab);
    expect(answerTo(lab, { challenge, nonceCount: "00000002" }).kind).toBe("admit");
    for (const nonceCount of ["00000002", "00000001"]) {
      const [again] = challengesOf(answerTo(lab, { challenge, nonceCount }));
      expect(again?.get("stale")).toBe("true");
    }
    expect(answerTo(lab, { challenge, nonceCount: "00000003" }).kind).toBe("admit");
  });

  it("starts to count anew with each challenge, however soon", () => {
    const lab = new AdmissionLab(ROAMING, { strangers: { perSecond: 100, burst: 100 } });
    for (const challenge of [firstChallenge(lab), firstChallenge(lab)]) {
      expect(answerTo(lab, { challenge }).kind).toBe("admit");
    }
  });

  it("is stale when its nonce is too old, and the new one works", async () => {
    const lab = new AdmissionLab(ROAMING);
    const challenge = firstChallenge(lab);
    await lab.clock.advanceMs(121_000);
    const [fresh] = challengesOf(answerTo(lab, { challenge }));
    expect(fresh?.get("stale")).toBe("true");
    expect(answerTo(lab, { challenge: fresh ?? new Map() }).kind).toBe("admit");
  });

  it("is not taken for a nonce that was made up, even with the right password", () => {
    const lab = new AdmissionLab(ROAMING);
    const challenge = new Map(firstChallenge(lab));
    challenge.set("nonce", `0.1.${"0".repeat(32)}`);
    expect(challengesOf(answerTo(lab, { challenge }))[0]?.get("stale")).toBe("true");
  });

  it.each([
    ["a wrong password", { password: "guess" }],
    ["an unknown user", { username: "root" }],
    ["no quality of protection", { without: "qop" }],
    ["no nonce count", { without: "nc" }],
    ["no response", { without: "response" }],
  ])("is challenged again, as not stale, with %s", (_what, wrong) => {
    const lab = new AdmissionLab(ROAMING);
    const [again] = challengesOf(answerTo(lab, { challenge: firstChallenge(lab), ...wrong }));
    expect(again?.get("algorithm")).toBe("MD5");
    expect(again?.has("stale")).toBe(false);
  });

  it("may not be guessed faster than strangers may send", () => {
    const lab = new AdmissionLab(ROAMING);
    const challenge = firstChallenge(lab);
    const kinds = [1, 2, 3].map(() => answerTo(lab, { challenge, password: "guess" }).kind);
    expect(kinds).toEqual(["refuse", "refuse", "drop"]);
  });
});
