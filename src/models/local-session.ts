/** One conversation of the local model: caller's turns and keys into the dialogue, the dialogue's steps into audio. */
import { after, type Clock, type Timer } from "../core/clock.ts";
import type { Dialogue } from "../ports/dialogue.ts";
import type {
  ModelFailure,
  ModelSession,
  ModelSessionOptions,
  ModelSink,
} from "../ports/realtime-model.ts";
import { DEFAULT_DIALOGUE } from "./default-dialogue.ts";
import {
  advanceDialogue,
  type DialogueAction,
  type DialogueInput,
  type DialogueState,
  expectedPhrases,
  startState,
} from "./dialogue-runner.ts";
import { greetedDialogue, openingText } from "./opening.ts";
import { SessionOutput } from "./session-output.ts";
import type { SpeechRecogniser } from "./speech-recogniser.ts";
import { StepSpeaker, seconds } from "./step-speaker.ts";
import { type CallerTurn, TurnListener } from "./turn-listener.ts";
import { TurnReader } from "./turn-reader.ts";
import type { Voice } from "./voice.ts";

/** What a session takes from its model. */
export interface LocalSessionContext {
  readonly clock: Clock;
  readonly voice: Voice;
  readonly recogniser: SpeechRecogniser | undefined;
}

/** Begins to speak on the turn of the event loop after `start`. */
export class LocalSession implements ModelSession {
  readonly resumption = undefined;
  readonly #clock: Clock;
  readonly #voice: Voice;
  readonly #greeting: string | undefined;
  /** Another model has spoken with the caller before. */
  readonly #joinsLater: boolean;
  readonly #dialogue: Dialogue;
  readonly #output: SessionOutput;
  readonly #speaker: StepSpeaker;
  readonly #listener: TurnListener;
  readonly #reader: TurnReader;
  #state: DialogueState;
  /** The item that says the current step; `undefined` while listening. */
  #stepItemId: string | undefined;
  #lastWords: CallerTurn | undefined;
  /** What the caller is saying needs no answer. */
  #dismissing = false;
  #startTimer: Timer | undefined;
  #silenceTimer: Timer | undefined;
  #silenceMs: number | undefined;
  /** Texts that `say` was given before the session was ready. */
  #earlyTexts: string[] = [];

  constructor(context: LocalSessionContext, options: ModelSessionOptions, sink: ModelSink) {
    const { clock, voice, recogniser } = context;
    const { format } = options;
    this.#clock = clock;
    this.#voice = voice;
    this.#greeting = options.greeting;
    this.#joinsLater = (options.history?.length ?? 0) > 0;
    this.#dialogue = greetedDialogue(options.dialogue ?? DEFAULT_DIALOGUE, options.greeting);
    this.#state = startState(this.#dialogue);
    this.#output = new SessionOutput(sink);
    const output = this.#output;
    const onEmpty = (itemId: string): void => this.played(itemId);
    this.#speaker = new StepSpeaker({ clock, voice, format, output, onEmpty });
    this.#listener = new TurnListener({
      encoding: format.encoding,
      onStarted: () => this.#onSpeechStarted(),
      onStopped: (turn) => this.#onSpeechStopped(turn),
    });
    this.#reader = new TurnReader(recogniser, format, (turn, phrase, overtaken) =>
      this.#onTurnRead(turn, phrase, overtaken),
    );
  }

  /** To be called once; with a `failure`, only that is reported. */
  start(failure: ModelFailure | undefined): void {
    this.#startTimer = after(this.#clock, 0, () => {
      this.#output.open();
      if (failure === undefined) {
        this.#begin();
      } else {
        this.#output.emit((sink) => sink.onFailed(failure));
        this.close();
      }
    });
  }

  pushAudio(bytes: Uint8Array): void {
    if (this.#output.isOpen) {
      this.#listener.push(bytes);
    }
  }

  pushDigit(digit: string): void {
    if (this.#output.isOpen) {
      this.#reader.overtake();
      this.#output.tell("caller", `(pressed ${digit})`, this.#output.nextId("caller"));
      this.#input({ kind: "digit", digit });
    }
  }

  interrupt(itemId: string, _playedMs: number): void {
    if (!this.#output.isOpen) {
      return;
    }
    this.#speaker.stop(itemId);
    if (itemId === this.#stepItemId) {
      this.#stepItemId = undefined;
      this.#input({ kind: "interrupted" });
    }
  }

  dismissSpeech(): void {
    this.#dismissing = this.#listener.talking;
    this.#reader.overtake();
  }

  played(itemId: string): void {
    if (itemId === this.#stepItemId) {
      this.#stepItemId = undefined;
      this.#input({ kind: "said" });
    } else if (this.#state.phase === "listening") {
      this.#awaitAnswer(this.#silenceMs);
    }
  }

  toolResult(_toolCallId: string, _outputJson: string): void {
    // The only tool called ends the call, and its result changes nothing.
  }

  say(text: string): void {
    if (this.#output.isOpen) {
      this.#silenceTimer?.cancel();
      this.#speaker.speak({ itemId: this.#output.nextId("model"), text, echo: undefined });
    } else if (!this.#output.isClosed) {
      this.#earlyTexts.push(text);
    }
  }

  close(): void {
    this.#output.close();
    this.#startTimer?.cancel();
    this.#silenceTimer?.cancel();
    this.#reader.close();
    this.#speaker.close();
  }

  toJSON(): Readonly<Record<string, unknown>> {
    const { phase, step } = this.#state;
    return { phase, step, ...this.#reader.toJSON(), ...this.#listener.toJSON() };
  }

  #begin(): void {
    this.#output.emit((sink) => sink.onReady());
    this.#input({ kind: this.#joinsLater ? "rejoin" : "begin" });
    const texts = this.#earlyTexts;
    this.#earlyTexts = [];
    for (const text of texts) {
      this.say(text);
    }
  }

  #onSpeechStarted(): void {
    this.#silenceTimer?.cancel();
    this.#output.emit((sink) => sink.onSpeechStarted());
  }

  #onSpeechStopped(turn: CallerTurn): void {
    this.#output.emit((sink) => sink.onSpeechStopped());
    const dismissed = this.#dismissing;
    this.#dismissing = false;
    if (!dismissed) {
      this.#reader.read(turn, expectedPhrases(this.#dialogue, this.#state));
    }
  }

  /** A caller who went on speaking is answered once, after the rest; unless these words were clear. */
  #onTurnRead(turn: CallerTurn, phrase: string | undefined, overtaken: boolean): void {
    const text = phrase ?? `(speech, ${seconds(turn.speechMs)})`;
    this.#output.tell("caller", text, this.#output.nextId("caller"));
    this.#lastWords = turn;
    const goesOn = phrase === undefined && this.#listener.talking;
    if (!overtaken && !goesOn) {
      this.#input({ kind: "turn", phrase });
    }
  }

  #input(input: DialogueInput): void {
    if (!this.#output.isOpen) {
      return;
    }
    const { state, action } = advanceDialogue(this.#dialogue, this.#state, input);
    this.#state = state;
    if (action === undefined) {
      return;
    }
    this.#silenceTimer?.cancel();
    this.#endStepItem();
    this.#do(action, input.kind === "begin");
  }

  /** The dialogue moved on: what the last step still had to say is no longer wanted. */
  #endStepItem(): void {
    const itemId = this.#stepItemId;
    this.#stepItemId = undefined;
    if (itemId !== undefined) {
      this.#speaker.stop(itemId);
    }
  }

  #do(action: DialogueAction, isBeginning: boolean): void {
    switch (action.kind) {
      case "speak":
        this.#speakStep(action.step, isBeginning);
        return;
      case "listen":
        this.#awaitAnswer(action.silenceMs);
        return;
      case "hangUp":
        this.#output.emit((sink) => sink.onToolCall(this.#output.nextId("tool"), "hang_up", "{}"));
        return;
    }
  }

  #awaitAnswer(silenceMs: number | undefined): void {
    this.#silenceTimer?.cancel();
    this.#silenceMs = silenceMs;
    if (silenceMs !== undefined && !this.#listener.talking && this.#output.isOpen) {
      this.#silenceTimer = after(this.#clock, silenceMs, () => this.#input({ kind: "silence" }));
    }
  }

  #speakStep(name: string, isBeginning: boolean): void {
    const step = this.#dialogue.steps[name];
    const itemId = this.#output.nextId("model");
    this.#stepItemId = itemId;
    this.#speaker.speak({
      itemId,
      text: isBeginning ? openingText(this.#voice, this.#greeting, step?.say) : step?.say,
      echo: step?.echo === true ? this.#lastWords : undefined,
    });
  }
}
