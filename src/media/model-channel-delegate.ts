/** Who hears of the sessions with models on a leg. */
import type {
  ModelFailure,
  ModelFinding,
  ModelUsage,
  Speaker,
  UtteranceDetails,
} from "../ports/realtime-model.ts";

/** Hears what the session does, with names that are unique on the leg; never after `close`. */
export interface ModelChannelDelegate<Channel> {
  onReady(channel: Channel): void;
  onAudio(channel: Channel, bytes: Uint8Array, itemId: string): void;
  onAudioDone(channel: Channel, itemId: string): void;
  onSpeechStarted(channel: Channel): void;
  onSpeechStopped(channel: Channel): void;
  onInterrupted(channel: Channel): void;
  onExpiring(channel: Channel, remainingMs: number): void;
  onUsage(channel: Channel, usage: ModelUsage): void;
  onTranscript(
    channel: Channel,
    speaker: Speaker,
    text: string,
    itemId: string,
    final: boolean,
    details?: UtteranceDetails,
  ): void;
  onFinding(channel: Channel, finding: ModelFinding): void;
  onFaltered(channel: Channel, failure: ModelFailure): void;
  onRecovered(channel: Channel): void;
  onToolCall(channel: Channel, toolCallId: string, name: string, argumentsJson: string): void;
  /** Once; what the session is told afterwards does nothing. */
  onFailed(channel: Channel, failure: ModelFailure): void;
}
