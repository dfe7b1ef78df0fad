/** Whether Contact Lens lets itself be asked: for a contact that there is none of. */
import {
  ConnectContactLensClient,
  ListRealtimeContactAnalysisSegmentsCommand,
} from "@aws-sdk/client-connect-contact-lens";
import { type AwsAccess, awsClientOptions } from "../core/aws-access.ts";
import { type AwsFailure, awsErrorName, awsFailure } from "../core/aws-failure.ts";

const NOBODY = "00000000-0000-4000-8000-000000000000";

/** `undefined`: it does. Never rejects. */
export async function probeContactLens(
  access: AwsAccess,
  instanceId: string,
  abortSignal: AbortSignal,
): Promise<AwsFailure | undefined> {
  const client = new ConnectContactLensClient({ ...awsClientOptions(access), maxAttempts: 1 });
  try {
    await client.send(
      new ListRealtimeContactAnalysisSegmentsCommand({ InstanceId: instanceId, ContactId: NOBODY }),
      { abortSignal },
    );
    return undefined;
  } catch (error) {
    return awsErrorName(error) === "ResourceNotFoundException" ? undefined : awsFailure(error);
  } finally {
    client.destroy();
  }
}
