/** Sums up the calls of the barge-in bench, and compares them with what is wanted. */
import type { TrialResult } from "../../test/support/barge-in/trial.ts";

/** An interruption has to be silence for the caller within this. */
export const SILENT_WITHIN_MS = 300;
/** The least part of interruptions that have to, and the most of other sounds that may end an answer. */
export const MIN_STOPPED = 0.95;
export const MAX_KILLED = 0.05;
/** What the model is told was heard, against the packets sent. */
export const MAX_TRUNCATION_ERROR_MS = 20;

/** Calls of one kind. */
export interface GroupReport {
  readonly name: string;
  readonly interrupts: boolean;
  /** Shown beside the targets, and not part of them. */
  readonly extra: boolean;
  readonly calls: number;
  /** Silent in time, for good, and taken from the model. */
  readonly stopped: number;
  readonly killed: number;
  /** Playout was paused at least once and went on. */
  readonly dismissed: number;
  readonly silentAfterMs: readonly number[];
  readonly verdictAfterMs: readonly number[];
  readonly pausedMs: readonly number[];
  readonly truncationErrorMs: number;
  readonly unfaithful: number;
}

/** The sums. */
export function judgeGroup(
  { name, interrupts, extra }: Pick<GroupReport, "name" | "interrupts" | "extra">,
  results: readonly TrialResult[],
): GroupReport {
  const count = (test: (result: TrialResult) => boolean): number => results.filter(test).length;
  const known = (values: readonly (number | undefined)[]): number[] =>
    values.filter((value) => value !== undefined).sort((a, b) => a - b);
  return {
    name,
    interrupts,
    extra,
    calls: results.length,
    stopped: count((result) => isStopped(result)),
    killed: count(({ killed }) => killed),
    dismissed: count(({ resumed }) => resumed > 0),
    silentAfterMs: interrupts ? known(results.map(({ silentAfterMs }) => silentAfterMs)) : [],
    verdictAfterMs: known(results.map(({ verdictAfterMs }) => verdictAfterMs)),
    pausedMs: known(results.flatMap(({ pausedMs }) => pausedMs)),
    truncationErrorMs: Math.max(...results.map(({ toldMs, sentMs }) => Math.abs(toldMs - sentMs))),
    unfaithful: count(({ faithful }) => !faithful),
  };
}

/** The caller has the floor: silence in time, for good. */
export function isStopped({ silentAfterMs, killed, staysSilent }: TrialResult): boolean {
  return killed && staysSilent && silentAfterMs !== undefined && silentAfterMs <= SILENT_WITHIN_MS;
}

/** A table for people, and one line for each target. */
export function formatReport(reports: readonly GroupReport[]): string {
  const head = "kind".padEnd(30) + ["stopped", "killed", "dismissed"].map(cell).join("");
  const lines = reports.map(
    ({ name, calls, stopped, killed, dismissed, ...times }) =>
      `${name.padEnd(30)}${[stopped, killed, dismissed].map((n) => cell(`${n}/${calls}`)).join("")}  ${describeTimes(times)}`,
  );
  const targets = verdicts(reports).map(({ ok, text }) => `${ok ? "ok    " : "MISSED"} ${text}`);
  return [`${head}  p50/p95/max in ms`, ...lines, "", ...targets].join("\n");
}

/** Whether all targets are met. */
export function isMet(reports: readonly GroupReport[]): boolean {
  return verdicts(reports).every(({ ok }) => ok);
}

function verdicts(reports: readonly GroupReport[]): readonly { ok: boolean; text: string }[] {
  const wanted = reports.find(({ interrupts, extra }) => interrupts && !extra);
  const others = reports.filter(({ interrupts, extra }) => !interrupts && !extra);
  const stopped = (wanted?.stopped ?? 0) / (wanted?.calls ?? 1);
  const sum = (of: (report: GroupReport) => number): number =>
    others.reduce((total, report) => total + of(report), 0);
  const killed = sum((report) => report.killed) / sum((report) => report.calls);
  const errorMs = Math.max(...reports.map(({ truncationErrorMs }) => truncationErrorMs));
  const unfaithful = reports.reduce((total, report) => total + report.unfaithful, 0);
  const percent = (part: number): string => `${(100 * part).toFixed(1)} %`;
  return [
    {
      ok: stopped >= MIN_STOPPED,
      text: `interruptions silent within ${SILENT_WITHIN_MS} ms, for good: ${percent(stopped)}, at least ${percent(MIN_STOPPED)}`,
    },
    {
      ok: killed <= MAX_KILLED,
      text: `other sounds that ended the answer: ${percent(killed)}, at most ${percent(MAX_KILLED)}`,
    },
    {
      ok: errorMs <= MAX_TRUNCATION_ERROR_MS,
      text: `told to the model against packets sent: ${errorMs} ms, at most ${MAX_TRUNCATION_ERROR_MS} ms`,
    },
    { ok: unfaithful === 0, text: `calls with audio repeated or left out: ${unfaithful}` },
  ];
}

function describeTimes(times: Pick<GroupReport, "silentAfterMs" | "verdictAfterMs" | "pausedMs">) {
  const { silentAfterMs, verdictAfterMs, pausedMs } = times;
  return [
    describeMs("silent after", silentAfterMs),
    describeMs("verdict after", verdictAfterMs),
    describeMs("paused", pausedMs),
  ]
    .filter((text) => text !== "")
    .join(", ");
}

function describeMs(name: string, sorted: readonly number[]): string {
  if (sorted.length === 0) {
    return "";
  }
  const at = (part: number): string =>
    (sorted[Math.min(sorted.length - 1, Math.floor(part * sorted.length))] ?? 0).toFixed(0);
  return `${name} ${at(0.5)}/${at(0.95)}/${at(1)}`;
}

function cell(text: string): string {
  return text.padStart(11);
}
