/** `trunkline flows` and `trunkline connect` against a stand-in of Amazon Connect, over real HTTP. */
import { readdirSync, readFileSync } from "node:fs";
import type { ConnectRequest } from "../../../src/cli/connect-commands.ts";
import { runConnect } from "../../../src/cli/connect-run.ts";
import type { FlowsOptions } from "../../../src/cli/flows-commands.ts";
import { runFlows } from "../../../src/cli/flows-run.ts";
import { Output } from "../../../src/cli/output.ts";
import { type AwsStandIn, startAwsStandIn } from "../../support/aws/aws-stand-in.ts";
import {
  type ConnectStandIn,
  type ConnectStandInOptions,
  connectStandIn,
  STAND_IN_INSTANCE,
} from "../../support/aws/connect-stand-in.ts";
import { HurriedClock } from "../../support/hurried-clock.ts";
import { memoryFiles } from "../../support/memory-files.ts";
import { SeededRandom } from "../../support/seeded-random.ts";

/** Waits between two calls take a moment. */
const HURRY = 500;

/** What a command printed, and how it ended. */
export interface CommandResult {
  readonly code: number;
  readonly out: string;
  readonly error: string;
  /** Of a command that failed by an error. */
  readonly thrown: unknown;
}

/** A stand-in, and a person with the shipped templates. */
export class FlowsBench {
  readonly connect: ConnectStandIn;
  readonly files: Record<string, string> = {};
  readonly clock = new HurriedClock(HURRY);
  readonly #random = new SeededRandom(5);
  #standIn: AwsStandIn | undefined;

  constructor(options: ConnectStandInOptions = {}) {
    this.connect = connectStandIn(options);
    for (const name of readdirSync("flows/connect")) {
      this.files[`flows/connect/${name}`] = readFileSync(`flows/connect/${name}`, "utf8");
    }
  }

  get standIn(): AwsStandIn {
    if (this.#standIn === undefined) {
      throw new Error("not started");
    }
    return this.#standIn;
  }

  async start(): Promise<this> {
    this.#standIn = await startAwsStandIn({ port: 0, services: [this.connect] });
    return this;
  }

  async close(): Promise<void> {
    await this.#standIn?.close();
  }

  /** Changes `connect.yaml`. */
  edit(from: string | RegExp, to: string): void {
    const file = "flows/connect/connect.yaml";
    this.files[file] = (this.files[file] as string).replace(from, to);
  }

  flows(action: FlowsOptions["action"], more: Partial<FlowsOptions> = {}): Promise<CommandResult> {
    return this.#run((context) => runFlows({ action, json: false, names: [], ...more }, context));
  }

  contact(request: ConnectRequest): Promise<CommandResult> {
    return this.#run((context) => runConnect(request, context));
  }

  async #run(
    work: (context: Parameters<typeof runFlows>[1]) => Promise<number>,
  ): Promise<CommandResult> {
    let out = "";
    let error = "";
    const output = new Output({
      writeOut: (text) => {
        out += text;
      },
      writeError: (text) => {
        error += text;
      },
      colourOut: false,
      colourError: false,
    });
    const environment = {
      TRUNKLINE_AWS_ENDPOINT: this.standIn.endpoint,
      TRUNKLINE_CONNECT__INSTANCE_ID: STAND_IN_INSTANCE,
    };
    const files = memoryFiles(this.files);
    const context = { output, environment, files, clock: this.clock, random: this.#random };
    try {
      return { code: await work(context), out, error, thrown: undefined };
    } catch (thrown) {
      return { code: 1, out, error, thrown };
    }
  }
}
