/** Many calls at once through one application link, with SIPp as the peer. */
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { SDP } from "./support/peer-call.ts";
import type { SrfDialog } from "./support/sip-server-under-test.ts";
import { nextPort, ServerUnderTest } from "./support/sip-server-under-test.ts";
import { sippInstalled, startSipp } from "./support/sipp.ts";

const PARALLEL_CALLS = 1000;

let server: ServerUnderTest;

beforeEach(async () => {
  server = await ServerUnderTest.start();
});

afterEach(async () => {
  await server.close();
  expect(server.clock.pending).toBe(0);
});

async function waitUntil(what: string, done: () => boolean, timeoutMs = 20_000): Promise<void> {
  const deadlineMs = performance.now() + timeoutMs;
  while (!done()) {
    if (performance.now() > deadlineMs) {
      throw new Error(`not within ${timeoutMs} ms: ${what}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

describe.skipIf(!sippInstalled())("a thousand calls at once", () => {
  it.each([
    ["UDP", "u1"],
    ["TCP", "t1"],
  ])("over %s from SIPp", async (_protocol, transport) => {
    let live = 0;
    let most = 0;
    let ended = 0;
    await server.app((app) =>
      app.invite((req, res) => {
        const onDialog = (dialog: SrfDialog): void => {
          live += 1;
          most = Math.max(most, live);
          dialog.on("destroy", () => {
            live -= 1;
            ended += 1;
          });
        };
        void app.createUAS(req, res, { localSdp: SDP(5000) }).then(onDialog);
      }),
    );
    const calls = ["-m", String(PARALLEL_CALLS), "-l", String(PARALLEL_CALLS), "-r", "250"];
    const target = `127.0.0.1:${server.sipPort}`;
    const local = ["-p", String(nextPort()), "-t", transport, "-d", "5000"];
    const sipp = startSipp(["-sn", "uac", target, ...calls, ...local]);
    const result = await sipp.done;
    expect(result).toMatchObject({ exitCode: 0, successful: PARALLEL_CALLS, failed: 0 });
    expect(most).toBeGreaterThan(PARALLEL_CALLS * 0.9);
    await waitUntil("all dialogs ended", () => ended === PARALLEL_CALLS);
    expect(server.embedded?.toJSON()).toMatchObject({ dialogs: 0 });
    console.log(
      `SIPp over ${transport}: most at once ${most}, retransmissions ${result.retransmissions}`,
    );
  });

  it("over UDP to SIPp", async () => {
    const app = await server.app(() => undefined);
    const port = nextPort();
    const sipp = startSipp(["-sn", "uas", "-p", String(port), "-m", String(PARALLEL_CALLS)]);
    await new Promise((resolve) => setTimeout(resolve, 300));
    const dialogs: SrfDialog[] = [];
    for (let batch = 0; batch < PARALLEL_CALLS / 50; batch += 1) {
      const calls = Array.from({ length: 50 }, () =>
        app.createUAC(`sip:sipp@127.0.0.1:${port};transport=udp`, { localSdp: SDP(5000) }),
      );
      dialogs.push(...(await Promise.all(calls)));
    }
    expect(new Set(dialogs.map((dialog) => dialog.id)).size).toBe(PARALLEL_CALLS);
    for (let start = 0; start < dialogs.length; start += 50) {
      await Promise.all(dialogs.slice(start, start + 50).map((dialog) => dialog.destroy()));
    }
    expect(await sipp.done).toMatchObject({ successful: PARALLEL_CALLS, failed: 0 });
    expect(server.embedded?.toJSON()).toMatchObject({ dialogs: 0 });
  });
});
