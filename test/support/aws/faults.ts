/** Faults of a stand-in for AWS, on request: refusals, slowness, and connections cut before or after the deed. */
import type { AskedOperation, AwsAnswer } from "./aws-stand-in.ts";

/** A request, and its place among all, from 1. */
export interface FaultCandidate extends AskedOperation {
  readonly position: number;
}

/** What goes wrong, and when. */
export interface AwsFault {
  /** Whether it befalls this request. */
  hits(candidate: FaultCandidate): boolean;
  readonly delayMs?: number;
  /** Instead of the service's. */
  readonly answer?: AwsAnswer;
  /** The connection breaks: `before` the service did anything, or `after` it did. */
  readonly cut?: "before" | "after";
}

/** The next `times` requests for an operation get `answer`. */
export function refuseNext(operation: string, answer: AwsAnswer, times = 1): AwsFault {
  let left = times;
  return { hits: (candidate) => candidate.operation === operation && left-- > 0, answer };
}

/** The request at `position`, from 1, breaks, and so does every later one until the fault is taken away. */
export function cutFrom(position: number, cut: "before" | "after"): AwsFault {
  return { hits: (candidate) => candidate.position >= position, cut };
}
