/** The m-lines of a recording session's SDP, as the recorder sees them: by label, sending or not, decodable or not. */
import type {
  Direction,
  MediaDescription,
  SessionDescription,
} from "../sdp/session-description.ts";
import { type Oddity, type OddityCode, oddity } from "./oddities.ts";

/** One m-line. */
export interface MediaLine {
  /** From 0, in the order of the description. */
  readonly index: number;
  /** The label, or `#N` (N from 1) where there is none or another line has it already. */
  readonly key: string;
  readonly label: string | undefined;
  readonly kind: string;
  readonly port: number;
  readonly direction: Direction;
  /** Encodings in order of preference, in capitals. */
  readonly encodings: readonly string[];
  /** Audio over RTP that is offered. */
  readonly offered: boolean;
  /** Offered, with an encoding that we take. */
  readonly recordable: boolean;
  /** Whether the client sends, or says that it will. */
  readonly sending: boolean;
  /** `a=record`, RFC 7866, SDP attribute for recording state. */
  readonly recordState: "on" | "off" | "paused" | undefined;
  /** Where its packets come from: port, and SSRC where the SDP tells. */
  readonly source: string;
}

/** The lines and what is odd about each. */
export interface MediaReading {
  readonly lines: readonly MediaLine[];
  readonly oddities: readonly Oddity[];
}

/** RFC 3551 section 6, Payload Type Definitions: what needs no rtpmap. */
const STATIC: Readonly<Record<string, string>> = {
  "0": "PCMU",
  "3": "GSM",
  "4": "G723",
  "8": "PCMA",
  "9": "G722",
  "13": "CN",
  "18": "G729",
};
const DECODED = ["PCMU", "PCMA"];

/** Reads a description; `text` is what it was parsed from, for attributes that the parser leaves out. */
export function readMediaLines(description: SessionDescription, text: string): MediaReading {
  const sections = text.split(/^m=/m).slice(1);
  const keys = new Set<string>();
  const lines = description.media.map((media, index) =>
    lineOf(media, { index, keys, description, section: sections[index] ?? "" }),
  );
  return { lines, oddities: odditiesOf(lines) };
}

interface LineContext {
  readonly index: number;
  readonly keys: Set<string>;
  readonly description: SessionDescription;
  readonly section: string;
}

function lineOf(media: MediaDescription, context: LineContext): MediaLine {
  const { index, keys, description, section } = context;
  const label = media.label === "" ? undefined : media.label;
  const key = label === undefined || keys.has(label) ? `#${index + 1}` : label;
  keys.add(key);
  const direction = media.direction ?? description.direction ?? "sendrecv";
  const isHeldByAddress = (media.address ?? description.address) === "0.0.0.0";
  const encodings = encodingsOf(media);
  const isRtp = /^RTP\/S?AVPF?$/.test(media.protocol);
  const offered = media.kind === "audio" && media.port !== 0 && isRtp;
  const recordState = /^a=record:(on|off|paused)[ \t]*\r?$/m.exec(section)?.[1];
  const ssrc = /^a=ssrc:(\d{1,10})/m.exec(section)?.[1];
  return {
    index,
    key,
    label,
    kind: media.kind,
    port: media.port,
    direction,
    encodings,
    offered,
    recordable: offered && encodings.some((encoding) => DECODED.includes(encoding)),
    sending: (direction === "sendonly" || direction === "sendrecv") && !isHeldByAddress,
    recordState: recordState as MediaLine["recordState"],
    source: ssrc === undefined ? `${media.port}` : `${media.port} ssrc ${ssrc}`,
  };
}

function encodingsOf({ formats, rtpMaps }: MediaDescription): readonly string[] {
  return formats.map((format) => {
    const map = rtpMaps.find(({ payloadType }) => String(payloadType) === format);
    return (map?.encoding ?? STATIC[format] ?? format).toUpperCase();
  });
}

function odditiesOf(lines: readonly MediaLine[]): readonly Oddity[] {
  const recorded = lines.filter(({ recordable }) => recordable);
  const found = lines.flatMap((line) =>
    codesOf(line).map((code) => oddity(code, `m-line ${line.index + 1}`)),
  );
  if (recorded.length === 0) {
    found.push(oddity("audioMissing", "SDP"));
  } else if (recorded.every(({ sending }) => !sending)) {
    found.push(oddity("allStreamsHeld", "SDP"));
  }
  if (recorded.length === 1) {
    found.push(oddity("oneStream", "SDP"));
  } else if (recorded.length > 2) {
    found.push(oddity("manyStreams", "SDP"));
  }
  return found;
}

function codesOf(line: MediaLine): readonly OddityCode[] {
  if (!line.offered) {
    return ["lineNotRecorded"];
  }
  const codes: OddityCode[] = [...codecCodes(line)];
  if (line.label === undefined) {
    codes.push("labelMissing");
  } else if (line.key !== line.label) {
    codes.push("labelTwice");
  } else if (!/^(?:0|[1-9]\d{0,2})$/.test(line.label)) {
    codes.push("labelNotNumber");
  }
  if (line.direction === "recvonly") {
    codes.push("directionNotSend");
  } else if (!line.sending) {
    codes.push("streamInactive");
  }
  return codes;
}

function codecCodes({ encodings, recordable }: MediaLine): readonly OddityCode[] {
  if (!encodings.includes("G729")) {
    return recordable ? [] : ["codecNotTaken"];
  }
  if (!recordable) {
    return ["g729Only"];
  }
  return encodings[0] === "G729" ? ["g729First"] : [];
}
