/** What each trouble with AWS means, and what mends it: one row for each word. */
import type { AwsTrouble } from "../provisioning/aws-trouble.ts";
import type { Check } from "./doctor-checks.ts";

/** What is known where a trouble is told. */
export interface TroublePlace {
  readonly region: string;
  /** Who asks, once that is known. */
  readonly who?: string | undefined;
}

interface Words {
  readonly means: string;
  readonly mends: string;
}

/** In words, with the field or the command that mends it. */
export function wordsOf(trouble: AwsTrouble, { region, who }: TroublePlace): Words {
  const table: Readonly<Record<AwsTrouble, Words>> = {
    noKeys: {
      means: "this machine has no keys of AWS",
      mends:
        "set aws.accessKeyId and aws.secretAccessKey, or give the machine a role or a profile (AWS_PROFILE)",
    },
    expired: {
      means: "the keys have expired",
      mends: "get new ones (aws sso login), or leave keys out and give the machine a role",
    },
    unknownKeys: {
      means: `AWS does not know these keys in ${region}`,
      mends: "look at aws.accessKeyId, and whether the account has the region of aws.region on",
    },
    wrongSecret: {
      means: "the secret does not belong to the access key",
      mends: "set aws.secretAccessKey again, as it was given with aws.accessKeyId",
    },
    denied: {
      means: `${who ?? "who asks"} may not`,
      mends: "allow it in a policy of that role or user; look for a policy of the organisation",
    },
    missing: {
      means: `there is no such thing in ${region}`,
      mends: "look at the id, and at aws.region",
    },
    noSuchHost: {
      means: `no service is known by name for ${region}`,
      mends: "look at aws.region and aws.endpoint, and at the DNS of this machine",
    },
    unreachable: {
      means: "no answer",
      mends: "look for a way out (NAT, proxy, VPC endpoint) and at aws.endpoint; then try again",
    },
    busy: { means: "AWS is asked too often", mends: "try again in a minute" },
    failed: { means: "AWS failed", mends: "try again; look at the health page of AWS" },
  };
  return table[trouble];
}

/** A check that could not be made. @param why what stays unknown, or goes wrong, because of it. */
export function troubleCheck(
  {
    name,
    why,
    level,
  }: { readonly name: string; readonly why: string; readonly level: "warn" | "fail" },
  trouble: AwsTrouble,
  place: TroublePlace,
): Check {
  const { means, mends } = wordsOf(trouble, place);
  return { name, level, finding: `${means}: ${why}`, advice: mends };
}
