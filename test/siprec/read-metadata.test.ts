/** Metadata documents of RFC 7865, of the drafts before it, and of vendors. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readText, recording } from "./support.ts";

describe("a document of RFC 7865", () => {
  const { metadata, codes } = readText(
    recording(`
    <group group_id="g1"><associate-time>2026-11-21T09:00:00Z</associate-time></group>
    <session session_id="cs1"><sipSessionID>aa;remote=bb</sipSessionID><sipSessionID>cc</sipSessionID>
      <group-ref>g1</group-ref><reason>1000</reason><start-time>2026-11-21T09:00:00Z</start-time></session>
    <participant participant_id="p1"><nameID aor="sip:bob@example.com"><name xml:lang="it">Bob B</name>
      <name xml:lang="en">Bob</name></nameID><nameID aor="tel:+12065550100"/></participant>
    <stream stream_id="s1" session_id="cs1"><label>096</label></stream>
    <sessionrecordingassoc session_id="cs1"><associate-time>2026-11-21T09:00:01Z</associate-time></sessionrecordingassoc>
    <participantsessionassoc participant_id="p1" session_id="cs1">
      <associate-time>2026-11-21T09:00:00Z</associate-time><disassociate-time>2026-11-21T09:10:00Z</disassociate-time>
      <param>+sip.record-aware</param></participantsessionassoc>
    <participantstreamassoc participant_id="p1"><send>s1</send><recv>s2</recv><recv>s3</recv></participantstreamassoc>`),
  );

  it("is read whole", () => {
    expect(metadata).toEqual({
      dataMode: "complete",
      groups: [{ id: "g1", associateTime: "2026-11-21T09:00:00Z", disassociateTime: undefined }],
      sessions: [
        {
          id: "cs1",
          sipSessionIds: ["aa;remote=bb", "cc"],
          groupId: "g1",
          reason: "1000",
          startTime: "2026-11-21T09:00:00Z",
          stopTime: undefined,
          associateTime: undefined,
          disassociateTime: undefined,
        },
      ],
      sessionRecordings: [
        { sessionId: "cs1", associateTime: "2026-11-21T09:00:01Z", disassociateTime: undefined },
      ],
      participants: [
        {
          id: "p1",
          names: [
            { aor: "sip:bob@example.com", name: "Bob B", language: "it" },
            { aor: "sip:bob@example.com", name: "Bob", language: "en" },
            { aor: "tel:+12065550100", name: undefined, language: undefined },
          ],
          recordingAware: true,
          transferredFrom: undefined,
        },
      ],
      participantSessions: [
        {
          participantId: "p1",
          sessionId: "cs1",
          associateTime: "2026-11-21T09:00:00Z",
          disassociateTime: "2026-11-21T09:10:00Z",
        },
      ],
      streams: [{ id: "s1", sessionId: "cs1", label: "096" }],
      participantStreams: [
        {
          participantId: "p1",
          send: ["s1"],
          receive: ["s2", "s3"],
          associateTime: undefined,
          disassociateTime: undefined,
        },
      ],
      extensions: [],
    });
    expect(codes).toEqual(["disassociated"]);
  });
});

describe("labels and ids", () => {
  it.each(["1", "01", "0", "a_leg", "9007199254740993", "1e3", "0x10", "true", "1.0", " 7 "])(
    "keep %j as text",
    (label) => {
      const { metadata } = readText(
        recording(`<stream stream_id="1"><label>${label}</label></stream>`),
      );
      expect(metadata?.streams).toEqual([{ id: "1", sessionId: undefined, label: label.trim() }]);
    },
  );

  it("may be base64", () => {
    const { metadata, codes } = readText(
      recording(`<stream stream_id="7+8sOxxVRl/w=="><label>1</label></stream>`),
    );
    expect(metadata?.streams[0]?.id).toBe("7+8sOxxVRl/w==");
    expect(codes).toEqual(["base64Ids"]);
  });

  it("are made up where they are missing, and told where they repeat", () => {
    const { metadata, codes } = readText(
      recording(
        `<participant/><participant participant_id="a"/><participant participant_id="a"/><stream stream_id="s"/>`,
      ),
    );
    expect(metadata?.participants.map(({ id }) => id)).toEqual([
      "?recording/participant",
      "a",
      "a",
    ]);
    expect(codes).toEqual(["labelElementMissing", "idMissing", "idTwice"]);
  });
});

describe("whatever the schema and the namespace", () => {
  const inner = `<session id="s"/><participant id="p" session="s"><nameID aor="sip:a@b"/><send>st</send><recv>sx</recv><associate-time>2026-01-01T00:00:00</associate-time></participant><stream id="st" session="s"><label>5</label><mode>separate</mode></stream>`;

  it("reads the draft with its ids, sessions and streams inside", () => {
    const { metadata, codes } = readText(
      `<recording xmlns="urn:ietf:params:xml:ns:recording"><dataMode>Complete</dataMode>${inner}</recording>`,
    );
    expect(metadata).toMatchObject({
      dataMode: "complete",
      participants: [{ id: "p" }],
      participantSessions: [
        { participantId: "p", sessionId: "s", associateTime: "2026-01-01T00:00:00" },
      ],
      participantStreams: [{ participantId: "p", send: ["st"], receive: ["sx"] }],
      streams: [{ id: "st", sessionId: "s", label: "5" }],
      extensions: [],
    });
    expect(codes).toEqual(["namespaceForeign", "draftSchema"]);
  });

  it.each([
    ["no namespace", (xml: string) => `<recording>${xml}</recording>`, ["namespaceMissing"]],
    [
      "a byte order mark",
      (xml: string) =>
        `\uFEFF<?xml version="1.0" encoding="utf-8"?>\n<recording xmlns="urn:ietf:params:xml:ns:recording:1">${xml}</recording>`,
      ["byteOrderMark"],
    ],
    [
      "a prefix nobody declares",
      (xml: string) => `<q:recording>${xml.replaceAll(/<(\/?)/g, "<$1q:")}</q:recording>`,
      ["namespacePrefixed", "prefixUndeclared"],
    ],
    [
      "another root",
      (xml: string) =>
        `<envelope><recording xmlns="urn:ietf:params:xml:ns:recording:1">${xml}</recording></envelope>`,
      ["rootUnknown"],
    ],
    [
      "a second root",
      (xml: string) =>
        `<recording xmlns="urn:ietf:params:xml:ns:recording:1">${xml}</recording><recording/>`,
      ["xmlSeveralRoots"],
    ],
    [
      "upper case",
      (xml: string) =>
        `<RECORDING xmlns="urn:ietf:params:xml:ns:recording:1">${xml.replaceAll(/[a-z]+(?=>| )/g, (word) => word.toUpperCase())}</RECORDING>`,
      [],
    ],
  ])("reads a document with %s", (_what, wrap, expected) => {
    const xml = `<datamode>partial</datamode><stream stream_id="s"><label>1</label></stream>`;
    const { metadata, codes } = readText(wrap(xml));
    expect(metadata?.dataMode).toBe("partial");
    expect(metadata?.streams).toMatchObject([{ id: "s" }]);
    expect(codes).toEqual([...expected, "partialSnapshot"]);
  });

  it("takes a document without a usable datamode as complete, and says so", () => {
    expect(
      readText(`<recording xmlns="urn:ietf:params:xml:ns:recording:1"><x/></recording>`).codes,
    ).toEqual(["dataModeMissing"]);
    const odd = readText(
      `<recording xmlns="urn:ietf:params:xml:ns:recording:1"><datamode>some</datamode></recording>`,
    );
    expect(odd).toMatchObject({ metadata: { dataMode: "complete" }, codes: ["dataModeUnknown"] });
  });

  it("leaves out times that are none", () => {
    const { metadata, codes } = readText(
      recording(`<session session_id="s"><start-time>yesterday</start-time></session>`),
    );
    expect(metadata?.sessions[0]?.startTime).toBeUndefined();
    expect(codes).toEqual(["timeUnreadable"]);
  });
});

describe("characters", () => {
  const document = (encoding: string, name: string): string =>
    `<?xml version="1.0" encoding="${encoding}"?><recording xmlns="urn:ietf:params:xml:ns:recording:1"><datamode>complete</datamode><participant participant_id="p"><nameID aor="sip:a@b"><name>${name}</name></nameID></participant></recording>`;
  const nameIn = (bytes: Uint8Array, charset?: string) => {
    const { metadata, codes } = readText(bytes, charset);
    return [metadata?.participants[0]?.names[0]?.name, ...codes];
  };
  const swapped = (text: string): Buffer => Buffer.from(text, "utf16le").swap16();

  it.each([
    ["UTF-8", Buffer.from(document("UTF-8", "Zoë")), undefined, []],
    [
      "UTF-16, little end first",
      Buffer.from(`\uFEFF${document("UTF-16", "Zoë")}`, "utf16le"),
      undefined,
      ["charsetUnusual", "byteOrderMark"],
    ],
    [
      "UTF-16, big end first",
      swapped(`\uFEFF${document("UTF-16", "Zoë")}`),
      undefined,
      ["charsetUnusual", "byteOrderMark"],
    ],
    [
      "UTF-16 without a mark",
      Buffer.from(document("UTF-16", "Zoë"), "utf16le"),
      undefined,
      ["charsetUnusual"],
    ],
    [
      "Latin-1",
      Buffer.from(document("ISO-8859-1", "Zoë"), "latin1"),
      undefined,
      ["charsetUnusual"],
    ],
    [
      "Latin-1 by Content-Type",
      Buffer.from(document("UTF-8", "Zoë").replace(/ encoding="UTF-8"/, ""), "latin1"),
      "iso-8859-1",
      ["charsetUnusual"],
    ],
    [
      "Latin-1 that says UTF-8",
      Buffer.from(document("UTF-8", "Zoë"), "latin1"),
      undefined,
      ["charsetWrong"],
    ],
    ["UTF-8 that says UTF-16", Buffer.from(document("UTF-16", "Zoë")), undefined, ["charsetWrong"]],
    [
      "a charset nobody knows",
      Buffer.from(document("x-klingon", "Zoë")),
      undefined,
      ["charsetWrong"],
    ],
  ])("are read in %s", (_what, bytes, charset, codes) => {
    expect(nameIn(bytes, charset)).toEqual(["Zoë", ...codes]);
  });

  it("are decoded from references, of numbers and of the five names only", () => {
    expect(
      nameIn(Buffer.from(document("UTF-8", "&lt;&#65;&#x42;&amp;amp;&apos;<![CDATA[&lt;]]>"))),
    ).toEqual(["<AB&amp;'&lt;"]);
    expect(nameIn(Buffer.from(document("UTF-8", "a&bomb;&#0;b")))).toEqual([
      "a&bomb; b",
      "xmlEntityUnknown",
    ]);
  });
});

describe("extension data", () => {
  it("is kept by name, with its owner, flattened", () => {
    const { metadata } = readText(
      recording(`
      <session session_id="s"/>
      <participant participant_id="p"><ac:AvayaUCID xmlns="urn:x">FA08</ac:AvayaUCID>
        <extensiondata xmlns:apkt="http://acmepacket.com/siprec/extensiondata"><apkt:callerOrig>true</apkt:callerOrig>
          <apkt:header label="X-Id"><value>42</value></apkt:header></extensiondata></participant>
      <participantsessionassoc participant_id="p" session_id="s"><seat>12</seat></participantsessionassoc>
      <extensiondata id="e" parent="s"><conversation><id>c1</id><flag on="1"/></conversation></extensiondata>`),
    );
    expect(
      metadata?.extensions.map(({ owner, ownerId, name, value }) => [owner, ownerId, name, value]),
    ).toEqual([
      ["participant", "p", "AvayaUCID", "FA08"],
      ["participant", "p", "callerOrig", "true"],
      ["participant", "p", "X-Id", "42"],
      ["participant", "p", "seat", "12"],
      ["session", "s", "conversation.id", "c1"],
      ["session", "s", "conversation.flag.on", "1"],
    ]);
  });

  it("says who knows of recording and who came by transfer, in any of the known forms", () => {
    const { metadata } = readText(
      recording(`<participant participant_id="a"><recordingaware>true</recordingaware></participant>
        <participant participant_id="b" recording-aware="false"><xfer-from participant_id="a"/></participant>
        <participant participant_id="c"><transferred-from>b</transferred-from></participant>`),
    );
    expect(
      metadata?.participants.map(({ recordingAware, transferredFrom }) => [
        recordingAware,
        transferredFrom,
      ]),
    ).toEqual([
      [true, undefined],
      [false, "a"],
      [undefined, "b"],
    ]);
  });
});

describe("any bytes at all", () => {
  it("give a model or none, never an exception", () => {
    const piece = fc.constantFrom(
      "<recording>",
      "</recording>",
      "<a",
      ">",
      "/>",
      "<",
      "&",
      "&#x",
      ";",
      '"',
      "'",
      "=",
      "<!--",
      "-->",
      "<![CDATA[",
      "]]>",
      "<?xml",
      "?>",
      "<session id='x'>",
      "</session>",
      "<__proto__>",
      'constructor="1"',
      "x",
      " ",
      "\0",
      ":",
    );
    const bytes = fc.oneof(
      fc.uint8Array({ maxLength: 300 }),
      fc.array(piece, { maxLength: 60 }).map((pieces) => Buffer.from(pieces.join(""))),
    );
    fc.assert(
      fc.property(bytes, (input) => {
        const { metadata, codes } = readText(input);
        expect(metadata !== undefined || codes.length > 0).toBe(true);
      }),
      { numRuns: 1000 },
    );
  });
});
