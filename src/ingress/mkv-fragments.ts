/** Fragments of a Kinesis Video stream out of its Matroska: audio by the name of its track, and what the tags say. */
import { lengthOf } from "./ebml-numbers.ts";
import { EbmlReader } from "./ebml-reader.ts";
import { EBML, TAGS } from "./kinesis-video-names.ts";

/** Audio of one block; PCM, as it came. */
export interface MkvBlock {
  /** Name of the track; empty: it has none. */
  readonly track: string;
  readonly bytes: Uint8Array;
}

/** Hears of fragments in their order. */
export interface FragmentListener {
  /**
   * The audio of a fragment, when its tags were read as far as the contact's id, or at its end. A fragment that is cut
   * before that is not told of: it is read again as a whole.
   */
  onFragment(fragment: MkvFragment): void;
  /** A tag of the service or of whoever sends. */
  onTag(name: string, value: string): void;
}

/** One fragment. */
export interface MkvFragment {
  /** `undefined`: the service did not say. */
  readonly number: string | undefined;
  /** `undefined`: the stream does not say whose it is. */
  readonly contactId: string | undefined;
  /** More of the fragment that was told of last. */
  readonly continues: boolean;
  readonly blocks: readonly MkvBlock[];
}

/** More than this is no fragment of speech. */
const MAX_FRAGMENT_BYTES = 4 * 1024 * 1024;
const MAX_TRACKS = 16;
const MAX_TAG_CHARACTERS = 4096;
const BLOCK_HEAD_BYTES = 3;

/** One stream, from its first byte on. */
export class MkvFragments {
  readonly #listener: FragmentListener;
  readonly #reader: EbmlReader;
  readonly #tracks = new Map<number, string>();
  #trackNumber = -1;
  #trackName = "";
  #tagName = "";
  #tagValue = "";
  #number: string | undefined;
  #contactId: string | undefined;
  #blocks: MkvBlock[] = [];
  #blockBytes = 0;
  /** Something of this fragment was told already. */
  #told = false;
  #droppedBlocks = 0;
  #garbage = 0;

  constructor(listener: FragmentListener) {
    this.#listener = listener;
    this.#reader = new EbmlReader({
      onBegin: (id) => this.#onBegin(id),
      onEnd: (id) => this.#onEnd(id),
      onElement: (id, payload) => this.#onElement(id, payload),
      onGarbage: () => this.#onGarbage(),
    });
  }

  /** Bytes that made no sense, in a row. */
  get garbageBytes(): number {
    return this.#reader.garbageBytes;
  }

  push(bytes: Uint8Array): void {
    this.#reader.push(bytes);
  }

  /** The stream ended. @param isOrderly false: it was cut, and the last fragment is not whole. */
  finish(isOrderly: boolean): void {
    if (isOrderly) {
      this.#flush();
    }
    this.#reader.restart();
    this.#forget();
  }

  toJSON(): Readonly<Record<string, number>> {
    return { garbage: this.#garbage, droppedBlocks: this.#droppedBlocks };
  }

  #onBegin(id: number): void {
    if (id === EBML.header) {
      this.#forget();
      this.#tracks.clear();
    } else if (id === EBML.trackEntry) {
      this.#trackNumber = -1;
      this.#trackName = "";
    } else if (id === EBML.simpleTag) {
      this.#tagName = "";
      this.#tagValue = "";
    }
  }

  #onEnd(id: number): void {
    if (id === EBML.trackEntry && this.#tracks.size < MAX_TRACKS) {
      this.#tracks.set(this.#trackNumber, this.#trackName);
    } else if (id === EBML.simpleTag) {
      this.#onTag(this.#tagName, this.#tagValue);
    } else if (id === EBML.segment) {
      this.#flush();
      this.#forget();
    }
  }

  #onElement(id: number, payload: Uint8Array): void {
    switch (id) {
      case EBML.trackNumber:
        this.#trackNumber = numberOf(payload);
        break;
      case EBML.trackName:
        this.#trackName = textOf(payload);
        break;
      case EBML.tagName:
        this.#tagName = textOf(payload);
        break;
      case EBML.tagString:
        this.#tagValue = textOf(payload);
        break;
      case EBML.simpleBlock:
      case EBML.block:
        this.#onBlock(payload);
        break;
      default:
        break;
    }
  }

  #onTag(name: string, value: string): void {
    if (name === TAGS.fragmentNumber) {
      this.#number = value;
    } else if (name === TAGS.contactId) {
      this.#contactId = value;
      this.#flush();
    }
    this.#listener.onTag(name, value);
  }

  /** RFC 9559 "SimpleBlock Structure": track number, time, flags; laced blocks do not exist in these streams. */
  #onBlock(payload: Uint8Array): void {
    const length = lengthOf(payload[0] ?? 0);
    const from = length + BLOCK_HEAD_BYTES;
    if (length > 4 || payload.length < from || this.#blockBytes > MAX_FRAGMENT_BYTES) {
      this.#droppedBlocks += 1;
      return;
    }
    const track = this.#tracks.get(trackOf(payload, length)) ?? "";
    const bytes = payload.subarray(from);
    this.#blockBytes += bytes.length;
    this.#blocks.push({ track, bytes });
    if (this.#contactId !== undefined) {
      this.#flush();
    }
  }

  #flush(): void {
    if (this.#blocks.length > 0) {
      const blocks = this.#blocks;
      const continues = this.#told;
      this.#blocks = [];
      this.#told = true;
      const { contactId, number } = { contactId: this.#contactId, number: this.#number };
      this.#listener.onFragment({ number, contactId, continues, blocks });
    }
  }

  #onGarbage(): void {
    this.#garbage += 1;
    this.#forget();
  }

  #forget(): void {
    this.#blocks = [];
    this.#blockBytes = 0;
    this.#told = false;
    this.#number = undefined;
    this.#contactId = undefined;
  }
}

function trackOf(payload: Uint8Array, length: number): number {
  let value = (payload[0] as number) & (0xff >> length);
  for (let i = 1; i < length; i += 1) {
    value = value * 256 + (payload[i] as number);
  }
  return value;
}

function numberOf(payload: Uint8Array): number {
  let value = 0;
  for (let i = 0; i < payload.length && i < 6; i += 1) {
    value = value * 256 + (payload[i] as number);
  }
  return value;
}

function textOf(payload: Uint8Array): string {
  return Buffer.from(payload.subarray(0, MAX_TAG_CHARACTERS)).toString("utf8").replace(/\0+$/, "");
}
