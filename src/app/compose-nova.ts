/** Builds a model of Amazon Nova Sonic; the client of AWS is loaded only where one is configured. */

import type { AwsKeys } from "../core/aws-access.ts";
import type { Clock } from "../core/clock.ts";
import type { Logger } from "../core/logger.ts";
import { NovaModel } from "../models/nova-model.ts";
import type { NovaConfig } from "./config-nova.ts";

/** What the model runs on. */
export interface NovaParts {
  readonly clock: Clock;
  readonly logger: Logger;
}

/** From its settings. */
export async function composeNova(
  name: string,
  settings: NovaConfig,
  { clock, logger }: NovaParts,
): Promise<NovaModel> {
  const { createBedrockStreams } = await import("../models/nova-bedrock.ts");
  const { region, endpoint, model, maxSessionSeconds } = settings;
  const openStream = createBedrockStreams({ region, endpoint, keys: keysOf(settings) }, model);
  const { voice, endpointingSensitivity, maxTokens, topP, temperature, prices } = settings;
  return new NovaModel({
    name,
    region,
    endpoint,
    model,
    voice,
    endpointingSensitivity,
    maxTokens,
    topP,
    temperature,
    prices,
    maxSessionMs: maxSessionSeconds * 1000,
    clock,
    logger,
    openStream,
  });
}

/** `undefined`: those of the machine. */
export function keysOf(settings: NovaConfig): AwsKeys | undefined {
  const { accessKeyId, secretAccessKey, sessionToken } = settings;
  return accessKeyId === undefined || secretAccessKey === undefined
    ? undefined
    : { accessKeyId, secretAccessKey, sessionToken };
}
