/** Metadata that no honest client sends, as bytes; none of it may cost the audio. */
import type { OddityCode } from "../../../src/siprec/oddities.ts";

/** One kind. */
export interface HostileMetadata {
  readonly name: string;
  /** What the gateway should say of it; `undefined`: it is read. */
  readonly code: OddityCode | undefined;
  /** @param roomBytes how large it may be. */
  readonly bytes: (roomBytes: number) => Buffer;
  /** How the multipart body around it is bent. */
  readonly body?: "noBoundary" | "wrongBoundary" | "twice" | "boundaryInside" | "unclosed";
}

const HEAD = '<?xml version="1.0" encoding="UTF-8"?>';
const ROOT = '<recording xmlns="urn:ietf:params:xml:ns:recording:1">';
const END = "</recording>";

const document = (inner: string, head = HEAD): string => `${head}${ROOT}${inner}${END}`;
const utf8 = (text: string) => (): Buffer => Buffer.from(text);
const filled = (part: (index: number) => string) => (roomBytes: number) => {
  const parts: string[] = [];
  for (let bytes = document("").length; ; ) {
    const next = part(parts.length);
    bytes += next.length;
    if (bytes > roomBytes) {
      return Buffer.from(document(parts.join("")));
    }
    parts.push(next);
  }
};

const LAUGHS = `${HEAD}<!DOCTYPE r [<!ENTITY a "ha">${"bcdefghij"
  .split("")
  .map((name, index) => `<!ENTITY ${name} "${`&${"abcdefghi"[index]};`.repeat(10)}">`)
  .join("")}]>${ROOT}<x>&j;</x>${END}`;
const PERSON =
  '<participant participant_id="p"><nameID aor="sip:müller@example.com"/></participant>';

/** All of them. */
export const HOSTILE_METADATA: readonly HostileMetadata[] = [
  {
    name: "a hundred levels",
    code: "xmlTooDeep",
    bytes: utf8(document("<a>".repeat(100) + "</a>".repeat(100))),
  },
  {
    name: "levels without end",
    code: "xmlTooDeep",
    bytes: (room) => Buffer.from(`${HEAD}${ROOT}${"<a>".repeat((room - 200) / 3)}`),
  },
  { name: "entities that multiply", code: "xmlDoctype", bytes: utf8(LAUGHS) },
  {
    name: "an external entity",
    code: "xmlDoctype",
    bytes: utf8(
      `${HEAD}<!DOCTYPE r [<!ENTITY x SYSTEM "file:///etc/passwd">]>${ROOT}<x>&x;</x>${END}`,
    ),
  },
  { name: "an unknown entity", code: "xmlEntityUnknown", bytes: utf8(document("<x>&what;</x>")) },
  { name: "broken XML", code: "xmlBroken", bytes: utf8(`${HEAD}${ROOT}<a><b></a>`) },
  { name: "no XML at all", code: "xmlBroken", bytes: utf8("<<<<>>>> not even close") },
  {
    name: "UTF-16 with a mark",
    code: "xmlBroken",
    bytes: () => Buffer.from(`\uFEFF${document(PERSON)}`, "utf16le"),
  },
  {
    name: "UTF-16 without a mark",
    code: "charsetUnusual",
    bytes: () => Buffer.from(document(PERSON), "utf16le"),
  },
  {
    name: "Latin-1 as UTF-8",
    code: undefined,
    bytes: () => Buffer.from(document(PERSON), "latin1"),
  },
  {
    name: "UTF-8 as Latin-1",
    code: undefined,
    bytes: utf8(document(PERSON, HEAD.replace("UTF-8", "ISO-8859-1"))),
  },
  {
    name: "overlong UTF-8",
    code: undefined,
    bytes: () => Buffer.from(document("<x>\xc0\xbca\xe0\x80\xbe\xff\xfe</x>"), "latin1"),
  },
  { name: "NUL bytes", code: undefined, bytes: utf8(document("<x>\0\0</x>\0")) },
  { name: "elements without number", code: "xmlTooMany", bytes: filled(() => "<a/>") },
  {
    name: "attributes without number",
    code: "xmlTooMany",
    bytes: (room) =>
      Buffer.from(
        document(
          `<a ${Array.from({ length: (room - 300) / 12 }, (_, i) => `b${10_000 + i}="c"`).join(" ")}/>`,
        ),
      ),
  },
  {
    name: "one endless text",
    code: undefined,
    bytes: (room) => Buffer.from(document(`<x>${"y".repeat(room - 300)}</x>`)),
  },
  {
    name: "participants without number",
    code: "xmlTooMany",
    bytes: filled((i) => `<participant participant_id="${i}"/>`),
  },
  {
    name: "hundreds of participants on one stream",
    code: undefined,
    bytes: (room) =>
      filled(
        (i) =>
          `<participant participant_id="${i}"/><participantstreamassoc participant_id="${i}"><send>h</send></participantstreamassoc>`,
      )(Math.min(room, 40_000)),
  },
  { name: "no boundary", code: undefined, bytes: utf8(document(PERSON)), body: "noBoundary" },
  {
    name: "a wrong boundary",
    code: "boundaryWrong",
    bytes: utf8(document(PERSON)),
    body: "wrongBoundary",
  },
  {
    name: "the boundary inside it",
    code: "xmlBroken",
    bytes: utf8(document("<x>HERE</x>")),
    body: "boundaryInside",
  },
  { name: "two of it", code: "secondMetadata", bytes: utf8(document(PERSON)), body: "twice" },
  {
    name: "no end of the body",
    code: "closingMissing",
    bytes: utf8(document(PERSON)),
    body: "unclosed",
  },
];

/** SDP and metadata in one body, bent as asked. */
export function hostileBody(
  sdp: string,
  metadata: Buffer,
  bent: HostileMetadata["body"],
): { readonly contentType: string; readonly bytes: Buffer } {
  const inside = Buffer.from(metadata.toString("latin1").replace("HERE", "\r\n--b1\r\n"), "latin1");
  const part = Buffer.concat([
    Buffer.from(
      "--b1\r\nContent-Type: application/rs-metadata+xml\r\nContent-Disposition: recording-session\r\n\r\n",
    ),
    bent === "boundaryInside" ? inside : metadata,
    Buffer.from("\r\n"),
  ]);
  const boundary = bent === "wrongBoundary" ? ";boundary=other" : ";boundary=b1";
  return {
    contentType: `multipart/mixed${bent === "noBoundary" ? "" : boundary}`,
    bytes: Buffer.concat([
      Buffer.from(`--b1\r\nContent-Type: application/sdp\r\n\r\n${sdp}\r\n`),
      part,
      ...(bent === "twice" ? [part] : []),
      Buffer.from(bent === "unclosed" ? "" : "--b1--\r\n"),
    ]),
  };
}
