/** Whether an address can be reached from the internet. */
import { addressBytes, isInNetwork, parseNetwork } from "./network.ts";

/** RFC 6890 "Special-Purpose IP Address Registries", those that machines have by accident: private, shared, loopback, link-local. */
const NOT_PUBLIC = [
  "0.0.0.0/8",
  "10.0.0.0/8",
  "100.64.0.0/10",
  "127.0.0.0/8",
  "169.254.0.0/16",
  "172.16.0.0/12",
  "192.168.0.0/16",
  "::1/128",
  "fc00::/7",
  "fe80::/10",
].flatMap((text) => parseNetwork(text) ?? []);

/** False for what is no address. */
export function isPublicAddress(address: string): boolean {
  const bytes = addressBytes(address);
  return bytes !== undefined && !NOT_PUBLIC.some((network) => isInNetwork(network, bytes));
}
