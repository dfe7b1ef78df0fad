/** A recording client whose customer says numbered words on real RTP, each with a marker in its very last sample. */
import dgram from "node:dgram";
import { encodeG711, SILENCE_BYTE } from "../../../src/audio/g711.ts";
import { WORD_MS, WORD_PAUSE_MS, wordSamples } from "../../support/numbered-words.ts";
import {
  answeredPorts,
  recordingBody,
  recordingSdp,
  recordingXml,
} from "../../support/recording-client.ts";
import { RtpStream } from "../../support/rtp-packets.ts";
import type { GatewayProcess } from "./gateway-process.ts";
import { PeerCall } from "./peer-call.ts";
import { UdpPeer } from "./sip-peer.ts";
import { eventually } from "./waiting.ts";

const PTIME_MS = 20;
const PACKET_SAMPLES = 160;
/** Of PCMU the loudest positive sample, 32,124; no word comes near it. */
const MARKER_CODE = 0x80;
/** What ears may take for the marker. */
export const MARKER_SAMPLE = 32_000;
const SILENCE = new Uint8Array(PACKET_SAMPLES).fill(SILENCE_BYTE.pcmu);
const PEOPLE = [
  { id: "customer", label: "1" },
  { id: "agent", label: "2" },
];

interface Mouth {
  readonly socket: dgram.Socket;
  readonly rtp: RtpStream;
  port: number;
}

interface WordUnderWay {
  readonly codes: Uint8Array;
  at: number;
  readonly onSent: (wallMs: number) => void;
}

/** What the gateway's ears write down for a word. */
export function textOf(word: number): string {
  return `word ${word}`;
}

/** One word without its pause, whose last sample is the marker. */
function wordCodes(word: number): Uint8Array {
  const samples = wordSamples(word);
  const codes = new Uint8Array(((WORD_MS - WORD_PAUSE_MS) / PTIME_MS) * PACKET_SAMPLES);
  encodeG711("pcmu", samples, 0, codes.length, codes, 0);
  codes[codes.length - 1] = MARKER_CODE;
  return codes;
}

/** Two streams in real time: the customer speaks when told to, the agent is silent. Whoever calls hangs up. */
export class RecordedSpeaker {
  /** Of the gateway. */
  readonly callId: string;
  readonly sipCallId: string;
  readonly #peer: UdpPeer;
  readonly #dialog: PeerCall;
  readonly #mouths: readonly Mouth[];
  readonly #startedMs = performance.now();
  #packets = 0;
  #timer: NodeJS.Timeout | undefined;
  #word: WordUnderWay | undefined;

  private constructor(
    callId: string,
    { peer, dialog, mouths }: { peer: UdpPeer; dialog: PeerCall; mouths: readonly Mouth[] },
  ) {
    this.callId = callId;
    this.sipCallId = dialog.callId;
    this.#peer = peer;
    this.#dialog = dialog;
    this.#mouths = mouths;
    this.#arm();
  }

  /** Resolves when the gateway has answered; one call of a test at a time. */
  static async call(gateway: GatewayProcess): Promise<RecordedSpeaker> {
    const before = new Set((await gateway.calls()).map(({ callId }) => callId));
    const mouths = await Promise.all(PEOPLE.map((_, index) => openMouth(index)));
    const streams = PEOPLE.map(({ label }, index) => ({
      label,
      port: mouths[index]?.socket.address().port ?? 0,
    }));
    const sdp = recordingSdp(streams).replaceAll("192.0.2.10", "127.0.0.1");
    const body = recordingBody(sdp, recordingXml(PEOPLE));
    const peer = await UdpPeer.open(gateway.sipPort, 0);
    const dialog = new PeerCall(peer, gateway.sipPort, "record");
    dialog.contact = `${dialog.contact};+sip.src`;
    const answer = await dialog.establish({
      body: body.text,
      contentType: body.contentType ?? "",
      headers: ["Require: siprec"],
    });
    for (const [index, port] of answeredPorts(answer.body).entries()) {
      (mouths[index] as Mouth).port = port;
    }
    const callId = await eventually("the call", async () =>
      (await gateway.calls()).map((call) => call.callId).find((id) => !before.has(id)),
    );
    return new RecordedSpeaker(callId, { peer, dialog, mouths });
  }

  /** Says a word; resolves with the wall time at which its last sample was given to the network. */
  say(word: number): Promise<number> {
    return new Promise((resolve) => {
      this.#word = { codes: wordCodes(word), at: 0, onSent: resolve };
    });
  }

  /** BYE. */
  async hangUp(): Promise<void> {
    clearTimeout(this.#timer);
    await this.#dialog.exchange("BYE");
    await this.#peer.close();
    await Promise.all(
      this.#mouths.map(({ socket }) => new Promise<void>((done) => socket.close(() => done()))),
    );
  }

  /** By the beginning, never by the packet before: what a busy machine was late with is made up for at once. */
  #arm(): void {
    const dueMs = this.#startedMs + (this.#packets + 1) * PTIME_MS;
    this.#timer = setTimeout(
      () => {
        this.#sendNext();
        this.#arm();
      },
      Math.max(0, dueMs - performance.now()),
    );
  }

  #sendNext(): void {
    this.#packets += 1;
    const word = this.#word;
    const codes = word?.codes.subarray(word.at, word.at + PACKET_SAMPLES) ?? SILENCE;
    const [customer, agent] = this.#mouths;
    send(agent, SILENCE);
    send(customer, codes);
    if (word !== undefined) {
      word.at += PACKET_SAMPLES;
      if (word.at >= word.codes.length) {
        this.#word = undefined;
        word.onSent(Date.now());
      }
    }
  }
}

function send(mouth: Mouth | undefined, codes: Uint8Array): void {
  if (mouth !== undefined) {
    mouth.socket.send(mouth.rtp.packet(0, codes), mouth.port, "127.0.0.1");
    mouth.rtp.rest(PTIME_MS);
  }
}

async function openMouth(index: number): Promise<Mouth> {
  const socket = dgram.createSocket("udp4");
  socket.on("message", () => undefined);
  await new Promise<void>((resolve) => socket.bind(0, "127.0.0.1", resolve));
  return { socket, rtp: new RtpStream({ ssrc: 0x2000 + index }), port: 0 };
}
