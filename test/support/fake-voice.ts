/** A voice that says everything as half a second of tone 9. */
import { fillSine } from "../../src/audio/signal.ts";
import type { LocalVoice } from "../../src/ports/local-voice.ts";
import { toneHz } from "./tones.ts";

const RATE_HZ = 8000;

/** Keeps what it was to say. */
export class FakeVoice implements LocalVoice {
  static readonly TONE = 9;
  readonly said: string[] = [];
  /** Texts that this machine has no audio for. */
  readonly unspeakable = new Set<string>();

  canSay(text: string): boolean {
    return !this.unspeakable.has(text);
  }

  render(text: string): Int16Array | undefined {
    if (!this.canSay(text)) {
      return undefined;
    }
    this.said.push(text);
    const samples = new Int16Array(RATE_HZ / 2);
    fillSine(samples, RATE_HZ, toneHz(FakeVoice.TONE), 8000, 0);
    return samples;
  }
}
