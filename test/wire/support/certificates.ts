/** Certificates for tests, made by the openssl program at the time of the test. */
import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** False, with a printed reason, when openssl is not installed. */
export function opensslInstalled(): boolean {
  const installed = existsSync("/usr/bin/openssl");
  if (!installed) {
    console.log("LEFT OUT: openssl is not installed (apt-get install openssl)");
  }
  return installed;
}

/** Files of one certificate. */
export interface CertificateFiles {
  readonly certFile: string;
  readonly keyFile: string;
}

/** An authority in a folder of its own; whoever makes it removes it. */
export class Authority {
  readonly folder = mkdtempSync(join(tmpdir(), "wire-certificates-"));
  readonly caFile = join(this.folder, "ca.pem");
  readonly #caKey = join(this.folder, "ca-key.pem");
  #serial = 0;

  constructor(name = "Test Authority") {
    const subject = ["-subj", `/CN=${name}`, "-days", "365"];
    openssl(["req", "-x509", ...NEW_KEY, "-keyout", this.#caKey, "-out", this.caFile, ...subject]);
  }

  get ca(): string {
    return readFileSync(this.caFile, "utf8");
  }

  /** @param names DNS names and IPv4 addresses. @param days until it expires. */
  issue(names: readonly string[], days = 90): CertificateFiles {
    this.#serial += 1;
    const path = (suffix: string): string => join(this.folder, `${this.#serial}${suffix}`);
    const [keyFile, certFile] = [path("-key.pem"), path("-cert.pem")];
    const alternatives = names.map((n) => (/^[\d.]+$/.test(n) ? `IP:${n}` : `DNS:${n}`)).join(",");
    const subject = ["-subj", `/CN=${names[0]}`, "-days", String(days)];
    const extension = ["-addext", `subjectAltName=${alternatives}`];
    const signer = ["-CA", this.caFile, "-CAkey", this.#caKey];
    const files = ["-keyout", keyFile, "-out", certFile];
    openssl(["req", "-x509", ...NEW_KEY, ...files, ...subject, ...extension, ...signer]);
    return { certFile, keyFile };
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}

const NEW_KEY = ["-newkey", "rsa:2048", "-nodes", "-sha256"];

function openssl(args: readonly string[]): void {
  execFileSync("/usr/bin/openssl", args, { stdio: ["ignore", "ignore", "pipe"] });
}

/** The PEM texts of a pair. */
export function readPair({ certFile, keyFile }: CertificateFiles) {
  const cert = readFileSync(certFile, "utf8");
  const key = readFileSync(keyFile, "utf8");
  return { cert, key, certFile, keyFile };
}
