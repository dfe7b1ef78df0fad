/** An INVITE that a proxy forked, with SIPp as the two branches that answer. */
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { freeSipPort } from "./support/free-ports.ts";
import { SDP } from "./support/peer-call.ts";
import { embeddedOnly, ServerUnderTest } from "./support/sip-server-under-test.ts";
import { sippInstalled, startSipp } from "./support/sipp.ts";
import { WENT_AS_WRITTEN } from "./support/sipp-call.ts";

const SCENARIO = new URL("scenarios/uas-two-branches-answer.xml", import.meta.url);
const REASON = "drachtio-server repeats the ACK of the first branch";

describe.skipIf(!sippInstalled() || embeddedOnly(REASON))(
  "an INVITE that two branches answer",
  () => {
    it("keeps the first, and acknowledges and ends the second", async () => {
      const server = await ServerUnderTest.start();
      const app = await server.app(() => undefined);
      const port = await freeSipPort();
      const timeout = ["-timeout", "20s", "-timeout_error"];
      const sipp = startSipp([
        "-sf",
        fileURLToPath(SCENARIO),
        "-p",
        `${port}`,
        "-m",
        "1",
        ...timeout,
      ]);
      const dialog = await app.createUAC(`sip:callee@127.0.0.1:${port};transport=udp`, {
        localSdp: SDP(5000),
      });
      expect(dialog.sip.remoteTag).toBe("first");
      await new Promise((resolve) => setTimeout(resolve, 300));
      await dialog.destroy();
      expect(await sipp.done).toMatchObject(WENT_AS_WRITTEN);
      await server.close();
      expect(server.clock.pending).toBe(0);
    });
  },
);
