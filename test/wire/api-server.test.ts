/** The API on a real socket, over a real store. */
import { mkdtemp, rm } from "node:fs/promises";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { ApiServer } from "../../src/api/server.ts";
import { SystemClock } from "../../src/core/clock.ts";
import { silentLogger } from "../../src/core/logger.ts";
import { SqliteStore } from "../../src/store/sqlite-store.ts";
import { apiParts } from "../support/api-lab.ts";
import { callRecord, STARTED_AT_MS } from "../support/call-records.ts";

let folder: string;
let store: SqliteStore;
let server: ApiServer;
let base: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "trunkline-api-"));
  store = new SqliteStore({
    path: join(folder, "calls.db"),
    busyTimeoutMs: 50,
    logger: silentLogger,
  });
  await store.open();
  server = new ApiServer(apiParts({ store, clock: new SystemClock() }).options);
  base = await server.start();
});

afterEach(async () => {
  await server.close();
  await store.close();
  await rm(folder, { recursive: true });
});

async function callLogs(query: string) {
  const response = await fetch(`${base}/call-logs${query}`);
  return (await response.json()) as {
    readonly calls: readonly { readonly sessionId: string }[];
    readonly nextCursor: string | null;
  };
}

/** Sends bytes as they are, and reads until the server closes. */
function exchange(bytes: string): Promise<string> {
  const { port } = new URL(base);
  return new Promise((resolve, reject) => {
    const socket = connect(Number(port), "127.0.0.1", () => socket.write(bytes));
    let text = "";
    socket.on("data", (chunk) => {
      text += chunk.toString();
    });
    socket.on("close", () => resolve(text));
    socket.on("error", reject);
  });
}

describe("the API on a socket", () => {
  it("answers over HTTP, with every record once in a long page", async () => {
    for (let index = 0; index < 70; index += 1) {
      await store.saveCall(callRecord(`c${index}`, { startedAtMs: STARTED_AT_MS + index }));
    }
    const health = await fetch(`${base}/health`);
    expect(health.status).toBe(200);
    const first = await callLogs("?limit=60");
    const second = await callLogs(`?limit=60&cursor=${first.nextCursor}`);
    const ids = [...first.calls, ...second.calls].map(({ sessionId }) => sessionId);
    expect([first.calls.length, second.nextCursor]).toEqual([60, null]);
    expect(ids).toEqual(Array.from({ length: 70 }, (_, index) => `c${69 - index}`));
  });

  it("says in plain words that the port is taken", async () => {
    const port = Number(new URL(base).port);
    const other = new ApiServer(apiParts({ port }).options);
    await expect(other.start()).rejects.toMatchObject({
      code: "HTTP_BIND_FAILED",
      details: { port, cause: "EADDRINUSE", reason: expect.stringContaining("http.port") },
    });
    await other.close();
  });

  it("answers what is no HTTP in its own shape and hangs up", async () => {
    const answer = await exchange("INVITE sip:a@b SIP/2.0\r\n\r\n");
    expect(answer).toMatch(/^HTTP\/1\.1 400 /);
    expect(answer).toContain('"code":"API_BAD_REQUEST"');
  });

  it("refuses headers that are too long", async () => {
    const answer = await exchange(
      `GET /health HTTP/1.1\r\nHost: localhost\r\nX: ${"x".repeat(40_000)}\r\n\r\n`,
    );
    expect(answer).toMatch(/^HTTP\/1\.1 431 /);
  });

  it("closes although a client keeps its connection", async () => {
    const { port } = new URL(base);
    const socket = connect(Number(port), "127.0.0.1");
    const closed = new Promise((resolve) => socket.on("close", resolve));
    socket.on("error", () => undefined);
    await new Promise((resolve) => socket.on("connect", resolve));
    await server.close();
    socket.destroy();
    await closed;
  });
});
