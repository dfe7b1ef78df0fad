/** The port to UDP: real sockets in production, a seeded lossy network in tests. */

/** How a socket is opened. */
export interface BindOptions {
  readonly address: string;
  readonly port: number;
  /** Requested size of the kernel's receive buffer; a stall of the event loop must fit into it. */
  readonly receiveBufferBytes: number;
  /** `bytes` is borrowed for the duration of the call; must not throw. */
  readonly onDatagram: (bytes: Uint8Array, address: string, port: number) => void;
}

/** An open UDP socket. */
export interface DatagramSocket {
  readonly port: number;
  /**
   * Sends the first `byteLength` bytes; never throws, never blocks, a failure is counted.
   * The bytes may be read until some milliseconds after the call: callers rotate their buffers.
   */
  send(bytes: Uint8Array, byteLength: number, port: number, address: string): void;
  /** Sends that failed. */
  readonly sendErrors: number;
  close(): Promise<void>;
}

/** Opens UDP sockets. */
export interface DatagramNetwork {
  /** Rejects with MEDIA_BIND_FAILED (details: address, port, cause). */
  bind(options: BindOptions): Promise<DatagramSocket>;
}
