/** An SDP body, read strictly: what the engine needs of it, or a catalogue error that says where it is wrong. */

import sdpTransform from "sdp-transform";
import { GatewayError } from "../core/errors.ts";
import { isIpAddress } from "../core/ip-address.ts";

/** From the side of whoever wrote the description. */
export type Direction = "sendrecv" | "sendonly" | "recvonly" | "inactive";

/** One `a=rtpmap`, or the static payload type it stands for (RFC 3551 "Payload Type Definitions"). */
export interface CodecDescription {
  readonly payloadType: number;
  /** Upper case, for example `PCMU`. */
  readonly name: string;
  readonly rateHz: number;
}

/** One m-line with its attributes. */
export interface MediaDescription {
  readonly kind: string;
  /** 0 = refused. */
  readonly port: number;
  readonly protocol: string;
  /** As written after the protocol, separated by blanks. */
  readonly formats: string;
  /** Numeric address from the media's or the session's c-line; `undefined` when there is none. */
  readonly address: string | undefined;
  readonly codecs: readonly CodecDescription[];
  readonly direction: Direction;
  readonly ptimeMs: number | undefined;
  readonly maxPtimeMs: number | undefined;
  readonly rtcpPort: number | undefined;
  /** RFC 4574 "The SDP Label Attribute". */
  readonly label: string | undefined;
}

/** The whole body. */
export interface SessionDescription {
  readonly media: readonly MediaDescription[];
}

const MAX_BYTES = 65_536;
const MAX_STREAMS = 8;
const STATIC_CODECS: Readonly<Record<number, string>> = {
  0: "PCMU",
  8: "PCMA",
  9: "G722",
  13: "CN",
  18: "G729",
};

/** Throws SDP_MALFORMED (where, expected) or SDP_TOO_MANY_STREAMS; never anything else, whatever the text. */
export function parseSessionDescription(text: string): SessionDescription {
  if (text.length > MAX_BYTES) {
    throw malformed("body", `at most ${MAX_BYTES} bytes`);
  }
  if (!/^v=0\s*$/m.test(text)) {
    throw malformed("v=", "v=0");
  }
  const streamCount = text.match(/^m=/gm)?.length ?? 0;
  if (streamCount > MAX_STREAMS) {
    throw new GatewayError("SDP_TOO_MANY_STREAMS", { streams: streamCount, most: MAX_STREAMS });
  }
  checkMediaLines(text);
  let session: sdpTransform.SessionDescription;
  try {
    session = sdpTransform.parse(text);
  } catch (error) {
    throw new GatewayError("SDP_MALFORMED", { expected: "RFC 8866 syntax" }, { cause: error });
  }
  const sessionDirection = session.direction ?? directionOf(text.split(/^m=/m)[0] ?? "");
  const media = session.media.map((stream, index) =>
    readMedia(stream, index, session.connection?.ip, sessionDirection),
  );
  return { media };
}

type ParsedMedia = sdpTransform.SessionDescription["media"][number];

function readMedia(
  stream: ParsedMedia,
  index: number,
  sessionAddress: string | undefined,
  sessionDirection: Direction | undefined,
): MediaDescription {
  const where = `m-line ${index + 1}`;
  const address = stream.connection?.ip ?? sessionAddress;
  if (stream.port !== 0 && address !== undefined && !isIpAddress(address)) {
    throw malformed(`${where} c=`, "a numeric IP address");
  }
  const rtcpPort = stream.rtcp?.port;
  return {
    kind: stream.type,
    port: portOf(stream.port, where),
    protocol: stream.protocol,
    formats: stream.payloads === undefined ? "" : String(stream.payloads),
    address,
    codecs: codecsOf(stream),
    direction: stream.direction ?? sessionDirection ?? "sendrecv",
    ptimeMs: positive(stream.ptime),
    maxPtimeMs: positive((stream as { maxptime?: unknown }).maxptime),
    rtcpPort: rtcpPort === undefined ? undefined : portOf(rtcpPort, `${where} a=rtcp`),
    label: labelOf(stream),
  };
}

/** sdp-transform keeps an m-line it cannot read as if it were not there; the answer would lose a line. */
function checkMediaLines(text: string): void {
  const lines = text.split(/\r\n|\r|\n/).filter((line) => line.startsWith("m="));
  for (const [index, line] of lines.entries()) {
    if (!/^m=\w+ \d{1,9}(?:\/\d+)? [\w/]+(?: [\w.*+-]+)*\s*$/.test(line)) {
      throw malformed(`m-line ${index + 1}`, "m=<kind> <port> <protocol> <formats>");
    }
  }
}

function portOf(value: unknown, where: string): number {
  const port = Number(value);
  if (!Number.isInteger(port) || port < 0 || port > 65_535) {
    throw malformed(where, "a port of 0 to 65535");
  }
  return port;
}

function codecsOf(stream: ParsedMedia): CodecDescription[] {
  const formats = stream.payloads === undefined ? [] : String(stream.payloads).split(/\s+/);
  return formats.flatMap((format) => {
    const payloadType = Number(format);
    if (!Number.isInteger(payloadType) || payloadType < 0 || payloadType > 127) {
      return [];
    }
    const mapped = (stream.rtp ?? []).find((entry) => Number(entry.payload) === payloadType);
    const name = mapped?.codec ?? STATIC_CODECS[payloadType];
    const rateHz = Number(mapped?.rate ?? 8000);
    return name === undefined ? [] : [{ payloadType, name: String(name).toUpperCase(), rateHz }];
  });
}

function directionOf(sessionPart: string): Direction | undefined {
  const match = /^a=(sendrecv|sendonly|recvonly|inactive)\s*$/m.exec(sessionPart);
  return match === null ? undefined : (match[1] as Direction);
}

function labelOf(stream: ParsedMedia): string | undefined {
  const label = (stream as { label?: unknown }).label;
  if (label !== undefined) {
    return String(label);
  }
  const entry = stream.invalid?.find(({ value }) => value.startsWith("label:"));
  return entry?.value.slice("label:".length).trim();
}

function positive(value: unknown): number | undefined {
  const number = Number(value);
  return value !== undefined && Number.isFinite(number) && number > 0 ? number : undefined;
}

function malformed(where: string, expected: string): GatewayError {
  return new GatewayError("SDP_MALFORMED", { where, expected });
}
