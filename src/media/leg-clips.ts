/** What an operator, or the gateway itself, says into a leg: texts in the machine's own voice, and audio. */
import { GatewayError } from "../core/errors.ts";
import type { Logger } from "../core/logger.ts";
import type { LocalVoice } from "../ports/local-voice.ts";
import type { LegFact } from "../ports/media-facts.ts";
import type { ClipPlayer } from "./clip-player.ts";
import type { PlayoutItem, PlayoutListener } from "./playout-item.ts";
import type { TurnLog, TurnSource } from "./turn-log.ts";

/** What a clip is in the record. */
export type ClipSource = Exclude<TurnSource, "answer">;

/** Where clips go. */
export interface LegClipsOptions {
  readonly player: ClipPlayer;
  /** The ledger of the leg. */
  readonly turns: TurnLog;
  /** `undefined`: this machine has no voice of its own. */
  readonly voice: LocalVoice | undefined;
  readonly report: (fact: LegFact) => void;
}

/** The clips of one leg. */
export class LegClips {
  readonly #options: LegClipsOptions;
  readonly #abort = new AbortController();
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

  /** What the machine cannot say is left out. */
  sayFiller(text: string, logger: Logger): void {
    this.say(text, "filler").catch((error: unknown) => {
      logger.warn("a filler could not be said", { error });
    });
  }

  /** Throws MEDIA_CLIPS_FULL when too much waits already. */
  play(samples: Int16Array, source: ClipSource): void {
    if (this.#abort.signal.aborted) {
      return;
    }
    this.#serial += 1;
    const itemId = `${source}-${this.#serial}`;
    const { player, turns } = this.#options;
    if (!player.play({ itemId, samples, listener: this.#listener })) {
      throw new GatewayError("MEDIA_CLIPS_FULL");
    }
    turns.onAudio(itemId, source);
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

  readonly #listener: PlayoutListener = {
    onItemStarted: (itemId) => this.#options.turns.onStarted(itemId),
    onItemPlayed: (item) => this.#report(item),
  };

  #report(item: PlayoutItem): void {
    const turn = this.#options.turns.end(item, false);
    if (turn !== undefined) {
      this.#options.report({ kind: "turnPlayed", turn });
    }
  }
}
