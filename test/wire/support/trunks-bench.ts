/** The trunk commands against a stand-in for the service, over real HTTP. */

import { loadConfig } from "../../../src/app/config.ts";
import { loadProvision } from "../../../src/app/load-provision.ts";
import { runTrunks } from "../../../src/cli/trunks-run.ts";
import { codeOf } from "../../../src/core/errors.ts";
import { TrunkProvisioner } from "../../../src/provisioning/trunk-provisioner.ts";
import type { Provision } from "../../../src/provisioning/trunk-wish.ts";
import { type AwsStandIn, startAwsStandIn } from "../../support/aws/aws-stand-in.ts";
import { type ChimeStandInOptions, chimeStandIn } from "../../support/aws/chime-stand-in.ts";
import { type CliResult, LEAST_FILES, runCli } from "../../support/cli-bench.ts";
import { HurriedClock } from "../../support/hurried-clock.ts";
import { memoryFiles } from "../../support/memory-files.ts";
import { SeededRandom } from "../../support/seeded-random.ts";

/** Long waits of back-off and orders take a moment. */
const HURRY = 200;

/** Kept out of sight, whatever happens. */
export const PASSWORDS = ["correct-horse-battery", "staple-and-some-more"] as const;

/** Everything that can be provisioned, once. */
export const WHOLE = `
trunks:
  - { name: front-desk, connector: front-desk }
provision:
  connectors:
    front-desk:
      origination: { routes: [{ host: gw.example.com }, { host: gw2.example.com, priority: 2 }] }
      termination:
        networks: [198.51.100.16/28]
        countries: [US]
        credentials:
          - { username: gateway, password: "\${env:FIRST}" }
          - { username: second, password: "\${env:SECOND}" }
      logging: { media: true }
      streaming: { retentionHours: 24, notify: [sns] }
      externalSystems: { borderControllers: [RIBBON_SBC] }
      numbers: ["+12065550105"]
      search: [{ prefix: "425", count: 2 }]
      tags: { team: voice }
    from-connect:
      kind: callTransfer
      encryption: false
      origination: { routes: [{ host: gw.example.com }] }
  groups:
    both:
      connectors: [{ connector: front-desk }]
      search: [{ type: tollFree, prefix: "800" }]
`;

/** The same, read. */
const PROVISION = provisionOf(WHOLE);

/** Nothing of it. */
export const NOTHING: Provision = { ...PROVISION, connectors: [], groups: [] };

function provisionOf(yaml: string): Provision {
  const files = memoryFiles({ "sip-config/trunks.yaml": yaml });
  const environment = { FIRST: PASSWORDS[0], SECOND: PASSWORDS[1] };
  const found = loadProvision(loadConfig({ environment: {}, files }).config, {
    environment,
    files,
  });
  if (found === undefined) {
    throw new Error("no provision");
  }
  return found;
}

/** A stand-in, an account, and a person with a file and a terminal. */
export class TrunksBench {
  readonly chime;
  readonly files: Record<string, string> = { ...LEAST_FILES };
  readonly #clock = new HurriedClock(HURRY);
  readonly #random = new SeededRandom(11);
  #standIn: AwsStandIn | undefined;

  constructor(yaml: string = WHOLE, options: ChimeStandInOptions = {}) {
    this.chime = chimeStandIn(options);
    this.files["sip-config/trunks.yaml"] = yaml;
  }

  get standIn(): AwsStandIn {
    if (this.#standIn === undefined) {
      throw new Error("not started");
    }
    return this.#standIn;
  }

  async start(): Promise<this> {
    this.#standIn = await startAwsStandIn({ port: 0, services: [this.chime] });
    return this;
  }

  async close(): Promise<void> {
    await this.#standIn?.close();
  }

  /** `trunkline ARGS`; `answer`: what the person at the terminal says, if there is one. */
  run(args: string, answer?: string): Promise<CliResult & { readonly asked: readonly string[] }> {
    const asked: string[] = [];
    const environment = {
      FIRST: PASSWORDS[0],
      SECOND: PASSWORDS[1],
      TRUNKLINE_AWS_ENDPOINT: this.standIn.endpoint,
      TRUNKLINE_DEBUG: "1",
    };
    return runCli(args.split(" "), {
      files: this.files,
      environment,
      trunks: (options, output) =>
        runTrunks(options, {
          output,
          environment,
          files: memoryFiles(this.files),
          clock: this.#clock,
          random: this.#random,
          terminal: {
            isInteractive: answer !== undefined,
            ask: async (question) => {
              asked.push(question);
              return answer ?? "";
            },
          },
          writeText: (path, text) => {
            this.files[path] = text;
          },
        }),
    }).then((result) => ({ ...result, asked }));
  }

  /** One apply, or with nothing wanted one destroy, without the command around it; whether it came to its end. */
  async converge(wanted: Provision = PROVISION): Promise<boolean> {
    const provisioner = new TrunkProvisioner({
      access: { region: "us-east-1", endpoint: this.standIn.endpoint },
      provision: PROVISION,
      clock: this.#clock,
      random: this.#random,
      spacingMs: 0,
      orderLimitMs: 6_000_000,
      onProgress: () => undefined,
    });
    try {
      const account = await provisioner.read();
      const plan = provisioner.plan(wanted, account, { rotate: false, releaseNumbers: false });
      const { failures } = await provisioner.run(plan, wanted, account);
      return failures.length === 0 && plan.blocks.length === 0;
    } catch (error) {
      if (codeOf(error) === "PROVISION_UNREACHABLE") {
        return false;
      }
      throw error;
    }
  }

  /** Timers that are still armed. */
  get pendingTimers(): number {
    return this.#clock.pending;
  }

  /** All that the account has, without ids that differ from run to run. */
  state(): unknown {
    const { connectors, numbers } = this.chime;
    const nameOf = (id: string | undefined): unknown =>
      [...connectors.all.values()].find((each) => each.id === id)?.tags.get("trunkline:key") ??
      connectors.groups.get(id ?? "")?.view["Name"];
    return {
      connectors: [...connectors.all.values()]
        .map(({ view, settings, passwords, tags }) => ({
          name: view["Name"],
          kind: view["IntegrationType"],
          encryption: view["RequireEncryption"],
          settings: Object.fromEntries([...settings].sort()),
          passwords: Object.fromEntries(passwords),
          tags: [...tags.keys()].sort(),
        }))
        .sort((one, other) => (String(one.name) < String(other.name) ? -1 : 1)),
      groups: [...connectors.groups.values()].map(({ view }) => ({
        name: view["Name"],
        items: (view["VoiceConnectorItems"] as { VoiceConnectorId: string }[]).map((item) =>
          nameOf(item.VoiceConnectorId),
        ),
      })),
      numbers: [...numbers.owned.values()]
        .map(({ number, status, owner }) => ({ number, status, owner: nameOf(owner?.id) }))
        .sort((one, other) => (one.number < other.number ? -1 : 1)),
      ordered: numbers.orders.flatMap((order) => order.numbers).sort(),
    };
  }
}
