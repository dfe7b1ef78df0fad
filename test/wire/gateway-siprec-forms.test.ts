/** Every quirk and vendor form over UDP and TCP through a whole gateway: answered line by line, and heard stream by stream. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { explainRecording } from "../../src/app/explain-recording.ts";
import { FIXTURE_NAMES, fixture } from "../siprec/support.ts";
import { FormClient } from "./support/form-client.ts";
import {
  type ListeningGateway,
  linesOf,
  startListeningGateway,
} from "./support/listening-gateway.ts";
import {
  type FormRequest,
  keyOf,
  OPENING_OF_BODY_ALONE,
  readForm,
} from "./support/recorded-form.ts";
import type { RawMessage } from "./support/sip-peer.ts";

/** What a session makes of these is not what the file says: drachtio-srf hands bodies over as UTF-8. */
const OTHER_CHARSETS = /odd-charset/;

const BODY_ALONE = "genesys-metadata-updates-body";

let listening: ListeningGateway;

beforeAll(async () => {
  listening = await startListeningGateway();
});

afterAll(async () => {
  const faults = listening.gateway.log.filter(({ level }) => level === "error" || level === 50);
  expect(faults).toEqual([]);
  expect((await listening.stop()).leftBehind).toEqual([]);
});

/** Every m-line in order, with its kind, its label and the mirrored direction. */
function expectMirrored({ lines }: FormRequest, { body }: RawMessage): void {
  const seen = body
    .split(/^m=/m)
    .slice(1)
    .map((section) => ({
      kind: section.split(" ")[0],
      label: /^a=label:(\S+)/m.exec(section)?.[1],
      answer: /^\S+ 0 /.test(section)
        ? undefined
        : /^a=(sendonly|sendrecv|recvonly|inactive)\r$/m.exec(section)?.[1],
    }));
  expect(seen).toEqual(lines.map(({ kind, label, answer }) => ({ kind, label, answer })));
}

/** Who speaks first on each recorded stream, as `siprec explain` reads the file. */
function namesIn(name: string): readonly (string | null)[] {
  // A body alone has no streams: those of the session that it is sent into.
  const file = fixture(name === BODY_ALONE ? OPENING_OF_BODY_ALONE : name);
  const end = explainRecording(file, { rules: undefined, trunk: undefined })?.end;
  const people = new Map(end?.participants.map(({ id, names }) => [id, names[0]]));
  return (end?.streams ?? [])
    .filter(({ answer }) => answer !== "port 0")
    .map(({ speakers: [id = ""] }) => people.get(id)?.replace(/ (?:sips?|tel):.*/, "") ?? null);
}

describe.each(["UDP", "TCP"] as const)("over %s", (transport) => {
  it.each(FIXTURE_NAMES)("%s is recorded, each stream as who speaks on it", async (name) => {
    const requests = readForm(name);
    const client = await FormClient.open(listening, transport, requests);
    for (const request of requests) {
      const answer = await client.send(request);
      expect(answer.status).toBe(200);
      expect(answer.header("contact")).toContain("+sip.srs");
      if (request.lines.length > 0) {
        expectMirrored(request, answer);
        await client.speak(request, answer);
      }
    }
    const log = await client.end();
    const recorded = client.lines.flatMap((line, index) =>
      line.answer === undefined ? [] : [keyOf(line, index)],
    );
    expect(log).toMatchObject({ mode: "assist", verdict: { endedBy: "caller" } });
    expect(log.participants.map(({ id }) => id)).toEqual(recorded);
    expect(linesOf(log).toSorted()).toEqual(client.expected.toSorted());
    if (!OTHER_CHARSETS.test(name)) {
      expect(log.participants.map((one) => one.name)).toEqual(namesIn(name));
    }
  });
});
