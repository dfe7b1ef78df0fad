/** The port to the audio engine: commands go down, facts come up, both plain data; audio never crosses it. */
import type { CallId, LegId } from "../core/ids.ts";
import type { SrtpKeys } from "../core/srtp-suites.ts";
import type { MediaFact } from "./media-facts.ts";
import type { ModelSessionPlan, StreamRole } from "./realtime-model.ts";
import type { RecordingChannel } from "./recording-store.ts";

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

/**
 * What a caller's voice does to an answer: it pauses it until it is known what the voice was; or it ends it as soon as the
 * model hears it; or nothing. Keys end answers always. A model with `nativeDuplex` decides by itself.
 */
export type BargeInMode = "reversible" | "immediate" | "off";

/** Connects a model to the leg; it is opened at once, so that it is ready when the call is answered. */
export interface AttachModel extends LegCommand {
  readonly kind: "attachModel";
  readonly model: string;
  /** `listen`: the model hears and its audio is not played. */
  readonly mode: "talk" | "listen";
  readonly plan: ModelSessionPlan;
  /** Absent: `reversible`. */
  readonly bargeIn?: BargeInMode | undefined;
  /** Absent: the first failure is the last. */
  readonly continuity?: Continuity | undefined;
}

/** How a conversation outlives a model. */
export interface Continuity {
  /** Models that take over when the one before fails, in this order. */
  readonly fallbacks: readonly string[];
  /** A model that lets the caller wait longer for an answer's first audio has failed; `undefined`: it may. Milliseconds. */
  readonly answerTimeoutMs: number | undefined;
  /** Spoken by the machine's own voice when the caller hears nothing for `afterMs` while a model is replaced. */
  readonly filler: { readonly text: string; readonly afterMs: number } | undefined;
}

/** Sends the caller's audio back to them, for a telecom admin who tests a trunk. */
export interface AttachEcho extends LegCommand {
  readonly kind: "attachEcho";
}

/** Presses keys towards the peer, by telephone-event. Rejects with MEDIA_NO_DIGITS when the peer takes none. */
export interface SendDigits extends LegCommand {
  readonly kind: "sendDigits";
  /** Characters of `0-9*#A-D`. */
  readonly digits: string;
}

/**
 * Speaks a text. Rejects with VOICE_CANNOT_SAY when it is for the machine's own voice, which has no audio for it, and with
 * MODEL_CANNOT_SAY when it is for the model, and there is none that speaks texts.
 */
export interface Say extends LegCommand {
  readonly kind: "say";
  readonly text: string;
  /** `voice`: the machine's own, at once and before anything the model says. Absent: the leg's model. */
  readonly by?: "model" | "voice" | undefined;
  /** What a text of the machine's own voice is in the record; absent: `say`. */
  readonly as?: "say" | "filler" | undefined;
}

/** Plays audio into the call, at once and before anything the model says. Rejects with MEDIA_CLIPS_FULL. */
export interface Inject extends LegCommand {
  readonly kind: "inject";
  /** PCM16 mono at 8 kHz; 5 minutes may wait. */
  readonly samples: Int16Array;
}

/** Silences one direction until it is told otherwise. */
export interface Mute extends LegCommand {
  readonly kind: "mute";
  /** `caller`: the model hears silence. `model`: the caller hears nothing of the model, which passes as if it were heard. */
  readonly who: "caller" | "model";
  readonly on: boolean;
}

/** A digit that reached us by SIP INFO instead of RTP. */
export interface PressDigit extends LegCommand {
  readonly kind: "pressDigit";
  readonly digit: string;
}

/** Tells the leg's model who is on the stream that it listens to. */
export interface TellRole extends LegCommand {
  readonly kind: "tellRole";
  readonly role: StreamRole;
}

/** Answers a tool call of the leg's model. */
export interface ToolResult extends LegCommand {
  readonly kind: "toolResult";
  readonly toolCallId: string;
  readonly outputJson: string;
}

/** Reports how loud the peer is (`levelsMeasured`) until the leg closes. */
export interface MeasureLevels extends LegCommand {
  readonly kind: "measureLevels";
  /** Milliseconds of audio in one value. */
  readonly everyMs: number;
  /** Values in one fact. */
  readonly batch: number;
}

/** Copies the leg's audio into an open recording of the host's store, instead of any before; an unknown one takes nothing. */
export interface RecordLeg extends LegCommand {
  readonly kind: "record";
  /** `undefined`: into none. */
  readonly recordingId: string | undefined;
  /** Where what the peer says goes; absent: nowhere. */
  readonly heard?: RecordingChannel | undefined;
  /** Where what the peer hears goes; absent: nowhere. */
  readonly said?: RecordingChannel | undefined;
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
  | Inject
  | Mute
  | PressDigit
  | TellRole
  | ToolResult
  | MeasureLevels
  | RecordLeg
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
