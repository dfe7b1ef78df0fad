/** Says of pasted SIPREC requests what they hold, what is odd about them, and what they make of the recording. */
import { SIP_LIMITS } from "../signaling/embedded/limits.ts";
import { fieldsOf, headerKey, headerOf, type SipRequest } from "../signaling/embedded/message.ts";
import type { HeaderReader, Identifier } from "../siprec/correlation.ts";
import { ODDITIES, type Oddity, type Weight } from "../siprec/oddities.ts";
import { QUIRKS, type QuirkName } from "../siprec/quirks.ts";
import { type RecordingRequest, readRecordingRequest } from "../siprec/recording-request.ts";
import { updateRecording } from "../siprec/recording-session.ts";
import {
  NEW_RECORDING,
  type RecordingFact,
  type RecordingState,
} from "../siprec/recording-state.ts";
import type { RoleRule } from "../siprec/roles.ts";
import type { VendorGuess } from "../siprec/vendor.ts";
import { explainEnd, type RecordingEnd } from "./explain-recording-end.ts";
import { findMessages } from "./pasted-messages.ts";
import { type ParsedPaste, parsePasted } from "./pasted-request.ts";

/** Something odd, with its words. */
export interface ExplainedOddity {
  readonly code: string;
  readonly where: readonly string[];
  readonly weight: Weight;
  readonly text: string;
  readonly quirk: QuirkName | null;
  readonly whatWeDo: string | null;
}

/** One request of the paste. */
export interface ExplainedRequest {
  /** `null`: only a body was pasted. */
  readonly method: string | null;
  /** What the SIP server would do with it before it asks anybody. */
  readonly fault: string | null;
  readonly isRecording: boolean;
  readonly because: readonly string[];
  readonly vendor: VendorGuess | null;
  readonly parts: readonly ExplainedPart[];
  /** Why the SDP cannot be used. */
  readonly sdpFault: string | null;
  readonly dataMode: string | null;
  readonly identifiers: readonly Identifier[];
  readonly userToUser: readonly string[];
  readonly facts: readonly Exclude<RecordingFact, { readonly kind: "warning" }>[];
  readonly oddities: readonly ExplainedOddity[];
}

/** One part of a body. */
export interface ExplainedPart {
  readonly where: string;
  readonly type: string;
  readonly bytes: number;
  readonly disposition: string | null;
}

/** The whole of it; plain data. */
export interface RecordingExplanation {
  readonly requests: readonly ExplainedRequest[];
  /** How things stand after the last request. */
  readonly end: RecordingEnd;
}

/** What the explanation is made with. */
export interface ExplainRecordingOptions {
  /** `undefined`: no rules were given. */
  readonly rules: readonly RoleRule[] | undefined;
  /** Name of the trunk that rules may ask for. */
  readonly trunk: string | undefined;
}

interface Read {
  readonly request: SipRequest | undefined;
  readonly fault: string | null;
  readonly reading: RecordingRequest;
}

/** `undefined`: there is neither a SIP request nor a body of one in the bytes. */
export function explainRecording(
  bytes: Uint8Array,
  { rules, trunk }: ExplainRecordingOptions,
): RecordingExplanation | undefined {
  const reads = readAll(bytes);
  if (reads.length === 0) {
    return undefined;
  }
  let state: RecordingState = NEW_RECORDING;
  const requests = reads.map(({ request, fault, reading }) => {
    const { sdp, media, metadata } = reading;
    const step = updateRecording(state, { media: sdp === undefined ? undefined : media, metadata });
    state = step.state;
    return explainOne(request?.method ?? null, fault, reading, step.facts);
  });
  const header: HeaderReader = (name) =>
    reads.flatMap(({ request }) => (request === undefined ? [] : valuesOf(request, name)));
  return { requests, end: explainEnd(state, { rules, situation: { trunk, header } }) };
}

function readAll(bytes: Uint8Array): readonly Read[] {
  const text = Buffer.from(bytes).toString("latin1");
  const messages = findMessages(text);
  if (messages.length === 0) {
    return looksLikeBody(text) ? [readBodyAlone(bytes)] : [];
  }
  return messages.flatMap((message) => {
    const parsed = message.kind === "request" ? parsePasted(message, undefined) : undefined;
    return parsed === undefined || !CARRIERS.has(parsed.request.method) ? [] : [readOne(parsed)];
  });
}

const DROPPED = `the SIP server drops it unanswered: longer than ${SIP_LIMITS.streamMessageBytes} bytes`;

/** Methods that may bring SDP or metadata. */
const CARRIERS = new Set(["INVITE", "UPDATE", "INFO", "MESSAGE"]);

function looksLikeBody(text: string): boolean {
  return /^(?:ï»¿|\xff\xfe|\xfe\xff)?[\s\0]*(?:--\S|<|v=0)/.test(text.slice(0, 1024));
}

function readBodyAlone(body: Uint8Array): Read {
  const facts = { header: () => [], headerNames: [], body, datagramBytes: undefined };
  return {
    request: undefined,
    fault: null,
    reading: readRecordingRequest({ ...facts, inDialog: true }),
  };
}

function readOne({ request, fault, isTooLarge }: ParsedPaste): Read {
  const { body, headers } = request;
  const isUdp = /^SIP\s*\/\s*2\.0\s*\/\s*UDP\b/i.test(headerOf(request, "via") ?? "");
  const headBytes = headers.reduce(
    (sum, { name, value }) => sum + name.length + value.length + 4,
    0,
  );
  const reading = readRecordingRequest({
    header: (name) => valuesOf(request, name),
    headerNames: headers.map(({ name }) => name),
    body,
    inDialog: /;\s*tag=/i.test(headerOf(request, "to") ?? ""),
    datagramBytes: isUdp ? headBytes + body.length : undefined,
  });
  const answered =
    fault === undefined ? null : `the SIP server answers ${fault.status} ${fault.reason}`;
  return { request, fault: isTooLarge ? DROPPED : answered, reading };
}

function valuesOf(request: SipRequest, name: string): readonly string[] {
  return fieldsOf(request, headerKey(name)).map(({ value }) => value);
}

function explainOne(
  method: string | null,
  fault: string | null,
  reading: RecordingRequest,
  facts: readonly RecordingFact[],
): ExplainedRequest {
  const warnings = facts.flatMap((fact) => (fact.kind === "warning" ? [fact.oddity] : []));
  return {
    method,
    fault,
    isRecording: reading.isRecording,
    because: reading.because,
    vendor: reading.vendor ?? null,
    parts: reading.parts.map(({ where, type, bytes, disposition }) => ({
      where,
      type,
      bytes: bytes.length,
      disposition: disposition ?? null,
    })),
    sdpFault: reading.sdpFault ?? null,
    dataMode: reading.metadata?.dataMode ?? null,
    identifiers: reading.correlation.identifiers,
    userToUser: reading.correlation.userToUser.map(
      ({ text, bytes }) => text ?? `hex ${Buffer.from(bytes).toString("hex")}`,
    ),
    facts: facts.flatMap((fact) => (fact.kind === "warning" ? [] : [fact])),
    oddities: grouped([...reading.oddities, ...warnings]),
  };
}

const ORDER: readonly Weight[] = ["error", "warning", "note"];

/** Each code once, with all its places; what matters most first. */
function grouped(oddities: readonly Oddity[]): readonly ExplainedOddity[] {
  const places = new Map<Oddity["code"], string[]>();
  for (const { code, where } of oddities) {
    const known = places.get(code) ?? [];
    places.set(code, known.includes(where) ? known : [...known, where]);
  }
  const explained = [...places].map(([code, where]) => {
    const { weight, text, quirk } = ODDITIES[code];
    const whatWeDo = quirk === undefined ? null : QUIRKS[quirk].whatWeDo;
    return { code, where, weight, text, quirk: quirk ?? null, whatWeDo };
  });
  return explained.sort(
    (one, other) =>
      ORDER.indexOf(one.weight) - ORDER.indexOf(other.weight) ||
      (one.quirk ?? "").localeCompare(other.quirk ?? ""),
  );
}
