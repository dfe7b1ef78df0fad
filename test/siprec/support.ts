/** Metadata documents and m-lines for tests, and the fixtures. */
import { readdirSync, readFileSync } from "node:fs";
import { parseSdp } from "../../src/sdp/parse-sdp.ts";
import { type MediaLine, readMediaLines } from "../../src/siprec/media-lines.ts";
import { readMetadata } from "../../src/siprec/read-metadata.ts";
import type { RsMetadata } from "../../src/siprec/rs-metadata.ts";

const FIXTURES = new URL("../fixtures/siprec/", import.meta.url);

/** Names of all fixtures, without `.txt`. */
export const FIXTURE_NAMES: readonly string[] = readdirSync(FIXTURES)
  .filter((name) => name.endsWith(".txt"))
  .map((name) => name.slice(0, -4));

/** The bytes of a fixture. */
export function fixture(name: string): Buffer {
  return readFileSync(new URL(`${name}.txt`, FIXTURES));
}

/** A document of RFC 7865 around some elements. */
export function recording(inner: string, mode: "complete" | "partial" = "complete"): string {
  return `<?xml version="1.0"?><recording xmlns="urn:ietf:params:xml:ns:recording:1"><datamode>${mode}</datamode>${inner}</recording>`;
}

/** What a document says, and the codes of what is odd about it. */
export function readText(text: string | Uint8Array, charset?: string) {
  const { metadata, oddities } = readMetadata(Buffer.from(text), charset, "part 2");
  return { metadata, codes: oddities.map(({ code }) => code), oddities };
}

/** One person of a snapshot. */
export interface Person {
  readonly id: string;
  readonly aor?: string;
  /** Label of the stream that they send. */
  readonly label?: string;
  readonly session?: string;
  readonly since?: string;
  readonly until?: string;
  readonly more?: string;
}

/** A snapshot in which everybody has a stream of their own, whose id is `s-LABEL`. */
export function snapshot(
  people: readonly Person[],
  mode: "complete" | "partial" = "complete",
  more = "",
): RsMetadata {
  const text = people.map(({ id, aor, label, session = "cs", since, until, more: own = "" }) => {
    const times = `${since === undefined ? "" : `<associate-time>${since}</associate-time>`}${until === undefined ? "" : `<disassociate-time>${until}</disassociate-time>`}`;
    const flow =
      label === undefined
        ? ""
        : `<stream stream_id="s-${label}" session_id="${session}"><label>${label}</label></stream><participantstreamassoc participant_id="${id}"><send>s-${label}</send></participantstreamassoc>`;
    return `<participant participant_id="${id}"><nameID aor="${aor ?? `sip:${id}@example.com`}"/>${own}</participant><participantsessionassoc participant_id="${id}" session_id="${session}">${times}</participantsessionassoc>${flow}`;
  });
  const { metadata } = readText(recording(`${more}${text.join("")}`, mode));
  if (metadata === undefined) {
    throw new Error("the snapshot of the test is wrong");
  }
  return metadata;
}

/** M-lines from `label direction port`, for instance `1 sendonly 4000`. */
export function lines(...written: string[]): readonly MediaLine[] {
  const media = written.flatMap((line, index) => {
    const [label = "", direction = "sendonly", port = String(4000 + 2 * index)] = line.split(" ");
    const attribute = label === "-" ? [] : [`a=label:${label}`];
    return [`m=audio ${port} RTP/AVP 0`, `a=${direction}`, ...attribute];
  });
  const head = ["v=0", "o=- 1 1 IN IP4 192.0.2.1", "s=-", "c=IN IP4 192.0.2.1", "t=0 0"];
  const text = `${[...head, ...media].join("\r\n")}\r\n`;
  return readMediaLines(parseSdp(text), text).lines;
}
