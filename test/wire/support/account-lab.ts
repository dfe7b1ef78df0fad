/** An account of AWS behind stand-ins, what is provisioned into it, and the doctor who looks at it, over real HTTP. */
import { readdirSync, readFileSync } from "node:fs";
import { runFlows } from "../../../src/cli/flows-run.ts";
import { systemMachine } from "../../../src/cli/machine.ts";
import { Output } from "../../../src/cli/output.ts";
import { runTrunks } from "../../../src/cli/trunks-run.ts";
import { STAND_IN_KEYS } from "../../../src/core/aws-access.ts";
import { SystemClock } from "../../../src/core/clock.ts";
import { type AwsStandIn, startAwsStandIn } from "../../support/aws/aws-stand-in.ts";
import { chimeStandIn } from "../../support/aws/chime-stand-in.ts";
import { connectStandIn, STAND_IN_INSTANCE } from "../../support/aws/connect-stand-in.ts";
import { Ec2StandIn } from "../../support/aws/ec2-stand-in.ts";
import { ServiceQuotasStandIn } from "../../support/aws/service-quotas-stand-in.ts";
import { StsStandIn } from "../../support/aws/sts-stand-in.ts";
import { LEAST_FILES } from "../../support/cli-bench.ts";
import { type DoctorResult, examine } from "../../support/doctor-lab.ts";
import { HurriedClock } from "../../support/hurried-clock.ts";
import { memoryFiles } from "../../support/memory-files.ts";
import { SeededRandom } from "../../support/seeded-random.ts";

/** Never printed. */
export const PASSWORD = "correct-horse-battery";
/** Keys of the configuration, of which the first alone may be seen. */
export const SECRET_KEYS = {
  secretAccessKey: "never-to-be-seen/key",
  sessionToken: "nor-this-token",
};
/** The gateway of the instance that there is. */
export const WITH_INSTANCE = `connect: { instanceId: ${STAND_IN_INSTANCE} }\n`;

const MACHINE = systemMachine(new SystemClock());
const HURRY = 500;

/** What else the gateway has. */
export interface AccountWorld {
  readonly gateway?: string;
  readonly args?: readonly string[];
}

/** Everything that the doctor may ask. */
export class AccountLab {
  readonly sts = new StsStandIn();
  readonly quotas = new ServiceQuotasStandIn();
  readonly ec2 = new Ec2StandIn();
  readonly chime = chimeStandIn();
  readonly connect = connectStandIn();
  /** As they are on the disk beside `trunks.yaml`. */
  readonly files: Record<string, string> = {};
  #standIn: AwsStandIn | undefined;

  async start(): Promise<this> {
    const services = [this.sts, this.quotas, this.ec2, this.chime, this.connect];
    this.#standIn = await startAwsStandIn({ port: 0, services });
    for (const name of readdirSync("flows/connect")) {
      this.files[`flows/connect/${name}`] = readFileSync(`flows/connect/${name}`, "utf8");
    }
    return this;
  }

  get standIn(): AwsStandIn {
    if (this.#standIn === undefined) {
      throw new Error("not started");
    }
    return this.#standIn;
  }

  /** Changes `connect.yaml`. */
  edit(from: string, to: string): void {
    const file = "flows/connect/connect.yaml";
    this.files[file] = (this.files[file] as string).replace(from, to);
  }

  /** `trunkline doctor`. */
  examine(trunks: string | undefined, world: AccountWorld = {}): Promise<DoctorResult> {
    const { accessKeyId } = STAND_IN_KEYS;
    const aws = { endpoint: this.standIn.endpoint, accessKeyId, ...SECRET_KEYS };
    return examine({
      ...(trunks === undefined ? {} : { trunks }),
      gateway: `aws: ${JSON.stringify(aws)}\n${world.gateway ?? ""}`,
      files: this.files,
      args: world.args ?? [],
      environment: { PASSWORD },
      machine: { askAws: MACHINE.askAws },
    });
  }

  /** `trunkline trunks apply --yes`. */
  async apply(trunks: string): Promise<void> {
    const context = this.#context({ "sip-config/trunks.yaml": trunks });
    await runTrunks({ action: "apply", json: true, yes: true }, context);
  }

  /** `trunkline flows publish`. */
  async publish(): Promise<void> {
    await runFlows({ action: "publish", json: true, names: [] }, this.#context({}));
  }

  #context(more: Readonly<Record<string, string>>) {
    const silent = (): void => undefined;
    return {
      output: new Output({
        writeOut: silent,
        writeError: silent,
        colourOut: false,
        colourError: false,
      }),
      environment: { PASSWORD, TRUNKLINE_AWS_ENDPOINT: this.standIn.endpoint },
      files: memoryFiles({ ...LEAST_FILES, ...this.files, ...more }),
      clock: new HurriedClock(HURRY),
      random: new SeededRandom(3),
      terminal: { isInteractive: false, ask: async () => "" },
      writeText: (path: string, text: string): void => {
        this.files[path] = text;
      },
    };
  }
}
