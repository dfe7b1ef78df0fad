/** What the doctor says of AWS: it is asked only where the configuration names something of it that needs an account. */
import type { AwsQuestion } from "../app/aws-probe.ts";
import type { Config } from "../app/config.ts";
import { awsAccess } from "../app/config-aws.ts";
import { connectorArns } from "../app/connect-connectors.ts";
import { connectorsFileOf, readConnectorsFile } from "../app/connectors-file.ts";
import {
  CONNECT_FILE,
  type LoadedConnectWish,
  lintWish,
  loadConnectWish,
} from "../app/load-connect-wish.ts";
import type { CallScripts } from "../app/load-flows.ts";
import { loadProvision } from "../app/load-provision.ts";
import { findingLine } from "../provisioning/flow-language/finding.ts";
import type { Provision } from "../provisioning/trunk-wish.ts";
import type { CommandContext } from "./context.ts";
import { attempt } from "./doctor-attempt.ts";
import { identityChecks, permissionChecks, quotaChecks } from "./doctor-aws-account.ts";
import type { Check } from "./doctor-checks.ts";
import { connectorTlsChecks } from "./doctor-connector-tls.ts";
import { firewallChecks } from "./doctor-firewall.ts";
import { routeChecks } from "./doctor-routes.ts";

/** What is looked at. */
export interface AwsWorld {
  readonly config: Config;
  readonly context: CommandContext;
  readonly trunks: CallScripts["trunks"]["trunks"];
  /** Security groups that the gateway is reached through, where somebody names them. */
  readonly securityGroups: readonly string[];
}

/** One line where nothing of AWS is configured, and then nobody is asked. */
export async function awsChecks(world: AwsWorld): Promise<readonly Check[]> {
  const { config, context } = world;
  const checks: Check[] = [];
  // What is wrong with the file was told where its trunks were read.
  const provision = attempt("", [], () => loadProvision(config, context));
  const flows = flowsOf(world, checks);
  if (provision !== undefined) {
    checks.push(...(await routeChecks(provision, config, context.machine)));
    checks.push(...connectorTlsChecks(provision, config, context.files));
  }
  checks.push(...regionChecks(config));
  if (!needsAccount(world, provision)) {
    return [
      ...checks,
      { name: "aws", level: "ok", finding: "nothing configured needs an account" },
    ];
  }
  return [...checks, ...(await accountChecks(world, { provision, flows }))];
}

/** Models and their keys are asked by themselves. */
function needsAccount(
  { config, securityGroups }: AwsWorld,
  provision: Provision | undefined,
): boolean {
  const { connect, assist, recordings } = config;
  return (
    provision !== undefined ||
    connect.instanceId !== undefined ||
    assist.contactLens !== undefined ||
    assist.chatStreaming !== undefined ||
    assist.knowledgeSource.kind !== "folder" ||
    recordings.s3 !== undefined ||
    securityGroups.length > 0
  );
}

/** The file of flows is shipped with examples: it counts where the gateway has the instance that it names. */
function flowsOf({ config, context }: AwsWorld, checks: Check[]): LoadedConnectWish | undefined {
  const { instanceId } = config.connect;
  if (instanceId === undefined) {
    return undefined;
  }
  const name = "contact flows";
  const loaded = attempt(name, checks, () => loadConnectWish(CONNECT_FILE, context.files));
  if (loaded === undefined) {
    return undefined;
  }
  const { wish, file } = loaded;
  if (wish.instanceId !== instanceId) {
    checks.push({
      name,
      level: "fail",
      finding: `${file} is of instance ${wish.instanceId}, connect.instanceId is ${instanceId}: flows are published where the gateway knows no contact`,
      advice: "write the same id into both",
    });
    return undefined;
  }
  const wrong = lintWish(loaded, config.aws.region).filter(({ severity }) => severity === "error");
  checks.push(
    ...wrong.map(
      (finding): Check => ({
        name,
        level: "fail",
        finding: `${findingLine(finding)}: Amazon Connect would not take it`,
        advice: "npx trunkline flows validate",
      }),
    ),
  );
  if (config.assist.ccp !== undefined && wish.origins.length === 0) {
    const finding = `agents' pages show the contact control panel (assist.ccp), and ${file} approves no origin: the browser refuses to show it`;
    const advice = `write the https:// origin of the pages into origins of ${file}, then npx trunkline flows publish`;
    checks.push({ name, level: "warn", finding, advice });
  }
  return loaded;
}

async function accountChecks(
  { config, context, trunks, securityGroups }: AwsWorld,
  {
    provision,
    flows,
  }: { readonly provision?: Provision | undefined; readonly flows?: LoadedConnectWish | undefined },
): Promise<readonly Check[]> {
  const { region } = config.aws;
  const accountId = flows?.wish.accountId;
  const question: AwsQuestion = {
    access: awsAccess(config.aws),
    provision,
    instanceId: config.connect.instanceId,
    flows,
    connectors: flows === undefined ? new Map() : connectorArns(config, accountId, context),
    securityGroups,
  };
  const findings = await context.machine.askAws(question);
  const { identity, quotas, firewall } = findings;
  const place = { region, who: identity.kind === "known" ? identity.who : undefined };
  const account = findings.trunks?.kind === "known" ? findings.trunks.account : undefined;
  const callsWanted = Math.min(
    config.calls.max,
    trunks.reduce((sum, { maxCalls }) => sum + (maxCalls ?? config.calls.max), 0),
  );
  // It knows how clients of AWS name their steps, and so loads them.
  const { flowDriftChecks, trunkDriftChecks } = await import("./doctor-aws-drift.ts");
  const file = config.trunks;
  return [
    ...identityChecks(findings, { region, accountId }),
    ...permissionChecks(findings, place),
    ...(quotas === undefined || provision === undefined
      ? []
      : quotaChecks(quotas, { provision, config, account, callsWanted, place })),
    ...(findings.trunks === undefined || provision === undefined
      ? []
      : trunkDriftChecks(findings.trunks, {
          file,
          connectors: readConnectorsFile(
            connectorsFileOf(file),
            provision.deployment,
            context.files,
          ),
          place,
        })),
    ...(findings.flows === undefined || flows === undefined
      ? []
      : flowDriftChecks(findings.flows, { loaded: flows, place })),
    ...(firewall === undefined
      ? []
      : firewallChecks(firewall, { config, provision, groups: securityGroups, place })),
  ];
}

/** ARNs of another region than the one that is asked. */
function regionChecks({ aws, assist }: Config): readonly Check[] {
  const named = [
    { field: "assist.contactLens.streamArn", arn: assist.contactLens?.streamArn },
    { field: "assist.chatStreaming.topic", arn: assist.chatStreaming?.topic },
  ];
  return named.flatMap(({ field, arn }): readonly Check[] => {
    const region = arn?.split(":")[3] ?? aws.region;
    return region === aws.region
      ? []
      : [
          {
            name: "aws region",
            level: "fail",
            finding: `${field} is in ${region}, aws.region is ${aws.region}: the service is asked in the wrong place, and says nothing`,
            advice: `set aws.region to ${region}, or ${field} to one of ${aws.region}`,
          },
        ];
  });
}
