/** What a table of streams that are heard together is made of. */
import type { Clock } from "../core/clock.ts";
import type { Logger } from "../core/logger.ts";
import type { Random } from "../core/random.ts";
import type { FrameSource, TranscriberFactory } from "./transcriber.ts";

/** Makes frames of what streams push. */
export interface HeardSource extends FrameSource {
  /** @param bytes whole samples of a stream; borrowed. */
  write(channel: number, bytes: Uint8Array, nowUs: number): void;
  /** Nobody writes to this channel any more. */
  close(channel: number): void;
}

/** The same for all tables of a model but for `places` and `onOver`. */
export interface ListeningTableOptions {
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  /** For how many streams it is; at most two. */
  readonly places: number;
  /** The service has to be told who is who, and hears two channels always. */
  readonly needsRoles: boolean;
  /** For a moment, until they are known. */
  readonly waitsForRoles: boolean;
  readonly maxSessionMs: number;
  /** @param open whether somebody writes to each channel. @param originUs where the timeline begins. */
  readonly createSource: (open: readonly boolean[], originUs: number) => HeardSource;
  /** A factory for one transcription of so many channels. */
  readonly connect: (channels: 1 | 2) => TranscriberFactory;
  /** The last stream left, or the service refused. */
  readonly onOver: () => void;
}
