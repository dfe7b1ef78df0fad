/** `trunkline sip-server`: a stock drachtio-srf application in a process of its own takes and places SIPp's calls through it. */
import { once } from "node:events";
import { copyFileSync } from "node:fs";
import tls from "node:tls";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Authority, opensslInstalled } from "./support/certificates.ts";
import { freeSipPort } from "./support/free-ports.ts";
import {
  type ObservedProcess,
  startSipServerProcess,
  startStockApp,
} from "./support/sip-server-process.ts";
import { sippInstalled, startSipp } from "./support/sipp.ts";
import { eventually } from "./support/waiting.ts";

const SECRET = "between-us";

const ports = { sip: 0, admin: 0, callee: 0 };
let server: ObservedProcess;

const addresses = (): string[] => [
  ...["--sip", `127.0.0.1:${ports.sip}`],
  ...["--admin", `127.0.0.1:${ports.admin}`, "--secret", SECRET],
];

beforeAll(async () => {
  ports.sip = await freeSipPort();
  ports.admin = await freeSipPort();
  ports.callee = await freeSipPort();
  server = await startSipServerProcess([...addresses(), "--json"]);
});

afterAll(async () => {
  expect(await server.stop("SIGINT")).toBe(0);
});

it("says in JSON where it listens", async () => {
  expect(await server.event("listening")).toMatchObject({
    sip: [
      { protocol: "udp", host: "127.0.0.1", port: ports.sip },
      { protocol: "tcp", host: "127.0.0.1", port: ports.sip },
    ],
    admin: { host: "127.0.0.1", port: ports.admin },
  });
});

it("refuses an application with another secret, and says so", async () => {
  const stranger = startStockApp(ports.admin, "guess", ports.callee);
  await stranger.event("refused");
  await stranger.stop("SIGKILL");
  expect(server.stderr).toContain("warning: application link refused (reason: incorrect secret)");
});

it("says what to do when its port is taken, and ends with 1", async () => {
  const second = await startSipServerProcess(addresses());
  expect(await second.ended).toBe(1);
  expect(second.stderr).toMatch(
    /--sip 127\.0\.0\.1:\d+ is taken by node.* \(pid \d+\): stop it, or choose another port with --sip/,
  );
  const otherSip = await freeSipPort();
  const third = await startSipServerProcess([
    ...addresses(),
    ...["--sip", `127.0.0.1:${otherSip}`],
  ]);
  expect(await third.ended).toBe(1);
  expect(third.stderr).toContain(`--admin 127.0.0.1:${ports.admin} is taken by`);
});

describe.skipIf(!opensslInstalled())("over TLS", () => {
  it("answers, reads its certificate anew on SIGHUP, and objects to a wrong one", async () => {
    const authority = new Authority();
    const { certFile, keyFile } = authority.issue(["127.0.0.1"]);
    const [sip, secure, admin] = [await freeSipPort(), await freeSipPort(), await freeSipPort()];
    const places = ["--sip", `127.0.0.1:${sip}`, "--admin", `127.0.0.1:${admin}`, "--json"];
    const files = ["--tls", `127.0.0.1:${secure}`, "--cert", certFile, "--key", keyFile];
    const process = await startSipServerProcess([...places, ...files]);
    await process.event("listening");

    const serialNumber = async (): Promise<string> => {
      const socket = tls.connect({ port: secure, host: "127.0.0.1", ca: authority.ca });
      await once(socket, "secureConnect");
      const { serialNumber: serial } = socket.getPeerCertificate();
      socket.destroy();
      return serial;
    };
    const first = await serialNumber();
    const renewed = authority.issue(["127.0.0.1"]);
    copyFileSync(renewed.certFile, certFile);
    copyFileSync(renewed.keyFile, keyFile);
    process.signal("SIGHUP");
    await eventually("the new certificate", async () => (await serialNumber()) !== first);
    expect(await process.stop()).toBe(0);

    const wrong = await startSipServerProcess([...places, ...files, "--key", authority.caFile]);
    expect(await wrong.ended).toBe(2);
    expect(wrong.stderr).toContain("--cert, --key: ");
    authority.remove();
  });
});

describe.skipIf(!sippInstalled())("a stock drachtio-srf application", () => {
  const CALLS = 5;
  let app: ObservedProcess;
  let callee: ReturnType<typeof startSipp>;

  const call = async (user: string, transport: "u1" | "t1") =>
    await startSipp([
      ...[`127.0.0.1:${ports.sip}`, "-sn", "uac", "-s", user, "-m", String(CALLS), "-l", "1"],
      ...["-t", transport, "-p", String(await freeSipPort()), "-d", "100"],
      ...["-timeout", "40s", "-timeout_error"],
    ]).done;

  beforeAll(async () => {
    callee = startSipp(["-sn", "uas", "-p", String(ports.callee), "-t", "u1"]);
    app = startStockApp(ports.admin, SECRET, ports.callee);
    await app.event("connected");
  });

  afterAll(async () => {
    callee.stop();
    await callee.done;
    await app.stop();
  });

  it.each(["u1", "t1"] as const)("answers SIPp's calls (%s)", async (transport) => {
    const before = app.events.filter(({ event }) => event === "ended").length;
    expect(await call("agent", transport)).toMatchObject({ exitCode: 0, successful: CALLS });
    await app.event("ended", before + CALLS);
  });

  it("bridges SIPp to SIPp", async () => {
    expect(await call("bridge", "u1")).toMatchObject({ exitCode: 0, successful: CALLS });
    await app.event("unbridged", CALLS);
  });

  it("calls SIPp, and hangs up", async () => {
    app.write("call\n");
    await app.event("called");
    await app.event("hungUp");
    expect(app.events.filter(({ event }) => event === "failed")).toEqual([]);
  });
});
