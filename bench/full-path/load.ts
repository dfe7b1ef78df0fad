/** The callers: per call one socket, a packet of voice every 20 ms, and a close look at what comes back. */
import dgram from "node:dgram";
import {
  RTP_HEADER_BYTES,
  sequenceDelta,
  sequenceNumber,
  writeRtpHeader,
} from "../../src/rtp/packet.ts";
import { runInTurns, serve, wallUs } from "./child.ts";
import type { LoadSample, Ports } from "./messages.ts";
import { callerVoice, isTone } from "./signals.ts";

const PTIME_US = 20_000;
const FRAME_BYTES = 160;
/** A send may still read its packet while the next ones are written. */
const RING_PACKETS = 8;
const EXAMINE_EVERY = 25;
const voice = callerVoice();
const voiceFrames = voice.length / FRAME_BYTES;

/** One caller. */
class Caller {
  readonly port: number;
  readonly #socket = dgram.createSocket({ type: "udp4", recvBufferSize: 4 * 1024 * 1024 });
  readonly #index: number;
  readonly #ring = Array.from({ length: RING_PACKETS }, () => {
    return new Uint8Array(RTP_HEADER_BYTES + FRAME_BYTES);
  });
  #sent = 0;
  #highest = -1;
  received = 0;
  lost = 0;
  examined = 0;
  withTone = 0;

  constructor(port: number, index: number) {
    this.port = port;
    this.#index = index;
  }

  async open(): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      this.#socket.once("error", reject);
      this.#socket.bind({ port: this.port, address: "127.0.0.1", exclusive: true }, resolve);
    });
    this.#socket.on("error", () => undefined);
    this.#socket.on("message", (bytes) => this.#onPacket(bytes));
  }

  async connect(port: number): Promise<void> {
    await new Promise<void>((resolve) => this.#socket.connect(port, "127.0.0.1", resolve));
  }

  send(): void {
    const n = this.#sent;
    this.#sent += 1;
    const packet = this.#ring[n % RING_PACKETS] as Uint8Array;
    const start = ((n + this.#index * 7) % voiceFrames) * FRAME_BYTES;
    packet.set(voice.subarray(start, start + FRAME_BYTES), RTP_HEADER_BYTES);
    const marker = n === 0 ? 1 : 0;
    writeRtpHeader(packet, 0, marker, n & 0xffff, (n * FRAME_BYTES) >>> 0, 1000 + this.#index);
    this.#socket.send(packet);
  }

  /** Loss is what a jump of the sequence number leaves out; packets on loopback keep their order. */
  #onPacket(bytes: Buffer): void {
    const sequence = sequenceNumber(bytes);
    this.received += 1;
    if (this.#highest >= 0) {
      this.lost += sequenceDelta(sequence, this.#highest) - 1;
    }
    this.#highest = sequence;
    if ((this.received + this.#index) % EXAMINE_EVERY === 0) {
      this.examined += 1;
      this.withTone += isTone(bytes, RTP_HEADER_BYTES) ? 1 : 0;
    }
  }
}

let callers: readonly Caller[] = [];
let sent = 0;
let sentLate = 0;
let originUs = 0;

async function open({ calls, ports }: { calls: number; ports: Ports }): Promise<readonly number[]> {
  callers = Array.from({ length: calls }, (_, i) => new Caller(ports.min + i * 2, i));
  await Promise.all(callers.map((caller) => caller.open()));
  return callers.map((caller) => caller.port);
}

/** Begins to send; the callers are spread evenly over a ptime. */
async function start(targetPorts: readonly number[]): Promise<void> {
  await Promise.all(callers.map((caller, i) => caller.connect(targetPorts[i] ?? 0)));
  originUs = wallUs();
  runInTurns(1, sendDue);
}

function sendDue(): void {
  const elapsedUs = wallUs() - originUs;
  const perPacketUs = PTIME_US / callers.length;
  const due = Math.floor(elapsedUs / perPacketUs);
  while (sent < due) {
    sentLate += elapsedUs - sent * perPacketUs > PTIME_US ? 1 : 0;
    callers[sent % callers.length]?.send();
    sent += 1;
  }
}

function sample(): LoadSample {
  const sums = { received: 0, lost: 0, examined: 0, withTone: 0 };
  for (const { received, lost, examined, withTone } of callers) {
    sums.received += received;
    sums.lost += lost;
    sums.examined += examined;
    sums.withTone += withTone;
  }
  return { sent, sentLate, ...sums };
}

serve({ open, start, sample });
