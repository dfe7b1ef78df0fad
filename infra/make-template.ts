/** The template, always the same for the same sources. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { App, DefaultStackSynthesizer } from "aws-cdk-lib";
import { Template } from "aws-cdk-lib/assertions";
import { TrunklineStack } from "./trunkline-stack.ts";

/** Nothing of it depends on an account, a region or a bootstrap. */
export function makeTemplate(nodeCount: number): Record<string, unknown> {
  const outdir = mkdtempSync(join(tmpdir(), "trunkline-template-"));
  try {
    const app = new App({ analyticsReporting: false, outdir });
    const stack = new TrunklineStack(app, "Trunkline", {
      nodeCount,
      description:
        "Trunkline: a SIP/RTP media gateway that puts a realtime speech model on a phone call.",
      analyticsReporting: false,
      synthesizer: new DefaultStackSynthesizer({ generateBootstrapVersionRule: false }),
    });
    return Template.fromStack(stack).toJSON() as Record<string, unknown>;
  } finally {
    rmSync(outdir, { recursive: true, force: true });
  }
}
