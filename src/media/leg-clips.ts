/** What an operator, or the gateway itself, says into a leg: texts in the machine's own voice, and audio. */
import type { Clock } from "../core/clock.ts";
import { GatewayError } from "../core/errors.ts";
import type { LocalVoice } from "../ports/local-voice.ts";
import type { LegFact, TurnTiming } from "../ports/media-facts.ts";
import type { ClipPlayer } from "./clip-player.ts";
import type { PlayoutItem } from "./playout-item.ts";

/** What a clip is in the record. */
export type ClipSource = Exclude<TurnTiming["source"], "answer" | undefined>;

interface OpenClip {
  readonly source: ClipSource;
  readonly orderedAtMs: number;
  startedAtMs: number | undefined;
}

/** Where clips go. */
export interface LegClipsOptions {
  readonly clock: Clock;
  readonly player: ClipPlayer;
  /** `undefined`: this machine has no voice of its own. */
  readonly voice: LocalVoice | undefined;
  readonly report: (fact: LegFact) => void;
}

/** The clips of one leg. */
export class LegClips {
  readonly #options: LegClipsOptions;
  readonly #abort = new AbortController();
  /** Clips that wait or play, by item id. */
  readonly #open = new Map<string, OpenClip>();
  #serial = 0;

  constructor(options: LegClipsOptions) {
    this.#options = options;
  }

  /** Rejects with VOICE_CANNOT_SAY, or MEDIA_CLIPS_FULL when too much waits already. */
  async say(text: string, source: ClipSource): Promise<void> {
    const samples = await this.#options.voice?.render(text, this.#abort.signal);
    if (samples === undefined) {
      throw new GatewayError("VOICE_CANNOT_SAY");
    }
    this.play(samples, source);
  }

  /** Throws MEDIA_CLIPS_FULL when too much waits already. */
  play(samples: Int16Array, source: ClipSource): void {
    if (this.#abort.signal.aborted) {
      return;
    }
    this.#serial += 1;
    const itemId = `${source}-${this.#serial}`;
    const { clock, player } = this.#options;
    const clip: OpenClip = { source, orderedAtMs: clock.wallMs(), startedAtMs: undefined };
    const listener = {
      onItemStarted: () => {
        clip.startedAtMs = clock.wallMs();
      },
      onItemPlayed: (item: PlayoutItem) => this.#report(item),
    };
    if (!player.play({ itemId, samples, listener })) {
      throw new GatewayError("MEDIA_CLIPS_FULL");
    }
    this.#open.set(itemId, clip);
  }

  /** What was not heard is reported as such; nothing is said afterwards. */
  close(): void {
    if (this.#abort.signal.aborted) {
      return;
    }
    this.#abort.abort();
    for (const item of this.#options.player.clear()) {
      this.#report(item);
    }
  }

  #report(item: PlayoutItem): void {
    const clip = this.#open.get(item.itemId);
    this.#open.delete(item.itemId);
    if (clip?.startedAtMs === undefined) {
      return;
    }
    const turn = {
      ...item,
      source: clip.source,
      lastCallerVoiceAtMs: undefined,
      firstModelAudioAtMs: clip.orderedAtMs,
      firstPacketAtMs: clip.startedAtMs,
      endedAtMs: this.#options.clock.wallMs(),
      interrupted: false,
    };
    this.#options.report({ kind: "turnPlayed", turn });
  }
}
