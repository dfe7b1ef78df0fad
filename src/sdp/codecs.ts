/** The codecs the gateway takes, and how they are found in and written to an m-line. RFC 3551 §6 Payload Type Definitions. */
import type { FormatParameters, MediaDescription, RtpMap } from "./session-description.ts";

/** Codec names as the audio layer has them. */
export type Law = "pcmu" | "pcma";

interface Codec {
  readonly law: Law;
  readonly encoding: string;
  readonly payloadType: number;
}

/** One row per codec; both have 8 kHz and one channel. */
const CODECS: readonly Codec[] = [
  { law: "pcmu", encoding: "PCMU", payloadType: 0 },
  { law: "pcma", encoding: "PCMA", payloadType: 8 },
];

const CLOCK_HZ = 8000;
const TELEPHONE_EVENT = "telephone-event";
/** What we offer; the number most carriers use. */
export const TELEPHONE_EVENT_PAYLOAD_TYPE = 101;
const DTMF_EVENTS = "0-15";

/** A codec of ours under the payload type number of an m-line. */
export interface ChosenCodec {
  readonly law: Law;
  readonly payloadType: number;
}

/** The first format of the m-line that is among `laws`: the order of the offer is the caller's preference. */
export function chooseCodec(
  media: MediaDescription,
  laws: readonly Law[],
): ChosenCodec | undefined {
  for (const format of media.formats) {
    const payloadType = payloadTypeOf(format);
    const codec = payloadType === undefined ? undefined : codecOf(media, payloadType);
    if (payloadType !== undefined && codec !== undefined && laws.includes(codec.law)) {
      return { law: codec.law, payloadType };
    }
  }
  return undefined;
}

/** The payload type of telephone-events at the audio's clock rate. */
export function findTelephoneEvent(media: MediaDescription): number | undefined {
  for (const format of media.formats) {
    const payloadType = payloadTypeOf(format);
    const map = media.rtpMaps.find((candidate) => candidate.payloadType === payloadType);
    if (map?.encoding.toLowerCase() === TELEPHONE_EVENT && map.rateHz === CLOCK_HZ) {
      return payloadType;
    }
  }
  return undefined;
}

/** Formats and their attributes, ready for an m-line. */
export interface FormatList {
  readonly formats: readonly string[];
  readonly rtpMaps: readonly RtpMap[];
  readonly formatParameters: readonly FormatParameters[];
}

/** Formats of an answer: the chosen codec and, where offered, telephone-events, under the offer's numbers. */
export function answeredFormats(
  codec: ChosenCodec,
  telephoneEvent: number | undefined,
): FormatList {
  return formatList([codec], telephoneEvent);
}

/** Formats of an offer, in our order of preference. */
export function offeredFormats(laws: readonly Law[], telephoneEvent: boolean): FormatList {
  return formatList(
    laws.map(staticCodec),
    telephoneEvent ? TELEPHONE_EVENT_PAYLOAD_TYPE : undefined,
  );
}

/** These codecs, and telephone-events under this number. */
export function formatList(
  codecs: readonly ChosenCodec[],
  telephoneEvent: number | undefined,
): FormatList {
  const rtpMaps = codecs.map(({ law, payloadType }) => ({
    payloadType,
    encoding: rowOf(law).encoding,
    rateHz: CLOCK_HZ,
    channels: 1,
  }));
  const formatParameters: FormatParameters[] = [];
  if (telephoneEvent !== undefined) {
    const map = { encoding: TELEPHONE_EVENT, rateHz: CLOCK_HZ, channels: 1 };
    rtpMaps.push({ payloadType: telephoneEvent, ...map });
    formatParameters.push({ payloadType: telephoneEvent, parameters: DTMF_EVENTS });
  }
  const formats = rtpMaps.map((map) => String(map.payloadType));
  return { formats, rtpMaps, formatParameters };
}

/** Under the number that needs no rtpmap. */
export function staticCodec(law: Law): ChosenCodec {
  return { law, payloadType: rowOf(law).payloadType };
}

function rowOf(law: Law): Codec {
  const row = CODECS.find((codec) => codec.law === law);
  if (row === undefined) {
    throw new Error(`no codec row for ${law}`);
  }
  return row;
}

/** By its rtpmap; the static numbers need none. */
function codecOf(media: MediaDescription, payloadType: number): Codec | undefined {
  const map = media.rtpMaps.find((candidate) => candidate.payloadType === payloadType);
  if (map === undefined) {
    return CODECS.find((codec) => codec.payloadType === payloadType);
  }
  return map.rateHz === CLOCK_HZ && map.channels === 1
    ? CODECS.find((codec) => codec.encoding === map.encoding.toUpperCase())
    : undefined;
}

function payloadTypeOf(format: string): number | undefined {
  const type = /^\d{1,3}$/.test(format) ? Number(format) : -1;
  return type >= 0 && type <= 127 ? type : undefined;
}
