/** Reads the files that `sip.tls` names. */
import { GatewayError } from "../core/errors.ts";
import type { TlsMaterial, TlsPair } from "../signaling/embedded/tls-material.ts";
import type { Config } from "./config.ts";
import { readFailureText, type TextFiles } from "./files.ts";

/** What the files hold now. @throws GatewayError SIP_TLS_INVALID, naming the file. */
export function readTlsMaterial(
  settings: NonNullable<Config["sip"]["tls"]>,
  files: TextFiles,
): TlsMaterial {
  const { ca, serverNames } = settings;
  return {
    pair: readPair(settings, files),
    ca: ca === undefined ? undefined : { text: readText(ca, files), file: ca },
    serverNames: serverNames.map((one) => ({ ...readPair(one, files), name: one.name })),
  };
}

/** One PEM file. @throws GatewayError SIP_TLS_INVALID. */
export function readText(file: string, files: TextFiles): string {
  try {
    return files.read(file);
  } catch (error) {
    throw new GatewayError("SIP_TLS_INVALID", { file, reason: readFailureText(error) });
  }
}

function readPair(
  { cert, key }: { readonly cert: string; readonly key: string },
  files: TextFiles,
): TlsPair {
  return {
    cert: readText(cert, files),
    key: readText(key, files),
    certFile: cert,
    keyFile: key,
  };
}
