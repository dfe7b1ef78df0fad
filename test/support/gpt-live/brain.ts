/** The protocol of the GPT-Live stand-in, apart from any socket: messages in, messages out, on an injected clock. */
import { after, type Clock, type Timer } from "../../../src/core/clock.ts";
import type { AudioFormat } from "../../../src/ports/realtime-model.ts";
import type { BrainOutlet, SocketBrain } from "../openai/memory-socket.ts";
import { ResponseRun } from "../openai/response-run.ts";
import type { OpenAiScript, ScriptedAnswer } from "../openai/script.ts";
import { StandInEar } from "../openai/voice.ts";
import type { SeededRandom } from "../seeded-random.ts";
import { type LiveClientEvent, type LiveSessionRequest, liveClientEvent } from "./client-events.ts";

/** What the stand-in does beyond what every OpenAI stand-in does. */
export interface LiveScript extends OpenAiScript {
  /** Sends silence while it says nothing, as a stream that never stops. */
  readonly sendsSilence?: boolean;
  /** How long it talks on when the caller begins to speak. */
  readonly yieldsAfterMs?: number;
}

/** What the brain speaks through. */
export interface LiveBrainOptions extends BrainOutlet {
  readonly clock: Clock;
  readonly random: SeededRandom;
  readonly script: LiveScript;
}

const SILENCE_MS = 100;
/** A silent sample, or half of one. */
const SILENT_CODE = { pcmu: 0xff, pcma: 0xd5, pcm16: 0 } as const;

/** One session. What it saw is public, for tests to look at. */
export class LiveBrain implements SocketBrain {
  /** Types of the client's messages, audio left out. */
  readonly received: string[] = [];
  /** Errors it answered with: misuse of the protocol by the client. */
  readonly errors: string[] = [];
  readonly commentary: string[] = [];
  readonly addedInstructions: string[] = [];
  readonly toolOutputs = new Map<string, string>();
  session: LiveSessionRequest | undefined;
  appends = 0;
  readonly #options: LiveBrainOptions;
  readonly #calls = new Set<string>();
  readonly #timers = new Set<Timer>();
  readonly #waiting: ScriptedAnswer[] = [];
  #format: AudioFormat = { encoding: "pcm16", rateHz: 24_000 };
  #ear: StandInEar | undefined;
  #run: ResponseRun | undefined;
  #nextAnswer = 0;
  #serial = 0;
  #turns = 0;
  #turnStartMs = 0;
  #startedUs = 0;
  #over = false;

  constructor(options: LiveBrainOptions) {
    this.#options = options;
  }

  /** The service says nothing before `session.start`. */
  start(): void {
    this.#startedUs = this.#options.clock.nowUs();
  }

  stop(): void {
    this.#over = true;
    this.#run?.abandon();
    for (const timer of this.#timers) {
      timer.cancel();
    }
  }

  receive(text: string): void {
    if (this.#over || this.#options.script.mute === true) {
      return;
    }
    const result = liveClientEvent.safeParse(parseJson(text));
    if (!result.success) {
      const { path, message } = result.error.issues[0] ?? { path: [], message: "" };
      this.#refuse("unknown_parameter", `${path.join(".")}: ${message}`, undefined);
      return;
    }
    const event = result.data;
    if ((event.type === "session.start") === (this.session !== undefined)) {
      this.#refuse("invalid_event", `${event.type} at the wrong time`, event.event_id);
      return;
    }
    this.#handle(event);
  }

  #handle(event: LiveClientEvent): void {
    if (event.type === "session.input_audio.append") {
      this.appends += 1;
      this.#ear?.push(Buffer.from(event.audio, "base64"), (change) => this.#onCaller(change));
      return;
    }
    this.received.push(event.type);
    switch (event.type) {
      case "session.start":
        this.#onStart(event);
        break;
      case "session.commentary.append":
        this.commentary.push(event.content);
        this.#acknowledge("session.commentary.appended", event.event_id);
        this.#respond({ text: event.content });
        break;
      case "session.instructions.append":
        this.addedInstructions.push(event.content);
        this.#acknowledge("session.instructions.appended", event.event_id);
        this.#respond(this.#scriptedAnswer());
        break;
      case "response.item.create":
        this.#onToolOutput(event);
        break;
      case "response.create":
        this.#onResponseCreate(event.event_id);
        break;
      case "session.close":
        this.#close("close_requested");
        break;
      default:
    }
  }

  #onStart({ event_id, session }: Extract<LiveClientEvent, { type: "session.start" }>): void {
    const { script } = this.#options;
    if (script.refuseSettings !== undefined) {
      this.#refuse(script.refuseSettings, "the script refuses the settings", event_id);
      return;
    }
    this.session = session;
    const format = session.audio?.format;
    if (format !== undefined) {
      this.#format =
        format.type === "audio/pcm"
          ? { encoding: "pcm16", rateHz: format.rate }
          : { encoding: format.type === "audio/pcmu" ? "pcmu" : "pcma", rateHz: 8000 };
    }
    this.#ear = new StandInEar(this.#format, script.vad ?? {});
    this.#after(script.readyDelayMs ?? 0, () => this.#onReady());
  }

  #onReady(): void {
    const { clock, script } = this.#options;
    const sessionMs = script.sessionMs ?? 3_600_000;
    const expires_at = Math.floor((clock.wallMs() + sessionMs) / 1000);
    this.#emit({ type: "session.started", session: { ...this.#resource(), expires_at } });
    this.#after(sessionMs, () => this.#close("expired"));
    for (const message of script.garbage ?? []) {
      this.#options.send(message);
    }
    if (script.errorWhenReady !== undefined) {
      this.#emit({ type: "error", error: { ...script.errorWhenReady, message: "as scripted" } });
    }
    if (script.sendsSilence === true) {
      this.#sendSilence();
    }
  }

  #sendSilence(): void {
    if (this.#run === undefined) {
      const { encoding, rateHz } = this.#format;
      const bytes = (rateHz / 1000) * SILENCE_MS * (encoding === "pcm16" ? 2 : 1);
      const delta = Buffer.alloc(bytes, SILENT_CODE[encoding]).toString("base64");
      this.#options.send(JSON.stringify({ type: "session.output_audio.delta", delta }));
    }
    this.#after(SILENCE_MS, () => this.#sendSilence());
  }

  #onCaller(change: "started" | "stopped"): void {
    const heardMs = this.#ear?.heardMs ?? 0;
    if (change === "started") {
      this.#turnStartMs = heardMs;
      const run = this.#run;
      this.#after(this.#options.script.yieldsAfterMs ?? 300, () => run?.cancel("turn_detected"));
      return;
    }
    this.#turns += 1;
    this.#emit({
      type: "session.input_transcript.delta",
      delta: `turn ${this.#turns} of ${heardMs - this.#turnStartMs} ms`,
      start_ms: this.#turnStartMs,
      end_ms: heardMs,
    });
    this.#respond(this.#scriptedAnswer());
  }

  #onToolOutput(event: Extract<LiveClientEvent, { type: "response.item.create" }>): void {
    if (this.#calls.delete(event.item.call_id)) {
      this.toolOutputs.set(event.item.call_id, event.item.output);
    } else {
      this.#refuse("invalid_tool_call_id", "no such open call", event.event_id);
    }
  }

  #onResponseCreate(eventId: string | null | undefined): void {
    if (this.session?.delegation?.type !== "responses" || this.#calls.size > 0) {
      this.#refuse("invalid_event", "no delegated work that could go on", eventId);
    } else {
      this.#respond(this.#scriptedAnswer());
    }
  }

  #scriptedAnswer(): ScriptedAnswer {
    const answers = this.#options.script.answers ?? [{ text: "This is an answer." }];
    const answer = answers[Math.min(this.#nextAnswer, answers.length - 1)] ?? {};
    this.#nextAnswer += 1;
    return answer;
  }

  /** One thing after the other. */
  #respond(answer: ScriptedAnswer): void {
    const { clock, close, random, script } = this.#options;
    if (this.#run !== undefined) {
      this.#waiting.push(answer);
      return;
    }
    const run = new ResponseRun({
      clock,
      random,
      script: { ...script, speed: script.speed ?? 1 },
      format: this.#format,
      answer,
      answerIndex: this.#serial,
      serial: this.#serial,
      emit: (event) => this.#translate(event),
      onCallerHeard: () => undefined,
      onDone: (done) => this.#onDone(done),
      closeSocket: close,
    });
    this.#serial += 1;
    this.#run = run;
    run.start();
  }

  #onDone(run: ResponseRun): void {
    this.#run = undefined;
    for (const callId of run.callIds) {
      this.#calls.add(callId);
    }
    const next = this.#waiting.shift();
    if (next !== undefined) {
      this.#respond(next);
    }
  }

  /** The events of a response, as this protocol tells them. */
  #translate(event: Record<string, unknown>): void {
    const { item } = event as { item?: Record<string, unknown> };
    switch (event["type"]) {
      case "response.output_audio.delta": {
        const message = { type: "session.output_audio.delta", delta: event["delta"] };
        this.#options.send(JSON.stringify(message));
        break;
      }
      case "response.output_audio_transcript.delta": {
        const now = this.#sessionMs();
        const times = { start_ms: now, end_ms: now + 100 };
        this.#emit({ type: "session.output_transcript.delta", delta: event["delta"], ...times });
        break;
      }
      case "response.output_item.done":
        if (item?.["type"] === "function_call") {
          this.#delegate(item);
        }
        break;
      case "response.done":
        this.#emit({ type: "session.usage.updated", usage: this.#usage() });
        break;
      default:
    }
  }

  #delegate(item: Record<string, unknown>): void {
    const delegation = { id: `dlg_${this.#serial}`, type: "delegation", target: "responses" };
    this.#emit({ type: "session.delegation.created", delegation, offset_ms: this.#sessionMs() });
    this.#emit({
      type: "response.event",
      delegation_id: delegation.id,
      event: { type: "response.output_item.done", output_index: 0, item },
    });
  }

  #close(reason: string): void {
    this.#emit({
      type: "session.closed",
      reason,
      session: this.#resource(),
      usage: this.#usage(),
    });
    this.#options.close(1000);
  }

  #acknowledge(type: string, eventId: string | null | undefined): void {
    const now = this.#sessionMs();
    this.#emit({ type, start_ms: now, end_ms: now, client_event_id: eventId ?? undefined });
  }

  #refuse(code: string, message: string, eventId: string | null | undefined): void {
    this.errors.push(`${code}: ${message}`);
    const error = { type: "invalid_request_error", code, message };
    this.#emit({ type: "error", error: { ...error, client_event_id: eventId ?? undefined } });
  }

  #resource(): Record<string, unknown> {
    return { id: "live_1", status: "active", ...this.session };
  }

  #usage(): Record<string, unknown> {
    return { seconds: Math.round((this.#ear?.heardMs ?? 0) / 1000) };
  }

  #sessionMs(): number {
    return Math.round((this.#options.clock.nowUs() - this.#startedUs) / 1000);
  }

  #after(delayMs: number, callback: () => void): void {
    const timer = after(this.#options.clock, delayMs, () => {
      this.#timers.delete(timer);
      callback();
    });
    this.#timers.add(timer);
  }

  #emit({ type, ...rest }: Record<string, unknown>): void {
    if (!this.#over) {
      const event_id = `event_${this.#options.random.hex(8)}`;
      this.#options.send(JSON.stringify({ type, event_id, ...rest }));
    }
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
