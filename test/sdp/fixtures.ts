import { readdirSync, readFileSync } from "node:fs";
import { codeOf } from "../../src/core/errors.ts";
import type { Capabilities } from "../../src/sdp/offer-answer.ts";

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

export const TRANSPORTS = [20_000, 20_002].map((port) => ({
  address: "127.0.0.1",
  port,
  rtcpPort: port + 1,
}));
export const CAPABILITIES: Capabilities = {
  sessionId: "42",
  sessionVersion: 42,
  transports: TRANSPORTS,
};

/** An audio offer with these lines after the head. */
export function body(...lines: readonly string[]): string {
  return `${["v=0", "o=- 1 1 IN IP4 192.0.2.1", "s=-", "c=IN IP4 192.0.2.1", "t=0 0", ...lines].join("\r\n")}\r\n`;
}

/** The code of what the action throws; `undefined` when it does not. */
export function codeFor(action: () => unknown): string | undefined {
  try {
    action();
    return undefined;
  } catch (error) {
    return codeOf(error) ?? String(error);
  }
}
