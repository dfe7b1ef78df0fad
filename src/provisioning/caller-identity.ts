/** Whose keys of AWS these are, and whether the clock of this machine is right enough for signatures. */
import { GetCallerIdentityCommand, STSClient } from "@aws-sdk/client-sts";
import type { AwsAccess } from "../core/aws-access.ts";
import { type AwsTrouble, awsTrouble } from "./aws-trouble.ts";
import { lookingClientOptions } from "./doctor-client.ts";

/** What AWS says of who asks. */
export type IdentityFinding = (
  | {
      readonly kind: "known";
      readonly account: string;
      /** Role or user, without its path: `role/gateway`. */
      readonly who: string;
    }
  | { readonly kind: "trouble"; readonly trouble: AwsTrouble }
) & {
  /** How far AWS's clock is ahead of this machine's; 0 where it is less than signatures mind. */
  readonly clockOffsetMs: number;
};

/** GetCallerIdentity, which needs no permission. Never rejects. */
export async function askIdentity(
  access: AwsAccess,
  signal: AbortSignal,
): Promise<IdentityFinding> {
  const client = new STSClient(lookingClientOptions(access));
  try {
    const answer = await client.send(new GetCallerIdentityCommand({}), { abortSignal: signal });
    const { Account: account = "", Arn: arn = "" } = answer;
    return { kind: "known", account, who: whoOf(arn), clockOffsetMs: offsetOf(client) };
  } catch (error) {
    return { kind: "trouble", trouble: awsTrouble(error), clockOffsetMs: offsetOf(client) };
  } finally {
    client.destroy();
  }
}

/** `arn:aws:sts::1:assumed-role/gateway/session` → `role gateway`; sessions may name people. */
function whoOf(arn: string): string {
  const [kind = "", ...names] = (arn.split(":").at(-1) ?? "").split("/");
  const name = kind === "assumed-role" ? names[0] : names.at(-1);
  return [kind.replace("assumed-", ""), name].filter((part) => part !== undefined).join(" ");
}

/** The client compares the Date of each answer with the clock, and corrects itself only beyond five minutes. */
function offsetOf(client: STSClient): number {
  return client.config.systemClockOffset;
}
