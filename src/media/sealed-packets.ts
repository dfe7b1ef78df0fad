/** Room for packets that were sealed: a send may still read its packet while the next ones are written. */

const RING_PACKETS = 8;
/** The longest packet of 60 ms with the longest tag, rounded up. */
const PACKET_STRIDE = 512;

/** Eight packets in turn, made when the first one is needed. */
export class SealedPackets {
  #memory: Uint8Array | undefined;
  /** Pieces of the memory, each as long as the packet before was. */
  #ring: readonly Uint8Array[] = [];
  #turn = 0;

  /** @param byteLength at most 512; most packets are as long as the one before. */
  next(byteLength: number): Uint8Array {
    this.#turn = (this.#turn + 1) % RING_PACKETS;
    const packet = this.#ring[this.#turn];
    return packet?.length === byteLength ? packet : this.#divide(byteLength);
  }

  #divide(byteLength: number): Uint8Array {
    this.#memory ??= new Uint8Array(RING_PACKETS * PACKET_STRIDE);
    const memory = this.#memory;
    this.#ring = Array.from({ length: RING_PACKETS }, (_, i) =>
      memory.subarray(i * PACKET_STRIDE, i * PACKET_STRIDE + byteLength),
    );
    return this.#ring[this.#turn] as Uint8Array;
  }
}
