/** What a numeric IP address is. */
import { isIP } from "node:net";

/** Whether `text` is a numeric IPv4 address. */
export function isIpv4(text: string): boolean {
  return isIP(text) === 4;
}

/** Whether `text` is a numeric address of either family. */
export function isIpAddress(text: string): boolean {
  return isIP(text) !== 0;
}

/** 127.0.0.0/8, ::1, and IPv4-mapped loopback. */
export function isLoopback(address: string): boolean {
  const plain = address.replace(/^::ffff:/i, "");
  return plain === "::1" || (isIpv4(plain) && plain.startsWith("127."));
}

/** Whether an address is nobody's: in SDP it is how RFC 2543 put a stream on hold. */
export function isUnspecifiedAddress(address: string): boolean {
  return address === "0.0.0.0" || address === "::";
}

/** Whether `text` is a numeric address of one host, or of none yet (0.0.0.0, ::): not multicast, broadcast or reserved. */
export function isUnicastAddress(text: string): boolean {
  const family = isIP(text);
  return family === 4 ? Number.parseInt(text, 10) < 224 : family === 6 && !/^ff/i.test(text);
}
