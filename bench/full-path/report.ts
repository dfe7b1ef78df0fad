/** What the full-path bench prints, and whether its targets are met. */
import { cpus, loadavg } from "node:os";
import type { Outcome } from "./scenario.ts";

/** From `budgets.json`. */
export interface Targets {
  /** By scenario. */
  readonly callsPerCore: Readonly<Record<string, number>>;
  readonly kilobytesPerCall: number;
}

/** A run with more loss, or less of the audio that should be there, proves nothing. */
const MAX_LOSS = 0.001;
const MIN_SHARE = 0.99;

/** Processor, cores, Node and how busy the machine is. */
export function describeMachine(): string {
  const [processor] = cpus();
  const load = loadavg().map((value) => value.toFixed(2));
  return `${processor?.model ?? "unknown processor"}, ${cpus().length} cores, Node ${process.version}, load average ${load.join(" ")}`;
}

/** The table, side by side. */
export function formatTable(outcomes: readonly Outcome[]): string {
  const rows = [
    [""].concat(outcomes.map(({ scenario }) => scenario.title)),
    row("calls in this run", outcomes, ({ calls }) => String(calls)),
    row("calls a core", outcomes, ({ median }) => median.callsPerCore.toFixed(0)),
    row("streams a core", outcomes, ({ median, scenario }) =>
      (median.callsPerCore * scenario.legsPerCall).toFixed(0),
    ),
    row("  of each window", outcomes, ({ windows }) =>
      windows.map(({ callsPerCore }) => callsPerCore.toFixed(0)).join(" "),
    ),
    row("CPU µs per call and 20 ms", outcomes, ({ median }) =>
      (median.cpuUsPerCallSecond / 50).toFixed(1),
    ),
    row("CPU µs per stream and 20 ms", outcomes, ({ median, scenario }) =>
      (median.cpuUsPerCallSecond / 50 / scenario.legsPerCall).toFixed(1),
    ),
    row("share of a core used", outcomes, ({ median }) => percent(median.coreShare)),
    row("memory a call (RSS)", outcomes, (o) => kilobytes(o.rssBytesPerCall)),
    row("  of it live objects, buffers", outcomes, (o) => kilobytes(o.liveBytesPerCall)),
    row("ticker late, p50", outcomes, ({ tickLateMs }) => atMost(tickLateMs?.p50)),
    row("ticker late, p99", outcomes, ({ tickLateMs }) => atMost(tickLateMs?.p99)),
    row("ticker late, max", outcomes, ({ tickLateMs }) => atMost(tickLateMs?.max)),
    row(
      "RTP lost, to gateway / back",
      outcomes,
      (o) => `${percent(o.lossIn)} / ${percent(o.lossOut)}`,
    ),
    row("returned RTP with tone", outcomes, (o) =>
      o.scenario.mode === "listen" ? "-" : ofModel(o, percent(o.toneShare)),
    ),
    row("uplink with voice", outcomes, (o) => ofModel(o, percent(o.voiceShare))),
    row("uplink s per second", outcomes, (o) => ofModel(o, o.uplinkRate.toFixed(4))),
    row("dropped by the gateway", outcomes, ({ dropped }) => dropped.toFixed(0)),
    row("callers' packets sent late", outcomes, (o) => percent(o.sentLateShare)),
  ];
  const widths = (rows[0] ?? []).map((_, i) =>
    Math.max(...rows.map((cells) => cells[i]?.length ?? 0)),
  );
  return rows
    .map((cells) =>
      cells
        .map((cell, i) => (i === 0 ? cell.padEnd(widths[i] ?? 0) : cell.padStart(widths[i] ?? 0)))
        .join("  "),
    )
    .join("\n");
}

function row(
  title: string,
  outcomes: readonly Outcome[],
  cell: (outcome: Outcome) => string,
): string[] {
  return [title, ...outcomes.map(cell)];
}

function percent(share: number): string {
  return `${(share * 100).toFixed(2)} %`;
}

function kilobytes(bytes: number): string {
  return `${(bytes / 1000).toFixed(0)} kB`;
}

function atMost(ms: number | undefined): string {
  return ms === undefined ? "-" : `<= ${ms} ms`;
}

function ofModel({ scenario }: Outcome, text: string): string {
  return scenario.name === "floor" ? "-" : text;
}

/** One line per target and per condition that makes the run worth anything; `ok` tells whether it holds. */
export function judge(
  outcomes: readonly Outcome[],
  targets: Targets,
): readonly { readonly text: string; readonly ok: boolean }[] {
  return outcomes.flatMap((outcome) => {
    const { name } = outcome.scenario;
    const target = targets.callsPerCore[name];
    if (target === undefined) {
      return [];
    }
    const callsPerCore = outcome.median.callsPerCore;
    const kilobytesPerCall = outcome.rssBytesPerCall / 1000;
    const mostKilobytes = targets.kilobytesPerCall * outcome.scenario.legsPerCall;
    return [
      {
        text: `${name}: ${callsPerCore.toFixed(0)} calls a core, at least ${target} wanted`,
        ok: callsPerCore >= target,
      },
      {
        text: `${name}: ${kilobytesPerCall.toFixed(0)} kB a call, at most ${mostKilobytes} wanted`,
        ok: kilobytesPerCall <= mostKilobytes,
      },
      { text: `${name}: all audio arrived where it should`, ok: isComplete(outcome) },
    ];
  });
}

/** Nothing is ever sent back on a recording session. */
function isReturnComplete({ scenario, returned, lossOut, toneShare }: Outcome): boolean {
  return scenario.mode === "listen"
    ? returned === 0
    : lossOut <= MAX_LOSS && toneShare >= MIN_SHARE;
}

function isComplete(outcome: Outcome): boolean {
  const { lossIn, voiceShare, uplinkRate, dropped, modelFailures } = outcome;
  return (
    lossIn <= MAX_LOSS &&
    isReturnComplete(outcome) &&
    voiceShare >= MIN_SHARE &&
    uplinkRate >= MIN_SHARE &&
    dropped === 0 &&
    modelFailures === 0
  );
}
