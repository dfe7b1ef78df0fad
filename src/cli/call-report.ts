/** What `trunkline call` found out, for machines and for people. */

/** Something said or pressed, and what came back. */
export interface CallTurn {
  readonly asked: "words" | "keys";
  readonly answered: boolean;
  /** From our last voiced packet, or the first key, to the first voiced packet of the answer; negative for an echo. */
  readonly responseMs?: number;
  readonly answerMs?: number;
}

/** The report; all times in milliseconds. */
export interface CallReport {
  readonly uri: string;
  readonly answered: boolean;
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
