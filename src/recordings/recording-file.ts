/** A recording on its way to the disk: what is accepted is kept in memory until it is written. */

/** How a file ended. */
export interface FinishedFile {
  readonly bytes: number;
  /** Hexadecimal. */
  readonly sha256: string;
}

/** Used by one writer only, one call after the other. */
export interface RecordingFile {
  /** Takes audio; it is written by the next `drain`. Never throws. */
  accept(audio: Uint8Array): void;
  /** Writes what was accepted; rejects where the disk does not take it, and may be asked again. */
  drain(): Promise<void>;
  /** Makes what was written readable should the process end now. */
  checkpoint(): Promise<void>;
  /** Ends the file; may be asked again after it rejected. */
  finish(): Promise<FinishedFile>;
  /** Closes it as it is. Never rejects. */
  abandon(): Promise<void>;
}
