/** Matroska as Kinesis Video Streams gives it: an EBML header for each fragment, tracks by name, tags before and after the audio. */

const ID = {
  ebml: [0x1a, 0x45, 0xdf, 0xa3],
  segment: [0x18, 0x53, 0x80, 0x67],
  info: [0x15, 0x49, 0xa9, 0x66],
  timecodeScale: [0x2a, 0xd7, 0xb1],
  tracks: [0x16, 0x54, 0xae, 0x6b],
  trackEntry: [0xae],
  trackNumber: [0xd7],
  trackType: [0x83],
  trackName: [0x53, 0x6e],
  codecId: [0x86],
  codecPrivate: [0x63, 0xa2],
  cluster: [0x1f, 0x43, 0xb6, 0x75],
  timecode: [0xe7],
  simpleBlock: [0xa3],
  tags: [0x12, 0x54, 0xc3, 0x67],
  tag: [0x73, 0x73],
  simpleTag: [0x67, 0xc8],
  tagName: [0x45, 0xa3],
  tagString: [0x44, 0x87],
} as const;
const UNKNOWN_SIZE = Buffer.from([0x01, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff]);
/** 64 ms at 8 kHz. */
const BLOCK_BYTES = 1024;

/** One track with its audio in this fragment. */
export interface MkvTrack {
  readonly name: string;
  /** s16le at 8 kHz. */
  readonly pcm: Uint8Array;
}

/** One fragment. */
export interface MkvFragmentPlan {
  readonly number: string;
  readonly timecodeMs: number;
  readonly tracks: readonly MkvTrack[];
  /** `undefined`: no such tag, as of a Voice Connector. */
  readonly contactId: string | undefined;
  /** Further tags at the end. */
  readonly tags?: Readonly<Record<string, string>>;
  /** The numbers of the tracks run backwards. */
  readonly swapped?: boolean;
  /** Sizes of segment and cluster are written as not known. */
  readonly endless?: boolean;
}

/** Writes one fragment. */
export function writeFragment(plan: MkvFragmentPlan): Buffer {
  const { tracks, swapped, endless, contactId, number } = plan;
  const numbers = tracks.map((_track, index) =>
    swapped === true ? tracks.length - index : index + 1,
  );
  const entries = tracks.map(({ name }, index) =>
    element(ID.trackEntry, [
      element(ID.trackNumber, [Buffer.from([numbers[index] as number])]),
      element(ID.trackType, [Buffer.from([2])]),
      element(ID.trackName, [Buffer.from(name)]),
      element(ID.codecId, [Buffer.from("A_AAC")]),
      element(ID.codecPrivate, [Buffer.alloc(5)]),
    ]),
  );
  const ordered = swapped === true ? [...entries].reverse() : entries;
  const cluster = [element(ID.timecode, [bigEndian(plan.timecodeMs)]), ...blocks(tracks, numbers)];
  const after = { ...(contactId === undefined ? {} : { ContactId: contactId }), ...plan.tags };
  const content = [
    element(ID.info, [element(ID.timecodeScale, [bigEndian(1_000_000)])]),
    element(ID.tracks, ordered),
    tagsOf({
      AWS_KINESISVIDEO_FRAGMENT_NUMBER: number,
      AWS_KINESISVIDEO_SERVER_TIMESTAMP: "1726677687.758",
    }),
    element(ID.cluster, cluster, endless),
    ...Object.entries(after).map(([name, value]) => tagsOf({ [name]: value })),
    tagsOf({
      AWS_KINESISVIDEO_MILLIS_BEHIND_NOW: "0",
      AWS_KINESISVIDEO_CONTINUATION_TOKEN: number,
    }),
  ];
  return Buffer.concat([
    element(ID.ebml, [element([0x42, 0x82], [Buffer.from("matroska")])]),
    element(ID.segment, content, endless),
  ]);
}

/** Blocks of both tracks in turn, the last of each of an odd size. */
function blocks(tracks: readonly MkvTrack[], numbers: readonly number[]): Buffer[] {
  const written: Buffer[] = [];
  const longest = Math.max(0, ...tracks.map(({ pcm }) => pcm.length));
  for (let at = 0; at < longest; at += BLOCK_BYTES) {
    for (const [index, { pcm }] of tracks.entries()) {
      const piece = pcm.subarray(at, at + BLOCK_BYTES);
      if (piece.length > 0) {
        const time = Buffer.alloc(2);
        time.writeInt16BE(at / 16);
        const head = Buffer.from([0x80 | (numbers[index] as number)]);
        written.push(
          element(ID.simpleBlock, [head, time, Buffer.from([0x80]), Buffer.from(piece)]),
        );
      }
    }
  }
  return written;
}

function tagsOf(values: Readonly<Record<string, string>>): Buffer {
  const simple = Object.entries(values).map(([name, value]) =>
    element(ID.simpleTag, [
      element(ID.tagName, [Buffer.from(name)]),
      element(ID.tagString, [Buffer.from(value)]),
    ]),
  );
  return element(ID.tags, [element(ID.tag, simple)]);
}

function element(id: readonly number[], content: readonly Buffer[], endless = false): Buffer {
  const body = Buffer.concat(content);
  const size = Buffer.alloc(8);
  size.writeBigUInt64BE(BigInt(body.length));
  size[0] = 0x01;
  const shown = endless
    ? UNKNOWN_SIZE
    : body.length < 127
      ? Buffer.from([0x80 | body.length])
      : size;
  return Buffer.concat([Buffer.from(id), shown, body]);
}

function bigEndian(value: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64BE(BigInt(value));
  return bytes;
}
