/** Webhooks over real HTTP on loopback: what is sent, and what is not taken for an answer. */
import { createHmac } from "node:crypto";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { createServer as createTlsServer } from "node:https";
import type { AddressInfo } from "node:net";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { SystemClock } from "../../src/core/clock.ts";
import type { WebhookRequest } from "../../src/ports/tool-webhook.ts";
import { HttpWebhook } from "../../src/webhooks/http-webhook.ts";
import { selfSigned } from "../support/self-signed.ts";

const clock = new SystemClock();
const SECRET = "0123456789abcdef";

let server: Server;
let port: number;
let heard: { readonly headers: IncomingMessage["headers"]; readonly body: string }[];
let reply: (response: ServerResponse) => void;

async function listen(started: Server): Promise<number> {
  await new Promise<void>((resolve) => started.listen(0, "127.0.0.1", resolve));
  return (started.address() as AddressInfo).port;
}

function post(changes: Partial<WebhookRequest> = {}, allowedHosts = ["127.0.0.1"]) {
  return new HttpWebhook({ clock, allowedHosts, version: "1.2.3" }).post({
    url: `http://127.0.0.1:${port}/orders?x=1`,
    body: '{"tool":"orders"}',
    secret: undefined,
    timeoutMs: 2000,
    maxBytes: 100,
    signal: new AbortController().signal,
    ...changes,
  });
}

const json =
  (text: string, status = 200) =>
  (response: ServerResponse) => {
    response.writeHead(status, { "Content-Type": "application/json; charset=utf-8" }).end(text);
  };
const failed = (failure: string) => ({ kind: "failed", failure });

beforeEach(async () => {
  heard = [];
  reply = json('{"state":"shipped"}');
  server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      heard.push({ headers: request.headers, body: Buffer.concat(chunks).toString() });
      reply(response);
    });
  });
  port = await listen(server);
});

afterEach(async () => {
  expect(clock.pending).toBe(0);
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

describe("a request", () => {
  it("is JSON, signed with its time where there is a secret, on a connection of its own", async () => {
    expect(await post({ secret: SECRET })).toEqual({
      kind: "answered",
      json: '{"state":"shipped"}',
    });
    const [{ headers, body } = { headers: {}, body: "" }] = heard;
    expect(body).toBe('{"tool":"orders"}');
    expect(headers).toMatchObject({
      "content-type": "application/json",
      "user-agent": "trunkline/1.2.3",
      connection: "close",
    });
    const timestamp = String(headers["x-trunkline-timestamp"]);
    expect(Math.abs(Number(timestamp) - Date.now() / 1000)).toBeLessThan(60);
    const expected = createHmac("sha256", SECRET).update(`${timestamp}.${body}`).digest("hex");
    expect(headers["x-trunkline-signature"]).toBe(`v1=${expected}`);
  });

  it("is not signed without one", async () => {
    await post();
    expect(heard[0]?.headers["x-trunkline-signature"]).toBeUndefined();
  });

  it("goes nowhere that is not listed, by name or by address", async () => {
    expect(await post({}, [])).toEqual(failed("hostRefused"));
    expect(await post({}, ["localhost"])).toEqual(failed("hostRefused"));
    const url = `http://localhost:${port}/`;
    expect(await post({ url }, ["127.0.0.1"])).toEqual(failed("hostRefused"));
    expect(await post({ url }, ["localhost"])).toEqual(failed("addressRefused"));
    expect(heard).toEqual([]);
    expect(await post({ url }, ["localhost", "127.0.0.0/8"])).toMatchObject({ kind: "answered" });
  });
});

describe("an answer", () => {
  it.each([
    ["JSON", json("[1, 2]"), "[1, 2]"],
    [
      "JSON of a vendor",
      (r: ServerResponse) =>
        r.writeHead(201, { "Content-Type": "application/vnd.x+json" }).end("1"),
      "1",
    ],
    [
      "text",
      (r: ServerResponse) => r.writeHead(200, { "Content-Type": "text/plain" }).end('say "hi"'),
      '"say \\"hi\\""',
    ],
    ["nothing", (r: ServerResponse) => r.writeHead(204).end(), '""'],
  ])("of %s is handed on as JSON", async (_what, answer, expected) => {
    reply = answer;
    expect(await post()).toEqual({ kind: "answered", json: expected });
  });

  it.each([
    [
      "a redirect",
      (r: ServerResponse) => r.writeHead(302, { Location: `http://127.0.0.1:${port}/` }).end(),
      "redirect",
    ],
    ["an error", json("{}", 500), "status"],
    ["a refusal", json("{}", 404), "status"],
    ["too much, announced", json(`"${"x".repeat(200)}"`), "tooBig"],
    [
      "too much, in pieces",
      (r: ServerResponse) => {
        r.writeHead(200, { "Content-Type": "application/json" });
        r.write("[");
        r.end(" ".repeat(5000));
      },
      "tooBig",
    ],
    ["what is not JSON", json("<html>"), "notText"],
    [
      "a picture",
      (r: ServerResponse) => r.writeHead(200, { "Content-Type": "image/png" }).end("x"),
      "notText",
    ],
    [
      "what is no UTF-8",
      (r: ServerResponse) =>
        r.writeHead(200, { "Content-Type": "text/plain" }).end(Buffer.from([0xff, 0xfe, 0xc0])),
      "notText",
    ],
    [
      "what is packed",
      (r: ServerResponse) =>
        r
          .writeHead(200, { "Content-Type": "application/json", "Content-Encoding": "gzip" })
          .end("{}"),
      "notText",
    ],
    [
      "half of what was announced",
      (r: ServerResponse) => {
        r.writeHead(200, { "Content-Type": "application/json", "Content-Length": "50" });
        r.write("{");
        setTimeout(() => r.destroy(), 20);
      },
      "unreachable",
    ],
    ["a hang-up", (r: ServerResponse) => void r.destroy(), "unreachable"],
  ])("that is %s fails", async (_what, answer, failure) => {
    reply = answer;
    expect(await post()).toMatchObject(failed(failure));
    expect(heard).toHaveLength(1);
  });

  it("that does not come is given up, and so is one that never ends", async () => {
    reply = () => undefined;
    expect(await post({ timeoutMs: 150 })).toEqual(failed("timedOut"));
    reply = (response) => {
      response.writeHead(200, { "Content-Type": "application/json" });
      response.write("[");
    };
    expect(await post({ timeoutMs: 150 })).toEqual(failed("timedOut"));
  });

  it("is no longer waited for when the call ends", async () => {
    reply = () => undefined;
    const ending = new AbortController();
    const posted = post({ signal: ending.signal });
    await expect.poll(() => heard.length).toBe(1);
    ending.abort();
    expect(await posted).toEqual(failed("timedOut"));
    expect(await post({ signal: ending.signal })).toEqual(failed("timedOut"));
  });

  it("of nobody fails", async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
    expect(await post()).toEqual(failed("unreachable"));
    server.listen(0, "127.0.0.1");
  });

  it("of somebody whose certificate nobody vouches for fails", async () => {
    const { key, cert } = selfSigned({
      names: ["127.0.0.1"],
      notBeforeMs: Date.now() - 60_000,
      notAfterMs: Date.now() + 3_600_000,
    });
    let requests = 0;
    const secure = createTlsServer({ key, cert }, (_request, response) => {
      requests += 1;
      json("{}")(response);
    });
    const securePort = await listen(secure);
    expect(await post({ url: `https://127.0.0.1:${securePort}/` })).toEqual(failed("tls"));
    expect(requests).toBe(0);
    await new Promise((resolve) => secure.close(resolve));
  });
});
