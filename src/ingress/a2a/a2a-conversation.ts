/** What is said to Connect once a session is agreed on: answers, interruptions, spans, and the end. */
import type { MediaFact } from "../../ports/media-facts.ts";
import type { PcmOutput } from "../../ports/pcm-line.ts";
import type { Ending } from "./a2a-ending.ts";
import type { A2aInit } from "./a2a-init.ts";
import { A2aOutlet } from "./a2a-outlet.ts";
import type { A2aSessionOptions } from "./a2a-session-options.ts";
import { A2aSpans, readTraceParent } from "./a2a-spans.ts";
import { A2aWriter } from "./a2a-writer.ts";

/** What a conversation works with. */
export interface A2aConversationOptions extends A2aSessionOptions {
  readonly contextId: string;
  readonly init: A2aInit;
  readonly send: (text: string) => void;
}

/** Of one session. */
export class A2aConversation {
  readonly writer: A2aWriter;
  /** Where the call speaks to. */
  readonly output: PcmOutput;
  readonly #options: A2aConversationOptions;
  readonly #outlet: A2aOutlet;
  readonly #spans: A2aSpans | undefined;

  constructor(options: A2aConversationOptions) {
    const { clock, random, contextId, init, peer, send, onDropped, handshake, target } = options;
    const { rateHz } = init.output;
    this.#options = options;
    this.writer = new A2aWriter(random, contextId);
    this.#outlet = new A2aOutlet({
      clock,
      random,
      writer: this.writer,
      rateHz,
      send,
      bufferedBytes: () => peer.bufferedBytes,
      onDropped: (ms) => onDropped("out", ms),
    });
    this.#spans = init.wantsSpans
      ? new A2aSpans({
          random,
          parent: readTraceParent(handshake.traceparent, handshake.tracestate),
          agent: target.flow,
          withText: options.spanText,
        })
      : undefined;
    this.output = {
      rateHz,
      onAudio: (samples, count, isSpeech) => this.#outlet.onAudio(samples, count, isSpeech),
    };
  }

  onFact(fact: MediaFact): void {
    this.#spans?.onFact(fact);
    if (fact.kind === "bargedIn") {
      const isKey = fact.by === "key";
      this.#outlet.interrupt(isKey ? "DTMF_INPUT" : "USER_AUDIO_INPUT", isKey ? "key" : "speech");
    } else if (fact.kind === "turnPlayed") {
      const { send, clock } = this.#options;
      const taskId = this.#outlet.endTurn();
      const spans = this.#spans?.turn(fact.turn);
      if (taskId !== undefined) {
        if (spans !== undefined) {
          send(this.writer.spans(taskId, spans));
        }
        send(this.writer.turnCompleted(taskId, clock.wallMs()));
      }
    }
  }

  /** The last frame of the session. */
  end(ending: Ending): void {
    const { send, clock, random } = this.#options;
    const taskId = this.#outlet.endTurn() ?? `task-${random.hex(8)}`;
    const atMs = clock.wallMs();
    send(
      ending.kind === "finish"
        ? this.writer.finish(taskId, atMs, ending)
        : this.writer.failed(taskId, atMs, ending.failure),
    );
  }
}
