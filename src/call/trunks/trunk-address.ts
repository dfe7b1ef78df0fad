/** Where the requests to a trunk go, and as whom: URIs made of a trunk's settings. */
import type { Trunk } from "../trunk.ts";

/** The parties of a REGISTER (RFC 3261 "Constructing the REGISTER Request"). */
export interface RegistrationAddresses {
  /** The Request-URI: the registrar, without a user. */
  readonly registrarUri: string;
  readonly addressOfRecord: string;
  /** User part of our Contact: what the registrar calls us by. */
  readonly user: string;
}

/** The Request-URI of requests to the trunk itself; `undefined` when it has no host. */
export function trunkUri({ host, port, transport }: Trunk): string | undefined {
  return host === undefined ? undefined : `sip:${hostPort(host, port)};transport=${transport}`;
}

/** The Request-URI of a call over the trunk; `undefined` when it has no host. */
export function callUri(trunk: Trunk, user: string): string | undefined {
  const { host, port, transport } = trunk;
  return host === undefined
    ? undefined
    : `sip:${escapeUser(user)}@${hostPort(host, port)};transport=${transport}`;
}

/** `undefined` for a trunk that we do not register with. */
export function registrationAddresses(trunk: Trunk): RegistrationAddresses | undefined {
  const { register, host, port, transport, digest } = trunk;
  const user = register?.user ?? digest.outbound?.username;
  const registrar = register?.registrar ?? host;
  if (register === undefined || user === undefined || registrar === undefined) {
    return undefined;
  }
  // The port is that of the trunk's host; a registrar of another name has the usual one.
  const isHost = host === undefined || registrar === host;
  const where = hostPort(registrar, isHost ? port : undefined);
  return {
    registrarUri: `sip:${where};transport=${transport}`,
    addressOfRecord: `sip:${escapeUser(user)}@${hostPort(registrar, undefined)}`,
    user: escapeUser(user),
  };
}

/** A user part that ends where it should (RFC 3261 "SIP and SIPS URI Components"). */
export function escapeUser(user: string): string {
  return encodeURIComponent(user).replaceAll(/%(?:2B|26|3D|24|2C|2F)/g, decodeURIComponent);
}

function hostPort(host: string, port: number | undefined): string {
  const name = host.includes(":") && !host.startsWith("[") ? `[${host}]` : host;
  return port === undefined ? name : `${name}:${port}`;
}
