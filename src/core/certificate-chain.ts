/** Whether a certificate will be believed by peers that trust the public authorities only. */
import { X509Certificate } from "node:crypto";
import { rootCertificates } from "node:tls";

/** What is wrong, or `undefined`: it ends at a public authority. */
export type ChainTrouble = "selfSigned" | "broken" | "notPublic" | undefined;

/** What a chain is like. */
export interface ChainFacts {
  readonly trouble: ChainTrouble;
  /** Of the first certificate: `rsa`, `ec` …; "" where it is none. */
  readonly keyType: string;
}

const BLOCK = /-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----/g;

/** @param pem own certificate first. @param roots PEM of authorities that are believed; those of Node.js, which are Mozilla's. */
export function inspectChain(pem: string, roots: readonly string[] = rootCertificates): ChainFacts {
  const chain = (pem.match(BLOCK) ?? []).flatMap((text) => parsed(text) ?? []);
  const [first] = chain;
  const last = chain.at(-1);
  if (first === undefined || last === undefined) {
    return { trouble: "broken", keyType: "" };
  }
  const keyType = first.publicKey.asymmetricKeyType ?? "";
  if (isIssuedBy(first, first)) {
    return { trouble: "selfSigned", keyType };
  }
  const isWhole = chain.every((each, index) => {
    const issuer = chain[index + 1];
    return issuer === undefined || isIssuedBy(each, issuer);
  });
  if (!isWhole) {
    return { trouble: "broken", keyType };
  }
  const isPublic = roots.some((text) => {
    const root = parsed(text);
    return (
      root !== undefined && (root.fingerprint256 === last.fingerprint256 || isIssuedBy(last, root))
    );
  });
  return { trouble: isPublic ? undefined : "notPublic", keyType };
}

function isIssuedBy(certificate: X509Certificate, issuer: X509Certificate): boolean {
  return certificate.checkIssued(issuer) && certificate.verify(issuer.publicKey);
}

function parsed(text: string): X509Certificate | undefined {
  try {
    return new X509Certificate(text);
  } catch {
    return undefined;
  }
}
