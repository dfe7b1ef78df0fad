/** Trunks and admission for tests. */
import { trunksSchema } from "../../src/app/trunk-schema.ts";
import { Admission } from "../../src/call/admission.ts";
import type { AdmissionPolicy } from "../../src/call/admission-state.ts";
import type { Trunk } from "../../src/call/trunk.ts";
import { TrunkTable } from "../../src/call/trunk-table.ts";
import { readYamlDocument } from "../../src/core/yaml-document.ts";
import type { GateRequest } from "../../src/ports/sip-gate.ts";
import { RecordingLogger } from "./recording-metrics.ts";
import { CountingMetrics } from "./scenario.ts";
import { SeededRandom } from "./seeded-random.ts";
import { VirtualClock } from "./virtual-clock.ts";

/** Trunks as an operator writes them; networks must be numeric. */
export function trunksOf(text: string): readonly Trunk[] {
  const { value, problems } = readYamlDocument(text, "trunks.yaml", trunksSchema);
  if (value === undefined) {
    throw new Error(problems.join("\n"));
  }
  return value;
}

/** Admission on virtual time, with what it counted and said. */
export class AdmissionLab {
  readonly clock = new VirtualClock();
  readonly metrics = new CountingMetrics();
  readonly logger = new RecordingLogger();
  readonly admission: Admission;
  readonly counts = { activeCalls: 0, draining: false, callsOf: (_trunk: string) => 0 };

  constructor(trunks: string, policy: Partial<AdmissionPolicy> = {}, gated = true) {
    this.admission = new Admission({
      clock: this.clock,
      random: new SeededRandom(7),
      logger: this.logger,
      metrics: this.metrics,
      trunks: new TrunkTable(trunksOf(trunks)),
      policy: {
        trustLoopback: true,
        hideFromStrangers: false,
        strangers: { perSecond: 1, burst: 3 },
        maxCalls: 2,
        retryAfterSeconds: 5,
        ...policy,
      },
      gated,
    });
    this.admission.watch(this.counts);
  }

  /** How often a decider said so. */
  count(decider: string, outcome: string): number {
    return this.metrics.counts.get(`trunkline_admission_total ${decider} ${outcome}`) ?? 0;
  }
}

/** A request as the SIP server tells of it. */
export function gateRequest(
  address: string,
  headers: Readonly<Record<string, string>> = {},
  method = "INVITE",
): GateRequest {
  return {
    method,
    uri: "sip:agent@192.0.2.1",
    source: { address, port: 5060, transport: "udp" },
    header: (name) => headers[name],
  };
}
