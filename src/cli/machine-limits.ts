/** What the system allows: local ports, open files; and what the DNS says. */
import { Resolver } from "node:dns/promises";
import { readFileSync } from "node:fs";

/** Ports from `min` to `max`, both included. */
export interface PortRange {
  readonly min: number;
  readonly max: number;
}

/** Ports that sockets get which ask for none. */
export interface LocalPorts extends PortRange {
  /** Those of them that are kept back. */
  readonly reserved: readonly PortRange[];
}

/** Addresses of a name; none of either kind: it is not known. */
export interface ResolvedHost {
  readonly ipv4: readonly string[];
  readonly ipv6: readonly string[];
}

const DNS_LIMIT_MS = 3000;
const UNKNOWN_NAMES = new Set(["ENOTFOUND", "ENODATA"]);

/** As the world sees it: /etc/hosts is not looked at. `undefined`: no answer. */
export async function resolveHost(host: string): Promise<ResolvedHost | undefined> {
  const resolver = new Resolver({ timeout: DNS_LIMIT_MS, tries: 1 });
  const [ipv4, ipv6] = await Promise.all([
    resolver.resolve4(host).catch(noneOrNothing),
    resolver.resolve6(host).catch(noneOrNothing),
  ]);
  return ipv4 === undefined || ipv6 === undefined ? undefined : { ipv4, ipv6 };
}

function noneOrNothing(error: { readonly code?: string }): readonly string[] | undefined {
  return UNKNOWN_NAMES.has(error.code ?? "") ? [] : undefined;
}

/** `undefined`: this system does not tell. */
export function localPorts(): LocalPorts | undefined {
  const [min, max] = (textIn("/proc/sys/net/ipv4/ip_local_port_range") ?? "")
    .trim()
    .split(/\s+/)
    .map(Number);
  const reserved = textIn("/proc/sys/net/ipv4/ip_local_reserved_ports") ?? "";
  return min === undefined || max === undefined || !(min <= max)
    ? undefined
    : { min, max, reserved: reservedRanges(reserved) };
}

/** `20000-29999,40000`. */
function reservedRanges(text: string): readonly PortRange[] {
  return text
    .trim()
    .split(",")
    .filter((part) => part !== "")
    .map((part) => {
      const [min = 0, max = min] = part.split("-").map(Number);
      return { min, max };
    });
}

/** The soft limit; `undefined`: there is none, or this system does not tell. */
export function openFilesLimit(): number | undefined {
  const found = /^Max open files\s+(\d+)/m.exec(textIn("/proc/self/limits") ?? "");
  return found === null ? undefined : Number(found[1]);
}

function textIn(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
}
