/** What we prove to peers that challenge us, and what we ask them outside of dialogs, over real sockets. */
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { digestResponse, readDigests } from "../../src/core/sip-digest.ts";
import type { OutboundRequest } from "../../src/ports/signaling-server.ts";
import { respond, SDP } from "./support/peer-call.ts";
import { DrachtioLab } from "./support/signaling-lab.ts";
import type { RawMessage } from "./support/sip-peer.ts";

const CREDENTIALS = { username: "trunk", password: "s3cret" };

let lab: DrachtioLab;

beforeEach(async () => {
  lab = await DrachtioLab.open();
});

afterEach(async () => {
  expect(await lab.close()).toBe(0);
});

/** The parameters of the proof in a request, with what its response should be. */
function proofOf(request: RawMessage, header = "authorization") {
  const digest = readDigests(request.header(header) ?? "")[0] ?? new Map<string, string>();
  const value = (name: string): string => digest.get(name) ?? "";
  const expected = digestResponse({
    ...CREDENTIALS,
    algorithm: value("algorithm") === "SHA-256" ? "SHA-256" : "MD5",
    realm: value("realm"),
    nonce: value("nonce"),
    method: request.method,
    uri: request.startLine.split(" ")[1] ?? "",
    protection:
      value("qop") === "auth"
        ? { nonceCount: value("nc"), clientNonce: value("cnonce") }
        : undefined,
  });
  const isRight = value("response") === expected;
  return { isRight, nonce: value("nonce"), nc: value("nc"), algorithm: value("algorithm") };
}

function registration(differing: Partial<OutboundRequest> = {}): OutboundRequest {
  return {
    method: "REGISTER",
    uri: `sip:${lab.peer.address};transport=udp`,
    headers: {
      From: "<sip:trunk@registrar.example>",
      To: "<sip:trunk@registrar.example>",
      Contact: "<sip:trunk@localhost;transport=udp>",
      Expires: "600",
    },
    callId: "registration-1",
    sequence: 1,
    credentials: CREDENTIALS,
    timeoutMs: 3000,
    ...differing,
  };
}

async function challenge(method: string, status: 401 | 407, value: string): Promise<RawMessage> {
  const request = await lab.peer.request(method);
  const name = status === 401 ? "WWW-Authenticate" : "Proxy-Authenticate";
  respond(lab.peer, request, status, { headers: [`${name}: ${value}`] });
  return request;
}

async function accept(method: string): Promise<RawMessage> {
  const request = await lab.peer.request(method);
  respond(lab.peer, request, 200, { headers: ["Expires: 600"] });
  return request;
}

describe("a registration", () => {
  it("proves itself by the algorithm that the registrar names first, and need not be asked again", async () => {
    const first = lab.signaling.request(registration());
    const refused = await challenge(
      "REGISTER",
      401,
      'Digest realm="r", nonce="n1", algorithm=SHA-256, qop="auth,auth-int", Digest realm="r", nonce="n2"',
    );
    expect(refused.header("authorization")).toBeUndefined();
    const proven = await accept("REGISTER");
    expect(proofOf(proven)).toEqual({
      isRight: true,
      nonce: "n1",
      nc: "00000001",
      algorithm: "SHA-256",
    });
    expect(proven.header("call-id")).toBe(refused.header("call-id"));
    expect([refused, proven].map((request) => request.header("cseq"))).toEqual([
      "1 REGISTER",
      "2 REGISTER",
    ]);
    expect(proven.header("contact")).toBe(`<sip:trunk@127.0.0.1:${lab.sipPort};transport=udp>`);
    expect(await first).toMatchObject({ status: 200 });
    const refresh = lab.signaling.request(registration({ sequence: 3 }));
    expect(proofOf(await accept("REGISTER"))).toMatchObject({ isRight: true, nc: "00000002" });
    expect(await refresh).toMatchObject({ status: 200 });
  });

  it.each([
    ["says that the nonce is stale", ", stale=true"],
    ["has forgotten its nonces", ""],
  ])("is proven anew when the registrar %s", async (_name, stale) => {
    const first = lab.signaling.request(registration());
    await challenge("REGISTER", 401, 'Digest realm="r", nonce="old", qop="auth"');
    await accept("REGISTER");
    await first;
    const refresh = lab.signaling.request(registration({ sequence: 3 }));
    await challenge("REGISTER", 401, `Digest realm="r", nonce="new", qop="auth"${stale}`);
    const proven = proofOf(await accept("REGISTER"));
    expect(proven).toMatchObject({ isRight: true, nonce: "new", nc: "00000001" });
    expect(await refresh).toMatchObject({ status: 200 });
  });

  it("gives a wrong password up after one proof", async () => {
    const credentials = { username: "trunk", password: "wrong" };
    const answer = lab.signaling.request(registration({ credentials }));
    await challenge("REGISTER", 401, 'Digest realm="r", nonce="n1"');
    await challenge("REGISTER", 401, 'Digest realm="r", nonce="n2"');
    expect(await answer).toMatchObject({ status: 401 });
    expect(lab.peer.unread).toEqual([]);
  });

  it("without credentials is answered with the challenge", async () => {
    const answer = lab.signaling.request(registration({ credentials: undefined }));
    await challenge("REGISTER", 401, 'Digest realm="r", nonce="n1"');
    expect((await answer).status).toBe(401);
  });
});

describe("an OPTIONS", () => {
  const ping = (timeoutMs: number) =>
    lab.signaling.request({
      method: "OPTIONS",
      uri: `sip:${lab.peer.address};transport=udp`,
      timeoutMs,
    });

  it("is answered by whatever the peer says at last", async () => {
    const answer = ping(3000);
    respond(lab.peer, await lab.peer.request("OPTIONS"), 404);
    expect((await answer).status).toBe(404);
  });

  it("is given up when no answer comes in time", async () => {
    await expect(ping(200)).rejects.toMatchObject({
      code: "SIP_REQUEST_FAILED",
      details: { method: "OPTIONS", timeoutMs: 200 },
    });
  });

  it("to an address that cannot be written is refused", async () => {
    const request = { method: "OPTIONS", uri: "sip:;;", timeoutMs: 3000 } as const;
    await expect(lab.signaling.request(request)).rejects.toMatchObject({
      code: "SIP_REQUEST_FAILED",
    });
  });
});

describe("an INVITE that is challenged", () => {
  const call = (credentials = CREDENTIALS, signal = new AbortController().signal) =>
    lab.signaling.invite({
      uri: `sip:+4930123@${lab.peer.address};transport=udp`,
      callingUser: "gateway",
      sdp: SDP(5000),
      headers: { "X-Call": "7" },
      credentials,
      signal,
    });

  it.each([
    [407, "proxy-authorization"],
    [401, "authorization"],
  ] as const)("with %d is sent again with a proof", async (status, header) => {
    const placed = call();
    const refused = await challenge(
      "INVITE",
      status,
      'Digest realm="r, s", nonce="n", algorithm=SHA-256, qop="auth,auth-int", opaque="o"',
    );
    await lab.peer.request("ACK");
    const invite = await lab.peer.request("INVITE");
    expect(proofOf(invite, header)).toMatchObject({ isRight: true, algorithm: "SHA-256" });
    expect(invite.header(header)).toContain('opaque="o"');
    for (const name of ["call-id", "from", "to", "x-call"]) {
      expect(invite.header(name)).toBe(refused.header(name));
    }
    const [first, second] = [refused, invite].map((m) =>
      Number.parseInt(m.header("cseq") ?? "", 10),
    );
    expect(second).toBe((first ?? 0) + 1);
    respond(lab.peer, invite, 200, { body: SDP(4000) });
    const dialog = await placed;
    expect(dialog.remoteSdp).toBe(SDP(4000));
    const said = dialog.bye();
    const bye = await lab.peer.request("BYE");
    respond(lab.peer, bye, 200);
    await said;
  });

  it("by a proxy and by the peer behind it is proven to both", async () => {
    const placed = call();
    await challenge("INVITE", 407, 'Digest realm="proxy", nonce="p"');
    await challenge("INVITE", 401, 'Digest realm="peer", nonce="n"');
    const invite = await lab.peer.request("INVITE");
    expect(proofOf(invite, "proxy-authorization").isRight).toBe(true);
    expect(proofOf(invite).isRight).toBe(true);
    respond(lab.peer, invite, 486);
    await expect(placed).rejects.toMatchObject({ details: { status: 486 } });
  });

  it("is given up when the proof is refused", async () => {
    const placed = call({ username: "trunk", password: "wrong" });
    const refused = expect(placed).rejects.toMatchObject({
      code: "SIP_REQUEST_FAILED",
      details: { status: 407 },
    });
    await challenge("INVITE", 407, 'Digest realm="r", nonce="n1"');
    await challenge("INVITE", 407, 'Digest realm="r", nonce="n2"');
    await refused;
  });

  it("is cancelled while the proven one rings", async () => {
    const giveUp = new AbortController();
    const placed = expect(call(CREDENTIALS, giveUp.signal)).rejects.toMatchObject({
      code: "SIP_INVITATION_ENDED",
    });
    await challenge("INVITE", 407, 'Digest realm="r", nonce="n1"');
    const invite = await lab.peer.request("INVITE");
    respond(lab.peer, invite, 180);
    giveUp.abort();
    const cancel = await lab.peer.request("CANCEL");
    expect(cancel.header("cseq")).toBe((invite.header("cseq") ?? "").replace("INVITE", "CANCEL"));
    respond(lab.peer, cancel, 200);
    respond(lab.peer, invite, 487);
    await placed;
  });
});
