/** Reads a whole request of a recording client: what it asks for, its SDP, its metadata; one never costs the other. */
import { GatewayError } from "../core/errors.ts";
import { parseSdp, type SdpBounds } from "../sdp/parse-sdp.ts";
import type { SessionDescription } from "../sdp/session-description.ts";
import { type Correlation, correlate, type HeaderReader } from "./correlation.ts";
import { type MediaLine, readMediaLines } from "./media-lines.ts";
import { type BodyPart, readBody } from "./multipart.ts";
import { distinctOddities, type Oddity, oddity } from "./oddities.ts";
import { readOptionTags } from "./option-tags.ts";
import { readMetadata } from "./read-metadata.ts";
import type { RsMetadata } from "./rs-metadata.ts";
import { guessVendor, type VendorGuess } from "./vendor.ts";

/** A request as any SIP stack has it. */
export interface RequestFacts {
  readonly header: HeaderReader;
  /** Names of all header fields that are there. */
  readonly headerNames: readonly string[];
  readonly body: Uint8Array;
  /** Whether its To has a tag. */
  readonly inDialog: boolean;
  /** Size of the whole request where it came over UDP; `undefined`: over a stream. */
  readonly datagramBytes: number | undefined;
}

/** What was read; never an exception. */
export interface RecordingRequest {
  /** By Require, by Contact, or by metadata in the body. */
  readonly isRecording: boolean;
  /** `Require: siprec`, `+sip.src`, `metadata`. */
  readonly because: readonly string[];
  readonly optionTags: readonly string[];
  readonly parts: readonly BodyPart[];
  readonly sdp: SessionDescription | undefined;
  /** Catalogue code of the SDP's fault. */
  readonly sdpFault: string | undefined;
  readonly media: readonly MediaLine[];
  readonly metadata: RsMetadata | undefined;
  readonly vendor: VendorGuess | undefined;
  readonly correlation: Correlation;
  readonly oddities: readonly Oddity[];
}

/** RFC 3261 section 18.1.1, Sending Requests: larger requests belong on a stream. */
const SAFE_DATAGRAM_BYTES = 1300;
/** RFC 9806 section 2, Updates to RFC 7866: the first is right, the second is what RFC 7866 said before. */
const METADATA_TYPES = ["application/rs-metadata+xml", "application/rs-metadata"];
/** More than a conference bridge ever forks to one recorder; how many are recorded is for the flow to say. */
const RECORDING_BOUNDS: SdpBounds = { streams: 64, lines: 4000 };
const XML_TYPES = ["", "text/xml", "application/xml", "text/plain"];

/** Reads a request. */
export function readRecordingRequest(request: RequestFacts): RecordingRequest {
  const { header, headerNames, body, inDialog } = request;
  const { parts, oddities: found } = readBody(header("Content-Type")[0], body);
  const oddities: Oddity[] = [...found];
  const { sdpPart, metadataPart } = chooseParts(parts, oddities);
  const description = readDescription(sdpPart, oddities);
  const metadata = readSnapshot(metadataPart, oddities);
  const { because, optionTags } = readPurpose(request, metadataPart !== undefined, oddities);
  const hasBody = body.length > 0;
  if (!hasBody && !inDialog) {
    oddities.push(oddity("bodyMissing", "body"));
  } else if (hasBody) {
    reportBalance({ sdpPart, metadataPart, inDialog }, oddities);
  }
  if ((request.datagramBytes ?? 0) > SAFE_DATAGRAM_BYTES) {
    oddities.push(oddity("largerThanDatagram", "request"));
  }
  const correlation = correlate(header, metadata);
  if (correlation.userToUser.some(({ wellFormed }) => !wellFormed)) {
    oddities.push(oddity("userToUserNotHex", "User-to-User"));
  }
  const agent = header("User-Agent")[0] ?? header("Server")[0];
  return {
    isRecording: because.length > 0,
    because,
    optionTags,
    parts,
    ...description,
    metadata,
    vendor: guessVendor({ agent, headerNames, metadata }),
    correlation,
    oddities: distinctOddities(oddities),
  };
}

interface ChosenParts {
  readonly sdpPart: BodyPart | undefined;
  readonly metadataPart: BodyPart | undefined;
}

function chooseParts(parts: readonly BodyPart[], oddities: Oddity[]): ChosenParts {
  const [sdpPart, secondSdp] = parts.filter(isSdp);
  const [metadataPart, secondMetadata] = parts.filter(
    (part) => part !== sdpPart && isMetadata(part),
  );
  if (secondSdp !== undefined) {
    oddities.push(oddity("secondSdp", secondSdp.where));
  }
  if (secondMetadata !== undefined) {
    oddities.push(oddity("secondMetadata", secondMetadata.where));
  }
  for (const part of parts.filter((other) => !isSdp(other) && !isMetadata(other))) {
    oddities.push(oddity("partIgnored", part.where));
  }
  if (metadataPart !== undefined && !["", METADATA_TYPES[0]].includes(metadataPart.type)) {
    oddities.push(oddity("metadataTypeOdd", metadataPart.where));
  }
  return { sdpPart, metadataPart };
}

function isSdp({ type, bytes }: BodyPart): boolean {
  return type === "application/sdp" || (type === "" && startOf(bytes).startsWith("v=0"));
}

function isMetadata({ type, disposition, bytes }: BodyPart): boolean {
  if (METADATA_TYPES.includes(type)) {
    return true;
  }
  const looksLikeXml = startOf(bytes).startsWith("<");
  return looksLikeXml && (disposition === "recording-session" || XML_TYPES.includes(type));
}

/** The first visible character and some more, whatever the charset. */
function startOf(bytes: Uint8Array): string {
  const text = Buffer.from(bytes.subarray(0, 64)).toString("latin1");
  return text.replace(/^[^\x21-\x7e]*(?:ï»¿)?\s*/, "");
}

type Description = Pick<RecordingRequest, "sdp" | "sdpFault" | "media">;

function readDescription(part: BodyPart | undefined, oddities: Oddity[]): Description {
  if (part === undefined) {
    return { sdp: undefined, sdpFault: undefined, media: [] };
  }
  const text = Buffer.from(part.bytes).toString("utf8").trimStart();
  try {
    const sdp = parseSdp(text, RECORDING_BOUNDS);
    const reading = readMediaLines(sdp, text);
    oddities.push(...reading.oddities);
    return { sdp, sdpFault: undefined, media: reading.lines };
  } catch (error) {
    if (!(error instanceof GatewayError)) {
      throw error;
    }
    oddities.push(oddity("sdpUnreadable", part.where));
    return { sdp: undefined, sdpFault: `${error.code}: ${error.message}`, media: [] };
  }
}

function readSnapshot(part: BodyPart | undefined, oddities: Oddity[]): RsMetadata | undefined {
  if (part === undefined) {
    return undefined;
  }
  const reading = readMetadata(part.bytes, part.charset, part.where);
  oddities.push(...reading.oddities);
  return reading.metadata;
}

function readPurpose(
  { header, inDialog }: RequestFacts,
  hasMetadata: boolean,
  oddities: Oddity[],
): { readonly because: readonly string[]; readonly optionTags: readonly string[] } {
  const { tags, fused } = readOptionTags(header("Require"));
  if (fused) {
    oddities.push(oddity("optionTagsFused", "Require"));
  }
  const required = tags.includes("siprec");
  const isSource = header("Contact").some((contact) => /;\s*\+sip\.src\b/i.test(contact));
  if (required && !isSource) {
    oddities.push(oddity("srcFeatureMissing", "Contact"));
  } else if (hasMetadata && !required && !isSource && !inDialog) {
    oddities.push(oddity("siprecNotRequired", "request"));
  }
  const because = [
    ...(required ? ["Require: siprec"] : []),
    ...(isSource ? ["+sip.src"] : []),
    ...(hasMetadata ? ["metadata"] : []),
  ];
  return { because, optionTags: tags };
}

function reportBalance(
  { sdpPart, metadataPart, inDialog }: ChosenParts & { readonly inDialog: boolean },
  oddities: Oddity[],
): void {
  if (sdpPart === undefined) {
    oddities.push(
      oddity(metadataPart === undefined || !inDialog ? "sdpMissing" : "metadataAlone", "body"),
    );
  } else if (metadataPart === undefined) {
    oddities.push(...(inDialog ? [] : [oddity("metadataMissing", "body")]));
  }
  if (metadataPart !== undefined && inDialog) {
    oddities.push(oddity("metadataInUpdate", metadataPart.where));
  }
}
