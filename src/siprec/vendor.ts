/** Guesses who made the recording client: by its User-Agent, its headers, and the namespaces of its extension data. */
import type { RsMetadata } from "./rs-metadata.ts";

/** A guess, and what it rests on. */
export interface VendorGuess {
  readonly vendor: string;
  readonly because: string;
}

interface VendorSigns {
  readonly vendor: string;
  readonly agent: RegExp;
  /** Names of headers, in lower case. */
  readonly headers: RegExp;
  /** Prefixes and namespaces of extension data. */
  readonly extensions: RegExp;
}

const VENDORS: readonly VendorSigns[] = [
  signs("AudioCodes", /audiocodes|mediant/i, /^x-audiocodes/, /^ac$|audiocodes/i),
  signs("Oracle", /oracle|acme ?packet/i, /^(?:x-oracle|x-isr)-/, /^apkt$|acmepacket|oracle/i),
  signs("Avaya", /avaya/i, /^(?:x-avaya|av)-/, /avaya/i),
  signs(
    "BroadWorks",
    /broadworks|broadsoft/i,
    /^x-(?:broadworks|broadsoft)/,
    /broadsoft|broadworks/i,
  ),
  signs("Metaswitch", /metaswitch|perimeta/i, /^x-(?:metaswitch|perimeta)/, /metaswitch|perimeta/i),
  signs("Genesys", /genesys/i, /^x-genesys/, /genesys/i),
  signs("Ribbon", /ribbon|sonus/i, /^x-(?:ribbon|sonus)/, /ribbon|rbbn|sonus/i),
  signs("Cisco CUBE", /cisco/i, /^(?:x-)?cisco-/, /cisco/i),
  signs("NICE", /\bnice\b/i, /^x-nice/, /nice/i),
];

function signs(vendor: string, agent: RegExp, headers: RegExp, extensions: RegExp): VendorSigns {
  return { vendor, agent, headers, extensions };
}

/** What the guess is made from. */
export interface VendorEvidence {
  /** User-Agent or Server. */
  readonly agent: string | undefined;
  readonly headerNames: readonly string[];
  readonly metadata: RsMetadata | undefined;
}

/** The first vendor that the User-Agent names, else the headers, else the extension data. */
export function guessVendor(evidence: VendorEvidence): VendorGuess | undefined {
  const { agent, headerNames, metadata } = evidence;
  const byAgent = VENDORS.find((row) => agent !== undefined && row.agent.test(agent));
  if (byAgent !== undefined) {
    return { vendor: byAgent.vendor, because: "its User-Agent" };
  }
  for (const name of headerNames) {
    const row = VENDORS.find(({ headers }) => headers.test(name.toLowerCase()));
    if (row !== undefined) {
      return { vendor: row.vendor, because: `the header ${name}` };
    }
  }
  for (const { prefix, namespace, name } of metadata?.extensions ?? []) {
    const isSign = ({ extensions }: VendorSigns): boolean =>
      extensions.test(prefix) || (namespace !== undefined && extensions.test(namespace));
    const row = VENDORS.find(isSign);
    if (row !== undefined) {
      return { vendor: row.vendor, because: `the extension ${name}` };
    }
  }
  return undefined;
}
