/** Names in the Matroska of Kinesis Video Streams. */

/** Element ids; RFC 9559 "Matroska Media Container Format", RFC 8794 for EBML itself. */
export const EBML = {
  header: 0x1a45dfa3,
  segment: 0x18538067,
  info: 0x1549a966,
  cluster: 0x1f43b675,
  tracks: 0x1654ae6b,
  trackEntry: 0xae,
  trackNumber: 0xd7,
  trackName: 0x536e,
  codecId: 0x86,
  audio: 0xe1,
  samplingFrequency: 0xb5,
  tags: 0x1254c367,
  tag: 0x7373,
  simpleTag: 0x67c8,
  tagName: 0x45a3,
  tagString: 0x4487,
  blockGroup: 0xa0,
  block: 0xa1,
  simpleBlock: 0xa3,
} as const;

/** Elements that hold elements. */
export const MASTERS: ReadonlySet<number> = new Set([
  EBML.header,
  EBML.segment,
  EBML.info,
  EBML.cluster,
  EBML.tracks,
  EBML.trackEntry,
  EBML.audio,
  EBML.tags,
  EBML.tag,
  EBML.simpleTag,
  EBML.blockGroup,
]);
/** Elements whose payload is read. */
export const WANTED: ReadonlySet<number> = new Set([
  EBML.trackNumber,
  EBML.trackName,
  EBML.codecId,
  EBML.samplingFrequency,
  EBML.tagName,
  EBML.tagString,
  EBML.block,
  EBML.simpleBlock,
]);
/** Children of a segment: one of them ends a cluster of unknown size. */
export const LEVEL_ONE: ReadonlySet<number> = new Set([
  EBML.cluster,
  EBML.tags,
  EBML.tracks,
  EBML.info,
]);

/** Tracks of a stream of Amazon Connect, by name; their order and numbers say nothing. */
export const FROM_CUSTOMER = "AUDIO_FROM_CUSTOMER";
/** See {@link FROM_CUSTOMER}. */
export const TO_CUSTOMER = "AUDIO_TO_CUSTOMER";

/** Tags of a fragment. */
export const TAGS = {
  contactId: "ContactId",
  fragmentNumber: "AWS_KINESISVIDEO_FRAGMENT_NUMBER",
  millisBehindNow: "AWS_KINESISVIDEO_MILLIS_BEHIND_NOW",
  continuationToken: "AWS_KINESISVIDEO_CONTINUATION_TOKEN",
  errorCode: "AWS_KINESISVIDEO_ERROR_CODE",
} as const;
