/** The quirk table: every way in which recording clients differ from the RFCs, how it is recognised, what we do. */

/** One row. */
export interface Quirk {
  /** Whose equipment does it; `any` where it is legal and common. */
  readonly seenAt: string;
  readonly recognisedBy: string;
  readonly whatWeDo: string;
}

function row(seenAt: string, recognisedBy: string, whatWeDo: string): Quirk {
  return { seenAt, recognisedBy, whatWeDo };
}

/** Name → row; each name is that of a fixture `test/fixtures/siprec/<vendor>-<name>.txt`, and a line of docs/siprec.md. */
export const QUIRKS = {
  "no-space-after-colon": row(
    "BroadWorks",
    "a part header such as `Content-Type:application/sdp`",
    "the space is optional: the header is read",
  ),
  "nested-multipart": row(
    "Oracle",
    "a part of the body is itself multipart",
    "inner parts are read as if they stood in the body, up to a depth",
  ),
  "fused-option-tags": row(
    "some SBCs in front of a proxy",
    "`Require: 100relsiprec`: option tags without a comma",
    "the tags are taken apart where every piece is a known tag",
  ),
  "inactive-first": row(
    "Cisco CUBE, AudioCodes",
    "a stream is `a=inactive` (or sends to 0.0.0.0) in the first offer",
    "the stream is kept and waits; it starts when a later offer makes it sendonly",
  ),
  "no-metadata": row(
    "Cisco network-based recording, Chime SDK clients",
    "no part holds metadata",
    "the audio is recorded; participants stay unknown until metadata comes",
  ),
  "odd-namespace": row(
    "AudioCodes, Ribbon, Metaswitch",
    "a prefix on every element, a byte order mark, a missing or foreign `xmlns`, an undeclared prefix",
    "elements are known by their local names, whatever the namespace",
  ),
  "draft-schema": row(
    "Oracle, early Ribbon",
    "`id=` and `session=` attributes, `<send>` inside `<participant>`, `<extensiondata>`",
    "read into the same model as RFC 7865",
  ),
  "base64-ids": row(
    "Cisco CUBE, Oracle",
    "ids with `/`, `+` or `=`",
    "ids are opaque text, never part of a path or a name",
  ),
  "any-label": row(
    "all",
    "labels such as `10`, `0`, `a_leg`, `01`, numbers beyond 2^53",
    "labels are text and compared as text; streams are never joined to people by their order",
  ),
  "mirrored-answer": row(
    "all",
    "an m-line that is not recorded: refused, video, or over an unknown transport",
    "the answer still holds every m-line, in order, with its label; what is not recorded has port 0",
  ),
  "metadata-updates": row(
    "Avaya, Genesys, Cisco CUBE",
    "metadata in a re-INVITE, an UPDATE, an INFO or a MESSAGE, also as the whole body",
    "the update is merged; an empty body changes nothing",
  ),
  "metadata-type-names": row(
    "several",
    "`application/rs-metadata` without `+xml`, `text/xml`, or no type at all",
    "taken as metadata by its type, its disposition, or its first characters",
  ),
  "partial-metadata": row(
    "Genesys, Cisco CUBE",
    "`<datamode>partial</datamode>`, `disassociate-time`",
    "what is named changes, what is not named stays; a time of disassociation is a departure",
  ),
  "transfer-forms": row(
    "Avaya, Ribbon, Cisco CUBE",
    "a participant id that becomes a Call-ID, an `xfer-from` reference, one group in two sessions",
    "the same address of record is the same person; otherwise a transfer is told with both parties",
  ),
  "silence-on-hold": row(
    "AudioCodes, all SBCs that stop RTP on hold",
    "every stream is inactive",
    "no media timeout while all streams are held; the timeline is filled with silence",
  ),
  "new-source-after-update": row(
    "Avaya, Metaswitch",
    "`a=ssrc` or the port of a stream changes in a later offer",
    "a new SSRC is taken once after the offer; late packets of the old one are dropped",
  ),
  "g729-first": row(
    "Cisco CUBE, Avaya",
    "G.729 is the first format of an m-line",
    "G.711 is chosen where it is offered too; a stream with G.729 alone is refused with port 0",
  ),
  "larger-than-a-datagram": row(
    "all, with metadata",
    "a request over UDP of more bytes than a datagram safely carries (RFC 3261 section 18.1.1)",
    "it is taken when it arrives whole; the client should use TCP",
  ),
  "vendor-extensions": row(
    "AudioCodes, Avaya, Cisco, Genesys, NICE, Oracle",
    "elements of foreign namespaces: UCID, GUID, conversation id, `apkt:`, `ac:`",
    "kept by name for correlation and role rules",
  ),
  "roles-by-rule": row(
    "all",
    "nothing in SIPREC says who is the customer",
    "rules of the flow decide; without one the role is unknown, and the page can correct it",
  ),
  "many-streams": row(
    "Oracle, Avaya conferences",
    "one stream, more than two, or several people on one",
    "each label is a stream of its own; a mixed stream names all who speak on it",
  ),
  "label-not-in-sdp": row(
    "several, after transfers",
    "metadata names a label that no m-line has, or the other way round",
    "the audio is kept without a name, and a warning says which label",
  ),
  "odd-boundary": row(
    "several",
    "a boundary that is quoted, unquoted with odd characters, `Boundary=`, followed by parameters, or wrong",
    "read as meant; a wrong one is replaced by the first delimiter line of the body",
  ),
  "odd-part-framing": row(
    "several",
    "bare line feeds, compact or folded part headers, a wrong Content-Length, no closing boundary",
    "parts end where the boundary says, byte for byte",
  ),
  "odd-charset": row(
    "Metaswitch, Windows recorders",
    "UTF-16, Latin-1, or bytes that are not what the XML declaration says",
    "decoded by the byte order mark, then the declaration, then by what the bytes allow",
  ),
} as const satisfies Record<string, Quirk>;

/** A key of the table. */
export type QuirkName = keyof typeof QUIRKS;
