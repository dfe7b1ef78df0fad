/** What the gateway itself measured in the call that `trunkline call` placed, put beside what the caller heard. */
import { z } from "zod";
import { sleep } from "../core/clock.ts";
import type { CallReport, CallTurn, GatewayLedger, LedgerRow } from "./call-report.ts";
import type { CommandContext } from "./context.ts";
import { type Api, askApi } from "./gateway-api.ts";

/** The call, as its SIP knows it. */
export interface PlacedCall {
  readonly sipCallId: string;
  /** Wall milliseconds at the INVITE. */
  readonly invitedAtMs: number;
}

type LedgerContext = Pick<CommandContext, "clock" | "fetch">;

/** The record is written when the call has ended, and found soon after. */
const ATTEMPTS = 12;
const ATTEMPT_MS = 150;
const ANSWER_LIMIT_MS = 1500;
/** The clocks of two machines may differ by this much. */
const SKEW_MS = 3_600_000;
const PAGE = 200;
const MAX_PAGES = 5;
/** An answer may begin with silence before it is heard. */
const MATCH_MS = 1500;

const rowSchema = z.object({
  itemId: z.string(),
  source: z.string(),
  model: z.string().nullable(),
  firstPacketAt: z.iso.datetime(),
  responseMs: z.number().nullable(),
  modelMs: z.number().nullable(),
  gatewayMs: z.number(),
  waitedMs: z.number(),
  toolMs: z.number().nullable(),
  playedMs: z.number(),
  unheardMs: z.number(),
  interrupted: z.boolean(),
});
const logSchema = z.object({
  sessionId: z.string(),
  sipCallId: z.string(),
  answered: z.iso.datetime().nullable(),
  turns: z.array(rowSchema),
});
const pageSchema = z.object({ calls: z.array(logSchema), nextCursor: z.string().nullable() });

/** `undefined` when the gateway has no such call. Rejects when it cannot be asked, or is none. */
export async function readLedger(
  api: Api,
  call: PlacedCall,
  context: LedgerContext,
): Promise<GatewayLedger | undefined> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    if (attempt > 0) {
      await sleep(context.clock, ATTEMPT_MS);
    }
    const log = await findLog(api, call, context);
    if (log?.answered !== undefined && log.answered !== null) {
      return ledgerOf(log, Date.parse(log.answered));
    }
  }
  return undefined;
}

/** The report with the gateway's figures at each turn; a row belongs to the turn that was heard next to it. */
export function withLedger(report: CallReport, ledger: GatewayLedger): CallReport {
  const taken = new Set<LedgerRow>();
  const turns = report.turns.map((turn) => {
    const row = nearest(
      ledger.turns.filter((one) => !taken.has(one)),
      turn,
    );
    if (row === undefined) {
      return turn;
    }
    taken.add(row);
    return { ...turn, ledger: row };
  });
  return { ...report, turns, ledger };
}

async function findLog(api: Api, { sipCallId, invitedAtMs }: PlacedCall, context: LedgerContext) {
  const from = new Date(invitedAtMs - SKEW_MS).toISOString();
  let cursor: string | null = null;
  for (let page = 0; page < MAX_PAGES; page += 1) {
    const after: string = cursor === null ? "" : `&cursor=${encodeURIComponent(cursor)}`;
    const path = `/call-logs?from=${from}&limit=${PAGE}${after}`;
    const request = { method: "GET", path, limitMs: ANSWER_LIMIT_MS } as const;
    const answer = pageSchema.safeParse(await askApi(api, context, request));
    if (!answer.success) {
      throw new Error(`${api.url} does not answer like a gateway of this version`);
    }
    const found = answer.data.calls.find((log) => log.sipCallId === sipCallId);
    cursor = answer.data.nextCursor;
    if (found !== undefined || cursor === null) {
      return found;
    }
  }
  return undefined;
}

function ledgerOf(log: z.infer<typeof logSchema>, answeredAtMs: number): GatewayLedger {
  return {
    callId: log.sessionId,
    turns: log.turns.map(({ firstPacketAt, ...row }) => ({
      ...row,
      heardFromMs: Date.parse(firstPacketAt) - answeredAtMs,
    })),
  };
}

function nearest(rows: readonly LedgerRow[], { answerFromMs }: CallTurn): LedgerRow | undefined {
  if (answerFromMs === undefined) {
    return undefined;
  }
  const away = (row: LedgerRow): number => Math.abs(row.heardFromMs - answerFromMs);
  const [best] = rows.filter((row) => away(row) <= MATCH_MS).sort((a, b) => away(a) - away(b));
  return best;
}
