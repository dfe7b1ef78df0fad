/** Certificates and keys as given by the operator, checked and turned into what a TLS connection needs. */
import { constants } from "node:crypto";
import tls from "node:tls";
import {
  type CertificateFacts,
  coversName,
  inspectCertificate,
  isCertificate,
} from "../../core/certificate.ts";
import { GatewayError } from "../../core/errors.ts";

/** A chain and its key, with the names of their files for messages. */
export interface TlsPair {
  readonly cert: string;
  readonly key: string;
  readonly certFile: string;
  readonly keyFile: string;
}

/** Everything that a reload may change; texts are PEM. */
export interface TlsMaterial {
  /** Undefined where connections are only dialled. */
  readonly pair: TlsPair | undefined;
  /** Authorities: of clients; of servers beside the public ones. */
  readonly ca: { readonly text: string; readonly file: string } | undefined;
  /** Other pairs, by the name that a peer asks for; `*.example.com` covers one level. */
  readonly serverNames: readonly (TlsPair & { readonly name: string })[];
}

/** Material that was found good. */
export interface TlsContexts {
  /** What a server or a client gets, without anything about verification. */
  readonly options: tls.SecureContextOptions;
  /** For clients that know the servers: the public authorities and the operator's. */
  readonly dialling: tls.SecureContext;
  contextFor(serverName: string): tls.SecureContext | undefined;
  /** Of all pairs, by certificate file. */
  readonly certificates: readonly { readonly file: string; readonly facts: CertificateFacts }[];
}

/** Forward secrecy and authenticated encryption only; a Voice Connector takes the RSA ones. RFC 9325 section 4.2, Cipher Suites. */
const SUITES = [
  "TLS_AES_256_GCM_SHA384",
  "TLS_AES_128_GCM_SHA256",
  "TLS_CHACHA20_POLY1305_SHA256",
  "ECDHE-ECDSA-AES256-GCM-SHA384",
  "ECDHE-RSA-AES256-GCM-SHA384",
  "ECDHE-ECDSA-AES128-GCM-SHA256",
  "ECDHE-RSA-AES128-GCM-SHA256",
].join(":");

const COMMON: tls.SecureContextOptions = {
  minVersion: "TLSv1.2",
  maxVersion: "TLSv1.3",
  ciphers: SUITES,
  honorCipherOrder: true,
  secureOptions: constants.SSL_OP_NO_RENEGOTIATION,
};

/** @throws GatewayError SIP_TLS_INVALID, naming the file. */
export function createTlsContexts({ pair, ca, serverNames }: TlsMaterial): TlsContexts {
  const certificates: { readonly file: string; readonly facts: CertificateFacts }[] = [];
  const optionsOf = (one: TlsPair | undefined): tls.SecureContextOptions => {
    if (one === undefined) {
      return COMMON;
    }
    certificates.push({ file: one.certFile, facts: checkedFacts(one) });
    return { ...COMMON, cert: one.cert, key: one.key };
  };
  if (ca !== undefined && !isCertificate(ca.text)) {
    const details = { file: ca.file, reason: "is no certificate in PEM form" };
    throw new GatewayError("SIP_TLS_INVALID", details);
  }
  const options = optionsOf(pair);
  const authorities = ca === undefined ? {} : { ca: ca.text };
  const public_ = ca === undefined ? {} : { ca: [...tls.rootCertificates, ca.text] };
  const files = [pair?.certFile, ca?.file].filter((file) => file !== undefined).join(", ");
  const others = serverNames.map((one) => ({
    name: one.name,
    context: contextOf({ ...optionsOf(one), ...authorities }, one.certFile),
  }));
  contextOf({ ...options, ...authorities }, files);
  return {
    options: { ...options, ...authorities },
    dialling: contextOf({ ...options, ...public_ }, files),
    contextFor: (serverName) =>
      others.find(({ name }) => name.toLowerCase() === serverName.toLowerCase())?.context ??
      others.find(({ name }) => coversName(name, serverName))?.context,
    certificates,
  };
}

function checkedFacts({ cert, key, certFile, keyFile }: TlsPair): CertificateFacts {
  const finding = inspectCertificate(cert, key);
  if (finding.kind === "bad") {
    const file = finding.half === "cert" ? certFile : keyFile;
    throw new GatewayError("SIP_TLS_INVALID", { file, reason: finding.reason });
  }
  return finding.facts;
}

/** The library may still refuse, for instance a key that is too short. Its message may quote nothing of the key. */
function contextOf(options: tls.SecureContextOptions, file: string): tls.SecureContext {
  try {
    return tls.createSecureContext(options);
  } catch (error) {
    const reason = String((error as NodeJS.ErrnoException).code ?? "refused");
    throw new GatewayError("SIP_TLS_INVALID", { file, reason });
  }
}
