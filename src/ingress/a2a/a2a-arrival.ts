/** A session of Connect as somebody at the door: its line of audio, and what is known of it. */
import type { Arrival } from "../../ports/call-door.ts";
import type { PcmLine, PcmOutput, PcmStreamPlan } from "../../ports/pcm-line.ts";
import type { A2aInit } from "./a2a-init.ts";
import { A2A_PATH } from "./a2a-names.ts";
import type { A2aTarget } from "./a2a-session-options.ts";

/** More than this of the caller's audio does not wait. */
const BUFFER_MS = 1000;

/** The line's one stream. */
export function streamPlan(
  { input }: A2aInit,
  output: PcmOutput,
  onDropped: (ms: number) => void,
): PcmStreamPlan {
  const { rateHz } = input;
  const label = "caller";
  return { label, inputRateHz: rateHz, bufferMs: BUFFER_MS, pace: "live", output, onDropped };
}

/** Connect does not tell the numbers of caller and called. */
export function arrivalOf(init: A2aInit, { flow, model }: A2aTarget, line: PcmLine): Arrival {
  return {
    door: "a2a",
    flow,
    model,
    contactId: init.contactId,
    callingNumber: "",
    calledNumber: A2A_PATH.slice(1),
    attributes: init.instanceId === undefined ? {} : { connectInstanceId: init.instanceId },
    about: init.history,
    streamArn: undefined,
    line,
    roles: undefined,
  };
}
