/** The quirk table against its fixtures: each quirk is recognised in one, and costs no audio in any. */
import { describe, expect, it } from "vitest";
import { explainRecording } from "../../src/app/explain-recording.ts";
import { ODDITIES } from "../../src/siprec/oddities.ts";
import { QUIRKS } from "../../src/siprec/quirks.ts";
import { FIXTURE_NAMES, fixture } from "./support.ts";

const NAMES = Object.keys(QUIRKS);
const fixturesOf = (quirk: string): readonly string[] =>
  FIXTURE_NAMES.filter((name) => new RegExp(`^[a-z]+-${quirk}(?:-|$)`).test(name));
/** Seen in no request: it is what is missing in all of them. */
const UNSEEN = ["roles-by-rule"];
/** A body alone has no SDP. */
const WITHOUT_AUDIO = ["genesys-metadata-updates-body"];

function explain(name: string) {
  const explanation = explainRecording(fixture(name), { rules: undefined, trunk: undefined });
  if (explanation === undefined) {
    throw new Error(`nothing to explain in ${name}`);
  }
  const quirks = explanation.requests.flatMap(({ oddities }) => oddities.map(({ quirk }) => quirk));
  return { ...explanation, quirks };
}

describe("each quirk", () => {
  it.each(NAMES)("%s has a fixture", (quirk) => {
    expect(fixturesOf(quirk)).not.toEqual([]);
  });

  it.each(NAMES.filter((name) => !UNSEEN.includes(name)))("%s is recognised there", (quirk) => {
    for (const name of fixturesOf(quirk)) {
      expect(explain(name).quirks, name).toContain(quirk);
    }
  });

  it("has a code that shows it, unless it cannot be seen", () => {
    const shown = new Set(Object.values(ODDITIES).map(({ quirk }) => quirk));
    expect(NAMES.filter((name) => !shown.has(name as keyof typeof QUIRKS))).toEqual(UNSEEN);
  });
});

describe("each fixture", () => {
  it("belongs to a quirk or is the call of a vendor", () => {
    const known = new Set(NAMES.flatMap(fixturesOf));
    const rest = FIXTURE_NAMES.filter((name) => !known.has(name));
    expect(rest).toEqual([
      "audiocodes-call",
      "avaya-call",
      "broadworks-call",
      "cisco-cube-call",
      "genesys-call",
      "metaswitch-call",
      "oracle-call",
      "ribbon-call",
    ]);
  });

  it.each(FIXTURE_NAMES)("%s is a recording session without an error, its audio kept", (name) => {
    const { requests, end } = explain(name);
    expect(requests[0]?.isRecording).toBe(true);
    expect(requests.map(({ fault, sdpFault }) => fault ?? sdpFault)).toEqual(
      requests.map(() => null),
    );
    expect(
      requests.flatMap(({ oddities }) => oddities.filter(({ weight }) => weight === "error")),
    ).toEqual([]);
    expect(end.recordable > 0).toBe(!WITHOUT_AUDIO.includes(name));
  });
});

describe("the call of %s", () => {
  it.each([
    ["cisco-cube-call", "Cisco CUBE", "guid"],
    ["oracle-call", "Oracle", "ucid"],
    ["audiocodes-call", "AudioCodes", "ucid"],
    ["avaya-call", "Avaya", "ucid"],
    ["ribbon-call", "Ribbon", "guid"],
    ["genesys-call", "Genesys", "conversationId"],
    ["metaswitch-call", "Metaswitch", "sipSessionId"],
    ["broadworks-call", "BroadWorks", "sipSessionId"],
  ])("%s is known, with both people on streams of their own", (name, vendor, kind) => {
    const { requests, end } = explain(name);
    expect(requests[0]?.vendor?.vendor).toBe(vendor);
    expect(requests[0]?.identifiers.map((identifier) => identifier.kind)).toContain(kind);
    expect(end.participants.map(({ names }) => names[0]?.split(" ").slice(0, 2).join(" "))).toEqual(
      ["Pat Customer", "Alex Agent"],
    );
    expect(end.streams.map(({ speakers }) => speakers)).toEqual(
      end.participants.map(({ id }) => [id]),
    );
  });
});
