/**
 * Reads EBML byte by byte as it comes, RFC 8794 "Extensible Binary Meta Language": bounded whatever sizes it declares, and
 * never throwing. What cannot be an element makes it look for the next EBML header.
 */
import { lengthOf, sizeOf } from "./ebml-numbers.ts";
import { EBML, LEVEL_ONE, MASTERS, WANTED } from "./kinesis-video-names.ts";

/** Hears of elements; payloads are borrowed for the duration of the call. */
export interface EbmlListener {
  onBegin(id: number): void;
  onEnd(id: number): void;
  onElement(id: number, payload: Uint8Array): void;
  /** What followed made no sense: everything that was open is lost, and does not end. */
  onGarbage(): void;
}

const MAGIC = [0x1a, 0x45, 0xdf, 0xa3];
const MAX_HEADER_BYTES = 12;
const MAX_WANTED_BYTES = 64 * 1024;
const MAX_SKIPPED_BYTES = 1024 * 1024;
const MAX_DEPTH = 12;

interface Open {
  readonly id: number;
  /** Position behind it; infinite: its size is not known. */
  readonly end: number;
}

/** The reader. */
export class EbmlReader {
  readonly #listener: EbmlListener;
  readonly #header = new Uint8Array(MAX_HEADER_BYTES);
  #headerBytes = 0;
  readonly #open: Open[] = [];
  #position = 0;
  /** Of an element that is wanted. */
  #payload: Uint8Array | undefined;
  #payloadId = 0;
  #filled = 0;
  /** Bytes of an element that is not. */
  #toSkip = 0;
  /** Bytes of the magic number that were found while seeking; -1: not seeking. */
  #matched = 0;
  #garbageBytes = 0;

  constructor(listener: EbmlListener) {
    this.#listener = listener;
  }

  /** Bytes since the last element that made sense. */
  get garbageBytes(): number {
    return this.#garbageBytes;
  }

  push(bytes: Uint8Array): void {
    let at = 0;
    while (at < bytes.length) {
      if (this.#matched >= 0) {
        at += this.#seek(bytes, at);
      } else if (this.#payload !== undefined) {
        at += this.#fill(this.#payload, bytes, at);
      } else if (this.#toSkip > 0) {
        at += this.#skip(bytes.length - at);
      } else {
        this.#header[this.#headerBytes] = bytes[at] as number;
        this.#headerBytes += 1;
        this.#position += 1;
        at += 1;
        this.#readHeader();
      }
    }
  }

  /** What comes next is the beginning of another stream. */
  restart(): void {
    this.#open.length = 0;
    this.#headerBytes = 0;
    this.#payload = undefined;
    this.#toSkip = 0;
    this.#matched = 0;
    this.#garbageBytes = 0;
  }

  #seek(bytes: Uint8Array, from: number): number {
    let at = from;
    while (at < bytes.length && this.#matched < MAGIC.length) {
      const byte = bytes[at] as number;
      if (byte === MAGIC[this.#matched]) {
        this.#matched += 1;
      } else {
        this.#matched = byte === MAGIC[0] ? 1 : 0;
      }
      at += 1;
      this.#position += 1;
      this.#garbageBytes += 1;
    }
    if (this.#matched === MAGIC.length) {
      this.#header.set(MAGIC);
      this.#headerBytes = MAGIC.length;
      this.#matched = -1;
    }
    return at - from;
  }

  #fill(payload: Uint8Array, bytes: Uint8Array, at: number): number {
    const count = Math.min(payload.length - this.#filled, bytes.length - at);
    payload.set(bytes.subarray(at, at + count), this.#filled);
    this.#filled += count;
    this.#position += count;
    if (this.#filled === payload.length) {
      this.#deliver(payload);
    }
    return count;
  }

  #deliver(payload: Uint8Array): void {
    this.#payload = undefined;
    this.#garbageBytes = 0;
    this.#listener.onElement(this.#payloadId, payload);
    this.#endWhatIsOver();
  }

  #skip(available: number): number {
    const count = Math.min(this.#toSkip, available);
    this.#toSkip -= count;
    this.#position += count;
    this.#endWhatIsOver();
    return count;
  }

  /** Ids are 1 to 4 bytes with their marker, sizes 1 to 8 without. */
  #readHeader(): void {
    const idBytes = lengthOf(this.#header[0] as number);
    if (idBytes > 4) {
      this.#giveUp();
      return;
    }
    if (this.#headerBytes <= idBytes) {
      return;
    }
    const sizeBytes = lengthOf(this.#header[idBytes] as number);
    if (sizeBytes > 8) {
      this.#giveUp();
    } else if (this.#headerBytes === idBytes + sizeBytes) {
      let id = 0;
      for (let i = 0; i < idBytes; i += 1) {
        id = id * 256 + (this.#header[i] as number);
      }
      this.#headerBytes = 0;
      this.#begin(id, sizeOf(this.#header, idBytes, sizeBytes));
    }
  }

  /** @param size `undefined`: not known. */
  #begin(id: number, size: number | undefined): void {
    this.#endForSibling(id);
    const parentEnd = this.#open[this.#open.length - 1]?.end ?? Number.POSITIVE_INFINITY;
    const isRoot = this.#open.length === 0;
    const fits = size === undefined || this.#position + size <= parentEnd;
    if (!fits || (isRoot && id !== EBML.header && id !== EBML.segment)) {
      this.#giveUp();
    } else if (MASTERS.has(id)) {
      this.#beginMaster(id, size);
    } else if (
      size === undefined ||
      size > (WANTED.has(id) ? MAX_WANTED_BYTES : MAX_SKIPPED_BYTES)
    ) {
      this.#giveUp();
    } else if (WANTED.has(id)) {
      this.#payloadId = id;
      this.#filled = 0;
      this.#payload = new Uint8Array(size);
      if (size === 0) {
        this.#deliver(this.#payload);
      }
    } else {
      this.#toSkip = size;
      this.#endWhatIsOver();
    }
  }

  #beginMaster(id: number, size: number | undefined): void {
    const mayBeEndless = id === EBML.segment || id === EBML.cluster;
    if (this.#open.length >= MAX_DEPTH || (size === undefined && !mayBeEndless)) {
      this.#giveUp();
      return;
    }
    const end = size === undefined ? Number.POSITIVE_INFINITY : this.#position + size;
    this.#open.push({ id, end });
    this.#listener.onBegin(id);
    this.#endWhatIsOver();
  }

  /** Elements of unknown size end where something begins that they cannot hold. */
  #endForSibling(id: number): void {
    if (id === EBML.header || id === EBML.segment) {
      while (this.#open.length > 0) {
        this.#end();
      }
    } else if (LEVEL_ONE.has(id)) {
      while (this.#open.length > 1 && this.#open[this.#open.length - 1]?.end === Infinity) {
        this.#end();
      }
    }
  }

  #endWhatIsOver(): void {
    if (this.#toSkip > 0 || this.#payload !== undefined) {
      return;
    }
    for (;;) {
      const last = this.#open[this.#open.length - 1];
      if (last === undefined || this.#position < last.end) {
        return;
      }
      this.#end();
    }
  }

  #end(): void {
    const last = this.#open.pop();
    if (last !== undefined) {
      this.#listener.onEnd(last.id);
    }
  }

  #giveUp(): void {
    this.#garbageBytes += Math.max(1, this.#headerBytes);
    this.#open.length = 0;
    this.#headerBytes = 0;
    this.#matched = 0;
    this.#listener.onGarbage();
  }
}
