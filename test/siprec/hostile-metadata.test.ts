/** Metadata that wants to cost time, memory or the audio: refused, and the audio kept. */
import { describe, expect, it } from "vitest";
import { readRecordingRequest } from "../../src/siprec/recording-request.ts";
import { updateRecording } from "../../src/siprec/recording-session.ts";
import { NEW_RECORDING } from "../../src/siprec/recording-state.ts";
import { decideRoles } from "../../src/siprec/roles.ts";
import type { RsMetadata } from "../../src/siprec/rs-metadata.ts";
import { surveyXml, XML_LIMITS } from "../../src/siprec/xml-guard.ts";
import { lines, readText } from "./support.ts";

const SDP = [
  "v=0",
  "o=- 1 1 IN IP4 192.0.2.1",
  "s=-",
  "c=IN IP4 192.0.2.1",
  "t=0 0",
  "m=audio 4000 RTP/AVP 0",
  "a=sendonly",
  "a=label:1",
  "m=audio 4002 RTP/AVP 0",
  "a=sendonly",
  "a=label:2",
  "",
].join("\r\n");
const BOMB = `<?xml version="1.0"?><!DOCTYPE lolz [<!ENTITY a "ha">${Array.from({ length: 30 }, (_, n) => `<!ENTITY a${n} "${(n === 0 ? "&a;" : `&a${n - 1};`).repeat(10)}">`).join("")}]><recording>&a29;</recording>`;
const open = (n: number): string => "<a>".repeat(n);
const close = (n: number): string => "</a>".repeat(n);

const HOSTILE: readonly (readonly [string, string, string])[] = [
  ["a bomb of entities", BOMB, "xmlDoctype"],
  [
    "an external entity",
    `<!DOCTYPE r [<!ENTITY x SYSTEM "file:///etc/passwd">]><recording>&x;</recording>`,
    "xmlDoctype",
  ],
  [
    "an external document type",
    `<!DOCTYPE r SYSTEM "http://192.0.2.9/x.dtd"><recording/>`,
    "xmlDoctype",
  ],
  ["5 MB", `<recording>${"<x/>".repeat(1_250_000)}</recording>`, "xmlTooLong"],
  ["100 levels", `<recording>${open(100)}${close(100)}</recording>`, "xmlTooDeep"],
  ["60,000 levels", `${open(30_000)}${close(30_000)}`, "xmlTooDeep"],
  ["very many elements", `<recording>${"<x/>".repeat(60_000)}</recording>`, "xmlTooMany"],
  ["crossed tags", "<recording><a></recording></a>", "xmlBroken"],
  ["no end", "<recording><participant", "xmlBroken"],
  ["an attribute without a value", "<recording x/>", "xmlBroken"],
  ["an attribute without an end", `<recording x="${" ".repeat(100_000)}`, "xmlBroken"],
  ["a comment without an end", `<recording>${"<!--".repeat(50_000)}</recording>`, "xmlBroken"],
  ["only opening brackets", "<".repeat(200_000), "xmlBroken"],
  ["names of the prototype", `<recording><__proto__ x="1"/></recording>`, "xmlBroken"],
  ["nothing", "", "xmlEmpty"],
  ["no XML", "hello", "xmlEmpty"],
  [
    "bytes of no charset",
    Buffer.from([0xff, 0xfe, 0x00, 0xd8, 0x3c]).toString("latin1"),
    "xmlEmpty",
  ],
];

function request(metadata: string) {
  const body = Buffer.concat([
    Buffer.from(
      `--b\r\nContent-Type: application/sdp\r\n\r\n${SDP}\r\n--b\r\nContent-Type: application/rs-metadata+xml\r\n\r\n`,
    ),
    Buffer.from(metadata, "latin1"),
    Buffer.from("\r\n--b--\r\n"),
  ]);
  const headers = new Map([["content-type", "multipart/mixed;boundary=b"]]);
  return readRecordingRequest({
    header: (name) => [headers.get(name.toLowerCase()) ?? []].flat(),
    headerNames: [],
    body,
    inDialog: false,
    datagramBytes: undefined,
  });
}

describe("metadata of %s", () => {
  it.each(HOSTILE)("%s is refused, and both streams are kept", (_what, metadata, code) => {
    const startMs = performance.now();
    const reading = request(metadata);
    expect(reading.metadata).toBeUndefined();
    expect(reading.oddities.map((found) => found.code)).toContain(code);
    expect(reading.media.map(({ label, recordable }) => [label, recordable])).toEqual([
      ["1", true],
      ["2", true],
    ]);
    expect(performance.now() - startMs).toBeLessThan(3000);
  });
});

describe("the work before a refusal", () => {
  it("ends at the bound, not at the end of the document", () => {
    expect(surveyXml(open(100_000)).deepest).toBe(XML_LIMITS.depth + 1);
    expect(surveyXml(`<a>${"<b/>".repeat(100_000)}</a>`).elements).toBe(XML_LIMITS.elements + 1);
  });

  it("counts no tags inside comments, attribute values and character data", () => {
    const text = `<a x="<b>" y='>'><!-- <c> --><![CDATA[<d>]]><?p <e> ?></a>`;
    expect(surveyXml(text)).toEqual({ refusal: undefined, elements: 1, deepest: 1 });
  });

  it.each([
    [
      "attributes",
      `<recording ${Array.from({ length: 18_000 }, (_, n) => `a${n}="1"`).join(" ")}/>`,
    ],
    ["white space", `<recording>${" ".repeat(250_000)}</recording>`],
    ["ampersands", `<recording><a>${"&amp;".repeat(50_000)}</a></recording>`],
    [
      "declarations",
      `<recording ${Array.from({ length: 9000 }, (_, n) => `xmlns:p${n}="u${n}"`).join(" ")}>${"<x/>".repeat(2900)}</recording>`,
    ],
    [
      "declarations on every element",
      `<recording>${Array.from({ length: 2900 }, (_, n) => `<x xmlns:p${n}="u"/>`).join("")}</recording>`,
    ],
    [
      "declarations around declarations",
      `<recording ${Array.from({ length: 9000 }, (_, n) => `xmlns:p${n}="u"`).join(" ")}>${Array.from({ length: 2500 }, (_, n) => `<x xmlns:q${n}="u"/>`).join("")}</recording>`,
    ],
    [
      "long names",
      `<${"n".repeat(100_000)}>${"<participant/>".repeat(2900)}</${"n".repeat(100_000)}>`,
    ],
    ["names of people", `<recording>${"<participant/>".repeat(2900)}</recording>`],
    ["extension data", `<recording>${"<x a='1'>1</x>".repeat(2900)}</recording>`],
    [
      "associations",
      `<recording>${`<participant id="p"/>${"<participantstreamassoc participant_id='p'><send>s</send></participantstreamassoc>".repeat(2000)}`}</recording>`,
    ],
  ])("is small for a document that is full of %s", (_what, text) => {
    const startMs = performance.now();
    const { oddities } = readText(text);
    expect(performance.now() - startMs).toBeLessThan(3000);
    expect(oddities.every(({ where }) => where.length <= 121)).toBe(true);
  });
});

describe("a crowd that changes at once", () => {
  const crowd = (from: number): RsMetadata => {
    const people = Array.from({ length: 700 }, (_, n) => {
      const id = from + n;
      return `<participant id="${id}" session="s"><nameID aor="sip:${id}@example.com"/></participant>`;
    });
    const { metadata } = readText(`<recording><session id="s"/>${people.join("")}</recording>`);
    return metadata as RsMetadata;
  };

  it("is followed in bounded time, roles included", () => {
    const startMs = performance.now();
    const first = updateRecording(NEW_RECORDING, { metadata: crowd(0), media: lines("1", "2") });
    const { state } = updateRecording(first.state, { metadata: crowd(10_000) });
    const nobody = { trunk: undefined, header: () => [] };
    const rules = [{ role: "agent" as const, first: true, label: "1" }];
    expect(decideRoles(rules, state, nobody).participants.size).toBe(700);
    expect(performance.now() - startMs).toBeLessThan(5000);
  });
});
