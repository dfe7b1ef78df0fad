/** Ears and mouth of a SIP user agent that has none: a UDP socket that its SDP names, with G.711 and telephone-event. */
import { randomBytes } from "node:crypto";
import dgram from "node:dgram";
import { decodeG711, encodeG711, type G711Law, SILENCE_BYTE } from "../../../src/audio/g711.ts";
import { DtmfSender } from "../../../src/rtp/dtmf.ts";
import {
  addTimestamp,
  nextSequence,
  RTP_HEADER_BYTES,
  timestampDelta,
  writeRtpHeader,
} from "../../../src/rtp/packet.ts";
import { freeEarPort } from "./free-ports.ts";
import { type HeardPacket, readHeard } from "./heard-packet.ts";

const PACKET_MS = 20;
const PACKET_SAMPLES = 160;
const EVENT_TYPE = 101;

interface Utterance {
  readonly samples: Int16Array;
  offset: number;
  startedMs: number;
  readonly onSaid: (said: Said) => void;
}

/** When words went out. */
export interface Said {
  /** `performance.now()` when the first packet was sent. */
  readonly fromMs: number;
  readonly toMs: number;
}

/** Records all it hears, and sends one packet each 20 ms from the moment it knows where to. */
export class RtpEar {
  readonly port: number;
  readonly heard: HeardPacket[] = [];
  /** Datagrams that are neither RTP nor RTCP. */
  strangeDatagrams = 0;
  readonly #law: G711Law;
  readonly #socket: dgram.Socket;
  readonly #dtmf = new DtmfSender();
  readonly #utterances: Utterance[] = [];
  readonly #packet = new Uint8Array(RTP_HEADER_BYTES + PACKET_SAMPLES);
  readonly #ssrc = randomBytes(4).readUInt32BE();
  #sequence = randomBytes(2).readUInt16BE();
  #timestamp = randomBytes(4).readUInt32BE();
  #remotePort: number | undefined;
  #timer: NodeJS.Timeout | undefined;
  #dueMs = 0;
  #muted = false;

  private constructor(port: number, law: G711Law, socket: dgram.Socket) {
    this.port = port;
    this.#law = law;
    this.#socket = socket;
    socket.on("message", (bytes, { port: remotePort }) => this.#onDatagram(bytes, remotePort));
  }

  static async open(law: G711Law = "pcmu"): Promise<RtpEar> {
    const port = await freeEarPort();
    const socket = dgram.createSocket({ type: "udp4", recvBufferSize: 1 << 20 });
    await new Promise<void>((resolve, reject) => {
      socket.once("error", reject);
      socket.bind(port, "127.0.0.1", resolve);
    });
    return new RtpEar(port, law, socket);
  }

  /** Speaks 8 kHz samples after what is queued already. */
  say(samples: Int16Array): Promise<Said> {
    return new Promise((resolve) => {
      this.#utterances.push({ samples, offset: 0, startedMs: 0, onSaid: resolve });
    });
  }

  /** Presses keys by telephone-event, after the words under way. */
  press(digits: string): void {
    this.#dtmf.send(digits);
  }

  /** Sends nothing at all until told otherwise: a phone on hold. */
  mute(muted: boolean): void {
    this.#muted = muted;
  }

  /** What was heard from the packet of index `from` on, laid out by RTP timestamp; what is missing is silence. */
  samples(from = 0, to = this.heard.length): Int16Array {
    const packets = this.heard
      .slice(from, to)
      .filter((packet) => packet.payloadType !== EVENT_TYPE);
    const [first] = packets;
    if (first === undefined) {
      return new Int16Array(0);
    }
    const offsets = packets.map(({ rtpTimestamp }) =>
      timestampDelta(rtpTimestamp, first.rtpTimestamp),
    );
    const samples = new Int16Array(Math.max(...offsets) + PACKET_SAMPLES);
    packets.forEach(({ payload }, i) => {
      const offset = offsets[i] as number;
      if (offset >= 0 && offset + payload.length <= samples.length) {
        decodeG711(this.#law, payload, 0, payload.length, samples, offset);
      }
    });
    return samples;
  }

  close(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    return new Promise((resolve) => this.#socket.close(() => resolve()));
  }

  #onDatagram(bytes: Buffer, remotePort: number): void {
    const packet = readHeard(bytes);
    if (packet === "rtcp") {
      return;
    }
    if (packet === "strange") {
      this.strangeDatagrams += 1;
      return;
    }
    this.heard.push(packet);
    if (this.#remotePort !== remotePort) {
      this.#remotePort = remotePort;
      this.#dueMs = packet.atMs;
      clearTimeout(this.#timer);
      this.#sendDue();
    }
  }

  #sendDue(): void {
    while (performance.now() >= this.#dueMs) {
      this.#sendOne();
      this.#dueMs += PACKET_MS;
    }
    this.#timer = setTimeout(() => this.#sendDue(), Math.max(0, this.#dueMs - performance.now()));
  }

  #sendOne(): void {
    if (!this.#muted && !this.#sendEvent()) {
      const packet = this.#packet.fill(SILENCE_BYTE[this.#law], RTP_HEADER_BYTES);
      const isFirst = this.#fillVoice(packet);
      this.#send(0, isFirst ? 1 : 0, this.#timestamp, PACKET_SAMPLES);
    }
    this.#timestamp = addTimestamp(this.#timestamp, PACKET_SAMPLES);
  }

  #sendEvent(): boolean {
    if (this.#utterances.length > 0 || !this.#dtmf.active) {
      return false;
    }
    const eventBytes = this.#dtmf.pull(this.#timestamp, this.#packet, RTP_HEADER_BYTES);
    if (eventBytes > 0) {
      this.#send(EVENT_TYPE, this.#dtmf.marker, this.#dtmf.rtpTimestamp, eventBytes);
    }
    return eventBytes > 0;
  }

  /** `true` for the first packet of an utterance. */
  #fillVoice(packet: Uint8Array): boolean {
    const [current] = this.#utterances;
    if (current === undefined) {
      return false;
    }
    const nowMs = performance.now();
    const { samples, offset } = current;
    if (offset === 0) {
      current.startedMs = nowMs;
    }
    const count = Math.min(PACKET_SAMPLES, samples.length - offset);
    encodeG711(this.#law, samples, offset, count, packet, RTP_HEADER_BYTES);
    current.offset += count;
    if (current.offset === samples.length) {
      this.#utterances.shift();
      current.onSaid({ fromMs: current.startedMs, toMs: nowMs });
    }
    return offset === 0;
  }

  #send(type: number, marker: 0 | 1, rtpTimestamp: number, payloadBytes: number): void {
    writeRtpHeader(this.#packet, type, marker, this.#sequence, rtpTimestamp, this.#ssrc);
    this.#sequence = nextSequence(this.#sequence);
    this.#socket.send(this.#packet.slice(0, RTP_HEADER_BYTES + payloadBytes), this.#remotePort);
  }
}
