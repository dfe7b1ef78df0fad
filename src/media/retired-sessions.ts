/** Sessions that were renewed: they may still finish their answer, and tell late what was said. */
import type { ModelChannel } from "./model-channel.ts";

/** Long enough for texts that come after the audio. */
const RETIREMENT_MS = 3000;
/** An answer that is never declared done is not waited for longer than this. */
const LAST_ANSWER_MS = 60_000;

interface Retired {
  readonly channel: ModelChannel;
  readonly sinceUs: number;
}

/** Those of one leg. */
export class RetiredSessions {
  #retired: readonly Retired[] = [];

  add(channel: ModelChannel, nowUs: number): void {
    this.#retired = [...this.#retired, { channel, sinceUs: nowUs }];
  }

  /** The session that gave this name. */
  owner(id: string): ModelChannel | undefined {
    return this.#retired.find(({ channel }) => channel.owns(id))?.channel;
  }

  /** Closes those that have said all. */
  onTick(nowUs: number): void {
    if (this.#retired.length > 0) {
      this.#dismiss(nowUs);
    }
  }

  close(): void {
    for (const { channel } of this.#retired) {
      channel.close();
    }
    this.#retired = [];
  }

  #dismiss(nowUs: number): void {
    this.#retired = this.#retired.filter((retired) => {
      const over = isOver(retired, nowUs);
      if (over) {
        retired.channel.close();
      }
      return !over;
    });
  }
}

function isOver({ channel, sinceUs }: Retired, nowUs: number): boolean {
  const ageMs = (nowUs - sinceUs) / 1000;
  const speaking = channel.voice?.queue.busy === true && channel.state === "ready";
  return ageMs > (speaking ? LAST_ANSWER_MS : RETIREMENT_MS);
}
