/** What the doctor says of an account of AWS: who asks, what that one may do, and how much there may be. */
import type { AwsFindings } from "../app/aws-probe.ts";
import type { Config } from "../app/config.ts";
import type { RefusedCall } from "../provisioning/read-permissions.ts";
import type { Account } from "../provisioning/trunk-account.ts";
import type { TrunkStep } from "../provisioning/trunk-plan.ts";
import type { Provision } from "../provisioning/trunk-wish.ts";
import { type TroublePlace, troubleCheck, wordsOf } from "./doctor-aws-words.ts";
import type { Check } from "./doctor-checks.ts";

/** Keys, and the clock that signatures depend on. */
export function identityChecks(
  { identity }: AwsFindings,
  { region, accountId }: { readonly region: string; readonly accountId: string | undefined },
): readonly Check[] {
  const { clockOffsetMs } = identity;
  const minutes = Math.round(Math.abs(clockOffsetMs) / 60_000);
  const clock: readonly Check[] =
    minutes === 0
      ? []
      : [
          {
            name: "clock",
            level: "fail",
            finding: `this machine is ${minutes} minutes ${clockOffsetMs > 0 ? "behind" : "ahead of"} AWS, which refuses signatures of another time`,
            advice: "set the clock, and keep it: timedatectl set-ntp true",
          },
        ];
  if (identity.kind === "trouble") {
    const why = "nothing of AWS could be looked at, and what needs it fails in calls as well";
    const isClock = clock.length > 0 && identity.trouble === "wrongSecret";
    const trouble = { name: "aws keys", level: "fail" as const, why };
    return isClock ? clock : [...clock, troubleCheck(trouble, identity.trouble, { region })];
  }
  const { account, who } = identity;
  const isForeign = accountId !== undefined && accountId !== account;
  const known: Check = isForeign
    ? {
        name: "aws keys",
        level: "fail",
        finding: `they are of account ${account}, but connect.yaml names ${accountId}: ARNs of connectors would lead nowhere`,
        advice: "use keys of that account, or correct accountId in flows/connect/connect.yaml",
      }
    : { name: "aws keys", level: "ok", finding: `${who} of account ${account}` };
  return [...clock, known];
}

/** Calls that were tried, and those that cannot be. */
export function permissionChecks(findings: AwsFindings, place: TroublePlace): readonly Check[] {
  const { refused, trunks, flows } = findings;
  const steps = trunks?.kind === "known" ? trunks.plan.steps : [];
  const writes = new Set([
    ...steps.map((step) => `chime:${CALL_OF[step.kind]}`),
    ...(flows?.kind === "known" ? flows.plan.steps : []).map(
      ({ kind }) => `connect:${CONNECT_CALL_OF[kind] ?? kind}`,
    ),
  ]);
  const troubles = [...new Set(refused.map(({ trouble }) => trouble))];
  return [
    ...troubles.map((trouble) => refusedCheck(trouble, refused, place)),
    ...(writes.size === 0
      ? []
      : [
          {
            name: "aws changes",
            level: "ok" as const,
            finding: `the plans need ${[...writes].sort().join(", ")}: AWS has no dry run of these, so whether they are allowed is seen when they are done`,
          },
        ]),
  ];
}

function refusedCheck(
  trouble: RefusedCall["trouble"],
  refused: readonly RefusedCall[],
  place: TroublePlace,
): Check {
  const actions = refused.filter((call) => call.trouble === trouble).map(({ action }) => action);
  const isContact = actions.includes("connect:GetContactAttributes");
  const why = `what the file says cannot be compared with the account${isContact ? ", and models are told nothing of their contacts" : ""}`;
  const { means, mends } = wordsOf(trouble, place);
  const finding = `${actions.join(", ")}: ${means}, so ${why}`;
  const advice =
    trouble === "denied" ? `allow ${actions.join(", ")} in a policy of ${place.who}` : mends;
  return { name: "aws permissions", level: "fail", finding, advice };
}

const CALL_OF: Readonly<Record<TrunkStep["kind"], string>> = {
  createConnector: "CreateVoiceConnector",
  updateConnector: "UpdateVoiceConnector",
  tagConnector: "TagResource",
  putSetting: "PutVoiceConnector*",
  deleteSetting: "DeleteVoiceConnector*",
  putPasswords: "PutVoiceConnectorTerminationCredentials",
  deletePasswords: "DeleteVoiceConnectorTerminationCredentials",
  createGroup: "CreateVoiceConnectorGroup",
  updateGroup: "UpdateVoiceConnectorGroup",
  orderNumbers: "CreatePhoneNumberOrder",
  associateNumbers: "AssociatePhoneNumbersWith*",
  disassociateNumbers: "DisassociatePhoneNumbersFrom*",
  deleteGroup: "DeleteVoiceConnectorGroup",
  deleteConnector: "DeleteVoiceConnector",
  releaseNumbers: "DeletePhoneNumber",
};

const CONNECT_CALL_OF: Readonly<Record<string, string>> = {
  associateConnector: "CreateIntegrationAssociation",
  allowLambda: "AssociateLambdaFunction",
  storeStreams: "AssociateInstanceStorageConfig",
  approveOrigin: "AssociateApprovedOrigin",
  createFlow: "CreateContactFlow",
  publishFlow: "UpdateContactFlowContent",
  setCallerId: "UpdateQueueOutboundCallerConfig",
  attachNumber: "AssociatePhoneNumberContactFlow",
};

/** What is wanted beside what may be; `account` says what others of the account use of the same quota. */
export interface QuotaWorld {
  readonly provision: Provision;
  readonly config: Config;
  readonly account: Account | undefined;
  /** At a time, over all trunks. */
  readonly callsWanted: number;
  readonly place: TroublePlace;
}

/** Quotas that are too small, and what happens then; one line where all is well. */
export function quotaChecks(
  quotas: NonNullable<AwsFindings["quotas"]>,
  { provision, config, account, callsWanted, place }: QuotaWorld,
): readonly Check[] {
  if (quotas.kind === "trouble") {
    const why = "quotas are not known (servicequotas:ListServiceQuotas, GetServiceQuota)";
    return [troubleCheck({ name: "quotas", level: "warn", why }, quotas.trouble, place)];
  }
  const { values } = quotas;
  const { region } = config.aws;
  const here = provision.connectors.filter((each) => each.region === region);
  const transfer = here.filter(({ kind }) => kind === "callTransfer").length;
  const others = account?.otherConnectors[region] ?? 0;
  const perSecond = Math.max(0, ...here.map(({ termination }) => termination?.callsPerSecond ?? 0));
  const owned = account?.numbers.length ?? 0;
  const rows: readonly QuotaRow[] = [
    {
      what: "Voice Connectors",
      limit: values.connectors,
      need: here.length + others,
      otherwise: "trunks apply is refused",
    },
    {
      what: "connectors of external voice transfer (L-2BE4D75F)",
      limit: values.transferConnectors,
      need: transfer,
      otherwise: "kind: callTransfer cannot be made, and Amazon Connect hands over no calls",
    },
    {
      what: "new calls a second",
      limit: values.callsPerSecond,
      need: perSecond,
      otherwise: "callsPerSecond of termination is refused",
    },
    {
      what: "phone numbers",
      limit: values.numbers,
      need: owned,
      otherwise: "no number can be ordered",
    },
  ];
  const short = rows.filter(({ limit, need }) => limit !== undefined && need > limit);
  const calls = callsShortage(values.calls, callsWanted);
  if (short.length === 0 && calls.length === 0) {
    const told = rows.flatMap(({ what, limit, need }) =>
      limit === undefined ? [] : [`${what} ${need} of ${limit}`],
    );
    const finding = told.length === 0 ? "AWS lists none of Voice Connectors" : told.join(", ");
    return [{ name: "quotas", level: "ok", finding }];
  }
  return [
    ...short.map(
      ({ what, limit, need, otherwise }): Check => ({
        name: "quotas",
        level: "fail",
        finding: `${what}: ${need} are wanted in ${region}, ${limit} allowed: ${otherwise}`,
        advice: `ask for more: https://console.aws.amazon.com/servicequotas, region ${region}, or want less in ${config.trunks}`,
      }),
    ),
    ...calls,
  ];
}

interface QuotaRow {
  readonly what: string;
  readonly limit: number | undefined;
  readonly need: number;
  readonly otherwise: string;
}

/** The gateway itself takes what comes; AWS refuses the rest before it gets here. */
function callsShortage(limit: number | undefined, wanted: number): readonly Check[] {
  return limit === undefined || limit >= wanted
    ? []
    : [
        {
          name: "quotas",
          level: "warn",
          finding: `Voice Connector calls at a time: ${limit} allowed, while the trunks take ${wanted}: callers beyond hear a refusal of AWS`,
          advice: `ask Service Quotas for more, or set maxCalls of the trunks so that they make ${limit}`,
        },
      ];
}
