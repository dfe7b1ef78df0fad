/** Offer and answer for one audio stream of G.711 with telephone-event (RFC 3264). */
import { GatewayError } from "../core/errors.ts";
import { isIpv4 } from "../core/ip-address.ts";
import type {
  CodecDescription,
  Direction,
  MediaDescription,
  SessionDescription,
} from "./session-description.ts";

/** A codec the gateway takes. */
export type Law = "pcmu" | "pcma";

/** Where we receive, and how the session is identified. */
export interface LocalAudio {
  readonly address: string;
  readonly port: number;
  /** `o=` session id and version; the version grows with every change (RFC 3264 "Modifying the Session"). */
  readonly sessionId: number;
  readonly version: number;
}

/** What was agreed on, from our side. */
export interface AudioStream {
  readonly remoteAddress: string;
  readonly remotePort: number;
  readonly remoteRtcpPort: number;
  readonly law: Law;
  readonly payloadType: number;
  readonly telephoneEventPayloadType: number | undefined;
  readonly ptimeMs: number;
  readonly direction: Direction;
}

const CODEC_OF: Readonly<Record<Law, { readonly payloadType: number; readonly name: string }>> = {
  pcmu: { payloadType: 0, name: "PCMU" },
  pcma: { payloadType: 8, name: "PCMA" },
};
const OFFERED_LAWS: readonly Law[] = ["pcmu", "pcma"];
const TELEPHONE_EVENT = "TELEPHONE-EVENT";
const OFFERED_EVENT_PAYLOAD_TYPE = 101;
const DEFAULT_PTIME_MS = 20;
const PTIMES_MS = [10, 20, 30, 40, 50, 60];

const MIRRORED: Readonly<Record<Direction, Direction>> = {
  sendrecv: "sendrecv",
  sendonly: "recvonly",
  recvonly: "sendonly",
  inactive: "inactive",
};

interface Choice {
  readonly index: number;
  readonly stream: AudioStream;
}

/**
 * What a description of the peer gives us: its first audio stream with a codec of ours.
 * Throws SDP_NO_AUDIO or SDP_NO_COMMON_CODEC.
 */
export function readAudioStream(remote: SessionDescription): AudioStream {
  return choose(remote).stream;
}

/** Our answer: every m-line of the offer in its order, one accepted, the others refused (RFC 3264 "Generating the Answer"). */
export function writeAnswer(offer: SessionDescription, local: LocalAudio): string {
  const { index: chosen, stream } = choose(offer);
  const media = offer.media.map((entry, index) =>
    index === chosen ? acceptedLines(entry, stream, local) : refusedLines(entry),
  );
  return write(local, media);
}

/** Our offer, for a peer that asked us to make it. */
export function writeOffer(local: LocalAudio, direction: Direction = "sendrecv"): string {
  const codecs = OFFERED_LAWS.map((law) => CODEC_OF[law]);
  const event = OFFERED_EVENT_PAYLOAD_TYPE;
  const formats = [...codecs.map(({ payloadType }) => payloadType), event].join(" ");
  return write(local, [
    [
      `m=audio ${local.port} RTP/AVP ${formats}`,
      ...codecs.map(({ payloadType, name }) => `a=rtpmap:${payloadType} ${name}/8000`),
      ...eventLines(event),
      `a=ptime:${DEFAULT_PTIME_MS}`,
      `a=${direction}`,
    ],
  ]);
}

function choose(remote: SessionDescription): Choice {
  let sawAudio = false;
  for (const [index, media] of remote.media.entries()) {
    if (!isUsableAudio(media)) {
      continue;
    }
    sawAudio = true;
    const codec = media.codecs.find((entry) => lawOf(entry) !== undefined);
    const law = codec === undefined ? undefined : lawOf(codec);
    if (codec !== undefined && law !== undefined) {
      return { index, stream: streamOf(media, codec.payloadType, law) };
    }
  }
  throw sawAudio
    ? new GatewayError("SDP_NO_COMMON_CODEC", { expected: "PCMU or PCMA" })
    : new GatewayError("SDP_NO_AUDIO", { expected: "an audio stream over RTP/AVP and IPv4" });
}

function isUsableAudio(media: MediaDescription): boolean {
  return (
    media.kind === "audio" &&
    media.port !== 0 &&
    /^RTP\/AVPF?$/i.test(media.protocol) &&
    media.address !== undefined &&
    isIpv4(media.address)
  );
}

function lawOf(codec: CodecDescription): Law | undefined {
  if (codec.rateHz !== 8000) {
    return undefined;
  }
  return OFFERED_LAWS.find((law) => CODEC_OF[law].name === codec.name);
}

function streamOf(media: MediaDescription, payloadType: number, law: Law): AudioStream {
  const event = media.codecs.find(
    ({ name, rateHz }) => name === TELEPHONE_EVENT && rateHz === 8000,
  );
  return {
    remoteAddress: media.address ?? "",
    remotePort: media.port,
    remoteRtcpPort: media.rtcpPort ?? Math.min(media.port + 1, 65_535),
    law,
    payloadType,
    telephoneEventPayloadType: event?.payloadType,
    ptimeMs: ptimeOf(media),
    direction: ourDirection(media),
  };
}

/** An address of 0.0.0.0 is the old way to hold (RFC 3264 "Putting a Unicast Media Stream on Hold"). */
function ourDirection(media: MediaDescription): Direction {
  const mirrored = MIRRORED[media.direction];
  if (media.address !== "0.0.0.0") {
    return mirrored;
  }
  return mirrored === "sendrecv" || mirrored === "recvonly" ? "recvonly" : "inactive";
}

function ptimeOf({ ptimeMs, maxPtimeMs }: MediaDescription): number {
  const wanted = Math.min(ptimeMs ?? DEFAULT_PTIME_MS, maxPtimeMs ?? Number.POSITIVE_INFINITY);
  return PTIMES_MS.includes(wanted) ? wanted : DEFAULT_PTIME_MS;
}

function acceptedLines(media: MediaDescription, stream: AudioStream, local: LocalAudio): string[] {
  const { payloadType, telephoneEventPayloadType: event, law } = stream;
  const formats = event === undefined ? `${payloadType}` : `${payloadType} ${event}`;
  return [
    `m=audio ${local.port} ${media.protocol} ${formats}`,
    `a=rtpmap:${payloadType} ${CODEC_OF[law].name}/8000`,
    ...(event === undefined ? [] : eventLines(event)),
    `a=ptime:${stream.ptimeMs}`,
    `a=${stream.direction}`,
    ...labelLines(media),
  ];
}

function refusedLines(media: MediaDescription): string[] {
  const formats = media.formats === "" ? "" : ` ${media.formats}`;
  return [`m=${media.kind} 0 ${media.protocol}${formats}`, ...labelLines(media)];
}

function eventLines(payloadType: number): string[] {
  return [`a=rtpmap:${payloadType} telephone-event/8000`, `a=fmtp:${payloadType} 0-15`];
}

function labelLines({ label }: MediaDescription): string[] {
  return label === undefined ? [] : [`a=label:${label}`];
}

function write(local: LocalAudio, media: readonly (readonly string[])[]): string {
  const lines = [
    "v=0",
    `o=- ${local.sessionId} ${local.version} IN IP4 ${local.address}`,
    "s=-",
    `c=IN IP4 ${local.address}`,
    "t=0 0",
    ...media.flat(),
  ];
  return `${lines.join("\r\n")}\r\n`;
}
