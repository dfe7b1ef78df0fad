/** What the audio engine reports: facts of a leg, and what they measure. */
import type { ErrorCode } from "../core/errors.ts";
import type { CallId, LegId } from "../core/ids.ts";
import type { ModelFinding, ModelUsage, Speaker, UtteranceDetails } from "./realtime-model.ts";

/** Reception and transmission of a leg over its whole life. */
export interface LegStats {
  readonly packetsReceived: number;
  readonly packetsSent: number;
  readonly packetsLost: number;
  readonly packetsLate: number;
  readonly packetsRefused: number;
  readonly jitterMs: number;
  /** From RTCP, where the peer sends it. */
  readonly roundTripMs: number | undefined;
  /** Loss the peer reported of what we sent, 0 … 1. */
  readonly remoteLossFraction: number | undefined;
}

/** One thing the caller heard, measured where they hear it. Times are wall milliseconds. */
export interface TurnTiming {
  readonly itemId: string;
  /** `say` and `inject`: ordered by an operator. Absent: `answer`. */
  readonly source?: "answer" | "filler" | "say" | "inject" | undefined;
  /** Name of the model that spoke; `undefined`: the machine's own voice, or injected audio. */
  readonly model?: string | undefined;
  /** When the model decided that the caller's turn was over. */
  readonly turnEndedAtMs?: number | undefined;
  /** The milliseconds of this answer that the model was told were heard; `undefined`: nothing was cut off. */
  readonly truncatedToMs?: number | undefined;
  /** Time that its first audio waited because something else was being said. */
  readonly waitedMs?: number | undefined;
  /** Time that tools took between the caller's turn and this answer. */
  readonly toolMs?: number | undefined;
  /** What the provider counted since the turn before; what it counts after the last turn is in the record's usage only. */
  readonly usage?: ModelUsage | undefined;
  /** The same in US dollars, where the model's prices are configured. */
  readonly costUsd?: number | undefined;
  /** When the last voiced packet before the answer arrived; `undefined` when the model spoke unasked. */
  readonly lastCallerVoiceAtMs: number | undefined;
  readonly firstModelAudioAtMs: number;
  readonly firstPacketAtMs: number;
  readonly endedAtMs: number;
  readonly playedMs: number;
  /** Audio that was dropped because the caller spoke over it. */
  readonly unheardMs: number;
  readonly interrupted: boolean;
}

/** What took the floor: voice that went on, words, the model's own decision, a key. */
export type BargeInCause = "speech" | "words" | "model" | "key";

/** What did not: a sound too short for a word, a short sound or words that ask for nothing, our own playout. */
export type DismissedAs = "noise" | "backchannel" | "echo";

/** What happened on a leg. */
export type LegFact =
  | { readonly kind: "mediaStarted" }
  /** No RTP from the peer for this long; reported once, and again after it came back. */
  | { readonly kind: "mediaTimedOut"; readonly silentMs: number }
  | { readonly kind: "mediaResumed" }
  | { readonly kind: "digitReceived"; readonly digit: string }
  | { readonly kind: "modelReady"; readonly model: string; readonly afterMs: number }
  | { readonly kind: "speechStarted" }
  | { readonly kind: "speechStopped" }
  | {
      readonly kind: "bargedIn";
      readonly itemId: string;
      readonly playedMs: number;
      readonly unheardMs: number;
      /** From the first voiced packet of the interruption to playout cleared; `undefined`: a key was pressed. */
      readonly sinceVoiceMs: number | undefined;
      /** How it was known; absent: by the model. */
      readonly by?: BargeInCause | undefined;
    }
  /** Playout was paused because the caller made a sound, and goes on: it was no interruption. */
  | {
      readonly kind: "bargeInDismissed";
      readonly itemId: string;
      /** 0: our echo was recognised before anything was paused. */
      readonly pausedMs: number;
      /** What the sound was; absent: not known. */
      readonly as?: DismissedAs | undefined;
    }
  /** See the command `measureLevels`; the newest value last. */
  | {
      readonly kind: "levelsMeasured";
      readonly levelsDbfs: readonly number[];
      readonly everyMs: number;
    }
  | { readonly kind: "turnPlayed"; readonly turn: TurnTiming }
  | {
      readonly kind: "transcriptAdded";
      readonly speaker: Speaker;
      readonly text: string;
      readonly itemId: string;
      readonly final: boolean;
      readonly details?: UtteranceDetails | undefined;
    }
  /** A model that listens found something out. */
  | { readonly kind: "findingAdded"; readonly finding: ModelFinding }
  | {
      readonly kind: "toolCalled";
      readonly toolCallId: string;
      readonly name: string;
      readonly argumentsJson: string;
    }
  /** See the command `mute`. */
  | { readonly kind: "muteChanged"; readonly who: "caller" | "model"; readonly on: boolean }
  /** What the provider charged for, as soon as it says so. */
  | {
      readonly kind: "modelUsed";
      readonly model: string;
      readonly usage: ModelUsage;
      /** US dollars, where the model's prices are configured. */
      readonly costUsd: number | undefined;
    }
  /** The session of a model reached its limit, and another one of the same model goes on. */
  | { readonly kind: "modelRenewed"; readonly model: string }
  /** A model failed and the next one takes over. */
  | {
      readonly kind: "modelReplaced";
      readonly model: string;
      readonly by: string;
      readonly code: ErrorCode;
      readonly reason: string;
    }
  /** The service of a model fails; its session keeps the audio and tries again by itself. */
  | {
      readonly kind: "modelFaltered";
      readonly model: string;
      readonly code: ErrorCode;
      readonly reason: string;
    }
  | { readonly kind: "modelRecovered"; readonly model: string }
  /** No model is left. */
  | { readonly kind: "modelFailed"; readonly code: ErrorCode; readonly reason: string }
  | { readonly kind: "legClosed"; readonly stats: LegStats };

/** A fact, with where and when. */
export type MediaFact = LegFact & {
  readonly callId: CallId;
  readonly legId: LegId;
  readonly atMs: number;
};
