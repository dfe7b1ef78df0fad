/** Self-signed certificates without any program: as much of X.509 (RFC 5280) in DER as that takes. */
import { generateKeyPairSync, sign } from "node:crypto";

/** What is to be in the certificate. */
export interface SelfSignedOptions {
  /** DNS names; may be none. */
  readonly names: readonly string[];
  readonly notBeforeMs: number;
  readonly notAfterMs: number;
  /** Absent: an elliptic curve. */
  readonly keyKind?: "ec" | "rsa";
}

/** A certificate with its key, both PEM. */
export interface SelfSigned {
  readonly cert: string;
  readonly key: string;
}

const ECDSA_WITH_SHA256 = "2a8648ce3d040302";
const RSA_WITH_SHA256 = "2a864886f70d01010b";
const COMMON_NAME = "550403";
const SUBJECT_ALTERNATIVE_NAME = "551d11";

export function selfSigned({
  names,
  notBeforeMs,
  notAfterMs,
  keyKind = "ec",
}: SelfSignedOptions): SelfSigned {
  const isRsa = keyKind === "rsa";
  const { publicKey, privateKey } = isRsa
    ? generateKeyPairSync("rsa", { modulusLength: 2048 })
    : generateKeyPairSync("ec", { namedCurve: "prime256v1" });
  const algorithm = isRsa
    ? sequence(oid(RSA_WITH_SHA256), tagged(0x05, Buffer.alloc(0)))
    : sequence(oid(ECDSA_WITH_SHA256));
  const [first] = names;
  const subject =
    first === undefined
      ? sequence()
      : sequence(tagged(0x31, sequence(oid(COMMON_NAME), text(0x0c, first))));
  const extension =
    first === undefined
      ? []
      : [tagged(0xa3, sequence(alternatives(sequence(...names.map((n) => text(0x82, n))))))];
  const body = sequence(
    tagged(0xa0, tagged(0x02, Buffer.of(2))),
    tagged(0x02, Buffer.of(1)),
    algorithm,
    subject,
    sequence(time(notBeforeMs), time(notAfterMs)),
    subject,
    publicKey.export({ type: "spki", format: "der" }),
    ...extension,
  );
  const signature = sign("sha256", body, privateKey);
  const der = sequence(body, algorithm, tagged(0x03, Buffer.concat([Buffer.of(0), signature])));
  const lines = der
    .toString("base64")
    .match(/.{1,64}/g)
    ?.join("\n");
  return {
    cert: `-----BEGIN CERTIFICATE-----\n${lines}\n-----END CERTIFICATE-----\n`,
    key: String(privateKey.export({ type: "pkcs8", format: "pem" })),
  };
}

function alternatives(names: Buffer): Buffer {
  return sequence(oid(SUBJECT_ALTERNATIVE_NAME), tagged(0x04, names));
}

function sequence(...parts: readonly Buffer[]): Buffer {
  return tagged(0x30, Buffer.concat(parts));
}

function oid(hex: string): Buffer {
  return tagged(0x06, Buffer.from(hex, "hex"));
}

function text(tag: number, value: string): Buffer {
  return tagged(tag, Buffer.from(value));
}

/** UTCTime: two digits of the year, up to the second. */
function time(ms: number): Buffer {
  return text(0x17, `${new Date(ms).toISOString().replaceAll(/[-:T]/g, "").slice(2, 14)}Z`);
}

function tagged(tag: number, value: Buffer): Buffer {
  const { length } = value;
  const size =
    length < 128 ? [length] : length < 256 ? [0x81, length] : [0x82, length >> 8, length & 255];
  return Buffer.concat([Buffer.of(tag, ...size), value]);
}
