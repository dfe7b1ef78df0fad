/** How much of anything the embedded SIP server takes from a peer before it refuses. */

/** Sizes in bytes, counts, and times in milliseconds; nothing a peer declares can exceed them. */
export const SIP_LIMITS = {
  /** The largest SIP message taken from a datagram. */
  datagramBytes: 65_535,
  /** The largest SIP message taken from a stream, headers and body together. */
  streamMessageBytes: 262_144,
  /** The largest body that is read past, unkept, so that the connection goes on behind what was refused for its size. */
  skippedBodyBytes: 16_777_216,
  /** The longest start line or header line, folds included. */
  lineBytes: 8192,
  headerCount: 200,
  /** Via values beyond this answer 483. */
  viaCount: 70,
  /** Requests being served or remembered; beyond this, new ones get 503 without being remembered. */
  serverTransactions: 100_000,
  /** Open stream connections of all transports, both directions together. */
  connections: 1024,
  /** Open connections that one address may have made to us; an SBC behind one address needs a few. */
  connectionsPerSource: 256,
  /** What may wait unsent on one stream connection before it is dropped. */
  connectionBacklogBytes: 1_048_576,
  /** An accepted connection has this long for its first message; a started message, to be completed. */
  slowMessageMs: 32_000,
  /** A connection to us has this long for its TLS handshake, one of ours to be open. */
  handshakeMs: 10_000,
  /** A connection without traffic is closed after this long. */
  idleConnectionMs: 3_600_000,
  /** An INVITE for which the application sends nothing at all is refused after this long. */
  silentInvitationMs: 64_000,
  /** An INVITE that the application lets ring is refused after this long. */
  ringingInvitationMs: 600_000,
  /** Sessions that may go longer without a refresh are not timed at all; nothing longer is waited for either. */
  longestSessionMs: 86_400_000,
  /** The largest frame taken from an application that has authenticated, and from one that has not. */
  adminFrameBytes: 1_048_576,
  adminGreetingBytes: 4096,
  /** An application has this long to authenticate. */
  adminGreetingMs: 10_000,
  /** How long a closing server waits for applications to end their links. */
  adminCloseMs: 500,
  /** What may wait unsent towards an application before its link is dropped. */
  adminBacklogBytes: 67_108_864,
} as const;
