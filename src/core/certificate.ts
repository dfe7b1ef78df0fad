/** What a certificate and its key say of themselves: whether they fit, for which names, and until when. */
import { createPrivateKey, type KeyObject, X509Certificate } from "node:crypto";

/** What peers will see. */
export interface CertificateFacts {
  /** DNS names and addresses it is for, for example `sip.example.com`, `192.0.2.1`. */
  readonly names: readonly string[];
  /** Milliseconds since 1970-01-01 UTC. */
  readonly notBeforeMs: number;
  readonly notAfterMs: number;
}

/** A usable pair, or which half is at fault and why, in plain words without any of its content. */
export type CertificateFinding =
  | { readonly kind: "good"; readonly facts: CertificateFacts }
  | { readonly kind: "bad"; readonly half: "cert" | "key"; readonly reason: string };

/** Looks at the first certificate of a PEM chain and at the PEM key that is to go with it. */
export function inspectCertificate(certPem: string, keyPem: string): CertificateFinding {
  const certificate = parsed(() => new X509Certificate(certPem));
  if (certificate === undefined) {
    return { kind: "bad", half: "cert", reason: "is no certificate in PEM form" };
  }
  const key = parsed<KeyObject>(() => createPrivateKey(keyPem));
  if (key === undefined) {
    const reason = /ENCRYPTED/.test(keyPem)
      ? "is protected by a password; give the key without one"
      : "is no private key in PEM form";
    return { kind: "bad", half: "key", reason };
  }
  if (!certificate.checkPrivateKey(key)) {
    return { kind: "bad", half: "key", reason: "does not belong to the certificate" };
  }
  return { kind: "good", facts: factsOf(certificate) };
}

/** Whether a PEM text begins with a certificate, as a file of authorities has to. */
export function isCertificate(pem: string): boolean {
  return parsed(() => new X509Certificate(pem)) !== undefined;
}

/** Whether a certificate's name, perhaps with a leading `*.`, covers a host name. RFC 6125 section 6.4, Verifying DNS Names. */
export function coversName(pattern: string, host: string): boolean {
  const [wanted, offered] = [host.toLowerCase(), pattern.toLowerCase()];
  if (!offered.startsWith("*.")) {
    return wanted === offered;
  }
  const dot = wanted.indexOf(".");
  return dot > 0 && wanted.slice(dot) === offered.slice(1);
}

function factsOf(certificate: X509Certificate): CertificateFacts {
  const alternatives = (certificate.subjectAltName ?? "")
    .split(", ")
    .map((entry) => /^(?:DNS|IP Address):(.+)$/.exec(entry)?.[1])
    .filter((name) => name !== undefined);
  const common = /^CN=(.+)$/m.exec(certificate.subject ?? "")?.[1];
  return {
    names: alternatives.length > 0 || common === undefined ? alternatives : [common],
    notBeforeMs: Date.parse(certificate.validFrom),
    notAfterMs: Date.parse(certificate.validTo),
  };
}

function parsed<T>(parse: () => T): T | undefined {
  try {
    return parse();
  } catch {
    return undefined;
  }
}
