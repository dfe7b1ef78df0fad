/** What a reader found odd: a closed list of codes, each with its weight, its words, and the quirk it belongs to. */
import type { QuirkName } from "./quirks.ts";

/** `note`: understood; `warning`: something does not fit or is left out; `error`: a whole part cannot be used. */
export type Weight = "note" | "warning" | "error";

interface OddityRow {
  readonly weight: Weight;
  readonly quirk: QuirkName | undefined;
  readonly text: string;
}

function note(quirk: QuirkName | undefined, text: string): OddityRow {
  return { weight: "note", quirk, text };
}

function warning(text: string, quirk?: QuirkName): OddityRow {
  return { weight: "warning", quirk, text };
}

function failure(text: string, quirk?: QuirkName): OddityRow {
  return { weight: "error", quirk, text };
}

/** One row per code. Texts never hold what a caller sent. */
export const ODDITIES = {
  // the request
  optionTagsFused: note("fused-option-tags", "Require has option tags without a comma between"),
  siprecNotRequired: warning(
    "nothing says recording session but the body: no `Require: siprec`, no `+sip.src`",
  ),
  srcFeatureMissing: warning("Contact lacks `+sip.src`"),
  largerThanDatagram: note(
    "larger-than-a-datagram",
    "larger than a UDP datagram safely is: let the client send it over TCP",
  ),
  userToUserNotHex: warning("User-to-User says hex and is not; kept as text"),
  // the body
  bodyMissing: warning("there is no body"),
  bodyTooLong: warning("the body is longer than what is looked at; the rest is left out"),
  contentTypeMissing: note("metadata-type-names", "no Content-Type; known by its first characters"),
  boundaryMissing: warning(
    "multipart without a boundary; taken from the first delimiter line",
    "odd-boundary",
  ),
  boundaryWrong: warning(
    "the boundary is not in the body; taken from the first delimiter line",
    "odd-boundary",
  ),
  boundaryOdd: note("odd-boundary", "the boundary is written in an unusual way"),
  delimiterMissing: failure("multipart, but no delimiter line at all", "odd-boundary"),
  closingMissing: warning("the closing boundary is missing", "odd-part-framing"),
  lineFeedsOnly: note("odd-part-framing", "lines end with a line feed alone"),
  noSpaceAfterColon: note("no-space-after-colon", "no space after the colon of a part header"),
  compactPartHeader: note("odd-part-framing", "a part header in its compact form"),
  foldedPartHeader: note("odd-part-framing", "a part header folded over lines"),
  partLengthWrong: note("odd-part-framing", "the part's Content-Length is wrong and not believed"),
  partBlankLineMissing: warning("no blank line after the part headers", "odd-part-framing"),
  partHeadersTooLong: warning("the part headers are too long; the part is left out"),
  partEncodingUnknown: warning("a transfer encoding that is not taken; read as it is"),
  partEncodingBroken: warning("the transfer encoding is broken; decoded as far as it goes"),
  nestedMultipart: note("nested-multipart", "a part is itself multipart"),
  multipartTooDeep: warning("multipart in multipart too often; not opened"),
  tooManyParts: warning("more parts than are looked at; the rest is left out"),
  partIgnored: note(undefined, "a part that is neither SDP nor metadata; not used"),
  secondSdp: warning("more than one SDP part; the first is used"),
  secondMetadata: warning("more than one metadata part; the first is used"),
  metadataTypeOdd: note(
    "metadata-type-names",
    "metadata under another type than application/rs-metadata+xml",
  ),
  metadataMissing: note("no-metadata", "no metadata: participants are unknown"),
  metadataAlone: note("metadata-updates", "metadata without SDP: the streams stay as they are"),
  metadataInUpdate: note("metadata-updates", "metadata inside the dialog"),
  // the SDP
  sdpUnreadable: failure("the SDP cannot be understood; nothing can be recorded of it"),
  sdpMissing: warning("no SDP: the client wants our offer"),
  audioMissing: failure("no m-line that could be recorded"),
  lineNotRecorded: note("mirrored-answer", "this m-line is not recorded; answered with port 0"),
  labelMissing: warning("no a=label: its people stay unknown"),
  labelTwice: warning("this label is on another m-line already; told apart by its place"),
  labelNotNumber: note("any-label", "a label that is no small number; compared as text"),
  directionNotSend: warning("the client does not send on this stream, it is recvonly"),
  streamInactive: note("inactive-first", "held or not started yet"),
  allStreamsHeld: note("silence-on-hold", "every stream is held: no audio is expected"),
  g729First: note("g729-first", "G.729 is preferred; we choose G.711"),
  g729Only: warning("G.729 without G.711: cannot be decoded", "g729-first"),
  codecNotTaken: warning("no codec that is taken: neither PCMU nor PCMA"),
  sourceChanged: note("new-source-after-update", "a stream of the same label from a new source"),
  oneStream: note("many-streams", "one stream: both sides are mixed, or only one is recorded"),
  streamsTooMany: warning("more streams than the flow records; the rest is answered with port 0"),
  manyStreams: note("many-streams", "more than two streams"),
  streamMixed: note("many-streams", "several participants on one stream"),
  // the XML
  xmlTooLong: failure("the metadata is longer than what is taken; not read"),
  xmlDoctype: failure("the metadata has a document type or entities; not read"),
  xmlTooDeep: failure("the metadata is nested too deep; not read"),
  xmlTooMany: failure("the metadata has too many elements; not read"),
  xmlBroken: failure("the metadata is no well-formed XML; not read"),
  xmlEmpty: failure("the metadata is empty"),
  xmlSeveralRoots: warning("more than one root element; the first is read"),
  xmlEntityUnknown: warning("a reference to an unknown entity; kept as it is"),
  byteOrderMark: note("odd-namespace", "a byte order mark"),
  charsetUnusual: note("odd-charset", "not UTF-8, as it says itself"),
  charsetWrong: warning("the bytes are not in the charset that is declared", "odd-charset"),
  namespaceMissing: note("odd-namespace", "no namespace"),
  namespaceForeign: note("odd-namespace", "a namespace that is not that of RFC 7865"),
  namespacePrefixed: note("odd-namespace", "the elements have a prefix"),
  prefixUndeclared: note("odd-namespace", "a prefix that nothing declares"),
  rootUnknown: warning("the root element is not `recording`", "odd-namespace"),
  // the metadata
  draftSchema: note("draft-schema", "the schema of a draft before RFC 7865"),
  base64Ids: note("base64-ids", "ids in base64"),
  dataModeMissing: warning("no datamode; taken as complete"),
  dataModeUnknown: warning("a datamode that is neither complete nor partial; taken as complete"),
  partialSnapshot: note("partial-metadata", "a partial snapshot"),
  disassociated: note("partial-metadata", "a time of disassociation"),
  partialFirst: warning("a partial snapshot before any complete one", "partial-metadata"),
  idMissing: warning("an element without its id; a made-up one stands for it"),
  idTwice: warning("an id that was there already; the later one is used"),
  labelElementMissing: warning("a stream without a label: it cannot be joined to audio"),
  timeUnreadable: warning("a time that is no date and time; left out"),
  referenceUnknown: warning("a reference to something that is not there", "label-not-in-sdp"),
  extensionsKept: note("vendor-extensions", "extension data, kept by name"),
  extensionsTooMany: warning("more extension data than is kept"),
  // metadata against SDP, in the course of a session
  labelNotInSdp: warning("metadata names a label that no m-line has", "label-not-in-sdp"),
  labelNotInMetadata: warning("metadata says nothing of this label", "label-not-in-sdp"),
  participantSilent: warning("a participant without a stream of their own", "label-not-in-sdp"),
  streamUnclaimed: warning("nobody is said to speak on this stream", "label-not-in-sdp"),
  transferReference: note("transfer-forms", "refers to the party before a transfer"),
  participantRenamed: note("transfer-forms", "the same address of record under a new id"),
  lineGone: warning("an m-line of before is missing in this offer; taken as removed"),
} as const satisfies Record<string, OddityRow>;

/** A key of the catalogue. */
export type OddityCode = keyof typeof ODDITIES;

/** Something odd, and where it is. */
export interface Oddity {
  readonly code: OddityCode;
  /**
   * `part 2`, `m-line 1`, `recording/participant[2]`, `label 10`, `participant ID`: labels, ids and names of elements are
   * the client's own, so it is logged under `pii` or not at all.
   */
  readonly where: string;
}

const MAX_WHERE_CHARACTERS = 120;

/** Makes one; a long place is cut. */
export function oddity(code: OddityCode, where: string): Oddity {
  const isLong = where.length > MAX_WHERE_CHARACTERS;
  return { code, where: isLong ? `${where.slice(0, MAX_WHERE_CHARACTERS)}…` : where };
}

/** Its row. */
export function oddityRow({ code }: Oddity): OddityRow {
  return ODDITIES[code];
}

/** Without repeats of the same code at the same place, in the order of the first of each. */
export function distinctOddities(oddities: readonly Oddity[]): readonly Oddity[] {
  const byKey = new Map<string, Oddity>();
  for (const found of oddities) {
    const key = `${found.code} ${found.where}`;
    if (!byKey.has(key)) {
      byKey.set(key, found);
    }
  }
  return [...byKey.values()];
}
