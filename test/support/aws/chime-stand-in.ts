/** A stand-in for the Voice Connectors of Amazon Chime SDK Voice: what is made is kept, quotas and refusals as documented. */
import * as sdk from "@aws-sdk/client-chime-sdk-voice";
import {
  type AwsAnswer,
  type AwsRequest,
  type AwsServiceStandIn,
  awsError,
} from "./aws-stand-in.ts";
import { type ChimeAnswer, ChimeConnectors } from "./chime-connectors.ts";
import { ChimeNumbers } from "./chime-numbers.ts";
import { type ChimeQuotas, ChimeRefusal, DEFAULT_QUOTAS } from "./chime-state.ts";
import { operationFor, operationsOf, type SdkInput } from "./sdk-operations.ts";

const OPERATIONS = operationsOf(sdk as unknown as Readonly<Record<string, unknown>>);

/** What of an account can be made up. */
export interface ChimeStandInOptions {
  readonly quotas?: Partial<ChimeQuotas>;
  /** The most that a list has in one page. */
  readonly pageSize?: number;
  /** Polls of an order until it is done. */
  readonly orderPolls?: number;
  /** Numbers whose order fails. */
  readonly unavailable?: readonly string[];
}

/** The service, with state for tests to look at and to change behind the back of whoever provisions. */
export interface ChimeStandIn extends AwsServiceStandIn {
  readonly connectors: ChimeConnectors;
  readonly numbers: ChimeNumbers;
}

/** Starts with an empty account. */
export function chimeStandIn(options: ChimeStandInOptions = {}): ChimeStandIn {
  const quotas = { ...DEFAULT_QUOTAS, ...options.quotas };
  const numbers = new ChimeNumbers({
    quotas,
    orderPolls: options.orderPolls ?? 2,
    unavailable: new Set(options.unavailable ?? []),
  });
  const connectors = new ChimeConnectors({ quotas, numbers });
  const handlers: Readonly<Record<string, (input: SdkInput) => ChimeAnswer>> = {
    ...connectors.handlers(),
    ...numbers.handlers(connectors),
  };

  function handle(operation: string, request: AwsRequest): AwsAnswer {
    const described = operationFor(OPERATIONS, request);
    const handler = handlers[operation];
    if (described === undefined || handler === undefined) {
      return refusal(404, "NotFoundException", `the stand-in has no ${operation}`);
    }
    const read = described.read(request);
    if (read.kind === "bad") {
      return refusal(400, "BadRequestException", read.problem);
    }
    try {
      const body = paged(handler(read.input), read.input, options.pageSize ?? 99);
      return { status: described.status, ...(body === undefined ? {} : { body }) };
    } catch (error) {
      if (error instanceof ChimeRefusal) {
        return refusal(error.status, error.type, error.message);
      }
      throw error;
    }
  }

  return {
    service: "chime",
    connectors,
    numbers,
    operationOf: (request) => operationFor(OPERATIONS, request)?.name ?? "unknown",
    handle,
  };
}

function refusal(status: number, type: string, message: string): AwsAnswer {
  return awsError(status, type, message, { Code: type.replace(/Exception$/, "") });
}

/** The first list of an answer, page by page. */
function paged(answer: ChimeAnswer, input: SdkInput, pageSize: number): object | undefined {
  if (answer === undefined || answer.pagedBy === undefined) {
    return answer?.body;
  }
  const all = answer.body[answer.pagedBy] as readonly unknown[];
  const from = Number(input["NextToken"] ?? 0);
  const most = Math.min(Number(input["MaxResults"] ?? pageSize), pageSize);
  const until = from + most;
  return {
    ...answer.body,
    [answer.pagedBy]: all.slice(from, until),
    ...(until < all.length ? { NextToken: String(until) } : {}),
  };
}
