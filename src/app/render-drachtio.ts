/** The configuration file of a drachtio-server that takes SIP in the gateway's place, from the gateway's own. */
import { isLoopback } from "../core/ip-address.ts";
import { isUnspecified } from "../core/own-addresses.ts";
import type { Config } from "./config.ts";

/** A file of another program, and what its reader has to know. */
export interface RenderedFile {
  readonly text: string;
  readonly notes: readonly string[];
}

const DEFAULT_ADMIN_PORT = 9022;
const EVERYWHERE: ReadonlySet<string> = new Set(["0.0.0.0/0", "::/0"]);

/** The shared secret is not in it: drachtio-server takes it from its environment, DRACHTIO_SECRET. */
export function renderDrachtio({ sip }: Config): RenderedFile {
  const { drachtio } = sip;
  const port = drachtio === "embedded" ? DEFAULT_ADMIN_PORT : drachtio.port;
  const isNear = drachtio === "embedded" || isLoopback(drachtio.host);
  const { attributes, notes } = contactAttributes(sip.advertise);
  const host = isUnspecified(sip.host) ? "*" : sip.host.includes(":") ? `[${sip.host}]` : sip.host;
  const text = `<drachtio>
  <!-- Made by "trunkline render drachtio". The secret comes from the environment: DRACHTIO_SECRET. -->
  <admin port="${port}">${isNear ? "127.0.0.1" : "0.0.0.0"}</admin>
  <sip>
    <contacts>
      <contact${attributes}>sip:${host}:${sip.port};transport=udp,tcp</contact>
      <!-- For TLS: <contact>sips:${host}:5061;transport=tls</contact>, and key-file, cert-file and chain-file in <tls>. -->
    </contacts>
    <!-- A client that leaves the refresher of a session timer to us keeps it, as with the embedded server. -->
    <session-timers default-refresher="uac"/>
  </sip>
  <cdrs>false</cdrs>
  <logging>
    <console/>
    <!-- Higher levels write SIP messages, with numbers of callers, into the log. -->
    <sofia-loglevel>3</sofia-loglevel>
    <loglevel>info</loglevel>
  </logging>
</drachtio>
`;
  const unused =
    drachtio === "embedded"
      ? [
          "the gateway takes SIP itself: set sip.drachtio to { host, port, secret } to use a drachtio-server",
        ]
      : [];
  return { text, notes: [...unused, ...notes] };
}

/** drachtio knows one address for everybody beyond one local network. */
function contactAttributes(advertise: Config["sip"]["advertise"]): {
  readonly attributes: string;
  readonly notes: readonly string[];
} {
  if (advertise === "auto") {
    return { attributes: "", notes: [] };
  }
  if (typeof advertise === "string") {
    return { attributes: ` external-ip="${advertise}"`, notes: [] };
  }
  const outside = advertise.find(({ to }) => EVERYWHERE.has(to));
  const inside = advertise.filter(({ to }) => !EVERYWHERE.has(to));
  const [near, ...others] = inside;
  const attributes = [
    outside === undefined ? "" : ` external-ip="${outside.address}"`,
    outside === undefined || near === undefined ? "" : ` local-net="${near.to}"`,
  ].join("");
  const lost = outside === undefined ? inside : others;
  return {
    attributes,
    notes: lost.map(
      ({ to, address }) =>
        `sip.advertise: drachtio-server cannot tell peers of ${to} the address ${address}`,
    ),
  };
}
