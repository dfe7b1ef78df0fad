/** What the parts of the stand-in for Chime share: quotas, refusals, answers. */
import type { SdkInput } from "./sdk-operations.ts";

/** How much an account may have. */
export interface ChimeQuotas {
  readonly connectors: number;
  readonly groups: number;
  readonly connectorsOfGroup: number;
  readonly numbers: number;
  readonly callsPerSecond: number;
}

/** Of a new account. */
export const DEFAULT_QUOTAS: ChimeQuotas = {
  connectors: 3,
  groups: 3,
  connectorsOfGroup: 3,
  numbers: 5,
  callsPerSecond: 1,
};

/** What an operation says; `pagedBy`: the list that is given page by page. */
export type ChimeAnswer =
  | { readonly body: Readonly<Record<string, unknown>>; readonly pagedBy?: string }
  | undefined;

/** Handles one operation. */
export type ChimeHandler = (input: SdkInput) => ChimeAnswer;

/** An error of the service. */
export class ChimeRefusal extends Error {
  readonly status: number;
  readonly type: string;

  constructor(status: number, type: string, message: string) {
    super(message);
    this.status = status;
    this.type = type;
  }
}

/** 400. */
export function badRequest(message: string): ChimeRefusal {
  return new ChimeRefusal(400, "BadRequestException", message);
}

/** 404. */
export function notFound(what: string): ChimeRefusal {
  return new ChimeRefusal(404, "NotFoundException", `${what} was not found`);
}

/** 400 as well: the service does not tell it by status. */
export function limitExceeded(what: string): ChimeRefusal {
  return new ChimeRefusal(400, "ResourceLimitExceededException", `the quota of ${what} is used up`);
}

/** Refuses a value that is none of the choices; absent is fine. */
export function oneOf(value: unknown, choices: object, what: string): void {
  if (value !== undefined && !Object.values(choices).includes(value)) {
    throw badRequest(`${what} ${String(value)} is not known`);
  }
}
