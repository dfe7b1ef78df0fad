/** What the doctor says of the difference between files and account: the planners' own plans, in a few lines. */
import type { FlowsFinding, TrunksFinding } from "../app/aws-probe.ts";
import type { ProvisionedConnector } from "../app/connectors-file.ts";
import type { LoadedConnectWish } from "../app/load-connect-wish.ts";
import { maskNumbers } from "../core/logger.ts";
import { subjectOf } from "../provisioning/plan-text.ts";
import { stepText } from "../provisioning/step-text.ts";
import { type TroublePlace, troubleCheck } from "./doctor-aws-words.ts";
import type { Check } from "./doctor-checks.ts";

const SHOWN_STEPS = 5;

/** `sip-config/trunks.yaml` beside the account, and the file that keys are looked up in. */
export function trunkDriftChecks(
  finding: TrunksFinding,
  {
    file,
    connectors,
    place,
  }: {
    readonly file: string;
    readonly connectors: readonly ProvisionedConnector[];
    readonly place: TroublePlace;
  },
): readonly Check[] {
  const name = "trunks in the account";
  if (finding.kind === "trouble") {
    const why = `${file} could not be compared with the account`;
    return [troubleCheck({ name, level: "warn", why }, finding.trouble, place)];
  }
  const { plan, account } = finding;
  const drift = driftCheck(name, plan.steps.map(subjectOf), {
    file,
    meanwhile: "calls go by what the account has",
    advice: "npx trunkline trunks plan shows each field; npx trunkline trunks apply mends it",
  });
  const strange = account.connectors.filter(
    ({ key, id }) => !connectors.some((each) => each.key === key && each.id === id),
  );
  return [
    ...plan.blocks.map((block) => blockCheck(name, block)),
    drift,
    ...(strange.length === 0
      ? []
      : [
          {
            name,
            level: "fail" as const,
            finding: `connectors ${strange.map(({ key }) => key).join(", ")} are not, or otherwise, in the file that trunks look them up in: their trunks do not start, or know the wrong host`,
            advice: "npx trunkline trunks show --write",
          },
        ]),
  ];
}

/** `flows/connect/connect.yaml` beside the instance, and what flows need besides. */
export function flowDriftChecks(
  finding: FlowsFinding,
  { loaded, place }: { readonly loaded: LoadedConnectWish; readonly place: TroublePlace },
): readonly Check[] {
  const name = "contact flows";
  const { file, wish, flows } = loaded;
  if (finding.kind === "trouble") {
    const why = `${file} could not be compared with instance ${wish.instanceId}`;
    return [troubleCheck({ name, level: "warn", why }, finding.trouble, place)];
  }
  const { plan, storesMedia, missingConnectors } = finding;
  const streaming = flows.filter(({ template }) =>
    template.includes('"UpdateContactMediaStreamingBehavior"'),
  );
  return [
    ...plan.blocks.map((block) => blockCheck(name, block)),
    driftCheck(name, plan.steps.map(stepText), {
      file,
      meanwhile: "callers meet what is published",
      advice: "npx trunkline flows plan shows it; npx trunkline flows publish mends it",
    }),
    ...missingConnectors.map(
      (id): Check => ({
        name,
        level: "fail",
        finding: `they transfer calls to Voice Connector ${id}, which the account does not have: the transfer fails and callers go to the fallback queue`,
        advice: `correct connectors in ${file}: an ARN that npx trunkline trunks show --json prints, or a key of sip-config/trunks.yaml`,
      }),
    ),
    ...(streaming.length === 0 || storesMedia
      ? []
      : [
          {
            name,
            level: "fail" as const,
            finding: `${streaming.map(({ key }) => key).join(", ")} streams live audio, but the instance keeps none (no storage for MEDIA_STREAMS): agents get no help from it`,
            advice: `set mediaStreams in ${file} and publish`,
          },
        ]),
  ];
}

function driftCheck(
  name: string,
  steps: readonly string[],
  words: { readonly file: string; readonly meanwhile: string; readonly advice: string },
): Check {
  const { file, meanwhile, advice } = words;
  if (steps.length === 0) {
    return { name, level: "ok", finding: `as ${file} says` };
  }
  const shown = steps.slice(0, SHOWN_STEPS).map(maskNumbers).join("; ");
  const rest = steps.length > SHOWN_STEPS ? `; and ${steps.length - SHOWN_STEPS} more` : "";
  const differences = steps.length === 1 ? "1 difference" : `${steps.length} differences`;
  const finding = `${differences} to ${file} (${shown}${rest}); meanwhile ${meanwhile}`;
  return { name, level: "warn", finding, advice };
}

function blockCheck(
  name: string,
  block: { readonly subject: string; readonly problem: string; readonly advice: string },
): Check {
  const { subject, problem, advice } = block;
  const finding = `${maskNumbers(subject)}: ${maskNumbers(problem)}, so nothing can be applied`;
  return { name, level: "fail", finding, advice: maskNumbers(advice) };
}
