/** Amazon Connect's side of an A2A voice session, as its developer guide describes it: what it sends, and what it makes of us. */
import type { SampleRateHz } from "../../../src/audio/frame.ts";
import { fillSine } from "../../../src/audio/signal.ts";
import { toneHz, tonesIn } from "../tones.ts";

const EXT = "https://docs.aws.amazon.com/connect/a2a/ext/v1";
const EVENT = `${EXT}/eventType`;

/** How the session is proposed. */
export interface ConnectSideOptions {
  readonly inputRateHz?: number;
  readonly outputRateHz?: number;
  readonly finishTypes?: readonly string[];
  readonly wantsSpans?: boolean;
  readonly history?: readonly { readonly role: string; readonly text: string }[];
  readonly contactId?: string;
  readonly send: (text: string) => void;
  /** Audio that Connect gathers before the caller hears it. Default: 500 ms. */
  readonly playoutMs?: number;
}

/** What of a span the tests read. */
export interface SeenSpan {
  readonly name: string;
  readonly traceId: string;
  readonly parentSpanId?: string;
  readonly startTimeUnixNano: string;
  readonly endTimeUnixNano: string;
  readonly events?: readonly unknown[];
}

interface Json {
  readonly [field: string]: Json;
}

/** One session; every frame of ours that breaks the contract is a complaint. */
export class ConnectSide {
  readonly contextId = "ctx-1";
  readonly complaints: string[] = [];
  readonly interruptions: string[] = [];
  readonly errors: string[] = [];
  readonly spans: SeenSpan[] = [];
  /** Terminal states of tasks, in order. */
  readonly statuses: string[] = [];
  /** What the caller heard. */
  readonly played: number[] = [];
  response: { readonly statusCode: string; readonly [field: string]: unknown } | undefined;
  finish: { readonly type: string; readonly reason: string } | undefined;
  failure: { readonly errorCode: number; readonly errorCategory: string } | undefined;
  /** Audio that was thrown away when we interrupted; samples. */
  flushed = 0;
  chunks = 0;
  readonly #options: ConnectSideOptions;
  #held: number[] = [];
  #artifactId: string | undefined;
  readonly #closedArtifacts = new Set<string>();
  #requests = 0;
  #over = false;

  constructor(options: ConnectSideOptions) {
    this.#options = options;
  }

  get inputRateHz(): SampleRateHz {
    return this.#rate("audioInputConfiguration", this.#options.inputRateHz ?? 8000);
  }

  get outputRateHz(): SampleRateHz {
    return this.#rate("audioOutputConfiguration", this.#options.outputRateHz ?? 8000);
  }

  init(changes: object = {}): void {
    const { inputRateHz = 8000, outputRateHz = 8000, history = [] } = this.#options;
    const { finishTypes = ["COMPLETE", "COMPLETE_WITH_ERROR", "ESCALATE"] } = this.#options;
    const initSession = {
      instanceArn: "arn:aws:connect:us-east-1:111122223333:instance/0b1c2d3e",
      contactArn: `arn:aws:connect:us-east-1:111122223333:instance/0b1c2d3e/contact/${this.#options.contactId ?? "contact-1"}`,
      supportedFinishTypes: finishTypes,
      subscribeToTracingEvents: this.#options.wantsSpans === true,
      audioInputConfiguration: audio(inputRateHz),
      audioOutputConfiguration: audio(outputRateHz),
      history: history.map(({ role, text }, index) => ({
        messageId: `h-${index}`,
        role,
        parts: [{ text, mediaType: "text/plain" }],
      })),
      ...changes,
    };
    this.#request([data({ initSession })], "INIT_SESSION");
  }

  ready(): void {
    this.#request([data({ channelState: { state: "READY" } })], "CHANNEL_STATE");
  }

  speak(pcm: Uint8Array): void {
    const raw = Buffer.from(pcm.buffer, pcm.byteOffset, pcm.length).toString("base64");
    this.#request([{ raw, mediaType: "audio/lpcm" }]);
  }

  /** A slice of a tone that goes on from the one before. */
  speakTone(tone: number, ms: number, fromMs = 0): void {
    const samples = new Int16Array((this.inputRateHz / 1000) * ms);
    fillSine(samples, this.inputRateHz, toneHz(tone), 8000, (this.inputRateHz / 1000) * fromMs);
    this.speak(new Uint8Array(samples.buffer));
  }

  press(inputString: string, terminationReason = "END_CHARACTER"): void {
    this.#request(
      [data({ dtmfInputComplete: { inputString, terminationReason } })],
      "DTMF_INPUT_COMPLETE",
    );
  }

  /** Sends a request in pieces. */
  fragmented(frame: string, pieces: number): void {
    const whole = Buffer.from(frame).toString("base64");
    const size = Math.ceil(whole.length / pieces);
    for (let part = pieces - 1; part >= 0; part -= 1) {
      const payload = whole.slice(part * size, (part + 1) * size);
      const fragment = {
        fragmentId: "f-1",
        partNumber: part,
        totalParts: pieces,
        payload,
        encoding: "base64",
      };
      this.#request([data({ fragment })], "FRAGMENT");
    }
  }

  readyFrame(): string {
    return this.#frame([data({ channelState: { state: "READY" } })], "CHANNEL_STATE");
  }

  sendRaw(text: string): void {
    this.#options.send(text);
  }

  /** So much time has passed: what is held beyond the playout delay is heard. */
  play(ms: number): void {
    const held = ((this.#options.playoutMs ?? 500) * this.outputRateHz) / 1000;
    const due = (ms * this.outputRateHz) / 1000;
    const open = this.#artifactId !== undefined;
    const available = open ? Math.max(0, this.#held.length - held) : this.#held.length;
    this.played.push(...this.#held.splice(0, Math.min(due, available)));
  }

  tonesPlayed(): readonly number[] {
    return tonesIn(Int16Array.from(this.played), this.outputRateHz);
  }

  /** A frame of ours. */
  receive(text: string): void {
    if (this.#over) {
      this.complaints.push("a frame after the end");
    }
    const frame = JSON.parse(text) as Json;
    if (frame["error"] !== undefined) {
      this.errors.push(`${String(frame["error"]["code"])} ${String(frame["error"]["message"])}`);
      return;
    }
    const result = frame["result"] ?? {};
    const kinds = ["message", "task", "statusUpdate", "artifactUpdate"].filter(
      (key) => key in result,
    );
    if ((frame["jsonrpc"] as unknown) !== "2.0" || kinds.length !== 1) {
      this.complaints.push("an envelope that is none");
    }
    this.#onMessage(result["message"]);
    this.#onArtifact(result["artifactUpdate"]);
    this.#onStatus(result["statusUpdate"]);
  }

  #onMessage(message: Json | undefined): void {
    const part = message?.["parts"]?.["0"]?.["data"];
    if (part?.["initSessionResponse"] !== undefined) {
      this.response = part["initSessionResponse"] as unknown as NonNullable<
        ConnectSide["response"]
      >;
    }
    if (part?.["interruption"] !== undefined) {
      this.interruptions.push(String(part["interruption"]["type"]));
      this.flushed += this.#held.length;
      this.#held = [];
      this.#closeArtifact();
    }
  }

  #onArtifact(update: Json | undefined): void {
    if (update === undefined) {
      return;
    }
    const artifact = update["artifact"] ?? {};
    const event = artifact["metadata"]?.[EVENT] as unknown;
    if (event === "TRACING_SPAN") {
      const otlp = artifact["parts"]?.["0"]?.["data"]?.["tracingSpan"]?.["otlp"];
      const spans = otlp?.["resourceSpans"]?.["0"]?.["scopeSpans"]?.["0"]?.["spans"];
      this.spans.push(...(spans as unknown as readonly SeenSpan[]));
      return;
    }
    this.#onAudio(update, artifact);
  }

  #onAudio(update: Json, artifact: Json): void {
    const id = String(artifact["artifactId"]);
    const append = update["append"] as unknown;
    this.chunks += 1;
    if (this.#closedArtifacts.has(id)) {
      this.complaints.push(`artifact ${id} goes on after its end`);
    } else if ((append === true) !== (this.#artifactId === id)) {
      this.complaints.push(`artifact ${id}: append ${String(append)} at the wrong time`);
    }
    this.#artifactId = id;
    const bytes = Buffer.from(String(artifact["parts"]?.["0"]?.["raw"]), "base64");
    for (let at = 0; at + 1 < bytes.length; at += 2) {
      this.#held.push(bytes.readInt16LE(at));
    }
    if ((update["lastChunk"] as unknown) === true) {
      this.#closeArtifact();
    }
  }

  #onStatus(update: Json | undefined): void {
    const status = update?.["status"];
    if (status === undefined) {
      return;
    }
    this.statuses.push(String(status["state"]));
    const part = status["message"]?.["parts"]?.["0"]?.["data"];
    if (part?.["finish"] !== undefined) {
      this.finish = part["finish"] as unknown as NonNullable<ConnectSide["finish"]>;
      this.#over = true;
    }
    if (part?.["error"] !== undefined) {
      this.failure = part["error"] as unknown as NonNullable<ConnectSide["failure"]>;
      this.#over = true;
    }
  }

  #closeArtifact(): void {
    if (this.#artifactId !== undefined) {
      this.#closedArtifacts.add(this.#artifactId);
      this.#artifactId = undefined;
    }
  }

  #rate(direction: string, proposed: number): SampleRateHz {
    const countered = this.response?.[direction] as { sampleRateHertz: number } | undefined;
    return (countered?.sampleRateHertz ?? proposed) as SampleRateHz;
  }

  #request(parts: readonly object[], event?: string): void {
    this.#options.send(this.#frame(parts, event));
  }

  #frame(parts: readonly object[], event?: string): string {
    this.#requests += 1;
    const { contextId } = this;
    const id = `req-${this.#requests}`;
    const metadata = event === undefined ? {} : { [EVENT]: event };
    const message = { messageId: `m-${id}`, contextId, role: "ROLE_USER", parts, metadata };
    return JSON.stringify({ jsonrpc: "2.0", method: "SendMessage", id, params: { message } });
  }
}

function audio(sampleRateHertz: number) {
  return { encoding: "LINEAR_PCM", sampleRateHertz, sampleSizeBits: 16, channelCount: 1 };
}

function data(content: object) {
  return { data: content, mediaType: "application/json" };
}
