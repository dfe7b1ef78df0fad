/** What an account may have of Voice Connectors, as Service Quotas says it. */
import {
  GetServiceQuotaCommand,
  ListServiceQuotasCommand,
  type ServiceQuota,
  ServiceQuotasClient,
} from "@aws-sdk/client-service-quotas";
import type { AwsAccess } from "../core/aws-access.ts";
import { type AwsTrouble, awsTrouble } from "./aws-trouble.ts";
import { lookingClientOptions } from "./doctor-client.ts";
import { allPages } from "./paced-lists.ts";

/** Of connectors that Amazon Connect transfers calls to (Amazon Connect Administrator Guide, "External voice transfer"). */
export const TRANSFER_QUOTA = "L-2BE4D75F";

/** Numbers that are set; a quota that the service does not list is absent. */
export interface QuotaValues {
  readonly connectors?: number | undefined;
  readonly callsPerSecond?: number | undefined;
  readonly calls?: number | undefined;
  readonly numbers?: number | undefined;
  readonly transferConnectors?: number | undefined;
}

/** What was found. */
export type QuotaFinding =
  | { readonly kind: "known"; readonly values: QuotaValues }
  | { readonly kind: "trouble"; readonly trouble: AwsTrouble };

/** No document gives the codes of these, so they are known by their English names. [unverified] */
const NAMES: Readonly<Record<Exclude<keyof QuotaValues, "transferConnectors">, RegExp>> = {
  connectors: /^(?:Amazon Chime SDK )?Voice Connectors(?: per .*)?$/i,
  callsPerSecond: /Voice Connector.*calls per second/i,
  calls:
    /(?:active|concurrent).*Voice Connector calls|Voice Connector.*(?:active|concurrent) calls/i,
  numbers: /^(?:provisioned )?phone numbers(?: per .*)?$/i,
};

/** Services that may own {@link TRANSFER_QUOTA}: documents name the quota without its service. [unverified] */
const OWNERS = ["connect", "chime"] as const;

/** Never rejects. @param isTransfer whether the quota of transfer connectors matters. */
export async function askQuotas(
  access: AwsAccess,
  { isTransfer, signal }: { readonly isTransfer: boolean; readonly signal: AbortSignal },
): Promise<QuotaFinding> {
  const client = new ServiceQuotasClient(lookingClientOptions(access));
  try {
    const quotas = await allPages(async (token) => {
      const input = { ServiceCode: "chime", MaxResults: 100, ...token };
      const page = await client.send(new ListServiceQuotasCommand(input), { abortSignal: signal });
      return { items: page.Quotas, next: page.NextToken };
    });
    const values = Object.fromEntries(
      Object.entries(NAMES).map(([key, pattern]) => [key, quotaValue(quotas, pattern)]),
    );
    const transferConnectors = isTransfer ? await transferQuota(client, signal) : undefined;
    return { kind: "known", values: { ...values, transferConnectors } };
  } catch (error) {
    return { kind: "trouble", trouble: awsTrouble(error) };
  } finally {
    client.destroy();
  }
}

function quotaValue(quotas: readonly ServiceQuota[], pattern: RegExp): number | undefined {
  return quotas.find(({ QuotaName }) => pattern.test(QuotaName ?? ""))?.Value;
}

async function transferQuota(
  client: ServiceQuotasClient,
  signal: AbortSignal,
): Promise<number | undefined> {
  for (const ServiceCode of OWNERS) {
    try {
      const input = { ServiceCode, QuotaCode: TRANSFER_QUOTA };
      const answer = await client.send(new GetServiceQuotaCommand(input), { abortSignal: signal });
      return answer.Quota?.Value;
    } catch (error) {
      if (awsTrouble(error) !== "missing") {
        throw error;
      }
    }
  }
  return undefined;
}
