/** The calls that ended, found by id, number, contact and time. */
import { z } from "zod";
import { type Clock, sleep } from "../core/clock.ts";
import type { CallFilter, CallPage, CallRecord, CallStore } from "../ports/call-store.ts";
import { ERROR_BODY } from "./api-errors.ts";
import type { ApiApp } from "./app.ts";
import { CALL_LOG, viewRecord } from "./call-views.ts";
import type { ApiOptions } from "./options.ts";
import { refuseOtherMethods } from "./other-methods.ts";
import { MOMENT } from "./query-time.ts";

/** Records read from the store in a row, before the event loop gets a turn: the media clock runs on it. */
const RECORDS_PER_TURN = 25;

const TEXT = z.string().trim().min(1).max(256).optional();

const QUERY = z
  .strictObject({
    sessionId: TEXT.describe("The call id, as in /calls and in the log."),
    phoneNumber: TEXT.describe("The calling or the called number; compared by digits."),
    contactId: TEXT.describe("Amazon Connect's contact."),
    from: MOMENT.optional().describe("Calls that started then or later."),
    to: MOMENT.optional().describe("Calls that started earlier."),
    cursor: z.string().max(512).optional().describe("nextCursor of the page before."),
    limit: z.coerce.number().int().min(1).max(200).default(50),
  })
  .refine(({ from, to }) => from === undefined || to === undefined || from < to, {
    path: ["to"],
    message: "must be later than from",
  });

const PAGE = z.object({
  calls: z.array(CALL_LOG).describe("Newest first."),
  nextCursor: z.string().nullable().describe("null on the last page."),
});

/** `/call-logs`. */
export function addCallLogRoutes(app: ApiApp, { store, clock }: ApiOptions): void {
  app.get(
    "/call-logs",
    {
      schema: {
        tags: ["call logs"],
        summary: "Calls that ended, newest first. A call in progress is in /calls only.",
        querystring: QUERY,
        response: { 200: PAGE, 400: ERROR_BODY, 503: ERROR_BODY },
      },
    },
    async ({ query }) => {
      const filter: CallFilter = {
        callId: query.sessionId,
        phoneNumber: query.phoneNumber,
        contactId: query.contactId,
        fromMs: query.from,
        toMs: query.to,
      };
      const { limit, cursor } = query;
      const page = await readPage(store, clock, { filter, limit, cursor });
      return { calls: page.records.map(viewRecord), nextCursor: page.nextCursor ?? null };
    },
  );
  refuseOtherMethods(app, "/call-logs", ["GET"]);
}

interface PageRequest {
  readonly filter: CallFilter;
  readonly limit: number;
  readonly cursor: string | undefined;
}

async function readPage(store: CallStore, clock: Clock, request: PageRequest): Promise<CallPage> {
  const { filter, limit } = request;
  const records: CallRecord[] = [];
  let { cursor } = request;
  for (let wanted = limit; wanted > 0; wanted -= RECORDS_PER_TURN) {
    if (wanted < limit) {
      await sleep(clock, 0);
    }
    const page = await store.listCalls(filter, Math.min(wanted, RECORDS_PER_TURN), cursor);
    records.push(...page.records);
    cursor = page.nextCursor;
    if (cursor === undefined) {
      break;
    }
  }
  return { records, nextCursor: cursor };
}
