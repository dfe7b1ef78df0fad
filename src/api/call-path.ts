/** What all paths below `/calls/ID` have in common. */
import { z } from "zod";
import { GatewayError } from "../core/errors.ts";

/** How they are grouped in the documentation. */
export const CALL_TAGS = ["calls"];

/** Their parameter. */
export const CALL_PARAMS = z.object({
  id: z.string().min(1).max(128).describe("The call id."),
});

/** Throws API_NOT_FOUND for `undefined`. */
export function foundCall<T>(value: T | undefined): T {
  if (value === undefined) {
    throw new GatewayError("API_NOT_FOUND", {
      reason: "no call in progress has this id; calls that ended are in /call-logs?sessionId=",
    });
  }
  return value;
}
