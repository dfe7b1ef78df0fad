/** What is known of one answer of the model while it waits, plays and ends. */

/** One answer of the model and how much of it was heard. */
export interface PlayoutItem {
  readonly itemId: string;
  readonly playedMs: number;
  /** Queued and not heard: what remains, or, after `clear`, what was dropped. */
  readonly unheardMs: number;
}

/** Hears when answers begin and end on the wire; called after the packet was sent. */
export interface PlayoutListener {
  onItemStarted(itemId: string): void;
  onItemPlayed(item: PlayoutItem): void;
}

/** The account of one answer, in bytes. */
export interface ItemAccount {
  readonly itemId: string;
  /** All bytes the model gave, dropped ones included; tells whether the next byte begins a sample. */
  receivedBytes: number;
  queuedBytes: number;
  playedBytes: number;
  /** The model sends no more of it. */
  done: boolean;
  started: boolean;
}

/** A run of queued bytes of one answer. */
export interface Segment {
  readonly item: ItemAccount;
  byteCount: number;
}

/** An answer of which nothing came yet. */
export function openAccount(itemId: string): ItemAccount {
  return {
    itemId,
    receivedBytes: 0,
    queuedBytes: 0,
    playedBytes: 0,
    done: false,
    started: false,
  };
}
