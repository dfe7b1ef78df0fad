/** What the caller heard and what the gateway measured, side by side. */
import type { CallReport, LedgerRow } from "./call-report.ts";
import { table } from "./output.ts";

const HEADER = [
  "TURN",
  "HEARD",
  "MEASURED",
  "DIFFERENCE",
  "END OF TURN",
  "TOOLS",
  "MODEL",
  "WAITED",
  "GATEWAY",
  "PLAYED",
  "BY",
];

/** One line for each thing that the gateway said; `-` where there is nothing to compare. */
export function ledgerLines({ ledger, turns, greeting }: CallReport): string[] {
  if (ledger === undefined || ledger.turns.length === 0) {
    return [];
  }
  const lines = ledger.turns.map((row, i) => {
    const index = turns.findIndex((turn) => turn.ledger === row);
    const isGreeting = index < 0 && i === 0 && greeting !== undefined;
    const name = isGreeting ? "greeting" : index < 0 ? "-" : `${index + 1}`;
    return [name, ...cells(row, turns[index]?.responseMs)];
  });
  return [
    `the gateway's ledger of call ${ledger.callId}, in ms:`,
    ...table([HEADER, ...lines]).map((line) => `  ${line}`),
  ];
}

function cells(row: LedgerRow, heardMs: number | undefined): string[] {
  const { responseMs, modelMs, toolMs, waitedMs, gatewayMs, playedMs } = row;
  const isMeasured = heardMs !== undefined && responseMs !== null;
  const known = (modelMs ?? 0) + (toolMs ?? 0) + waitedMs + gatewayMs;
  const isKnown = responseMs !== null && modelMs !== null;
  return [
    isMeasured ? number(heardMs) : "-",
    number(responseMs),
    isMeasured ? number(heardMs - responseMs) : "-",
    isKnown ? number(Math.max(0, responseMs - known)) : "-",
    number(toolMs),
    number(modelMs),
    number(waitedMs),
    number(gatewayMs),
    `${number(playedMs)}${row.interrupted ? ` of ${number(playedMs + row.unheardMs)}` : ""}`,
    row.source === "answer" ? (row.model ?? "answer") : row.source,
  ];
}

function number(value: number | null | undefined): string {
  return value === null || value === undefined ? "-" : String(Math.round(value));
}
