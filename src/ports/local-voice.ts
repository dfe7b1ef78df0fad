/** The port to the machine's own voice, which needs no provider. */

/** Speaks texts that do not come from a model: fillers, apologies, an operator's words. */
export interface LocalVoice {
  /** Whether `render` has audio for this text. */
  canSay(text: string): boolean;
  /** PCM16 mono at 8 kHz, not to be changed: at once for a recorded text. `undefined`: this machine cannot say it. Never rejects. */
  render(
    text: string,
    signal: AbortSignal,
  ): Int16Array | Promise<Int16Array | undefined> | undefined;
}
