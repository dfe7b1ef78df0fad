/** The configuration file of an rtpengine that holds the RTP sockets in the gateway's place, from the gateway's own. */
import { isUnspecified } from "../core/own-addresses.ts";
import type { Config } from "./config.ts";
import type { RenderedFile } from "./render-drachtio.ts";

const DEFAULT_CONTROL = { host: "127.0.0.1", port: 22_222 };
/** Bound to every address, rtpengine has to be told which one packets leave from. */
const ANY_INTERFACE = "any";
/** Expedited forwarding (RFC 3246), as a byte of the IP header. */
const TOS_EXPEDITED = 184;

/** In userspace, without the kernel's module, so that it needs no rights beyond those of its ports. */
export function renderRtpengine({ sip, media }: Config): RenderedFile {
  const control = media.rtpengine[0] ?? DEFAULT_CONTROL;
  const setting = media.advertise === "auto" ? sip.advertise : media.advertise;
  const advertised = typeof setting === "string" && setting !== "auto" ? setting : undefined;
  const bound = isUnspecified(sip.host) ? ANY_INTERFACE : sip.host;
  const text = `# Made by "trunkline render rtpengine".
[rtpengine]
# No kernel module.
table = -1
interface = ${advertised === undefined ? bound : `${bound}!${advertised}`}
listen-ng = ${control.host.includes(":") ? `[${control.host}]` : control.host}:${control.port}
port-min = ${media.ports.min}
port-max = ${media.ports.max}
timeout = ${media.timeoutSeconds}
silent-timeout = ${media.timeoutSeconds}
delete-delay = 0
tos = ${TOS_EXPEDITED}
log-level = 5
`;
  const unused =
    media.anchor === "rtpengine"
      ? []
      : [
          "the gateway holds the RTP sockets itself: this file is used with media.anchor: rtpengine",
        ];
  const several =
    media.rtpengine.length > 1
      ? [`media.rtpengine names ${media.rtpengine.length}: this is the file of the first`]
      : [];
  const lists = Array.isArray(setting)
    ? ["media.advertise is a list: give each of its addresses an interface of rtpengine by hand"]
    : [];
  return { text, notes: [...unused, ...several, ...lists] };
}
