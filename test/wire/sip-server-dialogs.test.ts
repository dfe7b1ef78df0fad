/** What drachtio-srf and SIP peers may rely on, whichever server stands between them: transfers, glare, routes, records. */
import { createHash } from "node:crypto";
import net from "node:net";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { calledPeerRequest, PeerCall, respond, SDP } from "./support/peer-call.ts";
import type { RawMessage } from "./support/sip-peer.ts";
import { UdpPeer } from "./support/sip-peer.ts";
import type {
  SrfApp,
  SrfDialog,
  SrfRequest,
  SrfResponse,
} from "./support/sip-server-under-test.ts";
import {
  deferred,
  embeddedOnly,
  knownDifference,
  nextEvent,
  ServerUnderTest,
} from "./support/sip-server-under-test.ts";

let server: ServerUnderTest;
let app: SrfApp;
let peer: UdpPeer;
let answered: Promise<SrfDialog>;
let uri: string;

beforeEach(async () => {
  server = await ServerUnderTest.start();
  peer = await UdpPeer.open(server.sipPort, 0);
  uri = `sip:callee@${peer.address};transport=udp`;
  const dialog = deferred<SrfDialog>();
  answered = dialog.promise;
  app = await server.app((self) =>
    self.invite((req, res) => {
      self.createUAS(req, res, { localSdp: SDP(5000) }).then(dialog.resolve, dialog.reject);
    }),
  );
});

afterEach(async () => {
  await peer.close();
  await server.close();
  expect(server.clock.pending).toBe(0);
});

async function inboundCall(headers: readonly string[] = []): Promise<PeerCall> {
  const call = new PeerCall(peer, server.sipPort);
  await call.establish({ headers });
  return call;
}

async function outboundCall(headers: readonly string[] = []): Promise<[SrfDialog, RawMessage]> {
  const pending = app.createUAC(uri, { localSdp: SDP(5000) });
  const invite = await peer.request("INVITE");
  respond(peer, invite, 200, { body: SDP(4000), headers });
  await peer.request("ACK");
  return [await pending, invite];
}

async function hangUp(dialog: SrfDialog): Promise<RawMessage> {
  const destroyed = dialog.destroy();
  const bye = await peer.request("BYE");
  respond(peer, bye, 200);
  await destroyed;
  return bye;
}

describe("a transfer", () => {
  const FRAGMENT = { body: "SIP/2.0 200 OK\r\n", contentType: "message/sipfrag;version=2.0" };

  it("asked for by the application is reported by the peer", async () => {
    const call = await inboundCall();
    const dialog = await answered;
    const target = "<sip:other@127.0.0.1>";
    const sent = dialog.request({ method: "REFER", headers: { "Refer-To": target } });
    const refer = await peer.request("REFER");
    expect(refer.header("refer-to")).toBe(target);
    expect(refer.header("contact")).toContain(`127.0.0.1:${server.sipPort}`);
    respond(peer, refer, 202);
    expect((await sent).status).toBe(202);
    const reported = nextEvent(dialog, "notify") as Promise<[SrfRequest, SrfResponse]>;
    const headers = ["Event: refer", "Subscription-State: terminated;reason=noresource"];
    const notified = call.exchange("NOTIFY", { headers, ...FRAGMENT });
    const [notify, response] = await reported;
    expect([notify.get("Event"), notify.body]).toEqual(["refer", FRAGMENT.body]);
    response.send(200);
    expect((await notified).status).toBe(200);
    expect((await call.exchange("BYE")).status).toBe(200);
  });

  it("asked for by the peer is reported by the application", async () => {
    const [dialog, invite] = await outboundCall();
    dialog.on("refer", (_request: SrfRequest, response: SrfResponse) => response.send(202));
    const headers = ["Refer-To: <sip:other@127.0.0.1>"];
    peer.send(calledPeerRequest(peer, "REFER", invite, { headers }));
    await peer.response(202, "REFER");
    const sent = dialog.request({
      method: "NOTIFY",
      headers: {
        Event: "refer",
        "Subscription-State": "active;expires=60",
        "Content-Type": FRAGMENT.contentType,
        Contact: dialog.local.contact,
      },
      body: "SIP/2.0 100 Trying\r\n",
    });
    const notify = await peer.request("NOTIFY");
    expect([notify.header("event"), notify.body]).toEqual(["refer", "SIP/2.0 100 Trying\r\n"]);
    respond(peer, notify, 200);
    expect((await sent).status).toBe(200);
    await hangUp(dialog);
  });
});

describe("two re-INVITEs that meet", () => {
  it("leave the peer's refused with 491, and ours in progress", async () => {
    const call = await inboundCall();
    const dialog = await answered;
    const modified = dialog.modify(SDP(5004));
    const ours = await peer.request("INVITE");
    const status = knownDifference("a re-INVITE that meets ours is answered", {
      ours: 491,
      real: 200,
    });
    expect((await call.exchange("INVITE", { body: SDP(4004) })).status).toBe(status);
    call.send("ACK");
    respond(peer, ours, 200, { body: SDP(4000) });
    await peer.request("ACK");
    expect(await modified).toBe(SDP(4000));
    expect((await call.exchange("BYE")).status).toBe(200);
  });

  it("tell the application of the peer's 491", async () => {
    const call = await inboundCall();
    const dialog = await answered;
    const refused = expect(dialog.modify(SDP(5004))).rejects.toMatchObject({ status: 491 });
    respond(peer, await peer.request("INVITE"), 491);
    await peer.request("ACK");
    await refused;
    expect((await call.exchange("BYE")).status).toBe(200);
  });
});

describe("the route of a dialog", () => {
  it("is the Record-Route of the INVITE, in its order, when the peer called", async () => {
    const routes = [`<sip:near@${peer.address};lr>`, `<sip:far@${peer.address};lr>`];
    const call = await inboundCall(routes.map((route) => `Record-Route: ${route}`));
    const bye = await hangUp(await answered);
    expect(bye.headers("route").flatMap((value) => value.split(/, */))).toEqual(routes);
    expect(bye.startLine).toBe(`BYE ${call.contact.slice(1, -1)} SIP/2.0`);
  });

  it("is the source of the INVITE when its Contact cannot be reached", async () => {
    const call = new PeerCall(peer, server.sipPort);
    call.contact = "<sip:peer@192.0.2.33:5999>";
    await call.establish();
    const bye = await hangUp(await answered);
    expect(bye.startLine).toBe("BYE sip:peer@192.0.2.33:5999 SIP/2.0");
  });
});

it("answers a digest challenge to a REGISTER with the next number of the same call", async () => {
  const answer = deferred<SrfResponse>();
  const options = {
    method: "REGISTER",
    headers: { Contact: "<sip:gateway@localhost>", Expires: "60" },
    auth: { username: "ann", password: "secret" },
  };
  app.request(uri, options, (_error, request) => {
    request.on("response", (response: SrfResponse) => answer.resolve(response));
  });
  const first = await peer.request("REGISTER");
  const challenge = 'WWW-Authenticate: Digest realm="trunk", nonce="abc"';
  respond(peer, first, 401, { headers: [challenge] });
  const second = await peer.request("REGISTER");
  expect(second.header("call-id")).toBe(first.header("call-id"));
  const number = (m: RawMessage): number => Number(m.header("cseq")?.split(" ")[0]);
  expect(number(second)).toBe(number(first) + 1);
  const md5 = (text: string): string => createHash("md5").update(text).digest("hex");
  const expected = md5(`${md5("ann:trunk:secret")}:abc:${md5(`REGISTER:${uri}`)}`);
  expect(second.header("authorization")).toContain(`response="${expected}"`);
  respond(peer, second, 200, { headers: ["Contact: <sip:gateway@127.0.0.1>;expires=60"] });
  expect((await answer.promise).status).toBe(200);
});

it.each(["INFO", "BYE"])("answers a digest challenge to a %s in a dialog", async (method) => {
  const auth = { username: "ann", password: "secret" };
  const pending = app.createUAC(uri, { localSdp: SDP(5000), auth });
  respond(peer, await peer.request("INVITE"), 200, { body: SDP(4000) });
  await peer.request("ACK");
  const dialog = await pending;
  const sent = method === "BYE" ? dialog.destroy() : dialog.request({ method });
  const first = await peer.request(method);
  respond(peer, first, 407, { headers: ['Proxy-Authenticate: Digest realm="trunk", nonce="abc"'] });
  const second = await peer.request(method);
  expect(second.header("proxy-authorization")).toContain('username="ann"');
  expect(second.header("to")).toBe(first.header("to"));
  respond(peer, second, 200);
  await sent;
  if (method !== "BYE") {
    await hangUp(dialog);
  }
});

it("records attempts, starts and stops of calls", async () => {
  const records: string[] = [];
  const listener = await server.app((self) => {
    for (const type of ["attempt", "start", "stop"] as const) {
      self.on(`cdr:${type}`, (source, time, ...rest) => {
        expect(time).toMatch(/^\d\d:\d\d:\d\d\.\d{6}$/);
        const detail = typeof rest[0] === "string" ? ` ${rest[0]}` : "";
        records.push(`${type} ${source}${detail}`);
      });
    }
  });
  expect(listener).toBeDefined();
  const call = await inboundCall();
  await answered;
  expect((await call.exchange("BYE")).status).toBe(200);
  const [dialog] = await outboundCall();
  await hangUp(dialog);
  await new Promise((resolve) => setTimeout(resolve, 100));
  expect(records).toEqual([
    "attempt network",
    "start application uas",
    "stop network normal-release",
    "attempt application",
    "start network uac",
    "stop application normal-release",
  ]);
});

describe("the link of an application", () => {
  it("objects in words that drachtio-srf knows", async () => {
    const call = await inboundCall();
    const dialog = await answered;
    await hangUp(dialog);
    await expect(dialog.request({ method: "INFO" })).rejects.toThrow("unable to find dialog");
    expect((await call.exchange("UPDATE")).status).toBe(481);
  });

  it.skipIf(embeddedOnly("drachtio-server never sends an answer above 12 kB, nor anything after"))(
    "carries bodies of any size",
    async () => {
      const call = new PeerCall(peer, server.sipPort);
      await call.establish();
      const dialog = await answered;
      const body = "x".repeat(30_000);
      const headers = { "Content-Type": "text/plain" };
      const sent = dialog.request({ method: "MESSAGE", headers, body });
      const message = await peer.request("MESSAGE");
      expect(message.body).toBe(body);
      respond(peer, message, 200);
      expect((await sent).status).toBe(200);
      expect((await call.exchange("BYE")).status).toBe(200);
    },
  );

  it("takes no commands before the secret", async () => {
    const heard = await sendUnauthenticated("x1|route|message");
    const expected = knownDifference("a command without a secret is answered", {
      ours: "NO|not authenticated",
      real: "OK",
    });
    expect(heard).toContain(`|response|x1|${expected}`);
  });
});

/** What a link is told that sends a command first. */
async function sendUnauthenticated(command: string): Promise<string> {
  const { host, port } = server.admin;
  const socket = net.connect(port, host, () => socket.write(`${command.length}#${command}`));
  const heard = await new Promise<string>((resolve, reject) => {
    socket.once("data", (chunk) => resolve(chunk.toString()));
    socket.once("error", reject);
  });
  socket.destroy();
  return heard;
}

describe("a stray request", () => {
  it.skipIf(embeddedOnly("drachtio-server drops a PRACK of no dialog"))(
    "gets 481 for a PRACK",
    async () => {
      new PeerCall(peer, server.sipPort).send("PRACK", { headers: ["RAck: 1 1 INVITE"] });
      await peer.response(481, "PRACK");
    },
  );

  it("with the Call-ID of a call and other tags gets 481, and the call lives", async () => {
    const call = await inboundCall();
    const dialog = await answered;
    const { remoteParty } = call;
    call.remoteParty = remoteParty.replace(/tag=.*/, "tag=forged");
    expect((await call.exchange("BYE")).status).toBe(481);
    call.remoteParty = remoteParty;
    expect(dialog.connected).toBe(true);
    expect((await call.exchange("BYE")).status).toBe(200);
  });

  it("with a lower number in a dialog gets 500", async () => {
    const call = await inboundCall();
    await answered;
    expect((await call.exchange("OPTIONS")).status).toBe(200);
    call.sequence = 0;
    const status = knownDifference("a request with a lower CSeq is answered", {
      ours: 500,
      real: 200,
    });
    expect((await call.exchange("OPTIONS")).status).toBe(status);
    call.sequence = 5;
    expect((await call.exchange("BYE")).status).toBe(200);
  });
});
