/** Builds every configured model, and one more that says the last words when another is lost. */
import { join } from "node:path";
import type { AwsAccess } from "../core/aws-access.ts";
import type { Clock } from "../core/clock.ts";
import type { Logger } from "../core/logger.ts";
import type { Random } from "../core/random.ts";
import { GeminiModel } from "../models/gemini-model.ts";
import { LiveModel } from "../models/gpt-live-model.ts";
import { createLocalModel, LocalModel } from "../models/local-model.ts";
import { OpenAiModel } from "../models/openai-model.ts";
import { OpenAiTranscriptionModel } from "../models/openai-transcription-model.ts";
import type { SystemPrograms } from "../models/program-runner.ts";
import type { LocalVoice } from "../ports/local-voice.ts";
import type { RealtimeModel } from "../ports/realtime-model.ts";
import { composeNova } from "./compose-nova.ts";
import { gptLiveSettings, openAiSettings, transcriptionSettings } from "./compose-openai.ts";
import { composeTranscribe } from "./compose-transcribe.ts";
import type { Config } from "./config.ts";
import { awsAccess } from "./config-aws.ts";
import { LOCAL_MODEL } from "./config-models.ts";

/** What models run on. */
export interface ModelParts {
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly programs: SystemPrograms;
  readonly flowsFolder: string;
  /** For models that name nothing else. */
  readonly aws: AwsAccess;
}

/** The model of the last words: the local one, which needs nothing but this machine. */
export const APOLOGY_MODEL = LOCAL_MODEL;

type ModelSettings = Config["models"][string];

/** By name. Rejects with AUDIO_FILE_INVALID when the shipped prompts are broken. */
export async function composeModels(
  config: Config,
  parts: Omit<ModelParts, "aws">,
): Promise<ReadonlyMap<string, RealtimeModel>> {
  const models = new Map<string, RealtimeModel>();
  const aws = awsAccess(config.aws);
  for (const [name, settings] of Object.entries(config.models)) {
    models.set(name, await composeModel(name, settings, { ...parts, aws }));
  }
  return models;
}

/** The machine's own voice: the one that the built-in model speaks with, whether it answers calls or not. */
export function localVoice(models: ReadonlyMap<string, RealtimeModel>): LocalVoice | undefined {
  const local = models.get(LOCAL_MODEL);
  return local instanceof LocalModel ? local.voice : undefined;
}

/** One model, from its settings. */
export async function composeModel(
  name: string,
  settings: ModelSettings,
  parts: ModelParts,
): Promise<RealtimeModel> {
  const { clock, random, logger, programs, flowsFolder } = parts;
  switch (settings.kind) {
    case "local": {
      const promptsDirectory = join(flowsFolder, "prompts");
      const { speech } = settings;
      return await createLocalModel({ name, clock, promptsDirectory, speech, programs });
    }
    case "openai":
    case "azure":
      return new OpenAiModel({ name, ...openAiSettings(settings), clock, random, logger });
    case "gpt-live":
      return new LiveModel({ name, ...gptLiveSettings(settings), clock, random, logger });
    case "gemini": {
      const maxSessionMs = settings.maxSessionSeconds * 1000;
      return new GeminiModel({ ...settings, name, maxSessionMs, clock, random });
    }
    case "openai-transcription":
      return new OpenAiTranscriptionModel({
        name,
        ...transcriptionSettings(settings),
        clock,
        random,
        logger,
      });
    case "transcribe":
      return await composeTranscribe(name, settings, parts);
    case "nova-sonic":
      return await composeNova(name, settings, parts);
  }
}
