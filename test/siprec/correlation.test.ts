/** Identifiers of other systems, and the User-to-User header. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { contactIdOf, correlate, ucidOf } from "../../src/siprec/correlation.ts";
import { readOptionTags } from "../../src/siprec/option-tags.ts";
import { decodeUserToUser, encodeUserToUser } from "../../src/siprec/user-to-user.ts";
import { readText, recording } from "./support.ts";

const CONTACT = "0a1b2c3d-1111-2222-3333-444455556666";

function found(headers: Readonly<Record<string, readonly string[]>>, inner = "") {
  const { metadata } = readText(recording(inner));
  return correlate((name) => headers[name] ?? [], metadata);
}

describe("identifiers", () => {
  it("come from headers first, then from metadata, then from User-to-User, each once", () => {
    const correlation = found(
      {
        "X-Amzn-ConnectContactId": [CONTACT],
        "X-Avaya-UCID": ["00025000160955721139"],
        "User-to-User": ["00FA080019001038F725B3;encoding=hex"],
        "Cisco-Guid": ["1234567890-2864434397-3735928559-0305419896"],
      },
      `<participant participant_id="p"><ac:AvayaUCID>FA080019001038F725B3</ac:AvayaUCID><x:GenesysUUID>4BOK</x:GenesysUUID></participant>`,
    );
    expect(correlation.identifiers).toEqual([
      { kind: "contactId", value: CONTACT, from: "header X-Amzn-ConnectContactId" },
      { kind: "ucid", value: "00025000160955721139", from: "header X-Avaya-UCID" },
      { kind: "guid", value: "499602d2aabbccdddeadbeef12345678", from: "header Cisco-Guid" },
      { kind: "conversationId", value: "4BOK", from: "metadata GenesysUUID" },
    ]);
    expect(contactIdOf(correlation)).toBe(CONTACT);
  });

  it.each([
    [
      "extension data",
      {},
      `<extensiondata><h label="X-Amzn-ConnectContactId"><value>${CONTACT}</value></h></extensiondata>`,
    ],
    [
      "User-to-User text",
      { "User-to-User": [encodeUserToUser({ data: `{"ContactId":"${CONTACT}"}` })] },
      "",
    ],
  ])("of the contact are found in %s", (_where, headers, inner) => {
    expect(contactIdOf(found(headers, inner))).toBe(CONTACT);
  });

  it("stay as they are where they are no known form", () => {
    expect(
      found({ "X-UCID": ["abc-1"], "Cisco-Guid": ["1-2-3"] }).identifiers.map(({ value }) => value),
    ).toEqual(["abc-1", "1-2-3"]);
    expect(found({}).identifiers).toEqual([]);
  });

  it.each([
    ["FA080019001038F725B3", "00025000160955721139"],
    ["00FA080019001038F725B3", "00025000160955721139"],
    ["04C8024142FA080019001038F725B3", "00025000160955721139"],
    ["FA0800190010", undefined],
    ["FA08001900103", undefined],
    ["", undefined],
  ])("of Avaya are read from %s", (hex, ucid) => {
    expect(ucidOf(hex)).toBe(ucid);
  });
});

describe("User-to-User", () => {
  it.each([
    [
      "48656c6c6f;encoding=hex;purpose=isdn-uui;content=isdn-uui",
      {
        encoding: "hex",
        purpose: "isdn-uui",
        content: "isdn-uui",
        text: "Hello",
        wellFormed: true,
      },
    ],
    ["48656C6C6F", { encoding: "hex", purpose: undefined, text: "Hello", wellFormed: true }],
    ['"48656c6c6f" ; Encoding="HEX"', { encoding: "hex", text: "Hello" }],
    ["00fa08;encoding=hex", { text: undefined, wellFormed: true }],
    ["Hello;encoding=hex", { text: "Hello", wellFormed: false }],
    ['"a, b;c";encoding=ascii', { encoding: "ascii", text: "a, b;c", wellFormed: true }],
  ])("%s is decoded", (field, expected) => {
    expect(decodeUserToUser(field)).toMatchObject([expected]);
  });

  it("may hold several values", () => {
    expect(decodeUserToUser("41;encoding=hex, 42;encoding=hex").map(({ text }) => text)).toEqual([
      "A",
      "B",
    ]);
  });

  it("is encoded so that it decodes to the same, and can break no header", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 100 }), fc.string(), (data, purpose) => {
        const field = encodeUserToUser({ data, purpose, content: "a\r\nb" });
        expect(field).toMatch(/^[!-~]+$/);
        expect(Buffer.from(decodeUserToUser(field)[0]?.bytes ?? []).equals(Buffer.from(data))).toBe(
          true,
        );
      }),
    );
  });

  it("of any kind is no exception", () => {
    fc.assert(fc.property(fc.string(), (field) => void decodeUserToUser(field)));
  });
});

describe("option tags", () => {
  it.each([
    [["siprec, timer"], ["siprec", "timer"], false],
    [["100relsiprec"], ["100rel", "siprec"], true],
    [["SIPREC", "100rel timer"], ["siprec", "100rel", "timer"], false],
    [["siprecx"], ["siprecx"], false],
    [[""], [], false],
  ])("of %j are read", (values, tags, fused) => {
    expect(readOptionTags(values)).toEqual({ tags, fused });
  });
});
