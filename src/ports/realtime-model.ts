/** The port to a realtime speech model: audio and text in both directions, for as long as a call lasts. */
import type { ErrorCode } from "../core/errors.ts";
import type { CallId } from "../core/ids.ts";
import type { Sentiment } from "./assist-events.ts";
import type { Dialogue } from "./dialogue.ts";

/** How audio bytes are coded: G.711 at 8 kHz, or 16-bit little-endian PCM, always mono. */
export interface AudioFormat {
  readonly encoding: "pcmu" | "pcma" | "pcm16";
  readonly rateHz: 8000 | 16000 | 24000;
}

/** What a model can do; engine code asks these and never a model's name. */
export interface ModelCapabilities {
  /** Formats it hears and, where `outputFormat` is absent, speaks; best first. The engine takes the leg's own codec when it is listed. */
  readonly formats: readonly AudioFormat[];
  /** The one format it speaks, whatever it hears. Absent: the format of the session. */
  readonly outputFormat?: AudioFormat | undefined;
  /** The model finds the caller's turns and calls `onSpeechStarted` and `onSpeechStopped` itself. */
  readonly serverTurns: boolean;
  /** The model hears while it speaks and decides by itself when to stop: the engine neither pauses nor interrupts it. */
  readonly nativeDuplex: boolean;
  /**
   * An answer goes on, whatever the caller does, until `interrupt`: the engine decides what was an interruption.
   * Otherwise the model stops by itself and says so with `onInterrupted`.
   */
  readonly arbitrated: boolean;
  /** `interrupt` trims the model's memory to what was heard. */
  readonly truncation: boolean;
  readonly transcripts: boolean;
  readonly tools: boolean;
  /** `say` speaks a given text. */
  readonly speaksText: boolean;
  /** A new session knows the `history` of its plan. */
  readonly history: boolean;
  /** It writes down what it hears and never says anything. Absent: it speaks. */
  readonly listensOnly?: boolean | undefined;
  /** `onUsage` is called. */
  readonly usage: boolean;
  /** The session ends when no audio comes: the engine sends silence while the peer sends nothing. */
  readonly continuousAudio: boolean;
  /** A session lasts at most this long; `undefined`: as long as the call. */
  readonly maxSessionMs: number | undefined;
}

/** A function the model may call. */
export interface ToolDefinition {
  readonly name: string;
  readonly description: string;
  /** JSON Schema of the arguments: an object. */
  readonly parameters: Readonly<Record<string, unknown>>;
}

/** Who said something. */
export type Speaker = "caller" | "model";

/** Something that was said before the session began. */
export interface HistoryEntry {
  readonly speaker: Speaker;
  /** Of an interrupted answer: what was heard of it, as far as that is known. */
  readonly text: string;
}

/** Who is on a stream of a recorded conversation, as far as is known. */
export type StreamRole = "customer" | "agent" | "unknown";

/** Of a session that only listens: the stream it hears, among those of its call. */
export interface HeardStream {
  readonly role: StreamRole;
  /** Streams of the call that are listened to, this one included. */
  readonly streams: number;
}

/** What the flow wants from the model; the same for every provider. */
export interface ModelSessionPlan {
  readonly callId: CallId;
  readonly instructions: string;
  /** The provider's name of a voice; `undefined`: its default. */
  readonly voice: string | undefined;
  /** What is said first, before the caller speaks; `undefined`: the model waits. */
  readonly greeting: string | undefined;
  readonly tools: readonly ToolDefinition[];
  /** The script for a model that follows one. */
  readonly dialogue: Dialogue | undefined;
  /** What was said before, oldest first; a session with history does not greet. The model trims it to its own limits. */
  readonly history?: readonly HistoryEntry[] | undefined;
  /** `resumption` of a session before, which takes the place of `history` where the model knows it. */
  readonly resumption?: string | undefined;
  /** Absent: the session is one side of a conversation with the model. */
  readonly heard?: HeardStream | undefined;
}

/** The plan, and the format chosen from the capabilities. */
export interface ModelSessionOptions extends ModelSessionPlan {
  readonly format: AudioFormat;
}

/** A failure that ends the session. */
export interface ModelFailure {
  readonly code: Extract<
    ErrorCode,
    | "MODEL_CONNECT_FAILED"
    | "MODEL_REJECTED"
    | "MODEL_RATE_LIMITED"
    | "MODEL_PROTOCOL"
    | "MODEL_LOST"
  >;
  /** In plain words, for the operator; never a secret, never caller content. */
  readonly reason: string;
}

/** What a provider charges for, since it was told last; tokens. */
export interface ModelUsage {
  /** Input that was not read from the provider's cache. */
  readonly inputTextTokens: number;
  readonly inputAudioTokens: number;
  /** Input that was read from the provider's cache; in neither of those before. */
  readonly cachedTokens: number;
  readonly outputTextTokens: number;
  readonly outputAudioTokens: number;
}

/** What a provider charges, in US dollars per million tokens. */
export interface ModelPrices {
  /** Input that was not read from the cache. */
  readonly inputText: number;
  readonly inputAudio: number;
  /** Input that was read from the cache. */
  readonly cached: number;
  readonly outputText: number;
  readonly outputAudio: number;
}

/** More about what was said, of models that know it. */
export interface UtteranceDetails {
  /** Wall milliseconds. */
  readonly startedAtMs: number;
  readonly endedAtMs: number;
  readonly sentiment?: Sentiment | undefined;
}

/** What a model makes of a conversation that it listens to. */
export interface ModelFinding {
  /** `issue`: words of an utterance that name a problem. `category`: the name of one that the conversation fits. `remark`: about the listening itself. */
  readonly kind: "issue" | "category" | "remark";
  readonly text: string;
  /** Of the utterance, where it is one's. */
  readonly itemId: string | undefined;
}

/** Receives what the model does. Called synchronously; must not throw. */
export interface ModelSink {
  /** The session takes audio. */
  onReady(): void;
  /** A piece of speech, in the `outputFormat` of the model or the session's format, of any length; borrowed. `itemId` names the answer it belongs to. */
  onAudio(bytes: Uint8Array, itemId: string): void;
  /** No more audio of this answer will come. */
  onAudioDone(itemId: string): void;
  /** The caller began to speak, in the model's opinion. */
  onSpeechStarted(): void;
  /** The caller's turn is over, in the model's opinion. */
  onSpeechStopped(): void;
  /** The model stopped its answers by itself because the caller spoke; no more of their audio may come. Once per interruption. */
  onInterrupted(): void;
  /** The session will end by itself in `remainingMs`, which is not a failure yet. */
  onExpiring(remainingMs: number): void;
  /** What was used since the last call. */
  onUsage(usage: ModelUsage): void;
  /** What somebody said; `final` replaces earlier text of the same item. */
  onTranscript(
    speaker: Speaker,
    text: string,
    itemId: string,
    final: boolean,
    details?: UtteranceDetails,
  ): void;
  /** Only of models that listen. */
  onFinding?(finding: ModelFinding): void;
  /** The service fails, and the session goes on: it keeps the audio and tries again. Not said again before `onRecovered`. */
  onFaltered?(failure: ModelFailure): void;
  onRecovered?(): void;
  /** `argumentsJson` is unchecked text from the model. MUST be answered with `toolResult`. */
  onToolCall(toolCallId: string, name: string, argumentsJson: string): void;
  /** The session is over by failure; nothing follows. */
  onFailed(failure: ModelFailure): void;
}

/**
 * A conversation with a model.
 *
 * - No method throws or blocks, in any state; after `close` or `onFailed` they do nothing.
 * - Nothing MUST reach the sink after `close` returned.
 */
export interface ModelSession {
  /** The caller's audio, in the session's format; borrowed. Called in real time, silence included. */
  pushAudio(bytes: Uint8Array): void;
  /** The caller pressed a key. */
  pushDigit(digit: string): void;
  /** The caller spoke over the answer `itemId`, of which they heard `playedMs`; no more of its audio may come. */
  interrupt(itemId: string, playedMs: number): void;
  /**
   * What the caller said since `onSpeechStarted` was no interruption but a cough, a "mhm" or our own echo: the answer under
   * way goes on, and no answer to it is wanted. Only of a model that is `arbitrated`.
   */
  dismissSpeech(): void;
  /** All audio of `itemId` was played to the caller. */
  played(itemId: string): void;
  /** The output of a tool, as JSON. */
  toolResult(toolCallId: string, outputJson: string): void;
  /** Speaks `text`, or has the model speak to that effect; see `capabilities.speaksText`. */
  say(text: string): void;
  /** Who is on the stream became known, or was corrected. Absent: the model does not care. */
  tellRole?(role: StreamRole): void;
  /** Opaque; a later session that is opened with it knows all that was said. `undefined`: it has to be told the history. */
  readonly resumption: string | undefined;
  close(): void;
  toJSON(): Readonly<Record<string, unknown>>;
}

/** A configured model. `open` returns at once: connecting, and failing to, is reported to the sink. */
export interface RealtimeModel {
  /** The name it was configured under. */
  readonly name: string;
  readonly capabilities: ModelCapabilities;
  /** As configured; absent or `undefined`: costs are not known. */
  readonly prices?: ModelPrices | undefined;
  open(options: ModelSessionOptions, sink: ModelSink): ModelSession;
  /** One line for people: what it is and what it can do on this machine. */
  describe(): string;
}
