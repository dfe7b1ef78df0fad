/** From the last sample of an utterance to the agent's screen: what is measured of each suggestion, and how it is told. */
import { cpus } from "node:os";
import type { Page } from "playwright-core";
import type { QuickAdvisor } from "../../support/quick-advisor.ts";
import type { SentText } from "../../support/transcribe/script.ts";
import type { GatewayProcess } from "./gateway-process.ts";
import type { MachineStalls } from "./machine-stalls.ts";
import { MARKER_SAMPLE, type RecordedSpeaker, textOf } from "./recorded-speaker.ts";
import { seenSuggestion } from "./suggestion-watch.ts";
import { pause } from "./waiting.ts";

/** A page is not asked what it shows while it still works. */
const UNDISTURBED_MS = 300;

/** Milliseconds of one suggestion, stage by stage. */
export interface SuggestionTimes {
  /** From the socket that sends RTP to the ears: jitter, batches, mixing, the connection with the service. */
  readonly uplink: number;
  /** From the ears' text to the event of the transcript. */
  readonly transcript: number;
  /** To the event of the suggestion, without the model's own time. */
  readonly advice: number;
  /** To the page. */
  readonly socket: number;
  /** Until the frame with the card was made. */
  readonly paint: number;
  /** All of it, without ears and model. */
  readonly own: number;
  /** What the stand-in of the transcription took itself. */
  readonly ears: number;
  /** What the stand-in of the model took itself. */
  readonly model: number;
  /** The machine stood still for so long meanwhile. */
  readonly stalled: number;
}

const STAGES = [
  "uplink",
  "transcript",
  "advice",
  "socket",
  "paint",
  "own",
  "ears",
  "model",
  "stalled",
] as const;

/** What is measured together. */
export interface SuggestionBench {
  readonly gateway: GatewayProcess;
  readonly ears: TellingEars;
  /** Absent: the playbook. */
  readonly advisor?: QuickAdvisor;
  /** The text of the card that answers an utterance. */
  readonly cardOf: (said: string) => string;
}

/** Ears that write an utterance down with its last sample, and remember when. */
export class TellingEars {
  readonly #sent = new Map<string, SentText>();

  /** For the stand-in of the service. */
  readonly script = {
    endsAtSample: MARKER_SAMPLE,
    onSent: (sent: SentText): void => {
      if (sent.final) {
        this.#sent.set(sent.text, sent);
      }
    },
  };

  /** By the wall. */
  of(text: string): { readonly heardMs: number; readonly sentMs: number } {
    const sent = this.#sent.get(text);
    if (sent === undefined) {
      throw new Error(`the ears never heard ${text}`);
    }
    const originMs = Date.now() - performance.now();
    return { heardMs: originMs + sent.heardUs / 1000, sentMs: originMs + sent.sentUs / 1000 };
  }
}

/** What a busy machine may swallow: RTP that comes too late is dropped on purpose. */
const LOSING_STALL_MS = 150;

/** Has a word said, and waits for its card; how long the machine stood still where it swallowed the word. */
export async function timeSuggestion(
  { ears, advisor, cardOf }: SuggestionBench,
  session: {
    readonly speaker: RecordedSpeaker;
    readonly page: Page;
    readonly stalls: MachineStalls;
  },
  word: number,
): Promise<SuggestionTimes | number> {
  const said = textOf(word);
  const beganMs = Date.now();
  const saidMs = await session.speaker.say(word);
  await pause(UNDISTURBED_MS);
  const seen = await seenSuggestion(session.page, said, cardOf(said)).catch((error: unknown) => {
    const stalledMs = session.stalls.betweenMs(beganMs, saidMs + LOSING_STALL_MS);
    if (stalledMs < LOSING_STALL_MS) {
      throw error;
    }
    return stalledMs;
  });
  if (typeof seen === "number") {
    return seen;
  }
  const { heardMs, sentMs } = ears.of(said);
  const answer = advisor?.answers.find(({ question }) => question === said);
  const model = answer === undefined ? 0 : answer.answeredMs - answer.askedMs;
  return {
    uplink: heardMs - saidMs,
    transcript: seen.said.publishedMs - sentMs,
    advice: seen.card.publishedMs - seen.said.publishedMs - model,
    socket: seen.card.atMs - seen.card.publishedMs,
    paint: seen.paintedMs - seen.card.atMs,
    own: seen.paintedMs - saidMs - (sentMs - heardMs) - model,
    ears: sentMs - heardMs,
    model,
    stalled: session.stalls.betweenMs(saidMs, seen.paintedMs),
  };
}

/** By nearest rank. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((left, right) => left - right);
  return sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? Number.NaN;
}

/** One row for each stage. */
export function describeTimes(title: string, times: readonly SuggestionTimes[]): string {
  const rows = STAGES.map((stage) => {
    const values = times.map((each) => each[stage]);
    const figures = [0.5, 0.95, 1].map((share) => quantile(values, share).toFixed(0).padStart(6));
    return `${stage.padEnd(12)}${figures.join("")}`;
  });
  const machine = `${cpus().length} × ${cpus()[0]?.model ?? "?"}, Node ${process.version}`;
  const head = `${"ms".padEnd(12)}   p50   p95   max`;
  return [`${title}; ${machine}`, head, ...rows].join("\n");
}
