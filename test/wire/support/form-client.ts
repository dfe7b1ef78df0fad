/** A recording client that plays the requests of a fixture, and says a tone on each of its streams. */
import type { ListeningGateway, RecordingLog } from "./listening-gateway.ts";
import { unique } from "./peer-call.ts";
import {
  ackOf,
  byeOf,
  bytesOf,
  type FormDialog,
  type FormRequest,
  keyOf,
  loopbackFor,
  type OfferedLine,
} from "./recorded-form.ts";
import { type RawMessage, TcpPeer, UdpPeer } from "./sip-peer.ts";
import { ToneSender } from "./tone-sender.ts";
import { eventually } from "./waiting.ts";

const HEARD_TIMEOUT_MS = 8000;
let serial = process.pid;

/** One session. */
export class FormClient {
  readonly callId = unique("form-");
  /** `LABEL: TEXT` of all that was said on each stream. */
  readonly expected: string[] = [];
  /** Of the latest offer. */
  lines: readonly OfferedLine[] = [];
  readonly #listening: ListeningGateway;
  readonly #first: FormRequest;
  readonly #peer: UdpPeer | TcpPeer;
  readonly #media: string;
  readonly #mouths = new Map<string, ToneSender>();
  #target: string;
  #to: string | undefined;
  #round = 0;

  private constructor(listening: ListeningGateway, peer: UdpPeer | TcpPeer, first: FormRequest) {
    this.#listening = listening;
    this.#peer = peer;
    this.#first = first;
    serial += 1;
    this.#media = loopbackFor(first, serial);
    this.#target = `sip:record@127.0.0.1:${listening.gateway.sipPort}`;
  }

  static async open(
    listening: ListeningGateway,
    transport: "UDP" | "TCP",
    [first]: readonly FormRequest[],
  ): Promise<FormClient> {
    const { sipPort } = listening.gateway;
    const peer = await (transport === "UDP" ? UdpPeer.open(sipPort, 0) : TcpPeer.open(sipPort, 0));
    if (first === undefined) {
      throw new Error("a form without a request");
    }
    return new FormClient(listening, peer, first);
  }

  /** Sends a request; its final response, acknowledged. */
  async send(request: FormRequest): Promise<RawMessage> {
    this.#peer.sendBytes(bytesOf(request, this.#dialog(), this.#media));
    const isFinal = ({ status = 0, method }: RawMessage): boolean =>
      status >= 200 && method === request.method;
    const answer = await this.#peer.next(isFinal, `answer to ${request.method}`);
    this.#to = answer.header("to") ?? this.#to;
    this.#target = /<([^>]+)>/.exec(answer.header("contact") ?? "")?.[1] ?? this.#target;
    if (request.method === "INVITE") {
      this.#peer.sendBytes(ackOf(request, this.#dialog()));
    }
    if (request.lines.length > 0) {
      this.lines = request.lines;
    }
    return answer;
  }

  /** Each stream that may send says a tone of its own, and is heard. */
  async speak({ lines }: FormRequest, answer: RawMessage): Promise<void> {
    const ports = [...answer.body.matchAll(/^m=\S+ (\d+)/gm)].map((match) => Number(match[1]));
    const mouths = await Promise.all(lines.map((line) => this.#mouthOf(line)));
    this.#round += 1;
    for (const [index, line] of lines.entries()) {
      const tone = (this.#round * 4 + index) % 10;
      if (line.answer === "recvonly") {
        mouths[index]?.play(tone, ports[index] ?? 0);
        this.expected.push(`${keyOf(line, index)}: tone ${tone}`);
      }
    }
    const isHeard = async (): Promise<true | undefined> => {
      const said = await this.#listening.said();
      return this.expected.every((line) => said.includes(line)) ? true : undefined;
    };
    await eventually(this.expected.join(", "), isHeard, HEARD_TIMEOUT_MS);
    for (const mouth of mouths) {
      mouth?.quiet();
    }
  }

  /** BYE, and what is left of the session. */
  async end(): Promise<RecordingLog> {
    const { status } = await this.send(byeOf(this.#first));
    await Promise.all([...this.#mouths.values()].map((mouth) => mouth.close()));
    await this.#peer.close();
    if (status !== 200) {
      throw new Error(`BYE was answered with ${status}`);
    }
    return this.#listening.logOf(this.callId);
  }

  #dialog(): FormDialog {
    return {
      protocol: this.#peer.protocol,
      peerAddress: this.#peer.address,
      target: this.#target,
      callId: this.callId,
      branch: `z9hG4bK${unique("form")}`,
      to: this.#to,
    };
  }

  async #mouthOf(line: OfferedLine): Promise<ToneSender | undefined> {
    if (line.answer === undefined) {
      return undefined;
    }
    const known = this.#mouths.get(`${line.port}`);
    if (known !== undefined) {
      return known;
    }
    const { port, law, ssrc = 0x1000 + port } = line;
    const mouth = await ToneSender.open({ address: this.#media, port, law, ssrc });
    this.#mouths.set(`${line.port}`, mouth);
    return mouth;
  }
}
