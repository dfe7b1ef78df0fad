/** The memory of a jitter buffer: a fixed ring of payloads, addressed by extended sequence number. */
import { payloadEnd, payloadOffset, timestamp } from "./packet.ts";

const EMPTY = 0;
const HELD = 1;
const RELEASED = 2;

const NOTHING = new Uint8Array(0);

/** The payloads' memory is allocated when the first one has to wait; slot `sequence % slotCount` belongs to the latest sequence number put there. */
export class JitterSlots {
  #storage = NOTHING;
  readonly #slotCount: number;
  readonly #slotBytes: number;
  readonly #state: Uint8Array;
  readonly #sequence: Float64Array;
  readonly #arrivalUs: Float64Array;
  readonly #rtpTimestamp: Uint32Array;
  readonly #payloadBytes: Uint16Array;
  /** The header's second byte: marker and payload type. */
  readonly #header: Uint8Array;
  #held = 0;

  /** @param slotCount a power of two. */
  constructor(slotCount: number, slotBytes: number) {
    this.#slotCount = slotCount;
    this.#slotBytes = slotBytes;
    this.#state = new Uint8Array(slotCount);
    this.#sequence = new Float64Array(slotCount);
    this.#arrivalUs = new Float64Array(slotCount + 1);
    this.#rtpTimestamp = new Uint32Array(slotCount + 1);
    this.#payloadBytes = new Uint16Array(slotCount + 1);
    this.#header = new Uint8Array(slotCount + 1);
  }

  /** Payloads, `slotBytes` apart, and a spare one at the end. */
  get storage(): Uint8Array {
    return this.#storage;
  }

  /** Slots that hold a packet not yet released. */
  get held(): number {
    return this.#held;
  }

  /** Whether this very packet is held or was released not long ago. */
  knows(sequence: number): boolean {
    const slot = sequence & (this.#slotCount - 1);
    return this.#state[slot] !== EMPTY && this.#sequence[slot] === sequence;
  }

  /** The first held packet from `sequence` on; call it only while something is held. */
  firstHeldFrom(sequence: number): number {
    let candidate = sequence;
    while (!this.#holds(candidate)) {
      candidate += 1;
    }
    return candidate;
  }

  /** Copies the payload of a packet that was checked with `isRtp` and fits. */
  put(sequence: number, bytes: Uint8Array, length: number, nowUs: number): void {
    const slot = sequence & (this.#slotCount - 1);
    this.#fill(slot, bytes, length, nowUs);
    this.#hold(slot, sequence);
  }

  /** Keeps one packet aside, outside the ring. */
  putSpare(bytes: Uint8Array, length: number, nowUs: number): void {
    this.#fill(this.#slotCount, bytes, length, nowUs);
  }

  /** Moves the packet that was kept aside into the ring. */
  takeSpare(sequence: number): void {
    const slot = sequence & (this.#slotCount - 1);
    const spare = this.#slotCount;
    const start = spare * this.#slotBytes;
    this.#storage.copyWithin(slot * this.#slotBytes, start, start + this.#slotBytes);
    this.#arrivalUs[slot] = this.#arrivalUs[spare] as number;
    this.#rtpTimestamp[slot] = this.#rtpTimestamp[spare] as number;
    this.#payloadBytes[slot] = this.#payloadBytes[spare] as number;
    this.#header[slot] = this.#header[spare] as number;
    this.#hold(slot, sequence);
  }

  /** The payload stays readable until the slot is filled again. */
  markReleased(sequence: number): void {
    this.#state[sequence & (this.#slotCount - 1)] = RELEASED;
    this.#held -= 1;
  }

  /** Remembers a packet that was handed on without having been held. */
  markPassed(sequence: number): void {
    const slot = sequence & (this.#slotCount - 1);
    this.#state[slot] = RELEASED;
    this.#sequence[slot] = sequence;
  }

  /** Forgets every packet. */
  clear(): void {
    this.#state.fill(EMPTY);
    this.#held = 0;
  }

  offset(sequence: number): number {
    return (sequence & (this.#slotCount - 1)) * this.#slotBytes;
  }

  arrivalUs(sequence: number): number {
    return this.#arrivalUs[sequence & (this.#slotCount - 1)] as number;
  }

  rtpTimestamp(sequence: number): number {
    return this.#rtpTimestamp[sequence & (this.#slotCount - 1)] as number;
  }

  payloadBytes(sequence: number): number {
    return this.#payloadBytes[sequence & (this.#slotCount - 1)] as number;
  }

  header(sequence: number): number {
    return this.#header[sequence & (this.#slotCount - 1)] as number;
  }

  #holds(sequence: number): boolean {
    const slot = sequence & (this.#slotCount - 1);
    return this.#state[slot] === HELD && this.#sequence[slot] === sequence;
  }

  #hold(slot: number, sequence: number): void {
    this.#state[slot] = HELD;
    this.#sequence[slot] = sequence;
    this.#held += 1;
  }

  #fill(slot: number, bytes: Uint8Array, length: number, nowUs: number): void {
    const start = payloadOffset(bytes, length);
    const end = payloadEnd(bytes, length);
    const base = slot * this.#slotBytes - start;
    if (this.#storage === NOTHING) {
      this.#storage = new Uint8Array((this.#slotCount + 1) * this.#slotBytes);
    }
    for (let i = start; i < end; i += 1) {
      this.#storage[base + i] = bytes[i] as number;
    }
    this.#arrivalUs[slot] = nowUs;
    this.#rtpTimestamp[slot] = timestamp(bytes);
    this.#payloadBytes[slot] = end - start;
    this.#header[slot] = bytes[1] as number;
  }
}
