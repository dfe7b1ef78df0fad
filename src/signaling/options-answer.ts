/** What is said to OPTIONS outside dialogs (RFC 3261 "Querying for Capabilities"). */
import type { SipGate } from "../ports/sip-gate.ts";
import type { DrachtioRequest, DrachtioSrf } from "./drachtio-types.ts";
import { SUPPORTED } from "./extensions.ts";
import { ALLOW } from "./refused-methods.ts";
import { sourceOf } from "./sip-values.ts";

/** What the answer depends on. */
export interface OptionsAnswer {
  /** Asked where the SIP server does not ask it by itself. */
  readonly gate: SipGate | undefined;
  readonly isDraining: () => boolean;
}

/** Answers 200, or 503 while draining; 403 to whom the gate does not let in. */
export function answerOptions(srf: DrachtioSrf, { gate, isDraining }: OptionsAnswer): void {
  srf.options((request, response) => {
    if (gate === undefined || isAdmitted(gate, request)) {
      const headers = { Allow: ALLOW, Accept: "application/sdp", Supported: SUPPORTED };
      response.send(isDraining() ? 503 : 200, { headers });
    } else {
      response.send(403);
    }
  });
}

function isAdmitted(gate: SipGate, request: DrachtioRequest): boolean {
  const { uri, source_address, source_port, protocol } = request;
  const source = sourceOf(source_address, source_port, protocol);
  const header = (name: string): string | undefined => request.get(name);
  return gate.admit({ method: "OPTIONS", uri, source, header }).kind === "admit";
}
