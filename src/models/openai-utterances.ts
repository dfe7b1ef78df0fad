/** Utterances of a transcription session of OpenAI in the order of speech: the service may finish a later one first. */
import { after, type Clock, type Timer } from "../core/clock.ts";
import type { ServerEvent } from "./openai-server-event.ts";
import type { HeardUtterance } from "./transcriber.ts";

/** Utterances under way. */
const MAX_ITEMS = 32;
/** The text of an utterance. */
const MAX_CHARACTERS = 20_000;
/** A later utterance waits no longer for an earlier one. */
const PATIENCE_MS = 4000;

interface Item {
  readonly id: string;
  startMs: number;
  endMs: number | undefined;
  text: string;
  final: boolean;
  /** What was told of it. */
  told: string | undefined;
}

/** Those of one session. */
export class OpenAiUtterances {
  readonly #clock: Clock;
  readonly #tell: (utterance: HeardUtterance) => void;
  readonly #sentMs: () => number;
  /** In the order of speech; the first one is told as it grows, the others wait. */
  readonly #items: Item[] = [];
  #timer: Timer | undefined;

  /** @param sentMs audio that was sent so far. */
  constructor(clock: Clock, sentMs: () => number, tell: (utterance: HeardUtterance) => void) {
    this.#clock = clock;
    this.#sentMs = sentMs;
    this.#tell = tell;
  }

  /** Something was said whose text is not there yet. */
  get pending(): boolean {
    return this.#items.length > 0;
  }

  /** Somebody speaks. */
  get speaking(): boolean {
    return this.#items.some(({ endMs }) => endMs === undefined);
  }

  onEvent(event: ServerEvent): void {
    switch (event.kind) {
      case "speechStarted":
        if (event.itemId !== undefined) {
          this.#itemOf(event.itemId).startMs = event.audioMs ?? this.#sentMs();
        }
        break;
      case "speechStopped":
        if (event.itemId !== undefined) {
          this.#itemOf(event.itemId).endMs = event.audioMs ?? this.#sentMs();
        }
        break;
      case "turnCommitted":
        this.#itemOf(event.itemId).endMs ??= this.#sentMs();
        break;
      case "callerText":
        this.#grow(this.#itemOf(event.itemId), event.delta);
        break;
      case "callerTextDone":
        this.#finish(this.#itemOf(event.itemId), event.text);
        break;
      case "callerTextFailed":
        this.#finish(this.#itemOf(event.itemId), undefined);
        break;
      default:
        break;
    }
  }

  stop(): void {
    this.#timer?.cancel();
  }

  #itemOf(id: string): Item {
    const known = this.#items.find((item) => item.id === id);
    if (known !== undefined) {
      return known;
    }
    const item: Item = {
      id,
      startMs: this.#sentMs(),
      endMs: undefined,
      text: "",
      final: false,
      told: undefined,
    };
    this.#items.push(item);
    if (this.#items.length > MAX_ITEMS) {
      this.#giveUp();
    }
    return item;
  }

  #grow(item: Item, delta: string): void {
    item.text = (item.text + delta).slice(0, MAX_CHARACTERS);
    this.#pass();
  }

  /** `undefined`: no more text comes; what there is, is all. */
  #finish(item: Item, text: string | undefined): void {
    item.text = (text ?? item.text).slice(0, MAX_CHARACTERS);
    item.final = true;
    this.#pass();
    if (this.#items.some(({ final }) => final)) {
      this.#timer ??= after(this.#clock, PATIENCE_MS, () => this.#onImpatient());
    }
  }

  #onImpatient(): void {
    this.#timer = undefined;
    while (this.#items.some(({ final }) => final)) {
      this.#giveUp();
    }
  }

  /** The first one is over as it stands. */
  #giveUp(): void {
    const [first] = this.#items;
    if (first !== undefined) {
      first.final = true;
      this.#pass();
    }
  }

  #pass(): void {
    for (let [first] = this.#items; first !== undefined; [first] = this.#items) {
      this.#tellOf(first);
      if (!first.final) {
        return;
      }
      this.#items.shift();
    }
    this.#timer?.cancel();
    this.#timer = undefined;
  }

  /** What has no words is not worth telling. */
  #tellOf(item: Item): void {
    const { id, final, startMs, text } = item;
    if (text.trim() !== "" && (final || text !== item.told)) {
      item.told = text;
      const endMs = Math.max(startMs, item.endMs ?? this.#sentMs());
      this.#tell({ channel: 0, id, text, final, startMs, endMs });
    }
  }
}
