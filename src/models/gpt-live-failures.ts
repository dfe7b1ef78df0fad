/** What the end of a GPT-Live session means for the call. */
import type { ModelFailure } from "../ports/realtime-model.ts";

/** Reasons of `session.closed` that the gateway did not ask for. */
const CLOSINGS = new Map<string, ModelFailure>([
  ["expired", { code: "MODEL_LOST", reason: "the session reached its longest duration" }],
  [
    "content",
    { code: "MODEL_REJECTED", reason: "a safety filter of the service ended the session" },
  ],
  ["remote_hangup", { code: "MODEL_LOST", reason: "the service ended the session" }],
  ["connection_lost", { code: "MODEL_LOST", reason: "the service lost its own connection" }],
]);

/** The service closed the session for this reason. */
export function classifyLiveClosing(reason: string): ModelFailure {
  return CLOSINGS.get(reason) ?? { code: "MODEL_LOST", reason: "the service closed the session" };
}
