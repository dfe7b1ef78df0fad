/** Calls to the whole gateway over TLS: by its own user agent, by baresip, and with certificates exchanged under way. */
import { execFile } from "node:child_process";
import { copyFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import tls from "node:tls";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Baresip, baresipInstalled } from "./support/baresip.ts";
import { Authority, opensslInstalled } from "./support/certificates.ts";
import { freeSipPort } from "./support/free-ports.ts";
import { GatewayProcess } from "./support/gateway-process.ts";
import { findWords, GREETING } from "./support/recordings.ts";
import { embeddedOnly } from "./support/sip-server-under-test.ts";
import { eventually, pause } from "./support/waiting.ts";

const LEFT_OUT = embeddedOnly("its certificates are the embedded server's");

interface Outcome {
  readonly code: number;
  readonly report: {
    readonly answered: boolean;
    readonly status: number;
    readonly reason?: string;
  };
}

describe.skipIf(LEFT_OUT || !opensslInstalled())("a call over TLS", () => {
  let authority: Authority;
  let gateway: GatewayProcess;
  let tlsPort: number;
  let cert: string;
  let key: string;

  beforeAll(async () => {
    authority = new Authority();
    cert = join(authority.folder, "cert.pem");
    key = join(authority.folder, "key.pem");
    install(["127.0.0.1", "first.test"]);
    tlsPort = await freeSipPort();
    gateway = await GatewayProcess.start({
      SIP__TLS__PORT: String(tlsPort),
      SIP__TLS__CERT: cert,
      SIP__TLS__KEY: key,
    });
  });

  afterAll(async () => {
    authority.remove();
    expect(await gateway.stop()).toMatchObject({ code: 0, leftBehind: [] });
    expect(JSON.stringify(gateway.log)).not.toContain("BEGIN");
  });

  function install(names: readonly string[]): void {
    const { certFile, keyFile } = authority.issue(names);
    copyFileSync(certFile, cert);
    copyFileSync(keyFile, key);
  }

  function call(...args: readonly string[]): Promise<Outcome> {
    const program = [join("dist", "main.js"), "call", ...args, "--json"];
    return new Promise((resolve) => {
      execFile(process.execPath, program, (error, stdout) =>
        resolve({
          code: Number(error?.code ?? 0),
          report: JSON.parse(stdout) as Outcome["report"],
        }),
      );
    });
  }

  async function nameShown(): Promise<string | undefined> {
    const options = { port: tlsPort, host: "127.0.0.1", ca: authority.ca };
    const socket = tls.connect({ ...options, checkServerIdentity: () => undefined });
    await new Promise((resolve, reject) => {
      socket.once("secureConnect", resolve);
      socket.once("error", reject);
    });
    const { subjectaltname } = socket.getPeerCertificate();
    socket.destroy();
    return subjectaltname;
  }

  it("is announced, and placed by `trunkline call` to a gateway that proves its name", async () => {
    expect(gateway.stderr).toContain(`secure  sips:agent@127.0.0.1:${tlsPort}  (TLS)`);
    const uri = `sips:echo@127.0.0.1:${tlsPort}`;
    const believed = ["--seconds", "1", "--ca", authority.caFile];
    expect(await call(uri, ...believed)).toMatchObject({ code: 0, report: { answered: true } });
    const plain = `sip:echo@127.0.0.1:${tlsPort};transport=tls`;
    expect(await call(plain, "--seconds", "1", "--insecure")).toMatchObject({ code: 0 });
    expect(await call(uri, "--seconds", "1")).toMatchObject({
      code: 1,
      report: { answered: false, status: 503, reason: "Peer Certificate Refused" },
    });
    expect(await gateway.metric("trunkline_sip_refused_total")).toBe(0);
  });

  it("goes on while SIGHUP exchanges the certificate, and bad files change nothing", async () => {
    const going = call(`sips:echo@127.0.0.1:${tlsPort}`, "--seconds", "4", "--insecure");
    await eventually("a call", async () => (await gateway.calls()).length === 1);
    install(["127.0.0.1", "second.test"]);
    process.kill(gateway.pid, "SIGHUP");
    const second = "IP Address:127.0.0.1, DNS:second.test";
    await eventually("the new certificate", async () => (await nameShown()) === second);
    writeFileSync(key, "no key at all");
    process.kill(gateway.pid, "SIGHUP");
    const refusals = { kind: "certificateReloads" };
    await eventually(
      "the refusal",
      async () => (await gateway.metric("trunkline_sip_failures_total", refusals)) === 1,
    );
    expect(await nameShown()).toBe(second);
    const secondsLeft = await gateway.metric("trunkline_sip_certificate_seconds");
    expect(secondsLeft).toBeGreaterThan(89 * 86_400);
    expect(secondsLeft).toBeLessThanOrEqual(90 * 86_400);
    expect(await going).toMatchObject({ code: 0, report: { answered: true } });
    const line = gateway.log.find(({ msg }) => msg === "certificates were not reloaded");
    expect(line).toMatchObject({ level: 50, error: { code: "SIP_TLS_INVALID" } });
  });

  it.skipIf(!baresipInstalled())("by baresip is greeted", async () => {
    const settings = [`sip_cafile ${authority.caFile}`, "sip_verify_server yes"];
    const baresip = await Baresip.start(new Int16Array(8000 * 10), { settings });
    const conversation = async (): Promise<Int16Array> => {
      await baresip.dial(`sip:agent@127.0.0.1:${tlsPort};transport=tls`);
      await pause(5000);
      await baresip.command("hangup");
      await eventually("no call left", async () => (await gateway.calls()).length === 0);
      return baresip.heard();
    };
    const heard = await conversation().finally(() => baresip.quit());
    expect(findWords(GREETING, heard).coefficient).toBeGreaterThan(0.9);
    const [log] = await gateway.callLogs();
    expect(log?.verdict).toMatchObject({ endedBy: "caller", outcome: "completed" });
  });
});
