/** One long recording session over real sockets: who speaks is told rightly through hold, transfer, joining and leaving. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type OfferedStream, recordingBody, recordingSdp } from "../support/recording-client.ts";
import { freeEarPort } from "./support/free-ports.ts";
import {
  type ListeningGateway,
  type RecordingLog,
  startListeningGateway,
} from "./support/listening-gateway.ts";
import { PeerCall } from "./support/peer-call.ts";
import { type RawMessage, type SipPeer, TcpPeer, UdpPeer } from "./support/sip-peer.ts";
import { ToneSender } from "./support/tone-sender.ts";
import { eventually } from "./support/waiting.ts";

const ROLES =
  "  - role: agent\n    when: { aor: '4*' }\n  - role: customer\n    when: { aor: '+*' }\n";
const METADATA = "application/rs-metadata+xml";
const AOR = {
  pat: "sip:+12065550123@c.example",
  alex: "sip:4001@cc",
  bea: "sip:4002@cc",
  sue: "sip:4900@cc",
};

let listening: ListeningGateway;

beforeAll(async () => {
  listening = await startListeningGateway({}, { roles: ROLES });
});

afterAll(async () => {
  expect((await listening.stop()).leftBehind).toEqual([]);
});

type Person = keyof typeof AOR;

/** Who comes and speaks on which label, and who leaves. */
interface Change {
  readonly mode: "complete" | "partial";
  readonly speaks?: Readonly<Partial<Record<Person, string>>>;
  readonly leaves?: readonly Person[];
}

function metadata({ mode, speaks = {}, leaves = [] }: Change): string {
  const people = Object.entries(speaks) as [Person, string][];
  const there = people.map(
    ([id, label]) =>
      `<participant participant_id="${id}"><nameID aor="${AOR[id]}"><name>${id}</name></nameID></participant><participantsessionassoc participant_id="${id}" session_id="cs"><associate-time>2026-11-21T09:30:00Z</associate-time></participantsessionassoc><stream stream_id="s${label}" session_id="cs"><label>${label}</label></stream><participantstreamassoc participant_id="${id}"><send>s${label}</send></participantstreamassoc>`,
  );
  const gone = leaves.map(
    (id) =>
      `<participantsessionassoc participant_id="${id}" session_id="cs"><disassociate-time>2026-11-21T09:40:00Z</disassociate-time></participantsessionassoc>`,
  );
  return `<?xml version="1.0"?><recording xmlns="urn:ietf:params:xml:ns:recording:1"><datamode>${mode}</datamode><session session_id="cs"/>${there.join("")}${gone.join("")}</recording>`;
}

/** The client of the session. */
class Client {
  readonly call: PeerCall;
  readonly #peer: SipPeer;
  readonly #mouths: readonly ToneSender[];
  readonly #ports: readonly number[];
  #targets: readonly number[] = [];
  #version = 0;

  constructor(peer: SipPeer, mouths: readonly ToneSender[], ports: readonly number[]) {
    this.call = new PeerCall(peer, listening.gateway.sipPort, "record");
    this.call.contact = this.call.contact.replace(/>$/, ">;+sip.src");
    this.#peer = peer;
    this.#mouths = mouths;
    this.#ports = ports;
  }

  static async open(transport: "UDP" | "TCP"): Promise<Client> {
    const { sipPort } = listening.gateway;
    const peer = await (transport === "UDP" ? UdpPeer.open(sipPort, 0) : TcpPeer.open(sipPort, 0));
    const ports = [await freeEarPort(), await freeEarPort(), await freeEarPort()];
    const mouths = ports.map((port) =>
      ToneSender.open({ address: "127.0.0.1", port, law: "pcmu", ssrc: port }),
    );
    return new Client(peer, await Promise.all(mouths), ports);
  }

  /** INVITE or re-INVITE: a letter for each m-line, `s` sends and `-` does not; with metadata or without. */
  async offer(streams: string, xml?: string): Promise<string> {
    this.#version += 1;
    const lines = [...streams].map((letter, index): OfferedStream => {
      const direction = letter === "s" ? "sendonly" : "inactive";
      return { label: `${index + 1}`, port: this.#ports[index] ?? 0, direction };
    });
    const sdp = recordingSdp(lines, this.#version).replaceAll("192.0.2.10", "127.0.0.1");
    const body = xml === undefined ? { text: sdp } : recordingBody(sdp, xml);
    const answer = await this.#request(
      "INVITE",
      body.text,
      "contentType" in body ? body.contentType : undefined,
    );
    this.#targets = [...answer.body.matchAll(/^m=audio (\d+)/gm)].map((match) => Number(match[1]));
    return (answer.body.match(/a=(?:recvonly|inactive)/g) ?? []).join(" ");
  }

  /** Metadata alone. */
  async tell(method: "INVITE" | "UPDATE" | "INFO", change: Change): Promise<void> {
    await this.#request(method, metadata(change), METADATA);
  }

  /** A tone on each of these labels at once. */
  async speak(tone: number, ...labels: readonly number[]): Promise<void> {
    for (const label of labels) {
      this.#mouths[label - 1]?.play(tone, this.#targets[label - 1] ?? 0);
    }
    const isHeard = async (): Promise<true | undefined> => {
      const said = await listening.said();
      return labels.every((label) => said.includes(`${label}: tone ${tone}`)) ? true : undefined;
    };
    await eventually(`tone ${tone}`, isHeard, 8000);
    for (const mouth of this.#mouths) {
      mouth.quiet();
    }
  }

  async end(): Promise<RecordingLog> {
    expect((await this.call.exchange("BYE")).status).toBe(200);
    await Promise.all(this.#mouths.map((mouth) => mouth.close()));
    await this.#peer.close();
    return listening.logOf(this.call.callId);
  }

  async #request(
    method: string,
    body: string,
    contentType = "application/sdp",
  ): Promise<RawMessage> {
    const answer = await this.call.exchange(method, { body, contentType });
    expect(answer.status).toBe(200);
    if (method === "INVITE") {
      this.call.learn(answer);
      this.call.send("ACK");
    }
    return answer;
  }
}

describe.each(["UDP", "TCP"] as const)("a recording session over %s", (transport) => {
  it("says who said what, whoever comes, goes and takes over meanwhile", async () => {
    const client = await Client.open(transport);
    const first = metadata({ mode: "complete", speaks: { pat: "1", alex: "2" } });
    expect(await client.offer("--", first)).toBe("a=inactive a=inactive");
    expect(await client.offer("ss")).toBe("a=recvonly a=recvonly");
    await client.speak(1, 1, 2);
    // Hold: the agent's side pauses, the customer's goes on; then it resumes.
    expect(await client.offer("s-")).toBe("a=recvonly a=inactive");
    await client.speak(2, 1);
    expect(await client.offer("ss")).toBe("a=recvonly a=recvonly");
    await client.speak(3, 2);
    // A supervisor joins on a stream of her own.
    const joined = metadata({ mode: "partial", speaks: { sue: "3" } });
    expect(await client.offer("sss", joined)).toBe("a=recvonly a=recvonly a=recvonly");
    await client.speak(4, 1, 3);
    // Transfer: the agent leaves, another one takes over the stream.
    await client.tell("UPDATE", { mode: "partial", speaks: { bea: "2" }, leaves: ["alex"] });
    await client.speak(5, 2);
    // The supervisor leaves by a bare body, and the bridge exchanges the sides of the other two.
    await client.tell("INFO", { mode: "partial", leaves: ["sue"] });
    expect(await client.offer("ss-")).toBe("a=recvonly a=recvonly a=inactive");
    await client.tell("INVITE", { mode: "complete", speaks: { bea: "1", pat: "2" } });
    await client.speak(6, 1);
    await client.speak(7, 2);
    const log = await client.end();
    const told = log.transcript.map(
      ({ participantId, role, text }) => `${participantId} ${role} ${text}`,
    );
    expect(
      told.toSorted(
        (one, other) => one.slice(-1).localeCompare(other.slice(-1)) || one.localeCompare(other),
      ),
    ).toEqual([
      "1 customer tone 1",
      "2 agent tone 1",
      "1 customer tone 2",
      "2 agent tone 3",
      "1 customer tone 4",
      "3 agent tone 4",
      "2 agent tone 5",
      "1 agent tone 6",
      "2 customer tone 7",
    ]);
    expect(log.participants.map(({ id, role, name }) => [id, role, name])).toEqual([
      ["1", "agent", "bea"],
      ["2", "customer", "pat"],
      ["3", "unknown", null],
    ]);
    expect(log.stats.packetsLost).toBe(0);
  });
});
