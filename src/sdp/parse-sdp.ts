/** Reads session descriptions: `sdp-transform` takes the attributes apart, everything it yields is checked here. */

import sdpTransform from "sdp-transform";
import { GatewayError } from "../core/errors.ts";
import { isUnicastAddress } from "../core/ip-address.ts";
import { type CryptoAttribute, parseCrypto } from "./crypto-attribute.ts";
import type {
  Direction,
  FormatParameters,
  MediaDescription,
  RtpMap,
  SessionDescription,
} from "./session-description.ts";

/** Descriptions longer than this are refused unread. */
export const MAX_SDP_BYTES = 65_536;
/** How many m-lines and lines a description may have. */
export interface SdpBounds {
  readonly streams: number;
  readonly lines: number;
}
/** More than a call ever has. */
export const CALL_BOUNDS: SdpBounds = { streams: 8, lines: 1000 };
const DIRECTIONS: readonly string[] = ["sendrecv", "sendonly", "recvonly", "inactive"];
const ORIGIN = /^(\S+) (\d{1,20}) (\d{1,20}) IN IP[46] (\S+)$/;
const MEDIA = /^([\w-]+) (\d{1,5})(?:\/\d{1,5})? ([\w/-]+) (\S.*)$/;
const CRYPTO = "a=crypto:";
const TIMING = /^\d{1,20} \d{1,20}$/;

/**
 * Parses an SDP body.
 * @throws GatewayError SDP_MALFORMED with `where` and `expected`, SDP_TOO_MANY_STREAMS.
 */
export function parseSdp(text: string, bounds: SdpBounds = CALL_BOUNDS): SessionDescription {
  if (Buffer.byteLength(text) > MAX_SDP_BYTES) {
    throw malformed("body", `at most ${MAX_SDP_BYTES} bytes`);
  }
  const lines = text.split(/\r\n|\r|\n/);
  while (lines.at(-1)?.trim() === "") {
    lines.pop();
  }
  checkLines(lines, bounds);
  const origin = requiredLine(lines, "o", "o-line").match(ORIGIN);
  if (origin === null) {
    throw malformed("o-line", "username, id, version, IN, IP4 or IP6, address");
  }
  const session: Fields = sdpTransform.parse(lines.join("\r\n"));
  const timing = lines.find((line) => line.startsWith("t="))?.slice(2) ?? "0 0";
  return {
    username: origin[1] ?? "-",
    sessionId: origin[2] ?? "0",
    sessionVersion: origin[3] ?? "0",
    originAddress: origin[4] ?? "",
    address: addressOf(session.connection, "session c-line"),
    direction: directionOf(session.direction),
    timing: TIMING.test(timing) ? timing : "0 0",
    media: mediaSections(lines).map((section, index) =>
      mediaOf(section, recordOf(arrayOf(session.media)[index]), index),
    ),
  };
}

function checkLines(lines: readonly string[], bounds: SdpBounds): void {
  if (lines.length > bounds.lines) {
    throw malformed("body", `at most ${bounds.lines} lines`);
  }
  if (lines[0] !== "v=0") {
    throw malformed("line 1", "v=0");
  }
  let streams = 0;
  lines.forEach((line, index) => {
    if (!/^[a-z]=/.test(line)) {
      throw malformed(`line ${index + 1}`, "a letter and an equals sign");
    }
    streams += line.startsWith("m=") ? 1 : 0;
  });
  if (streams > bounds.streams) {
    const expected = `at most ${bounds.streams}`;
    throw new GatewayError("SDP_TOO_MANY_STREAMS", { streams, expected });
  }
}

/** Each m-line with the lines that follow it. */
function mediaSections(lines: readonly string[]): readonly (readonly string[])[] {
  const starts = [...lines.keys()].filter((i) => lines[i]?.startsWith("m=") === true);
  return starts.map((start, n) => lines.slice(start, starts[n + 1]));
}

function requiredLine(lines: readonly string[], type: string, where: string): string {
  const line = lines.find((candidate) => candidate.startsWith(`${type}=`));
  if (line === undefined) {
    throw malformed(where, "one");
  }
  return line.slice(2);
}

function mediaOf(section: readonly string[], fields: Fields, index: number): MediaDescription {
  const where = `m-line ${index + 1}`;
  const match = section[0]?.slice(2).match(MEDIA);
  if (match === undefined || match === null) {
    throw malformed(where, "kind, port, protocol, formats");
  }
  const rtcp = recordOf(fields.rtcp);
  return {
    kind: match[1] ?? "",
    port: portOf(match[2], where),
    protocol: match[3] ?? "",
    formats: (match[4] ?? "").trim().split(/\s+/),
    address: addressOf(fields.connection, `c-line of ${where}`),
    direction: directionOf(fields.direction),
    ptimeMs: durationOf(fields.ptime),
    maxPtimeMs: durationOf(fields.maxptime),
    rtcpPort: rtcp.port === undefined ? undefined : portOf(rtcp.port, `rtcp attribute of ${where}`),
    rtcpAddress: unicastOf(rtcp.address),
    rtcpMux: fields.rtcpMux !== undefined,
    label: textOf(fields.label),
    mid: textOf(fields.mid),
    rtpMaps: arrayOf(fields.rtp).flatMap((entry) => rtpMapOf(recordOf(entry))),
    formatParameters: arrayOf(fields.fmtp).flatMap((entry) => parametersOf(recordOf(entry))),
    crypto: section.flatMap(cryptoOf),
  };
}

function portOf(value: unknown, where: string): number {
  const port = /^\d{1,5}$/.test(String(value)) ? Number(value) : -1;
  if (port < 0 || port > 65_535) {
    throw malformed(where, "a port of 0 to 65535");
  }
  return port;
}

/** A literal address of one host: a name would need a resolver, and audio for many is nothing a caller may ask for. */
function addressOf(connection: unknown, where: string): string | undefined {
  if (connection === undefined) {
    return undefined;
  }
  const address = String(recordOf(connection).ip);
  if (!isUnicastAddress(address)) {
    throw malformed(where, "a unicast IP address");
  }
  return address;
}

/** As if it were not there when it is no address of one host. */
function unicastOf(address: unknown): string | undefined {
  return typeof address === "string" && isUnicastAddress(address) ? address : undefined;
}

function directionOf(value: unknown): Direction | undefined {
  return DIRECTIONS.includes(String(value)) ? (value as Direction) : undefined;
}

/** Whole milliseconds of 1 … 1000; anything else is as if it were not there. */
function durationOf(value: unknown): number | undefined {
  const durationMs = Math.round(Number(value));
  return value !== "" && durationMs >= 1 && durationMs <= 1000 ? durationMs : undefined;
}

function rtpMapOf(entry: Fields): RtpMap[] {
  const payloadType = payloadTypeOf(entry.payload);
  const encoding = String(entry.codec ?? "");
  const rateHz = Number(entry.rate);
  const channels = Number(entry.encoding ?? 1);
  const usable =
    payloadType !== undefined &&
    encoding !== "" &&
    Number.isSafeInteger(rateHz) &&
    rateHz > 0 &&
    Number.isSafeInteger(channels) &&
    channels > 0;
  return usable ? [{ payloadType, encoding, rateHz, channels }] : [];
}

function parametersOf(entry: Fields): FormatParameters[] {
  const payloadType = payloadTypeOf(entry.payload);
  const parameters = String(entry.config ?? "").trim();
  return payloadType === undefined || parameters === "" ? [] : [{ payloadType, parameters }];
}

/** Read by ourselves: `sdp-transform` leaves out all session parameters but the first. */
function cryptoOf(line: string): CryptoAttribute[] {
  const crypto = line.startsWith(CRYPTO) ? parseCrypto(line.slice(CRYPTO.length)) : undefined;
  return crypto === undefined ? [] : [crypto];
}

function payloadTypeOf(value: unknown): number | undefined {
  const type = typeof value === "number" ? value : -1;
  return type >= 0 && type <= 127 ? type : undefined;
}

/** `sdp-transform` turns whatever looks like a number into one. */
function textOf(value: unknown): string | undefined {
  return value === undefined ? undefined : String(value).trim();
}

/** The properties that are read of what `sdp-transform` yields. */
type Fields = {
  readonly [Name in
    | "address"
    | "codec"
    | "config"
    | "connection"
    | "direction"
    | "encoding"
    | "fmtp"
    | "ip"
    | "label"
    | "maxptime"
    | "media"
    | "mid"
    | "payload"
    | "port"
    | "ptime"
    | "rate"
    | "rtcp"
    | "rtcpMux"
    | "rtp"]?: unknown;
};

function recordOf(value: unknown): Fields {
  return typeof value === "object" && value !== null ? (value as Fields) : {};
}

function arrayOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function malformed(where: string, expected: string): GatewayError {
  return new GatewayError("SDP_MALFORMED", { where, expected });
}
