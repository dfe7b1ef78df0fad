/** Asks a configured model for a session, as a call would, and closes it before anything is said. */
import type { AwsAccess } from "../core/aws-access.ts";
import { after, type Clock, type Timer } from "../core/clock.ts";
import { asCallId } from "../core/ids.ts";
import { silentLogger } from "../core/logger.ts";
import type { Random } from "../core/random.ts";
import { SystemPrograms } from "../models/program-runner.ts";
import type { ModelFailure, ModelSink, RealtimeModel } from "../ports/realtime-model.ts";
import { composeModel } from "./compose-models.ts";
import type { ModelConfig } from "./config-models.ts";

/** What the probe runs on. */
export interface ModelProbeParts {
  readonly clock: Clock;
  readonly random: Random;
  readonly aws: AwsAccess;
}

/** A service may accept a session and refuse its settings a moment later. */
const AFTERTHOUGHT_MS = 500;

const nothing = (): void => undefined;

/** Why the model takes no session, or `undefined`: it does. Never rejects. */
export async function probeModel(
  name: string,
  settings: ModelConfig,
  { clock, random, aws }: ModelProbeParts,
): Promise<ModelFailure | undefined> {
  const programs = new SystemPrograms({ clock });
  const parts = { clock, random, aws, programs, logger: silentLogger, flowsFolder: "" };
  try {
    return await openOnce(await composeModel(name, settings, parts), clock);
  } finally {
    await programs.close();
  }
}

/** The outcome of one session. */
function openOnce(model: RealtimeModel, clock: Clock): Promise<ModelFailure | undefined> {
  return new Promise((resolve) => {
    let timer: Timer | undefined;
    const sink: ModelSink = {
      onReady: () => {
        timer = after(clock, AFTERTHOUGHT_MS, () => {
          session.close();
          resolve(undefined);
        });
      },
      onFailed: (failure) => {
        timer?.cancel();
        resolve(failure);
      },
      onFaltered: (failure) => {
        timer?.cancel();
        session.close();
        resolve(failure);
      },
      onAudio: nothing,
      onAudioDone: nothing,
      onSpeechStarted: nothing,
      onSpeechStopped: nothing,
      onInterrupted: nothing,
      onExpiring: nothing,
      onUsage: nothing,
      onTranscript: nothing,
      onToolCall: nothing,
    };
    const [format] = model.capabilities.formats;
    const session = model.open(
      {
        callId: asCallId("probe"),
        instructions: "Say nothing.",
        voice: undefined,
        greeting: undefined,
        tools: [],
        dialogue: undefined,
        format: format ?? { encoding: "pcm16", rateHz: 8000 },
      },
      sink,
    );
  });
}
