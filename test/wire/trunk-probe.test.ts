/** The doctor's questions to a trunk, over real sockets. */
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { probeTrunk } from "../../src/app/trunk-probe.ts";
import { SystemClock } from "../../src/core/clock.ts";
import { systemRandom } from "../../src/core/random.ts";
import { trunkNamed } from "../support/trunk-named.ts";
import { Pbx } from "./support/pbx.ts";
import { SDP } from "./support/peer-call.ts";

const clock = new SystemClock();
const PARTS = { clock, random: systemRandom, tls: { caFile: undefined, verify: true } };
let pbx: Pbx;

beforeEach(async () => {
  pbx = await Pbx.open(0, {
    username: "gw",
    password: "right",
    algorithm: "MD5",
    expiresSeconds: 60,
    sdp: SDP(4000),
  });
});

afterEach(async () => {
  await pbx.close();
  expect(clock.pending).toBe(0);
});

function probe(password: string, host = "127.0.0.1") {
  const trunk = trunkNamed("office", {
    host,
    port: pbx.peer.port,
    digest: { outbound: { username: "gw", password } },
    register: { expiresSeconds: 60, retrySeconds: 1, maxRetrySeconds: 1 },
  });
  return probeTrunk(trunk, PARTS);
}

describe("a trunk that is asked by the doctor", () => {
  it("answers OPTIONS and takes our credentials, and no registration is made", async () => {
    expect(await probe("right", "localhost")).toMatchObject({
      host: "localhost",
      options: 200,
      registration: 200,
    });
    expect(pbx.contact).toBe("");
  });

  it("refuses a wrong password", async () => {
    expect(await probe("wrong")).toMatchObject({ options: 200, registration: 401 });
  });

  it("does not answer", async () => {
    pbx.alive = false;
    expect(await probe("right")).toMatchObject({ options: "silence", registration: 200 });
  });

  it("has a name that nobody knows", async () => {
    expect(await probe("right", "no-such-host.invalid")).toEqual({
      host: "no-such-host.invalid",
      addresses: [],
      options: undefined,
      registration: undefined,
    });
  });

  it("is not asked when it only calls us", async () => {
    expect(await probeTrunk(trunkNamed("in"), PARTS)).toBeUndefined();
  });
});
