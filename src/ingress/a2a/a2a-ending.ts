/** How the end of a call is told to Connect: as a finish it can route on, or as a failure. */
import type { Verdict } from "../../ports/call-store.ts";
import type { FinishType } from "./a2a-names.ts";
import type { TaskFailure } from "./a2a-writer.ts";

/** What is told. */
export type Ending =
  | { readonly kind: "finish"; readonly type: FinishType; readonly reason: string }
  | { readonly kind: "failed"; readonly failure: TaskFailure };

type FailedOutcome = Extract<
  Verdict["outcome"],
  "modelFailed" | "serverLost" | "failed" | "mediaTimeout" | "refused"
>;

/** Words of our own: a reason may hold what a provider said. */
const FAILURES: Readonly<Record<FailedOutcome, TaskFailure>> = {
  modelFailed: { code: 424, category: "DEPENDENCY_FAILURE", reason: "the speech model was lost" },
  serverLost: { code: 500, category: "INTERNAL_ERROR", reason: "the connection was lost" },
  failed: { code: 500, category: "INTERNAL_ERROR", reason: "the gateway failed" },
  mediaTimeout: { code: 408, category: "TIMEOUT", reason: "no audio came from the caller" },
  refused: { code: 400, category: "BAD_REQUEST", reason: "the session was refused" },
};

/** Only types that Connect can route on are told; `COMPLETE` is always one. */
export function endingOf(verdict: Verdict, supported: ReadonlySet<FinishType>): Ending {
  const { outcome } = verdict;
  if (Object.hasOwn(FAILURES, outcome)) {
    return { kind: "failed", failure: FAILURES[outcome as FailedOutcome] };
  }
  const hasError = outcome === "timeLimit" || outcome === "drained";
  const type =
    hasError && supported.has("COMPLETE_WITH_ERROR") ? "COMPLETE_WITH_ERROR" : "COMPLETE";
  return { kind: "finish", type, reason: verdict.reason };
}
