/** Puts and deletes the settings of a connector, each as a whole. */
import type {
  ContactCenterSystemType,
  SessionBorderControllerType,
} from "@aws-sdk/client-chime-sdk-voice";
import { originationOf, streamingOf, terminationOf } from "./chime-client.ts";
import { isMissing } from "./paced-calls.ts";
import type { ConnectorSetting } from "./trunk-plan.ts";
import type { ConnectorWish } from "./trunk-wish.ts";
import type { AccountSource } from "./voice-connector-account.ts";

/** Which connector. */
export interface SettingTarget extends Pick<AccountSource, "client" | "calls"> {
  readonly id: string;
  /** See {@link KnownConnector}. */
  readonly isFresh: boolean;
}

/** @throws GatewayError PROVISION_REFUSED, PROVISION_UNREACHABLE. */
export async function putSetting(
  wish: ConnectorWish,
  setting: ConnectorSetting,
  { client, calls, id, isFresh }: SettingTarget,
): Promise<void> {
  const VoiceConnectorId = id;
  const put = (what: string, send: () => Promise<unknown>): Promise<unknown> =>
    calls.call(`PutVoiceConnector${what}`, send, { isFresh });
  switch (setting) {
    case "origination": {
      const Origination = originationOf(present(wish.origination, setting));
      await put("Origination", () =>
        client.putVoiceConnectorOrigination({ VoiceConnectorId, Origination }),
      );
      return;
    }
    case "termination": {
      const Termination = terminationOf(present(wish.termination, setting));
      await put("Termination", () =>
        client.putVoiceConnectorTermination({ VoiceConnectorId, Termination }),
      );
      return;
    }
    case "logging": {
      const LoggingConfiguration = {
        EnableSIPLogs: wish.logging.sip,
        EnableMediaMetricLogs: wish.logging.media,
      };
      await put("LoggingConfiguration", () =>
        client.putVoiceConnectorLoggingConfiguration({ VoiceConnectorId, LoggingConfiguration }),
      );
      return;
    }
    case "streaming": {
      const StreamingConfiguration = streamingOf(present(wish.streaming, setting));
      await put("StreamingConfiguration", () =>
        client.putVoiceConnectorStreamingConfiguration({
          VoiceConnectorId,
          StreamingConfiguration,
        }),
      );
      return;
    }
    case "externalSystems": {
      const { borderControllers, contactCenters } = present(wish.externalSystems, setting);
      await put("ExternalSystemsConfiguration", () =>
        client.putVoiceConnectorExternalSystemsConfiguration({
          VoiceConnectorId,
          SessionBorderControllerTypes: borderControllers as SessionBorderControllerType[],
          ContactCenterSystemTypes: contactCenters as ContactCenterSystemType[],
        }),
      );
      return;
    }
  }
}

/** What is gone already is as it shall be. @throws GatewayError PROVISION_REFUSED, PROVISION_UNREACHABLE. */
export async function deleteSetting(
  setting: ConnectorSetting,
  { client, calls, id }: SettingTarget,
): Promise<void> {
  const target = { VoiceConnectorId: id };
  const deeds: Readonly<Record<ConnectorSetting, readonly [string, () => Promise<unknown>]>> = {
    origination: ["Origination", () => client.deleteVoiceConnectorOrigination(target)],
    termination: ["Termination", () => client.deleteVoiceConnectorTermination(target)],
    streaming: [
      "StreamingConfiguration",
      () => client.deleteVoiceConnectorStreamingConfiguration(target),
    ],
    externalSystems: [
      "ExternalSystemsConfiguration",
      () => client.deleteVoiceConnectorExternalSystemsConfiguration(target),
    ],
    logging: [
      "LoggingConfiguration",
      () => client.putVoiceConnectorLoggingConfiguration({ ...target, LoggingConfiguration: {} }),
    ],
  };
  const [what, send] = deeds[setting];
  try {
    await calls.call(`DeleteVoiceConnector${what}`, send);
  } catch (error) {
    if (!isMissing(error)) {
      throw error;
    }
  }
}

function present<T>(value: T | undefined, setting: ConnectorSetting): T {
  if (value === undefined) {
    throw new Error(`nothing to put for ${setting}`);
  }
  return value;
}
