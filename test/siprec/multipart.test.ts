/** Bodies of requests, taken apart byte by byte. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { MULTIPART_LIMITS, readBody } from "../../src/siprec/multipart.ts";

const SDP = "v=0\r\no=- 1 1 IN IP4 192.0.2.1\r\n";
const XML = "<recording/>";

function read(contentType: string | undefined, body: string) {
  const { parts, oddities } = readBody(contentType, Buffer.from(body, "latin1"));
  return {
    parts: parts.map(({ where, type, bytes }) => [
      where,
      type,
      Buffer.from(bytes).toString("latin1"),
    ]),
    codes: oddities.map(({ code }) => code),
  };
}

/** Two parts in the given frame. */
function twoParts(boundary: string): string {
  return [
    `--${boundary}`,
    "Content-Type: application/sdp",
    "",
    SDP,
    `--${boundary}`,
    "Content-Type: application/rs-metadata+xml",
    "Content-Disposition: recording-session",
    "",
    XML,
    `--${boundary}--`,
    "",
  ].join("\r\n");
}

const BOTH = [
  ["part 1", "application/sdp", SDP],
  ["part 2", "application/rs-metadata+xml", XML],
];

describe("a multipart body", () => {
  it.each([
    ["multipart/mixed;boundary=foo", "foo", []],
    ['multipart/mixed; boundary="foo bar.baz"', "foo bar.baz", []],
    ['multipart/mixed;boundary="a\\"b";type=x', 'a"b', []],
    ["multipart/mixed;boundary=foo;charset=utf-8", "foo", []],
    ["Multipart/Related; type=x; boundary = foo ; start=y", "foo", []],
    ["multipart/mixed;Boundary=foo", "foo", ["boundaryOdd"]],
    ["multipart/mixed;boundary=--=_Part(1)", "--=_Part(1)", ["boundaryOdd"]],
    ["multipart/mixed;boundary=bar", "foo", ["boundaryWrong"]],
    ["multipart/mixed", "foo", ["boundaryMissing"]],
    [undefined, "foo", ["boundaryMissing"]],
  ])("is read with Content-Type %s", (contentType, boundary, codes) => {
    expect(read(contentType, twoParts(boundary))).toEqual({ parts: BOTH, codes });
  });

  it("leaves out what stands before the first and after the last delimiter", () => {
    const body = `This is a preamble.\r\n--foobar\r\n--foo \t\r\n\r\nx\r\n--foo--\r\nepilogue\r\n--foo\r\n\r\ny`;
    expect(read("multipart/mixed;boundary=foo", body).parts).toEqual([["part 1", "", "x"]]);
  });

  it("keeps blank lines, bytes beyond ASCII, and lines that only look like delimiters", () => {
    const content = "a\r\n\r\n\0\xff--foo\r\n--fooo\r\n --foo\r\n";
    const body = `--foo\r\nContent-Type: x/y\r\n\r\n${content}\r\n--foo--`;
    expect(read("multipart/mixed;boundary=foo", body).parts).toEqual([["part 1", "x/y", content]]);
  });

  it("reads line feeds alone, compact and folded headers in any case, and no space", () => {
    const body = `--foo\nc:application/sdp\n\n${SDP}\n--foo\nCONTENT-TYPE:\n\tapplication/rs-metadata+xml\n\n${XML}\n--foo--\n`;
    expect(read("multipart/mixed;boundary=foo", body)).toEqual({
      parts: BOTH,
      codes: ["lineFeedsOnly", "compactPartHeader", "noSpaceAfterColon", "foldedPartHeader"],
    });
  });

  it("does without headers, without a blank line, and without the last delimiter", () => {
    const body = `--foo\r\n\r\n${SDP}\r\n--foo\r\nContent-Type: text/xml\r\n${XML}`;
    expect(read("multipart/mixed;boundary=foo", body)).toEqual({
      parts: [
        ["part 1", "", SDP],
        ["part 2", "text/xml", XML],
      ],
      codes: ["closingMissing", "contentTypeMissing", "partBlankLineMissing"],
    });
  });

  it.each([
    ["base64", "djA9\r\nMA==\r\n", "v0=0", []],
    ["BASE64", "djA9MA=!", "v0=0", ["partEncodingBroken"]],
    ["quoted-printable", "v=3D0=\r\n!=C3=A9", "v=0!\xc3\xa9", []],
    ["8bit", "\xe9", "\xe9", []],
    ["x-uuencode", "abc", "abc", ["partEncodingUnknown"]],
  ])("undoes the transfer encoding %s", (encoding, content, expected, codes) => {
    const body = `--b\r\nContent-Type: x/y\r\nContent-Transfer-Encoding: ${encoding}\r\n\r\n${content}\r\n--b--`;
    const reading = read("multipart/mixed;boundary=b", body);
    expect(reading).toEqual({ parts: [["part 1", "x/y", expected]], codes });
  });

  it("does not believe the Content-Length of a part", () => {
    const body = `--b\r\nContent-Type: x/y\r\nContent-Length: 1\r\n\r\nlonger\r\n--b--`;
    expect(read("multipart/mixed;boundary=b", body)).toEqual({
      parts: [["part 1", "x/y", "longer"]],
      codes: ["partLengthWrong"],
    });
  });

  it("tells content id, disposition and charset", () => {
    const body = `--b\r\nContent-Type: text/xml; charset="UTF-16"\r\nContent-ID: <m@x>\r\nContent-Disposition: Recording-Session;handling=required\r\n\r\nx\r\n--b--`;
    expect(readBody("multipart/mixed;boundary=b", Buffer.from(body)).parts[0]).toMatchObject({
      contentId: "m@x",
      disposition: "recording-session",
      charset: "utf-16",
    });
  });

  it("opens multipart in multipart, up to a depth", () => {
    let body = SDP;
    let type = "application/sdp";
    for (let depth = 1; depth <= MULTIPART_LIMITS.depth + 1; depth += 1) {
      body = `--b${depth}\r\nContent-Type: ${type}\r\n\r\n${body}\r\n--b${depth}--\r\n`;
      type = `multipart/mixed;boundary=b${depth}`;
    }
    const inner = read("multipart/mixed;boundary=b4", body.split(/--b5\r\n.*\r\n\r\n/)[1] ?? "");
    expect(inner.parts).toEqual([["part 1.1.1.1", "application/sdp", SDP]]);
    expect(read(type, body).codes).toContain("multipartTooDeep");
  });

  it("reads a bounded number of parts and of header bytes", () => {
    const many = Array.from({ length: 5000 }, () => "--b\r\n\r\nx\r\n").join("");
    const { parts, codes } = read("multipart/mixed;boundary=b", many);
    expect(parts).toHaveLength(MULTIPART_LIMITS.parts);
    expect(codes).toContain("tooManyParts");
    const long = `--b\r\nX: ${"y".repeat(20_000)}\r\n\r\nlost\r\n--b\r\n\r\n${SDP}\r\n--b--`;
    expect(read("multipart/mixed;boundary=b", long)).toMatchObject({
      parts: [["part 2", "", SDP]],
      codes: ["partHeadersTooLong", "contentTypeMissing"],
    });
  });

  it("is taken as one part where no delimiter is to be found", () => {
    expect(read("multipart/mixed;boundary=b", SDP)).toEqual({
      parts: [["body", "", SDP]],
      codes: ["delimiterMissing"],
    });
  });
});

describe("any body", () => {
  it("gives parts that lie within it, in bounded time, without an exception", () => {
    const piece = fc.constantFrom(
      "--b",
      "--b--",
      "\r\n",
      "\n",
      "\r",
      "-",
      "x",
      ":",
      "Content-Type: multipart/mixed;boundary=b",
      "c:a/b",
      " ",
      "\0",
      "=41",
    );
    const body = fc.oneof(
      fc.uint8Array({ maxLength: 400 }),
      fc.array(piece, { maxLength: 60 }).map((pieces) => Buffer.from(pieces.join(""))),
    );
    const type = fc.oneof(
      fc.string(),
      fc.constantFrom("multipart/mixed;boundary=b", "multipart/x", undefined),
    );
    fc.assert(
      fc.property(type, body, (contentType, bytes) => {
        const { parts } = readBody(contentType, bytes);
        expect(parts.length).toBeLessThanOrEqual(MULTIPART_LIMITS.parts * MULTIPART_LIMITS.depth);
        expect(parts.every((part) => part.bytes.length <= bytes.length)).toBe(true);
      }),
      { numRuns: 500 },
    );
  });

  it("gives back the very bytes that were framed", () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 200 }),
        fc.uint8Array({ maxLength: 200 }),
        (one, other) => {
          const frame = (bytes: Uint8Array): Buffer =>
            Buffer.concat([
              Buffer.from("--q8w7\r\nContent-Type: x/y\r\n\r\n"),
              bytes,
              Buffer.from("\r\n"),
            ]);
          const body = Buffer.concat([frame(one), frame(other), Buffer.from("--q8w7--\r\n")]);
          const { parts } = readBody("multipart/mixed;boundary=q8w7", body);
          expect(parts.map(({ bytes }) => Buffer.from(bytes).toString("hex"))).toEqual([
            Buffer.from(one).toString("hex"),
            Buffer.from(other).toString("hex"),
          ]);
        },
      ),
    );
  });

  it("of megabytes takes no longer than its length says", () => {
    const hostile = ["--b", "\n--b", "--b\r\n", "-".repeat(64), "\n-", "a: b\n", "\n--", " --x"];
    for (const text of hostile) {
      const body = Buffer.from(text.repeat(Math.ceil(5_000_000 / text.length)));
      const startMs = performance.now();
      readBody("multipart/mixed;boundary=b", body);
      expect(performance.now() - startMs).toBeLessThan(5000);
    }
  });
});
