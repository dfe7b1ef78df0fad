/**
 * A stand-in for Amazon Connect that opens a voice session by A2A: dials us, speaks, and keeps what it hears.
 *
 *   npx tsx test/support/a2a-stand-in.ts --url ws://127.0.0.1:8080/a2a --key KEY [--wav say.wav] [--record heard.wav]
 *     [--rate 8000|16000|24000] [--seconds N] [--dtmf 12#] [--spans]
 */
import { readFileSync, writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { WebSocket } from "ws";
import { Resampler } from "../../src/audio/resampler.ts";
import { readWav, writeWav } from "../../src/audio/wav.ts";
import { SystemClock, sleep } from "../../src/core/clock.ts";
import { ConnectSide, type ConnectSideOptions } from "./a2a/connect-side.ts";

const EXTENSION = "https://docs.aws.amazon.com/connect/a2a/ext/v1";
const SLICE_MS = 20;

/** How to dial. */
export interface A2aDial extends Omit<ConnectSideOptions, "send"> {
  readonly url: string;
  readonly key: string;
}

/** An open session; whoever opens it closes it. */
export class A2aStandIn {
  readonly connect: ConnectSide;
  readonly clock = new SystemClock();
  closeCode: number | undefined;
  /** Whether the extension was confirmed. */
  readonly #socket: WebSocket;
  #playedAtUs: number;
  #playing = true;

  private constructor(socket: WebSocket, dial: A2aDial) {
    this.#socket = socket;
    this.connect = new ConnectSide({
      ...dial,
      send: (text) => {
        if (socket.readyState === WebSocket.OPEN) {
          socket.send(text);
        }
      },
    });
    this.#playedAtUs = this.clock.nowUs();
    socket.on("message", (data) => this.connect.receive(data.toString()));
    socket.on("close", (code) => {
      this.closeCode = code;
      this.#playing = false;
    });
    socket.on("error", () => undefined);
  }

  /** Resolves with the session, or with the status of the refusal. */
  static dial(dial: A2aDial): Promise<A2aStandIn | number> {
    const headers = {
      authorization: `Bearer ${dial.key}`,
      "a2a-extensions": EXTENSION,
      traceparent: "00-550e8400e29b41d4a716446655440000-00f067aa0ba902b7-01",
      tracestate: "connect=parentSpanId:6ba7b810-9dad-11d1-80b4-00c04fd430c8",
    };
    const socket = new WebSocket(dial.url, { headers });
    const standIn = new A2aStandIn(socket, dial);
    return new Promise((resolve, reject) => {
      socket.on("upgrade", (response) => {
        if (response.headers["a2a-extensions"] !== EXTENSION) {
          standIn.connect.complaints.push("the extension was not confirmed");
        }
      });
      socket.on("open", () => {
        void standIn.#play();
        resolve(standIn);
      });
      socket.on("unexpected-response", (_request, response) => {
        response.resume();
        resolve(response.statusCode ?? 0);
      });
      socket.on("error", reject);
    });
  }

  /** Opens the session and the channel. */
  async begin(limitMs = 15_000): Promise<void> {
    this.connect.init();
    await this.until(() => this.connect.response !== undefined, limitMs);
    this.connect.ready();
  }

  /** Speaks samples at the session's rate, in slices, in real time. */
  async speak(samples: Int16Array): Promise<void> {
    const sliceSamples = (this.connect.inputRateHz / 1000) * SLICE_MS;
    const startUs = this.clock.nowUs();
    for (let at = 0, slice = 1; at < samples.length; at += sliceSamples, slice += 1) {
      const piece = samples.slice(at, at + sliceSamples);
      this.connect.speak(new Uint8Array(piece.buffer));
      const dueUs = startUs + slice * SLICE_MS * 1000;
      await sleep(this.clock, Math.max(0, (dueUs - this.clock.nowUs()) / 1000));
    }
  }

  /** Silence, as Connect sends it while nobody speaks. */
  pause(ms: number): Promise<void> {
    return this.speak(new Int16Array((this.connect.inputRateHz / 1000) * ms));
  }

  async until(holds: () => boolean, limitMs = 10_000): Promise<void> {
    const startUs = this.clock.nowUs();
    while (!holds()) {
      if (this.clock.nowUs() - startUs > limitMs * 1000) {
        throw new Error(`waited ${limitMs} ms in vain; errors: ${this.connect.errors.join("; ")}`);
      }
      await sleep(this.clock, 10);
    }
  }

  async close(): Promise<void> {
    this.#playing = false;
    this.#socket.close(1000);
    await this.until(() => this.closeCode !== undefined, 5000).catch(() =>
      this.#socket.terminate(),
    );
  }

  async #play(): Promise<void> {
    while (this.#playing) {
      await sleep(this.clock, SLICE_MS);
      const nowUs = this.clock.nowUs();
      this.connect.play((nowUs - this.#playedAtUs) / 1000);
      this.#playedAtUs = nowUs;
    }
  }
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      url: { type: "string", default: "ws://127.0.0.1:8080/a2a" },
      key: { type: "string", default: "" },
      wav: { type: "string" },
      record: { type: "string" },
      rate: { type: "string", default: "8000" },
      seconds: { type: "string", default: "10" },
      dtmf: { type: "string" },
      spans: { type: "boolean", default: false },
    },
  });
  const rateHz = Number(values.rate);
  const standIn = await A2aStandIn.dial({
    url: values.url,
    key: values.key,
    inputRateHz: rateHz,
    outputRateHz: rateHz,
    wantsSpans: values.spans,
  });
  if (typeof standIn === "number") {
    process.stderr.write(`refused with HTTP ${standIn}\n`);
    process.exitCode = 1;
    return;
  }
  await standIn.begin();
  if (values.wav !== undefined) {
    await standIn.speak(readMono(values.wav, rateHz));
  }
  if (values.dtmf !== undefined) {
    standIn.connect.press(values.dtmf);
  }
  await standIn.pause(Number(values.seconds) * 1000);
  await standIn.close();
  const { played, statuses, interruptions, finish, failure, errors, complaints, spans } =
    standIn.connect;
  if (values.record !== undefined) {
    const heard = Int16Array.from(played);
    writeFileSync(values.record, writeWav(standIn.connect.outputRateHz, [heard]));
  }
  const heardMs = Math.round((played.length / standIn.connect.outputRateHz) * 1000);
  const report = { heardMs, statuses, interruptions, finish, failure, errors, complaints };
  process.stdout.write(`${JSON.stringify({ ...report, spans: spans.length }, undefined, 2)}\n`);
}

function readMono(path: string, rateHz: number): Int16Array {
  const wav = readWav(readFileSync(path));
  const [samples] = wav.samples;
  if (samples === undefined) {
    throw new Error("the WAV has no channel");
  }
  const resampler = new Resampler(wav.rateHz as 8000, rateHz as 8000);
  const target = new Int16Array(Math.ceil((samples.length * rateHz) / wav.rateHz));
  return target.subarray(0, resampler.process(samples, samples.length, target));
}

if (process.argv[1]?.endsWith("a2a-stand-in.ts") === true) {
  await main();
}
