/** Asks an account of AWS what the doctor wants to know of it: read calls only, all together, for a bounded time. */
import { type AwsAccess, isStandIn } from "../core/aws-access.ts";
import { after, type Clock } from "../core/clock.ts";
import type { Random } from "../core/random.ts";
import { type AwsTrouble, awsTrouble } from "../provisioning/aws-trouble.ts";
import type { IdentityFinding } from "../provisioning/caller-identity.ts";
import type { ConnectPlan } from "../provisioning/connect-plan.ts";
import type { RefusedCall } from "../provisioning/read-permissions.ts";
import type { SecurityGroupFinding } from "../provisioning/security-groups.ts";
import type { QuotaFinding } from "../provisioning/service-quotas.ts";
import type { Account } from "../provisioning/trunk-account.ts";
import type { TrunkPlan } from "../provisioning/trunk-plan.ts";
import type { Provision } from "../provisioning/trunk-wish.ts";
import type { LoadedConnectWish } from "./load-connect-wish.ts";

/** What the configuration wants of AWS; absent: nothing of that is asked. */
export interface AwsQuestion {
  readonly access: AwsAccess;
  readonly provision?: Provision | undefined;
  /** Whose contacts the gateway asks for. */
  readonly instanceId?: string | undefined;
  readonly flows?: LoadedConnectWish | undefined;
  /** Key of a connector → its ARN. */
  readonly connectors: ReadonlyMap<string, string>;
  readonly securityGroups: readonly string[];
}

/** A thing that was found out, or why not. */
export type Found<T> =
  | ({ readonly kind: "known" } & T)
  | { readonly kind: "trouble"; readonly trouble: AwsTrouble };

/** The account beside `sip-config/trunks.yaml`. */
export type TrunksFinding = Found<{ readonly account: Account; readonly plan: TrunkPlan }>;

/** The instance beside `flows/connect/connect.yaml`. */
export type FlowsFinding = Found<{
  readonly plan: ConnectPlan;
  readonly storesMedia: boolean;
  /** Ids of Voice Connectors that flows name and the account does not have. */
  readonly missingConnectors: readonly string[];
}>;

/** What the account says; absent: it was not asked. */
export interface AwsFindings {
  readonly identity: IdentityFinding;
  readonly refused: readonly RefusedCall[];
  readonly quotas?: QuotaFinding | undefined;
  readonly trunks?: TrunksFinding | undefined;
  readonly flows?: FlowsFinding | undefined;
  readonly firewall?: SecurityGroupFinding | undefined;
}

/** What it runs on. */
export interface AwsProbeOptions {
  readonly clock: Clock;
  readonly random: Random;
}

/** After this nothing more is asked; a request that is on its way has its own limit. */
const LIMIT_MS = 30_000;
/** Amazon Connect takes two calls of a kind in a second, Voice Connectors five. */
const CONNECT_SPACING_MS = 500;
const CHIME_SPACING_MS = 200;

/** Never rejects. Without an identity nothing else is asked. */
export async function probeAws(
  question: AwsQuestion,
  { clock, random }: AwsProbeOptions,
): Promise<AwsFindings> {
  const ending = new AbortController();
  const timer = after(clock, LIMIT_MS, () => ending.abort());
  const probe = { question, clock, random, signal: ending.signal };
  try {
    const { askIdentity } = await import("../provisioning/caller-identity.ts");
    const identity = await askIdentity(question.access, ending.signal);
    if (identity.kind === "trouble") {
      return { identity, refused: [] };
    }
    const [refused, quotas, firewall] = await Promise.all([
      refusedReads(probe),
      quotasOf(probe),
      firewallOf(probe),
    ]);
    const isRefused = (service: string): boolean =>
      refused.some(({ action }) => action.startsWith(`${service}:`));
    const [trunks, flows] = await Promise.all([
      isRefused("chime") ? undefined : trunksOf(probe),
      isRefused("connect") ? undefined : flowsOf(probe),
    ]);
    return { identity, refused, quotas, trunks, flows, firewall };
  } finally {
    timer.cancel();
  }
}

interface Probe extends AwsProbeOptions {
  readonly question: AwsQuestion;
  readonly signal: AbortSignal;
}

async function refusedReads({ question, signal }: Probe): Promise<readonly RefusedCall[]> {
  const { access, provision, instanceId, flows } = question;
  if (provision === undefined && instanceId === undefined) {
    return [];
  }
  const { tryChimeReads, tryConnectReads, tryContactReads } = await import(
    "../provisioning/read-permissions.ts"
  );
  const found = await Promise.all([
    provision === undefined ? [] : tryChimeReads(access, signal),
    instanceId === undefined ? [] : tryContactReads(access, { instanceId, signal }),
    flows === undefined
      ? []
      : tryConnectReads(access, { instanceId: flows.wish.instanceId, signal }),
  ]);
  return found.flat();
}

async function quotasOf({ question, signal }: Probe): Promise<QuotaFinding | undefined> {
  const { access, provision } = question;
  if (provision === undefined) {
    return undefined;
  }
  const { askQuotas } = await import("../provisioning/service-quotas.ts");
  const isTransfer = provision.connectors.some(({ kind }) => kind === "callTransfer");
  return askQuotas(access, { isTransfer, signal });
}

async function firewallOf({ question, signal }: Probe): Promise<SecurityGroupFinding | undefined> {
  const { access, securityGroups: ids } = question;
  if (ids.length === 0) {
    return undefined;
  }
  const { askSecurityGroups } = await import("../provisioning/security-groups.ts");
  return askSecurityGroups(access, { ids, signal });
}

async function trunksOf(probe: Probe): Promise<TrunksFinding | undefined> {
  const { question, clock, random, signal } = probe;
  const { access, provision } = question;
  if (provision === undefined) {
    return undefined;
  }
  const { TrunkProvisioner } = await import("../provisioning/trunk-provisioner.ts");
  return found(async () => {
    const provisioner = new TrunkProvisioner({
      access,
      provision,
      clock,
      random,
      spacingMs: CHIME_SPACING_MS,
      orderLimitMs: 0,
      onProgress: () => undefined,
      until: signal,
    });
    const account = await provisioner.read();
    const how = { rotate: false, releaseNumbers: false };
    return { account, plan: provisioner.plan(provision, account, how) };
  });
}

async function flowsOf(probe: Probe): Promise<FlowsFinding | undefined> {
  const { question, clock, random, signal } = probe;
  const { access, flows: loaded, connectors } = question;
  if (loaded === undefined) {
    return undefined;
  }
  const { ConnectPublisher } = await import("../provisioning/connect-publisher.ts");
  const { missingConnectors } = await import("../provisioning/read-permissions.ts");
  const { wish, flows } = loaded;
  const ids = Object.values(wish.connectors).flatMap((text) => idOfArn(text) ?? []);
  return found(async () => {
    const publisher = new ConnectPublisher({
      access,
      wish,
      flows,
      connectors,
      clock,
      random,
      spacingMs: isStandIn(access.endpoint) ? 0 : CONNECT_SPACING_MS,
      onProgress: () => undefined,
      until: signal,
    });
    return {
      plan: await publisher.plan(),
      storesMedia: await publisher.storesMedia(),
      missingConnectors: await missingConnectors(access, { ids, signal }),
    };
  });
}

/** A connector that `trunks apply` made is compared with the trunks. */
function idOfArn(text: string): string | undefined {
  return text.startsWith("arn:") ? text.split("/").at(-1) : undefined;
}

async function found<T extends object>(ask: () => Promise<T>): Promise<Found<T>> {
  try {
    return { kind: "known", ...(await ask()) };
  } catch (error) {
    return { kind: "trouble", trouble: awsTrouble(error) };
  }
}
