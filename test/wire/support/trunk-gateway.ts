/** A gateway for which no address is known but those of its trunks, each of 127.0.0.0/8. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { GatewayProcess, type GatewaySettings } from "./gateway-process.ts";

/** A running gateway, and the folder of its trunks. Whoever starts it stops it. */
export interface TrunkGateway {
  readonly gateway: GatewayProcess;
  /** Rejects when the process did not end well. */
  stop(): Promise<void>;
  /** What a decider said, how often. */
  admissions(decider: string, outcome: string): Promise<number>;
}

/** Resolves when calls can come in. */
export async function startTrunkGateway(
  trunks: string,
  settings: GatewaySettings = {},
): Promise<TrunkGateway> {
  const folder = mkdtempSync(join(tmpdir(), "wire-trunks-"));
  const file = join(folder, "trunks.yaml");
  writeFileSync(file, trunks);
  const gateway = await GatewayProcess.start({
    TRUNKS: file,
    SIP__TRUST_LOOPBACK: "false",
    MEDIA__QUARANTINE_SECONDS: "0",
    ...settings,
  });
  return {
    gateway,
    stop: async () => {
      const { code, leftBehind } = await gateway.stop();
      rmSync(folder, { recursive: true });
      if (code !== 0 || leftBehind.length > 0) {
        throw new Error(`the gateway ended with ${code} and left ${leftBehind.join(", ")}`);
      }
    },
    admissions: (decider, outcome) =>
      gateway.metric("trunkline_admission_total", { decider, outcome }),
  };
}
