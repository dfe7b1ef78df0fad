/** The SIP extensions that a caller may insist on: the gateway or its SIP server does them, or they ask nothing of it. */

/** Option tags for Require and Supported; any other is refused with 420. RFC 3261 section 19.2, Option Tags. */
export const SUPPORTED_EXTENSIONS: ReadonlySet<string> = new Set([
  "100rel",
  // As proxies write 100rel and siprec that were two values of two lines.
  "100relsiprec",
  "from-change",
  "histinfo",
  "norefersub",
  "path",
  "privacy",
  "record-aware",
  "siprec",
  "siprec100rel",
  "timer",
]);
