/** The protocol of the OpenAI stand-in, apart from any socket: messages in, messages out, on an injected clock. */
import { after, type Clock, type Timer } from "../../../src/core/clock.ts";
import type { AudioFormat } from "../../../src/ports/realtime-model.ts";
import type { SeededRandom } from "../seeded-random.ts";
import { type ClientEvent, clientEvent, type SessionRequest } from "./client-events.ts";
import { ResponseRun } from "./response-run.ts";
import type { OpenAiScript, ScriptedAnswer } from "./script.ts";
import { StandInEar } from "./voice.ts";

/** Length of a turn that the stand-in claims to hear. */
const CLAIMED_TURN_MS = 600;

/** A truncation that was asked for. */
export interface Truncation {
  readonly itemId: string;
  readonly audioEndMs: number;
  /** Audio of the item that had been sent by then. */
  readonly sentMs: number;
}

/** What the brain speaks through. */
export interface BrainOptions {
  readonly clock: Clock;
  readonly random: SeededRandom;
  readonly script: OpenAiScript;
  readonly model: string;
  readonly send: (message: string | Uint8Array) => void;
  readonly close: (code: number) => void;
}

/** One session. What it saw is public, for tests to look at. */
export class OpenAiBrain {
  /** Types of the client's messages, appends left out. */
  readonly received: string[] = [];
  readonly truncations: Truncation[] = [];
  /** Errors it answered with: misuse of the protocol by the client. */
  readonly errors: string[] = [];
  readonly toolOutputs = new Map<string, string>();
  /** Texts of items the client created. */
  readonly userTexts: string[] = [];
  /** Messages the client put into the conversation, as `role: text`. */
  readonly messages: string[] = [];
  /** Turns of the caller that the client took out of the conversation. */
  readonly deletedTurns: string[] = [];
  readonly instructions: (string | undefined)[] = [];
  session: SessionRequest | undefined;
  appends = 0;
  readonly #options: BrainOptions;
  readonly #items = new Map<string, ResponseRun>();
  readonly #calls = new Set<string>();
  readonly #turnItems = new Set<string>();
  readonly #timers = new Set<Timer>();
  #format: AudioFormat = { encoding: "pcm16", rateHz: 24_000 };
  #ear: StandInEar | undefined;
  #run: ResponseRun | undefined;
  #nextAnswer = 0;
  #serial = 0;
  #turns = 0;
  #turnStartMs = 0;
  #expiresAtS: number | undefined;
  #over = false;

  constructor(options: BrainOptions) {
    this.#options = options;
  }

  /** The upgrade was accepted. */
  start(): void {
    const { clock, script } = this.#options;
    if (script.sessionMs !== undefined) {
      this.#expiresAtS = (clock.wallMs() + script.sessionMs) / 1000;
      this.#after(script.sessionMs, () => this.#expire());
    }
    if (script.mute !== true) {
      this.#emit({ type: "session.created", session: this.#describeSession() });
    }
  }

  /** The socket is gone. */
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
    const result = clientEvent.safeParse(parseJson(text));
    if (result.success) {
      this.#handle(result.data);
    } else {
      const { path, message } = result.error.issues[0] ?? { path: [], message: "" };
      this.#refuse("invalid_event", `${path.join(".")}: ${message}`, undefined);
    }
  }

  #handle(event: ClientEvent): void {
    if (event.type === "input_audio_buffer.append") {
      this.appends += 1;
      this.#ear?.push(Buffer.from(event.audio, "base64"), (change) => this.#onTurn(change));
      return;
    }
    this.received.push(event.type);
    switch (event.type) {
      case "session.update":
        this.#update(event);
        break;
      case "conversation.item.create":
        this.#createItem(event);
        break;
      case "conversation.item.truncate":
        this.#truncate(event);
        break;
      case "conversation.item.delete":
        this.#deleteItem(event);
        break;
      case "response.create":
        this.#create(event);
        break;
      case "response.cancel":
        this.#cancel(event.event_id);
        break;
      default:
    }
  }

  #update({ event_id, session }: Extract<ClientEvent, { type: "session.update" }>): void {
    const { script } = this.#options;
    if (script.refuseSettings !== undefined) {
      this.#refuse(script.refuseSettings, "the script refuses the settings", event_id);
      return;
    }
    this.session = session;
    const format = session.audio?.input?.format;
    if (format !== undefined) {
      this.#format =
        format.type === "audio/pcm"
          ? { encoding: "pcm16", rateHz: 24_000 }
          : { encoding: format.type === "audio/pcmu" ? "pcmu" : "pcma", rateHz: 8000 };
    }
    const detects = session.audio?.input?.turn_detection !== null;
    this.#ear = detects ? new StandInEar(this.#format, script.vad ?? {}) : undefined;
    this.#after(script.readyDelayMs ?? 0, () => this.#onReady());
  }

  #after(delayMs: number, callback: () => void): void {
    const timer = after(this.#options.clock, delayMs, () => {
      this.#timers.delete(timer);
      callback();
    });
    this.#timers.add(timer);
  }

  /** The session reached its limit. */
  #expire(): void {
    const error = { type: "invalid_request_error", code: "session_expired", message: "expired" };
    this.#emit({ type: "error", error });
    this.#options.close(1001);
  }

  #onReady(): void {
    const { errorWhenReady, garbage } = this.#options.script;
    this.#emit({ type: "session.updated", session: this.#describeSession() });
    for (const message of garbage ?? []) {
      this.#options.send(message);
    }
    if (errorWhenReady !== undefined) {
      this.#emit({ type: "error", error: { ...errorWhenReady, message: "as scripted" } });
    }
  }

  #onTurn(change: "started" | "stopped"): void {
    const heardMs = this.#ear?.heardMs ?? 0;
    const itemId = `item_turn_${this.#turns}`;
    if (change === "started") {
      this.#turnStartMs = heardMs;
      this.#emit({
        type: "input_audio_buffer.speech_started",
        audio_start_ms: heardMs,
        item_id: itemId,
      });
      if (this.session?.audio?.input?.turn_detection?.interrupt_response !== false) {
        this.#run?.cancel("turn_detected");
      }
      return;
    }
    this.#turns += 1;
    this.#emit({
      type: "input_audio_buffer.speech_stopped",
      audio_end_ms: heardMs,
      item_id: itemId,
    });
    this.#turnItems.add(itemId);
    this.#emit({ type: "input_audio_buffer.committed", item_id: itemId });
    this.#transcribe(itemId, heardMs - this.#turnStartMs);
    if (this.session?.audio?.input?.turn_detection?.create_response !== false) {
      this.#respond(this.#scriptedAnswer());
    }
  }

  #transcribe(itemId: string, lengthMs: number): void {
    if (this.session?.audio?.input?.transcription === undefined) {
      return;
    }
    const type = "conversation.item.input_audio_transcription";
    const part = { item_id: itemId, content_index: 0 };
    const transcript = `turn ${this.#turns} of ${lengthMs} ms`;
    this.#emit({ type: `${type}.delta`, ...part, delta: `turn ${this.#turns}` });
    this.#emit({ type: `${type}.completed`, ...part, transcript });
  }

  #createItem({
    event_id,
    item,
  }: Extract<ClientEvent, { type: "conversation.item.create" }>): void {
    if (item.type === "function_call_output") {
      if (!this.#calls.delete(item.call_id)) {
        this.#refuse("invalid_tool_call_id", "no such open call", event_id);
        return;
      }
      this.toolOutputs.set(item.call_id, item.output);
    } else {
      const type = item.role === "assistant" ? "output_text" : "input_text";
      for (const content of item.content) {
        const text = "text" in content ? content.text : "";
        if (content.type !== type) {
          this.#refuse("invalid_value", `${content.type} in a message of ${item.role}`, event_id);
          return;
        }
        this.messages.push(`${item.role}: ${text}`);
        this.userTexts.push(...(item.role === "user" ? [text] : []));
      }
    }
    this.#emit({ type: "conversation.item.added", item });
  }

  #deleteItem(event: Extract<ClientEvent, { type: "conversation.item.delete" }>): void {
    if (this.#turnItems.delete(event.item_id)) {
      this.deletedTurns.push(event.item_id);
      this.#emit({ type: "conversation.item.deleted", item_id: event.item_id });
    } else {
      this.#refuse("item_delete_invalid_item_id", "no such item", event.event_id);
    }
  }

  #truncate(event: Extract<ClientEvent, { type: "conversation.item.truncate" }>): void {
    const run = this.#items.get(event.item_id);
    if (run === undefined) {
      this.#refuse("item_truncate_invalid_item_id", "no such item", event.event_id);
      return;
    }
    const { sentMs } = run;
    if (event.audio_end_ms > sentMs) {
      const message = `Audio content of ${sentMs}ms is already shorter than ${event.audio_end_ms}ms`;
      this.#refuse("invalid_value", message, event.event_id);
      return;
    }
    this.truncations.push({ itemId: run.itemId, audioEndMs: event.audio_end_ms, sentMs });
    this.#emit({
      type: "conversation.item.truncated",
      item_id: run.itemId,
      content_index: 0,
      audio_end_ms: event.audio_end_ms,
    });
  }

  #create({ event_id, response }: Extract<ClientEvent, { type: "response.create" }>): void {
    if (this.#run !== undefined) {
      this.#refuse(
        "conversation_already_has_active_response",
        `${this.#run.responseId} is in progress`,
        event_id,
      );
      return;
    }
    this.instructions.push(response?.instructions);
    const said = response?.instructions?.split("\n").slice(1).join("\n");
    this.#respond(said === undefined ? this.#scriptedAnswer() : { text: said });
  }

  #cancel(eventId: string | undefined): void {
    if (this.#run === undefined) {
      this.#refuse("response_cancel_not_active", "no response is in progress", eventId);
    } else {
      this.#run.cancel("client_cancelled");
    }
  }

  #scriptedAnswer(): ScriptedAnswer {
    const answers = this.#options.script.answers ?? [{ text: "This is an answer." }];
    const answer = answers[Math.min(this.#nextAnswer, answers.length - 1)] ?? {};
    this.#nextAnswer += 1;
    return answer;
  }

  #respond(answer: ScriptedAnswer): void {
    const { clock, random, script, close } = this.#options;
    if (this.#run !== undefined) {
      return;
    }
    const run = new ResponseRun({
      clock,
      random,
      script,
      format: this.#format,
      answer,
      answerIndex: this.#serial,
      serial: this.#serial,
      emit: (event) => this.#emit(event),
      onCallerHeard: () => {
        this.#onTurn("started");
        this.#after(CLAIMED_TURN_MS, () => this.#onTurn("stopped"));
      },
      onDone: (done) => {
        this.#run = undefined;
        for (const callId of done.callIds) {
          this.#calls.add(callId);
        }
      },
      closeSocket: close,
    });
    this.#serial += 1;
    this.#run = run;
    this.#items.set(run.itemId, run);
    run.start();
  }

  #refuse(code: string, message: string, eventId: string | undefined): void {
    this.errors.push(`${code}: ${message}`);
    this.#emit({
      type: "error",
      error: {
        type: "invalid_request_error",
        code,
        message,
        param: null,
        event_id: eventId ?? null,
      },
    });
  }

  #describeSession(): Record<string, unknown> {
    const { model } = this.#options;
    const about = { type: "realtime", object: "realtime.session", id: "sess_1", model };
    return { ...about, expires_at: this.#expiresAtS, ...this.session };
  }

  #emit({ type, ...rest }: Record<string, unknown>): void {
    if (this.#over) {
      return;
    }
    const event_id = `event_${this.#options.random.hex(8)}`;
    const order = this.#options.script.keyOrder ?? "typeFirst";
    const ordered = {
      typeFirst: () => ({ type, event_id, ...rest }),
      eventIdFirst: () => ({ event_id, type, ...rest }),
      typeLast: () => ({ ...rest, event_id, type }),
    };
    this.#options.send(JSON.stringify(ordered[order]()));
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
