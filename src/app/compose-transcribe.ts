/** Builds a transcription by Amazon Transcribe; the client of AWS is loaded only where one is configured. */
import { type AwsAccess, isStandIn } from "../core/aws-access.ts";
import type { Clock } from "../core/clock.ts";
import type { Logger } from "../core/logger.ts";
import type { Random } from "../core/random.ts";
import { TranscribeModel } from "../models/transcribe-model.ts";
import type { TranscribeConfig } from "./config-transcribe.ts";

/** What the model runs on. */
export interface TranscribeParts {
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly aws: AwsAccess;
}

/** From its settings. */
export async function composeTranscribe(
  name: string,
  settings: TranscribeConfig,
  { clock, random, logger, aws }: TranscribeParts,
): Promise<TranscribeModel> {
  const { createTranscribeStreams } = await import("../models/transcribe-aws.ts");
  const { analytics, channels, maxSessionSeconds, partialStability, redaction } = settings;
  const access = transcribeAccess(settings, aws);
  const languages = settings.languages ?? [settings.language];
  const openStream = createTranscribeStreams(access, {
    languages,
    vocabulary: settings.vocabulary,
    vocabularyFilter: settings.vocabularyFilter,
    vocabularyFilterMethod: settings.vocabularyFilterMethod,
    languageModel: settings.languageModel,
    partialStability: partialStability === "off" ? undefined : partialStability,
    redactsPii: redaction === "pii",
    piiTypes: settings.piiTypes,
    resumeWindowMinutes: settings.resumeWindowMinutes,
  });
  return new TranscribeModel({
    name,
    region: access.region,
    endpoint: access.endpoint,
    languages,
    analytics,
    channels,
    maxSessionMs: maxSessionSeconds * 1000,
    clock,
    random,
    logger,
    openStream,
  });
}

/** What the model says for itself comes first; a stand-in of its own never sees keys of an account. */
export function transcribeAccess(
  { endpoint, region }: Pick<TranscribeConfig, "endpoint" | "region">,
  aws: AwsAccess,
): AwsAccess {
  return {
    region: region ?? aws.region,
    endpoint: endpoint ?? aws.endpoint,
    keys: isStandIn(endpoint) ? undefined : aws.keys,
  };
}
