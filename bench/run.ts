/**
 * `npm run bench`: what a call costs on the full path, RTP in, model on a plain WebSocket, RTP out, beside the floor of
 * only receiving and sending the same datagrams. Each part runs in its own process, everything on loopback.
 */
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { describeMachine, formatTable, judge, type Targets } from "./full-path/report.ts";
import { type Effort, measure, type Outcome, SCENARIOS } from "./full-path/scenario.ts";

const USAGE = `usage: npm run bench -- [options]
  --only NAMES       of ${SCENARIOS.map(({ name }) => name).join(", ")}; separated by commas
  --calls N          calls at a time, 1 to 900 (${SCENARIOS.map(({ calls }) => calls).join(", ")})
  --seconds N        length of a window (10)
  --repeats N        windows; the median counts (3)
  --node-options=O   for the measured process, such as --node-options=--cpu-prof
  --json             the figures as JSON`;

const WARM_UP_SECONDS = 5;

function readOptions() {
  return parseArgs({
    options: {
      only: { type: "string" },
      calls: { type: "string" },
      seconds: { type: "string", default: "10" },
      repeats: { type: "string", default: "3" },
      "node-options": { type: "string", default: "" },
      json: { type: "boolean", default: false },
      help: { type: "boolean", default: false },
    },
  }).values;
}

/** Compiled like the gateway itself: what runs a source directly adds calls of its own to it. */
function build(): void {
  const folder = fileURLToPath(new URL("full-path", import.meta.url));
  const compiler = fileURLToPath(new URL("../node_modules/typescript/bin/tsc", import.meta.url));
  execFileSync(process.execPath, [compiler, "-p", folder], { stdio: ["ignore", 2, 2] });
}

function readCount(text: string, max: number): number {
  const count = Number(text);
  if (!Number.isInteger(count) || count < 1 || count > max) {
    throw new Error(`not a whole number from 1 to ${max}: ${text}`);
  }
  return count;
}

async function main(): Promise<void> {
  const options = readOptions();
  if (options.help) {
    console.log(USAGE);
    return;
  }
  const names = options.only?.split(",");
  const scenarios = SCENARIOS.filter(
    ({ name }) => names?.some((one) => name === one || name.startsWith(`${one}-`)) ?? true,
  );
  const effort: Effort = {
    calls: options.calls === undefined ? undefined : readCount(options.calls, 900),
    seconds: readCount(options.seconds, 600),
    repeats: readCount(options.repeats, 100),
    warmUpSeconds: WARM_UP_SECONDS,
    nodeOptions: options["node-options"].split(" ").filter((option) => option !== ""),
  };
  build();
  const machine = describeMachine();
  const command = ["npm run bench --", ...process.argv.slice(2)].join(" ");
  console.error(`machine: ${machine}\ncommand: ${command}`);
  console.error(
    `both sides talk without a pause, 50 packets a second each way; ${WARM_UP_SECONDS} s warm-up, ${effort.repeats} windows of ${effort.seconds} s`,
  );
  const outcomes: Outcome[] = [];
  for (const scenario of scenarios) {
    console.error(`measuring ${scenario.title} ...`);
    outcomes.push(await measure(scenario, effort));
  }
  const targets = (
    JSON.parse(readFileSync(new URL("budgets.json", import.meta.url), "utf8")) as {
      fullPath: Targets;
    }
  ).fullPath;
  const verdicts = judge(outcomes, targets);
  if (options.json) {
    console.log(JSON.stringify({ machine, command, effort, outcomes, verdicts }, undefined, 2));
  } else {
    console.log(`\n${formatTable(outcomes)}\n`);
    for (const { text, ok } of verdicts) {
      console.log(`${ok ? "ok    " : "MISSED"} ${text}`);
    }
    console.log(`load average after: ${describeMachine().split("load average ")[1]}`);
  }
  process.exitCode = verdicts.every(({ ok }) => ok) ? 0 : 1;
}

await main();
