/** Networks of IP addresses (RFC 4632 "Basic Concept and Prefix Notation"): what is in which, by bytes. */
import { isIpAddress, isIpv4 } from "./ip-address.ts";

/** A network, or one host when all bits are fixed. */
export interface Network {
  /** `address/bits`, as people write it. */
  readonly text: string;
  /** 4 bytes for IPv4, 16 for IPv6; the bits after the prefix are 0. */
  readonly bytes: Uint8Array;
  /** 0 … 32 or 0 … 128. */
  readonly prefixBits: number;
}

const NOTATION = /^([0-9A-Fa-f:.]{2,45})(?:\/(\d{1,3}))?$/;
const MAPPED_PREFIX = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 255, 255];

/** The bytes of a numeric address; 4 for an IPv4-mapped one (RFC 4291); `undefined` for what is no address. */
export function addressBytes(text: string): Uint8Array | undefined {
  const plain = text.split("%", 1)[0] as string;
  if (isIpv4(plain)) {
    return Uint8Array.from(plain.split("."), Number);
  }
  return isIpAddress(plain) ? unmapped(ipv6Bytes(plain)) : undefined;
}

/** Reads `10.0.0.0/8`, `2001:db8::/32`, or one address; `undefined` when it is none, or has bits set after its prefix. */
export function parseNetwork(text: string): Network | undefined {
  const match = NOTATION.exec(text);
  const bytes = match === null ? undefined : addressBytes(match[1] as string);
  if (match === null || bytes === undefined) {
    return undefined;
  }
  const allBits = bytes.length * 8;
  const prefixBits = match[2] === undefined ? allBits : Number(match[2]);
  if (prefixBits > allBits) {
    return undefined;
  }
  const network = { text: `${match[1]}/${prefixBits}`, bytes, prefixBits };
  return isBare(network) ? network : undefined;
}

/** Whether an address is in a network. */
export function isInNetwork(network: Network, address: Uint8Array): boolean {
  return address.length === network.bytes.length && sharesPrefix(network, address);
}

function sharesPrefix({ bytes, prefixBits }: Network, address: Uint8Array): boolean {
  const wholeBytes = prefixBits >> 3;
  for (let index = 0; index < wholeBytes; index += 1) {
    if (bytes[index] !== address[index]) {
      return false;
    }
  }
  const rest = prefixBits & 7;
  const difference = (bytes[wholeBytes] ?? 0) ^ (address[wholeBytes] ?? 0);
  return rest === 0 || difference >> (8 - rest) === 0;
}

function isBare({ bytes, prefixBits }: Network): boolean {
  return bytes.every((byte, index) => {
    const fixedBits = Math.min(8, Math.max(0, prefixBits - index * 8));
    return (byte & (0xff >> fixedBits)) === 0;
  });
}

function ipv6Bytes(text: string): Uint8Array {
  const hex = text.replace(/(\d+)\.(\d+)\.(\d+)\.(\d+)$/, (...parts: string[]) => {
    const [a, b, c, d] = parts.slice(1, 5).map(Number) as [number, number, number, number];
    return `${((a << 8) | b).toString(16)}:${((c << 8) | d).toString(16)}`;
  });
  const [head = "", tail] = hex.split("::");
  const before = groupsOf(head);
  const after = groupsOf(tail ?? "");
  const middle = new Array<number>(8 - before.length - after.length).fill(0);
  const groups = [...before, ...middle, ...after];
  return Uint8Array.from(groups.flatMap((group) => [group >> 8, group & 0xff]));
}

function groupsOf(text: string): number[] {
  return text === "" ? [] : text.split(":").map((group) => Number.parseInt(group, 16));
}

function unmapped(bytes: Uint8Array): Uint8Array {
  return MAPPED_PREFIX.every((byte, index) => bytes[index] === byte) ? bytes.subarray(12) : bytes;
}
