import { readdirSync, readFileSync } from "node:fs";

/** An offer seen in the field, and what it is answered with; named for what is special about it. */
export interface SdpFixture {
  readonly name: string;
  readonly offer: string;
  readonly answer: string;
}

const FOLDER = new URL("../fixtures/sdp/", import.meta.url);

export const SDP_FIXTURES: readonly SdpFixture[] = readdirSync(FOLDER).map((file) => {
  const [offer = "", answer = ""] = readFileSync(new URL(file, FOLDER), "utf8").split("----\n");
  const crlf = (text: string): string => text.replaceAll("\n", "\r\n");
  return { name: file.replace(".txt", ""), offer: crlf(offer), answer: crlf(answer) };
});

export function fixtureOffer(name: string): string {
  const fixture = SDP_FIXTURES.find((candidate) => candidate.name === name);
  if (fixture === undefined) {
    throw new Error(`no SDP fixture ${name}`);
  }
  return fixture.offer;
}
