/** What `trunkline call` found out, for machines and for people. */
import { ledgerLines } from "./ledger-table.ts";

/** Something said or pressed, and what came back. */
export interface CallTurn {
  readonly asked: "words" | "keys";
  readonly answered: boolean;
  /** From our last voiced packet, or the first key, to the first voiced packet of the answer; negative for an echo. */
  readonly responseMs?: number;
  readonly answerMs?: number;
  /** When the answer was heard, since the call was answered. */
  readonly answerFromMs?: number;
  /** What the gateway measured of it. */
  readonly ledger?: LedgerRow;
}

/** One thing that the gateway said, as its record has it; see docs/api.md. */
export interface LedgerRow {
  readonly itemId: string;
  readonly source: string;
  readonly model: string | null;
  /** When its first packet was sent, since the call was answered. */
  readonly heardFromMs: number;
  readonly responseMs: number | null;
  readonly modelMs: number | null;
  readonly gatewayMs: number;
  readonly waitedMs: number;
  readonly toolMs: number | null;
  readonly playedMs: number;
  readonly unheardMs: number;
  readonly interrupted: boolean;
}

/** The gateway's own record of the call. */
export interface GatewayLedger {
  readonly callId: string;
  readonly turns: readonly LedgerRow[];
}

/** The report; all times in milliseconds. */
export interface CallReport {
  readonly uri: string;
  readonly answered: boolean;
  /** RFC 3261 Call-ID. */
  readonly sipCallId?: string;
  /** The final SIP status of the INVITE. */
  readonly status: number;
  readonly reason?: string;
  /** From INVITE to its final response. */
  readonly setupMs: number;
  readonly ringingAfterMs?: number;
  readonly durationMs: number;
  readonly endedBy?: "us" | "peer";
  /** What the peer said before it was spoken to. */
  readonly greeting?: { readonly afterMs: number; readonly durationMs: number };
  readonly turns: readonly CallTurn[];
  /** Where the API of the gateway could be asked. */
  readonly ledger?: GatewayLedger;
  readonly rtp?: {
    readonly packetsSent: number;
    readonly packetsReceived: number;
    readonly packetsLost: number;
    readonly packetsLate: number;
    readonly jitterMs: number;
  };
  /** The suite that encrypted the audio both ways. */
  readonly srtp?: string;
  readonly recording?: string;
}

/** The report in words, one fact a line. */
export function describeReport(report: CallReport): string {
  if (!report.answered) {
    const reason = report.reason === undefined ? "" : `: ${report.reason}`;
    return `${report.uri} was not answered (${report.status}${reason}) after ${report.setupMs} ms`;
  }
  return [
    `${report.uri} answered after ${report.setupMs} ms, ended by ${report.endedBy ?? "us"} after ${seconds(report.durationMs)}`,
    greetingLine(report),
    ...report.turns.map(turnLine),
    ...ledgerLines(report),
    ...rtpLines(report),
    ...(report.srtp === undefined ? [] : [`encrypted with ${report.srtp}`]),
    ...(report.recording === undefined
      ? []
      : [`recorded in ${report.recording} (left: sent, right: heard)`]),
  ].join("\n");
}

function greetingLine({ greeting }: CallReport): string {
  return greeting === undefined
    ? "no greeting"
    : `greeting after ${greeting.afterMs} ms, ${seconds(greeting.durationMs)} long`;
}

function turnLine(turn: CallTurn, index: number): string {
  const what = turn.asked === "words" ? "spoke" : "pressed keys";
  const outcome = turn.answered
    ? `answered after ${turn.responseMs} ms, for ${seconds(turn.answerMs ?? 0)}`
    : "no answer";
  return `turn ${index + 1}: ${what}, ${outcome}`;
}

function rtpLines({ rtp }: CallReport): string[] {
  if (rtp === undefined) {
    return [];
  }
  const { packetsSent, packetsReceived, packetsLost, packetsLate, jitterMs } = rtp;
  return [
    `sent ${packetsSent} packets, received ${packetsReceived}: ${packetsLost} lost, ${packetsLate} late, jitter ${jitterMs.toFixed(1)} ms`,
  ];
}

function seconds(durationMs: number): string {
  return `${(durationMs / 1000).toFixed(1)} s`;
}
