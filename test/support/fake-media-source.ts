/** A Kinesis Video stream that a test holds in its hand: what each read brings, and how it ends. */

import { type Clock, sleep } from "../../src/core/clock.ts";
import type { GatewayError } from "../../src/core/errors.ts";
import type { MediaSource, StreamPosition } from "../../src/ingress/media-source.ts";

/** One read. */
export interface FakeRead {
  readonly pieces: readonly Uint8Array[];
  /** Between pieces. */
  readonly everyMs?: number;
  readonly error?: GatewayError;
}

/** Gives its reads in order; after the last one nothing comes. */
export class FakeMediaSource implements MediaSource {
  readonly positions: StreamPosition[] = [];
  readonly #clock: Clock;
  readonly #reads: readonly FakeRead[];

  constructor(clock: Clock, reads: readonly FakeRead[]) {
    this.#clock = clock;
    this.#reads = reads;
  }

  async *read(
    _streamArn: string,
    position: StreamPosition,
    signal: AbortSignal,
  ): AsyncIterable<Uint8Array> {
    const read = this.#reads[this.positions.length];
    this.positions.push(position);
    for (const piece of read?.pieces ?? []) {
      if (read?.everyMs !== undefined) {
        await sleep(this.#clock, read.everyMs, signal);
      }
      yield piece;
    }
    if (read?.error !== undefined) {
      throw read.error;
    }
  }
}
