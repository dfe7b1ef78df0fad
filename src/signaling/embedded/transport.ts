/** What the SIP server asks of a transport (UDP, TCP, TLS): bytes of whole messages in and out. */

/** The transports SIP names in URIs, in lower case. */
export type SipProtocol = "udp" | "tcp" | "tls";

/** A place messages come from or go to. */
export interface Hop {
  readonly transport: SipTransport;
  /** An IP address. */
  readonly host: string;
  readonly port: number;
  /** The connection to prefer, by the transport's own number; undefined for datagrams or to let it choose. */
  readonly connection: number | undefined;
  /** The host as the URI names it: what a certificate of the peer is checked against; the address when absent. */
  readonly serverName?: string | undefined;
}

/** Hears that bytes were not sent. MUST NOT be called from within {@link SipTransport.send}. */
export interface SendListener {
  /** @param reason a short phrase such as `ECONNREFUSED`, without addresses. */
  onSendFailed(reason: string): void;
}

/** Why a transport threw input away. */
export type TransportDrop =
  | "tooBig"
  | "badFraming"
  | "slowPeer"
  | "tooManyConnections"
  | "tooManyFromSource"
  | "handshake"
  | "backlog";

/** The server side of a transport. None of these may throw. */
export interface TransportReceiver {
  /** Whether a peer may open a connection; asked before anything is sent on it. */
  mayConnect(host: string): boolean;
  /** One message, not yet parsed; `bytes` belong to the receiver. */
  onBytes(bytes: Buffer, from: Hop): void;
  /** The head of a message whose body is too large to be taken; `head` belongs to the receiver. */
  onOversized(head: Buffer, from: Hop): void;
  onDropped(reason: TransportDrop): void;
  /** A socket failed in a way that concerns no single message. */
  onTransportError(error: unknown): void;
}

/**
 * One protocol at one local address.
 *
 * `send` MUST NOT throw or call the listener before it returns; it reuses `hop.connection` when that is still open,
 * else any open connection to the same address, else it opens one. After `close` nothing reaches the receiver.
 */
export interface SipTransport {
  readonly protocol: SipProtocol;
  /** Whether the transport itself retransmits. */
  readonly reliable: boolean;
  /** The bound port. */
  readonly port: number;
  /** Connections open now; 0 for datagrams. */
  readonly connections: number;
  send(bytes: Buffer, hop: Hop, listener: SendListener): void;
  /** Whether `hop.connection` is still open. Always false for datagrams. */
  isConnected(hop: Hop): boolean;
  close(): Promise<void>;
}
