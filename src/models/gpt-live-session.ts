/** One session with GPT-Live: audio both ways at all times, and the model itself decides when it speaks. */
import type { Logger } from "../core/logger.ts";
import type { ModelSession, ModelSessionOptions, ModelSink } from "../ports/realtime-model.ts";
import { decodeAudio } from "./base64-audio.ts";
import { DigitEntry } from "./digit-entry.ts";
import { GatedSink } from "./gated-sink.ts";
import { LiveAnswers } from "./gpt-live-answers.ts";
import { readLiveAudio } from "./gpt-live-audio.ts";
import { LiveCommands } from "./gpt-live-commands.ts";
import { type LiveEvent, parseLiveEvent } from "./gpt-live-events.ts";
import { classifyLiveClosing } from "./gpt-live-failures.ts";
import { LiveTools } from "./gpt-live-tools.ts";
import { LiveTranscripts } from "./gpt-live-transcripts.ts";
import { LIVE_APPEND_ENVELOPE } from "./gpt-live-wire.ts";
import { type ConnectionSettings, ModelConnection } from "./model-connection.ts";
import { ModelExpiry } from "./model-expiry.ts";
import { ModelUplink } from "./model-uplink.ts";
import {
  classifyClosure,
  classifyError,
  classifyRefusal,
  nameOf,
  settingsRefused,
} from "./openai-failures.ts";
import type { ServerError } from "./openai-server-event.ts";
import { SessionTrouble } from "./openai-trouble.ts";
import { bytesPerMs } from "./openai-wire.ts";

/** What a session needs. */
export interface LiveSessionOptions extends ConnectionSettings {
  readonly logger: Logger;
  readonly session: ModelSessionOptions;
  readonly model: string;
  readonly voice: string | undefined;
  readonly toolModel: string | undefined;
}

/** Speaks the protocol; `start` connects. */
export class LiveSession implements ModelSession {
  readonly resumption = undefined;
  readonly #options: LiveSessionOptions;
  readonly #sink: GatedSink;
  readonly #connection: ModelConnection;
  readonly #uplink = new ModelUplink(LIVE_APPEND_ENVELOPE);
  readonly #answers: LiveAnswers;
  readonly #transcripts: LiveTranscripts;
  readonly #commands: LiveCommands;
  readonly #tools: LiveTools;
  readonly #digits: DigitEntry;
  readonly #expiry: ModelExpiry;
  readonly #trouble: SessionTrouble;
  #usedSeconds = 0;

  constructor(options: LiveSessionOptions, sink: ModelSink) {
    const { clock, session } = options;
    const { format } = session;
    this.#options = options;
    this.#sink = new GatedSink(sink);
    this.#trouble = new SessionTrouble(options.logger);
    this.#expiry = new ModelExpiry(clock, (remainingMs) => this.#sink.onExpiring(remainingMs));
    this.#transcripts = new LiveTranscripts(clock, this.#sink);
    this.#answers = new LiveAnswers({
      clock,
      format,
      bytesPerMs: bytesPerMs(format),
      sink: this.#sink,
      onEnded: (itemId) => this.#transcripts.onAnswerEnded(itemId),
    });
    this.#connection = new ModelConnection({
      ...options,
      // The service owes no event: it may hear a caller and have nothing to say.
      isEventDue: () => false,
      classifyRefusal,
      classifyClosure,
      onOpen: () => this.#onOpen(),
      onMessage: (data, isBinary) => this.#onMessage(data, isBinary),
      onOver: () => this.#onOver(),
      onFailed: (failure) => this.#sink.onFailed(failure),
    });
    this.#commands = new LiveCommands(this.#connection);
    this.#tools = new LiveTools(this.#commands);
    this.#digits = new DigitEntry(clock, (digits) => this.#commands.tellDigits(digits));
  }

  /** Connects; the outcome goes to the sink, later. */
  start(): void {
    this.#connection.start();
  }

  pushAudio(bytes: Uint8Array): void {
    this.#uplink.push(bytes);
  }

  pushDigit(digit: string): void {
    if (this.#connection.alive) {
      this.#digits.push(digit);
    }
  }

  /** The service has no verb for it: the rest of the answer is dropped here, and the model believes it was heard. */
  interrupt(itemId: string): void {
    if (this.#connection.alive) {
      this.#answers.interrupt(itemId);
    }
  }

  dismissSpeech(): void {}

  played(): void {}

  toolResult(toolCallId: string, outputJson: string): void {
    if (this.#connection.alive && !this.#tools.answer(toolCallId, outputJson)) {
      this.#trouble.count("strayToolResults");
    }
  }

  say(text: string): void {
    this.#commands.say(text);
  }

  close(): void {
    this.#sink.shut();
    if (this.#connection.state === "ready") {
      this.#commands.close();
    }
    this.#connection.close();
  }

  toJSON(): Readonly<Record<string, unknown>> {
    const { failure, socket, state } = this.#connection;
    return {
      state,
      format: this.#options.session.format,
      failure,
      ...this.#uplink.toJSON(),
      bufferedBytes: socket?.bufferedBytes,
      usedSeconds: this.#usedSeconds,
      ...this.#answers.toJSON(),
      ...this.#tools.toJSON(),
      ...this.#trouble.toJSON(),
    };
  }

  #onOpen(): void {
    const { model, session, toolModel, voice } = this.#options;
    const { format, history = [], instructions, tools } = session;
    this.#commands.start({ model, instructions, format, voice, toolModel, tools, history });
  }

  #onMessage(data: Buffer, isBinary: boolean): void {
    if (isBinary) {
      this.#trouble.count("malformedEvents");
      return;
    }
    const audio = readLiveAudio(data);
    if (audio === undefined) {
      this.#onEvent(parseLiveEvent(data.toString("utf8")));
    } else {
      this.#onAudio(audio);
    }
  }

  #onAudio(audio: Uint8Array | undefined): void {
    if (audio === undefined) {
      this.#trouble.count("malformedEvents");
    } else if (this.#connection.state === "ready") {
      this.#answers.onAudio(audio);
    }
  }

  #onEvent(event: LiveEvent): void {
    switch (event.kind) {
      case "started":
        this.#onStarted(event.expiresAtS);
        break;
      case "closed":
        this.#connection.fail(classifyLiveClosing(event.reason));
        break;
      case "audioDelta":
        this.#onAudio(decodeAudio(event.base64));
        break;
      case "modelText":
        this.#transcripts.onModelText(event, this.#answers.itemId, this.#answers.speaking);
        break;
      case "callerText":
        this.#transcripts.onCallerText(event);
        break;
      case "toolCall":
        if (this.#tools.onCalled(event.call.callId)) {
          this.#sink.onToolCall(event.call.callId, event.call.name, event.call.argumentsJson);
        }
        break;
      case "usage":
        this.#usedSeconds = event.seconds;
        break;
      case "error":
        this.#onError(event.error);
        break;
      case "unknown":
        this.#trouble.count("unknownEvents");
        break;
      case "malformed":
        this.#trouble.count("malformedEvents");
        break;
      default:
    }
  }

  #onStarted(expiresAtS: number | undefined): void {
    if (this.#connection.state !== "connecting") {
      return;
    }
    if (expiresAtS !== undefined) {
      this.#expiry.set(expiresAtS);
    }
    const { greeting, history = [] } = this.#options.session;
    this.#connection.ready();
    this.#uplink.start(this.#connection.socket);
    if (greeting !== undefined && history.length === 0) {
      this.say(greeting);
    }
    this.#connection.sendEarly();
    this.#digits.start();
    this.#sink.onReady();
  }

  #onError(error: ServerError): void {
    if (this.#connection.state === "connecting") {
      this.#connection.fail(settingsRefused(error));
      return;
    }
    const fatal = classifyError(error);
    if (fatal !== undefined) {
      this.#connection.fail(fatal);
    } else {
      this.#trouble.count("survivedErrors");
      this.#trouble.note("model refused a message", nameOf(error));
    }
  }

  #onOver(): void {
    this.#expiry.stop();
    this.#uplink.stop();
    this.#digits.stop();
    this.#answers.stop();
    this.#transcripts.stop();
  }
}
