/** The stand-in for Chime answers as its SDK describes the service: a test that passes on it says something. */
import { ChimeSDKVoice } from "@aws-sdk/client-chime-sdk-voice";
import { afterEach, describe, expect, it } from "vitest";
import { awsClientOptions } from "../../src/core/aws-access.ts";
import { allServices } from "../support/aws/all-services.ts";
import { type AwsStandIn, startAwsStandIn } from "../support/aws/aws-stand-in.ts";

let standIn: AwsStandIn | undefined;

afterEach(() => standIn?.close());

async function client(): Promise<ChimeSDKVoice> {
  standIn = await startAwsStandIn({ port: 0, services: allServices() });
  const { endpoint } = standIn;
  return new ChimeSDKVoice({
    ...awsClientOptions({ region: "us-east-1", endpoint }),
    maxAttempts: 1,
  });
}

/** Name and status of what an operation was refused with. */
async function refusal(call: Promise<unknown>): Promise<string> {
  return call.then(
    () => "taken",
    (error: { name: string; message: string; $metadata: { httpStatusCode: number } }) =>
      `${error.$metadata.httpStatusCode} ${error.name}: ${error.message}`,
  );
}

describe("the stand-in for Chime", () => {
  it("refuses members that the service does not know, and misses those that it needs", async () => {
    const chime = await client();
    const whole = { Name: "a", RequireEncryption: true };
    const unnamed = { RequireEncryption: true } as unknown as typeof whole;
    expect(await refusal(chime.createVoiceConnector(unnamed))).toBe(
      "400 BadRequestException: input.Name is missing",
    );
    const { VoiceConnector: made } = await chime.createVoiceConnector(whole);
    const VoiceConnectorId = made?.VoiceConnectorId;
    const Origination = {
      Routes: [{ Host: "a", Priority: 1, Weight: 1, Protocol: "TLS" as "TCP" }],
    };
    expect(
      await refusal(chime.putVoiceConnectorOrigination({ VoiceConnectorId, Origination })),
    ).toBe("400 BadRequestException: Protocol TLS is not known");
    const response = await fetch(`${standIn?.endpoint}/voice-connectors`, { method: "GET" });
    expect(response.status).toBe(403);
  });

  it("does not find settings that were never made", async () => {
    const chime = await client();
    const { VoiceConnector: made } = await chime.createVoiceConnector({
      Name: "a",
      RequireEncryption: true,
    });
    const VoiceConnectorId = made?.VoiceConnectorId;
    expect(await refusal(chime.getVoiceConnectorOrigination({ VoiceConnectorId }))).toContain(
      "404 NotFoundException",
    );
    expect(await refusal(chime.getVoiceConnectorTermination({ VoiceConnectorId }))).toContain(
      "404",
    );
  });

  it("has the quotas of a new account, and tells them with 400", async () => {
    const chime = await client();
    for (const Name of ["a", "b", "c"]) {
      await chime.createVoiceConnector({ Name, RequireEncryption: true });
    }
    expect(
      await refusal(chime.createVoiceConnector({ Name: "d", RequireEncryption: true })),
    ).toContain("400 ResourceLimitExceededException");
  });

  it("brings ordered numbers after a while, and answers 200 where some cannot be led", async () => {
    const chime = await client();
    const { VoiceConnector: made } = await chime.createVoiceConnector({
      Name: "a",
      RequireEncryption: true,
    });
    const { E164PhoneNumbers: free = [] } = await chime.searchAvailablePhoneNumbers({
      AreaCode: "206",
      MaxResults: 2,
    });
    const { PhoneNumberOrder: order } = await chime.createPhoneNumberOrder({
      ProductType: "VoiceConnector",
      E164PhoneNumbers: free.slice(0, 1),
    });
    const lead = () =>
      chime.associatePhoneNumbersWithVoiceConnector({
        VoiceConnectorId: made?.VoiceConnectorId,
        E164PhoneNumbers: free,
      });
    expect((await lead()).PhoneNumberErrors?.map(({ ErrorCode }) => ErrorCode)).toEqual([
      "NotFound",
      "NotFound",
    ]);
    const id = { PhoneNumberOrderId: order?.PhoneNumberOrderId };
    const first = await chime.getPhoneNumberOrder(id);
    const second = await chime.getPhoneNumberOrder(id);
    expect([first, second].map(({ PhoneNumberOrder: { Status } = {} }) => Status)).toEqual([
      "Processing",
      "Successful",
    ]);
    expect((await lead()).PhoneNumberErrors?.map(({ PhoneNumberId }) => PhoneNumberId)).toEqual([
      free[1],
    ]);
    const VoiceConnectorId = made?.VoiceConnectorId;
    expect(await refusal(chime.deleteVoiceConnector({ VoiceConnectorId }))).toContain("409");
  });
});
