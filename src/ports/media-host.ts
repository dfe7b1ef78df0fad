/** The port to the audio engine: commands go down, facts come up, both plain data; audio never crosses it. */
import type { ErrorCode } from "../core/errors.ts";
import type { CallId, LegId } from "../core/ids.ts";
import type { SrtpKeys } from "../core/srtp-suites.ts";
import type { ModelSessionPlan, Speaker } from "./realtime-model.ts";

/** What offer and answer agreed on for one leg's audio. */
export interface LegStream {
  /** `0.0.0.0` and `::` are nobody: nothing is sent, and whoever was heard before stays the peer. */
  readonly remoteAddress: string;
  readonly remotePort: number;
  readonly remoteRtcpPort: number;
  /** Absent: `remoteAddress`. */
  readonly remoteRtcpAddress?: string | undefined;
  /** RTCP shares the RTP port both ways; RFC 5761. Absent: it does not. */
  readonly rtcpMux?: boolean | undefined;
  /** Where the peer's SIP comes from: behind a NAT, its RTP comes from there too. */
  readonly signallingAddress?: string | undefined;
  readonly law: "pcmu" | "pcma";
  readonly payloadType: number;
  /** `undefined`: the peer takes no telephone-event. */
  readonly telephoneEventPayloadType: number | undefined;
  readonly ptimeMs: number;
  /** From our side: whether we send, receive, both or neither. */
  readonly direction: "sendrecv" | "sendonly" | "recvonly" | "inactive";
  /** The peer holds the call: what it sends meanwhile, such as music, is not the caller. Absent: it does not. */
  readonly held?: boolean | undefined;
  /** Absent: plain RTP. Secret. */
  readonly srtp?: SrtpKeys | undefined;
}

interface LegCommand {
  readonly callId: CallId;
  readonly legId: LegId;
}

/** Reserves ports; answers with {@link LegAddress}. */
export interface OpenLeg extends LegCommand {
  readonly kind: "openLeg";
  /** IP address that the peer's SIP comes from: decides which address of ours it is told. */
  readonly peer?: string;
}

/** Sets or changes the peer, codec and direction; the first one starts the leg's clock. */
export interface UpdateRemote extends LegCommand {
  readonly kind: "updateRemote";
  readonly stream: LegStream;
}

/** Connects a model to the leg; it is opened at once, so that it is ready when the call is answered. */
export interface AttachModel extends LegCommand {
  readonly kind: "attachModel";
  readonly model: string;
  /** `listen`: the model hears and its audio is not played. */
  readonly mode: "talk" | "listen";
  readonly plan: ModelSessionPlan;
}

/** Sends the caller's audio back to them, for a telecom admin who tests a trunk. */
export interface AttachEcho extends LegCommand {
  readonly kind: "attachEcho";
}

/** Presses keys towards the peer, by telephone-event. */
export interface SendDigits extends LegCommand {
  readonly kind: "sendDigits";
  /** Characters of `0-9*#A-D`. */
  readonly digits: string;
}

/** Speaks a text through the leg's model. */
export interface Say extends LegCommand {
  readonly kind: "say";
  readonly text: string;
}

/** A digit that reached us by SIP INFO instead of RTP. */
export interface PressDigit extends LegCommand {
  readonly kind: "pressDigit";
  readonly digit: string;
}

/** Answers a tool call of the leg's model. */
export interface ToolResult extends LegCommand {
  readonly kind: "toolResult";
  readonly toolCallId: string;
  readonly outputJson: string;
}

/** Resolves when everything queued was played, or after `deadlineMs`. */
export interface DrainPlayout extends LegCommand {
  readonly kind: "drainPlayout";
  readonly deadlineMs: number;
}

/** Ends the leg and all it holds; resolves when the ports are released. */
export interface CloseLeg extends LegCommand {
  readonly kind: "closeLeg";
}

/** Everything the engine can be told. */
export type MediaCommand =
  | OpenLeg
  | UpdateRemote
  | AttachModel
  | AttachEcho
  | SendDigits
  | Say
  | PressDigit
  | ToolResult
  | DrainPlayout
  | CloseLeg;

/** Where a leg receives. */
export interface LegAddress {
  readonly address: string;
  readonly port: number;
  readonly rtcpPort: number;
}

/** What a command resolves with. */
export type MediaResult<C extends MediaCommand> = C extends OpenLeg ? LegAddress : undefined;

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

/** One answer of the model, measured where the caller hears it. Times are wall milliseconds. */
export interface TurnTiming {
  readonly itemId: string;
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
    }
  | { readonly kind: "turnPlayed"; readonly turn: TurnTiming }
  | {
      readonly kind: "transcriptAdded";
      readonly speaker: Speaker;
      readonly text: string;
      readonly itemId: string;
      readonly final: boolean;
    }
  | {
      readonly kind: "toolCalled";
      readonly toolCallId: string;
      readonly name: string;
      readonly argumentsJson: string;
    }
  | { readonly kind: "modelFailed"; readonly code: ErrorCode; readonly reason: string }
  | { readonly kind: "legClosed"; readonly stats: LegStats };

/** A fact, with where and when. */
export type MediaFact = LegFact & {
  readonly callId: CallId;
  readonly legId: LegId;
  readonly atMs: number;
};

/** Hears every fact of the host; called synchronously, in order; must not throw. */
export interface MediaHostDelegate {
  onFact(fact: MediaFact): void;
}

/**
 * The audio engine.
 *
 * - Commands of one leg are carried out in order.
 * - `execute` rejects with MEDIA_LEG_UNKNOWN for a leg that is not open, except `closeLeg`, which resolves.
 * - After `legClosed` no fact of that leg follows.
 */
export interface MediaHost {
  setDelegate(delegate: MediaHostDelegate): void;
  execute<C extends MediaCommand>(command: C): Promise<MediaResult<C>>;
  /** Everything known about a call's audio; `undefined` when it has none here. */
  dump(callId: CallId): Readonly<Record<string, unknown>> | undefined;
  /** Legs open, ticks late, counters of all legs past and present. */
  toJSON(): Readonly<Record<string, unknown>>;
  close(): Promise<void>;
}
