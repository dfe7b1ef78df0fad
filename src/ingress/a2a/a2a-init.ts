/** What Connect opens a session with: the contact, its audio, what it can route on, what was said before. */
import { z } from "zod";
import type { SampleRateHz } from "../../audio/frame.ts";
import { FINISH_TYPES, type FinishType } from "./a2a-names.ts";

/** What the model is told of a conversation that went before. */
const MAX_HISTORY_TURNS = 40;
const MAX_HISTORY_CHARACTERS = 8000;
const RATES: ReadonlySet<number> = new Set([8000, 16_000, 24_000]);
/** What is proposed in place of audio that is not taken. */
const FALLBACK_HZ: SampleRateHz = 8000;

const audioSchema = z.object({
  encoding: z.string().max(64).optional(),
  sampleRateHertz: z.number(),
  sampleSizeBits: z.number().optional(),
  channelCount: z.number().optional(),
});

const turnSchema = z.object({
  role: z.string().max(64).optional(),
  parts: z
    .array(z.object({ text: z.string().optional() }))
    .max(64)
    .optional(),
});

const initSchema = z.object({
  instanceArn: z.string().max(512).optional(),
  contactArn: z.string().max(512),
  supportedFinishTypes: z.array(z.string().max(64)).max(32).optional(),
  subscribeToTracingEvents: z.boolean().optional(),
  audioInputConfiguration: audioSchema.optional(),
  audioOutputConfiguration: audioSchema.optional(),
  history: z.array(turnSchema).max(10_000).optional(),
});

type ProposedAudio = z.output<typeof audioSchema>;

/** One direction of the audio. */
export interface AgreedAudio {
  readonly rateHz: SampleRateHz;
  /** Connect proposed something else. */
  readonly countered: boolean;
}

/** A session that can be had. */
export interface A2aInit {
  /** Connect's id of the contact; the whole ARN where it is none of Connect's. */
  readonly contactId: string;
  readonly instanceId: string | undefined;
  readonly finishTypes: ReadonlySet<FinishType>;
  readonly wantsSpans: boolean;
  readonly input: AgreedAudio;
  readonly output: AgreedAudio;
  /** What was said before, oldest first, as `Customer: …` and `Agent: …`; empty: nothing. */
  readonly history: string;
}

/** Rates that the operator wants whatever is proposed. */
export interface WantedRates {
  readonly inputRateHz: SampleRateHz | undefined;
  readonly outputRateHz: SampleRateHz | undefined;
}

/** A session, or why there can be none, in words. */
export function readInit(
  written: unknown,
  wanted: WantedRates,
): A2aInit | { readonly why: string } {
  const read = initSchema.safeParse(written);
  if (!read.success) {
    const [issue] = read.error.issues;
    const at = ["initSession", ...(issue?.path ?? [])].map(String).join(".");
    return { why: `${at} cannot be used` };
  }
  const { audioInputConfiguration, audioOutputConfiguration, ...session } = read.data;
  if (audioInputConfiguration === undefined || audioOutputConfiguration === undefined) {
    return { why: "the session has no audio: only voice is taken" };
  }
  const types = session.supportedFinishTypes ?? ["COMPLETE"];
  return {
    contactId: /\/contact\/([^/]{1,256})$/.exec(session.contactArn)?.[1] ?? session.contactArn,
    instanceId: /instance\/([0-9A-Za-z-]{1,64})/.exec(
      session.instanceArn ?? session.contactArn,
    )?.[1],
    finishTypes: new Set(FINISH_TYPES.filter((type) => types.includes(type))),
    wantsSpans: session.subscribeToTracingEvents === true,
    input: agreed(audioInputConfiguration, wanted.inputRateHz),
    output: agreed(audioOutputConfiguration, wanted.outputRateHz),
    history: historyOf(session.history ?? []),
  };
}

/** A whole declaration: Connect takes the rest from nothing else. */
export function audioConfiguration(rateHz: SampleRateHz) {
  return { encoding: "LINEAR_PCM", sampleRateHertz: rateHz, sampleSizeBits: 16, channelCount: 1 };
}

function agreed(proposed: ProposedAudio, wanted: SampleRateHz | undefined): AgreedAudio {
  const isTaken =
    (proposed.encoding ?? "LINEAR_PCM") === "LINEAR_PCM" &&
    RATES.has(proposed.sampleRateHertz) &&
    (proposed.sampleSizeBits ?? 16) === 16 &&
    (proposed.channelCount ?? 1) === 1;
  const rateHz = wanted ?? (isTaken ? (proposed.sampleRateHertz as SampleRateHz) : FALLBACK_HZ);
  return { rateHz, countered: !isTaken || rateHz !== proposed.sampleRateHertz };
}

/** The newest turns that fit; a turn is one line, so that nothing in it looks like another turn. */
function historyOf(turns: readonly z.output<typeof turnSchema>[]): string {
  const lines: string[] = [];
  let characters = 0;
  for (const { role, parts } of turns.slice(-MAX_HISTORY_TURNS).reverse()) {
    const text = (parts ?? []).map((part) => part.text ?? "").join(" ");
    const said = text.replace(/\s+/g, " ").trim();
    characters += said.length;
    if (characters > MAX_HISTORY_CHARACTERS) {
      break;
    }
    if (said !== "") {
      lines.unshift(`${role === "ROLE_AGENT" ? "Agent" : "Customer"}: ${said}`);
    }
  }
  return lines.length === 0
    ? ""
    : ["What was said before this call reached you:", ...lines].join("\n");
}
