/** Which sender's RTP belongs to the leg: the signalled one, or the first that sends what was agreed (symmetric RTP). */

/** After so many packets from one source, no other is believed but the signalled one. */
export const LOCK_PACKETS = 10;
/** Before the lock, another source takes over with so many packets while the first says nothing. */
const TAKEOVER_PACKETS = 3;

/** Hears that the peer's address is another one than before. */
export type LatchListener = (address: string, port: number) => void;

/** Decides per packet by its source. Until an address was signalled it admits nothing. */
export class SourceLatch {
  readonly #onLatched: LatchListener;
  #signalledAddress = "";
  #signalledPort = 0;
  #address = "";
  #port = 0;
  #inRow = 0;
  #rivalAddress = "";
  #rivalPort = 0;
  #rivalInRow = 0;
  #changes = 0;

  constructor(onLatched: LatchListener) {
    this.#onLatched = onLatched;
  }

  /** The signalled source is believed from its first packet on. */
  get locked(): boolean {
    const asSignalled = this.latched && this.#isSignalled(this.#address, this.#port);
    return asSignalled || this.#inRow >= LOCK_PACKETS;
  }

  /** Whether some source was believed. */
  get latched(): boolean {
    return this.#port !== 0;
  }

  /** Sets the signalled address; a changed one opens the latch again. */
  expect(address: string, port: number): void {
    if (address === this.#signalledAddress && port === this.#signalledPort) {
      return;
    }
    this.#signalledAddress = address;
    this.#signalledPort = port;
    this.#address = "";
    this.#port = 0;
    this.#inRow = 0;
    this.#rivalInRow = 0;
  }

  /**
   * Whether a valid packet from this source is the peer's. Nobody but the peer sends from where the peer said it would:
   * that source displaces any other, so that whoever floods our ports before it speaks does not keep the call.
   */
  admit(address: string, port: number): boolean {
    if (port === this.#port && address === this.#address) {
      this.#inRow += 1;
      this.#rivalInRow = 0;
      return true;
    }
    if (this.#signalledPort === 0) {
      return false;
    }
    if (this.#isSignalled(address, port) || this.#mayTakeOver(address, port)) {
      this.#latch(address, port);
      return true;
    }
    return false;
  }

  /** Whether control packets from this address are the peer's. */
  isPeerAddress(address: string): boolean {
    return address === (this.latched ? this.#address : this.#signalledAddress);
  }

  toJSON(): Readonly<Record<string, unknown>> {
    return {
      latched: this.latched,
      locked: this.locked,
      asSignalled: this.#isSignalled(this.#address, this.#port),
      changes: this.#changes,
    };
  }

  #isSignalled(address: string, port: number): boolean {
    return port === this.#signalledPort && address === this.#signalledAddress;
  }

  #mayTakeOver(address: string, port: number): boolean {
    if (this.locked) {
      return false;
    }
    return !this.latched || this.#outlasts(address, port);
  }

  #outlasts(address: string, port: number): boolean {
    if (port !== this.#rivalPort || address !== this.#rivalAddress) {
      this.#rivalAddress = address;
      this.#rivalPort = port;
      this.#rivalInRow = 0;
    }
    this.#rivalInRow += 1;
    return this.#rivalInRow >= TAKEOVER_PACKETS;
  }

  #latch(address: string, port: number): void {
    this.#address = address;
    this.#port = port;
    this.#inRow = 1;
    this.#rivalInRow = 0;
    this.#changes += 1;
    this.#onLatched(address, port);
  }
}
