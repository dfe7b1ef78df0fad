/** What the domain name system is asked for, and the system's own answers. RFC 3263, Locating SIP Servers. */
import { promises as dns } from "node:dns";

/** An address record. */
export interface DnsAddress {
  readonly address: string;
  /** How long it may be believed; undefined: not said. */
  readonly ttlSeconds: number | undefined;
}

/** A service record. RFC 2782, The format of the SRV RR. */
export interface DnsService {
  /** The lowest is tried first. */
  readonly priority: number;
  /** Share among those of one priority. */
  readonly weight: number;
  readonly port: number;
  readonly name: string;
}

/** Nothing found is an empty list; MUST reject when the question could not be asked. */
export interface DnsResolver {
  addresses(host: string): Promise<readonly DnsAddress[]>;
  services(name: string): Promise<readonly DnsService[]>;
}

/** A name server that says nothing is asked twice. */
const QUERY_TIMEOUT_MS = 2000;
const TRIES = 2;
const NOT_FOUND = new Set(["ENOTFOUND", "ENODATA", "NOTFOUND", "EAI_NONAME"]);

/** The name servers of this machine; for names that they do not know, its hosts file too. */
export const systemDns: DnsResolver = {
  addresses: async (host) => {
    const [four, six] = await Promise.allSettled([
      asked(nameServers().resolve4(host, { ttl: true })),
      asked(nameServers().resolve6(host, { ttl: true })),
    ]);
    const found = [four, six].flatMap((one) => (one.status === "fulfilled" ? one.value : []));
    if (found.length > 0) {
      return found.map(({ address, ttl }) => ({ address, ttlSeconds: ttl }));
    }
    const local = await asked(dns.lookup(host, { all: true }));
    return local.map(({ address }) => ({ address, ttlSeconds: undefined }));
  },
  services: (name) => asked(nameServers().resolveSrv(name)),
};

/** Made anew for each question, so that a change of the system's settings is noticed. */
function nameServers(): dns.Resolver {
  return new dns.Resolver({ timeout: QUERY_TIMEOUT_MS, tries: TRIES });
}

async function asked<T>(answer: Promise<T[]>): Promise<T[]> {
  try {
    return await answer;
  } catch (error) {
    if (NOT_FOUND.has(String((error as NodeJS.ErrnoException).code))) {
      return [];
    }
    throw error;
  }
}
