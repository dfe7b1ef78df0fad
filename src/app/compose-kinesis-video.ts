/** Builds what listens to contacts by Kinesis Video; the clients of AWS are loaded with the first contact. */
import type { Logger } from "../core/logger.ts";
import {
  KinesisVideoListener,
  type KinesisVideoListenerOptions,
} from "../ingress/kinesis-video-listener.ts";
import type { Config } from "./config.ts";
import { awsAccess } from "./config-aws.ts";

/** What the listener runs on. */
export type KinesisVideoListenerParts = Omit<KinesisVideoListenerOptions, "flow" | "openSource">;

/** Its owner closes it. */
export function composeKinesisVideo(
  { aws, kinesisVideo }: Pick<Config, "aws" | "kinesisVideo">,
  parts: KinesisVideoListenerParts,
): KinesisVideoListener {
  return new KinesisVideoListener({
    ...parts,
    flow: kinesisVideo.flow,
    openSource: async () => {
      const { KinesisVideo } = await import("../ingress/kinesis-video-client.ts");
      return new KinesisVideo(awsAccess(aws));
    },
  });
}

/** Listens to the contact that the configuration names; what stands in the way is told and stops nothing. */
export function listenFromStart(
  { kinesisVideo }: Pick<Config, "kinesisVideo">,
  listener: KinesisVideoListener,
  logger: Logger,
): void {
  const { streamArn, contactId, startFragmentNumber, customerPhoneNumber } = kinesisVideo;
  if (streamArn === undefined || contactId === undefined) {
    return;
  }
  try {
    listener.listen({
      contactId,
      phoneNumber: customerPhoneNumber ?? "",
      streams: [{ streamArn, startFragmentNumber, role: undefined }],
    });
  } catch (error) {
    logger.error("the contact of kinesisVideo is not listened to", { error });
  }
}
