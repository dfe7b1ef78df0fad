/** Builds admission out of the configuration. */
import { Admission, type AdmissionOptions } from "../call/admission.ts";
import type { Config } from "./config.ts";

/** What admission runs on. */
export type AdmissionParts = Omit<AdmissionOptions, "policy" | "gated">;

/** The embedded SIP server asks the gate; a drachtio-server elsewhere cannot. */
export function composeAdmission(config: Config, parts: AdmissionParts): Admission {
  const { sip, calls } = config;
  return new Admission({
    ...parts,
    gated: sip.drachtio === "embedded",
    policy: {
      trustLoopback: sip.trustLoopback,
      hideFromStrangers: sip.hideFromStrangers,
      strangers: sip.strangers,
      maxCalls: calls.max,
      retryAfterSeconds: calls.retryAfterSeconds,
    },
  });
}
