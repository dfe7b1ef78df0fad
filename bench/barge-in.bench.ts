/**
 * `npm run bench:barge-in`: 50 interruptions, 50 coughs, 50 backchannels and 50 echoes of our own playout, all synthetic,
 * through the whole media path on virtual time; exits with 1 when a target is missed. An argument is the seed.
 */
import { runTrial, type Trial } from "../test/support/barge-in/trial.ts";
import { SeededRandom } from "../test/support/seeded-random.ts";
import { coughTrial, echoTrial, speechTrial, understoodTrial } from "./barge-in/corpus.ts";
import { formatReport, isMet, judgeGroup } from "./barge-in/report.ts";
import { BACKCHANNELS, INTERRUPTIONS, ONE_WORD } from "./barge-in/texts.ts";

const CALLS = 50;
const TEXT_AFTER_MS = 700;
const seed = Number(process.argv[2] ?? 2026);
const random = new SeededRandom(seed);

const sound = { interrupts: false, extra: false } as const;
const word = { interrupts: true, extra: true } as const;
const GROUPS = [
  {
    name: "interruptions",
    interrupts: true,
    extra: false,
    create: () => speechTrial(random, INTERRUPTIONS),
  },
  { name: "coughs", ...sound, create: () => coughTrial(random) },
  { name: "backchannels", ...sound, create: () => speechTrial(random, BACKCHANNELS) },
  { name: "echoes at -20 dB", ...sound, create: () => echoTrial(random, -20) },
  { name: "echoes at -12 dB", ...sound, extra: true, create: () => echoTrial(random, -12) },
  {
    name: "one word, text after 700 ms",
    ...word,
    create: () => understoodTrial(random, ONE_WORD, TEXT_AFTER_MS),
  },
] as const;

console.log(`seed ${seed}, ${CALLS} calls of each kind, synthetic voices, virtual time`);
const reports = [];
for (const { create, ...group } of GROUPS) {
  const trials: Trial[] = Array.from({ length: CALLS }, create);
  const results = [];
  for (const trial of trials) {
    results.push(await runTrial(trial));
  }
  reports.push(judgeGroup(group, results));
}
console.log(formatReport(reports));
process.exitCode = isMet(reports) ? 0 : 1;
