/** What a bus over several nodes needs of the network: one channel that every node writes to and reads from. */

/** Hears what the link does. */
export interface BusLinkDelegate {
  /** Both directions work now. Told again after each interruption. */
  linkUp(): void;
  linkDown(): void;
  /** A text of any node, our own included. */
  received(text: string): void;
}

/** A way to the other nodes that comes back by itself. */
export interface BusLink {
  /** Returns at once; until the first `linkUp` it is down. */
  open(delegate: BusLinkDelegate): void;
  /** Resolves when the text is with the server; rejects when nobody can say so. Order is kept. */
  send(text: string): Promise<void>;
  /** Nothing is told to the delegate after it was called. */
  close(): Promise<void>;
}
