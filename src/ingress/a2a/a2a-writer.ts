/** What we send to Connect: JSON-RPC frames with ids of their own. */
import type { Random } from "../../core/random.ts";
import type { RpcId } from "./a2a-frames.ts";
import { type A2aInit, audioConfiguration } from "./a2a-init.ts";
import { A2A_EXTENSION, EVENT_TYPE, type FinishType } from "./a2a-names.ts";

/** Why playout at Connect is to be emptied. */
export type InterruptionType = "USER_AUDIO_INPUT" | "DTMF_INPUT" | "SYSTEM";

/** A piece of one spoken answer. */
export interface AudioChunk {
  readonly taskId: string;
  readonly artifactId: string;
  /** PCM in base64. */
  readonly raw: string;
  readonly append: boolean;
  readonly lastChunk: boolean;
}

/** How a task failed; `code` is that of HTTP. */
export interface TaskFailure {
  readonly code: number;
  readonly category: "DEPENDENCY_FAILURE" | "INTERNAL_ERROR" | "TIMEOUT" | "BAD_REQUEST";
  readonly reason: string;
}

/** Writes the frames of one session. */
export class A2aWriter {
  readonly #random: Random;
  readonly #contextId: string;

  constructor(random: Random, contextId: string) {
    this.#random = random;
    this.#contextId = contextId;
  }

  initResponse(id: RpcId, { input, output }: Pick<A2aInit, "input" | "output">): string {
    const initSessionResponse = {
      statusCode: "200",
      ...(input.countered ? { audioInputConfiguration: audioConfiguration(input.rateHz) } : {}),
      ...(output.countered ? { audioOutputConfiguration: audioConfiguration(output.rateHz) } : {}),
    };
    const message = this.#message("INIT_SESSION_RESPONSE", { initSessionResponse });
    return JSON.stringify({ jsonrpc: "2.0", id, result: { message } });
  }

  interruption(type: InterruptionType, reason: string): string {
    return this.#event({
      message: this.#message("INTERRUPTION", { interruption: { type, reason } }),
    });
  }

  audio({ taskId, artifactId, raw, append, lastChunk }: AudioChunk): string {
    return this.#event({
      artifactUpdate: {
        taskId,
        contextId: this.#contextId,
        artifact: {
          artifactId,
          parts: [{ raw, mediaType: "audio/lpcm" }],
          metadata: { [EVENT_TYPE]: "AUDIO_RESPONSE_CHUNK" },
        },
        append,
        lastChunk,
      },
    });
  }

  /** @param otlp a TracesData document of OpenTelemetry. */
  spans(taskId: string, otlp: unknown): string {
    return this.#event({
      artifactUpdate: {
        taskId,
        contextId: this.#contextId,
        artifact: {
          artifactId: `trace-${this.#random.hex(6)}`,
          parts: [dataPart({ tracingSpan: { otlp } })],
          metadata: { [EVENT_TYPE]: "TRACING_SPAN" },
        },
        append: false,
        lastChunk: true,
      },
    });
  }

  /** The end of a turn that goes on with the next. */
  turnCompleted(taskId: string, atMs: number): string {
    return this.#status(taskId, atMs, { state: "TASK_STATE_COMPLETED" });
  }

  finish(
    taskId: string,
    atMs: number,
    { type, reason }: { readonly type: FinishType; readonly reason: string },
  ): string {
    const message = this.#statusMessage("FINISH", { finish: { type, reason } });
    return this.#status(taskId, atMs, { state: "TASK_STATE_COMPLETED", message });
  }

  failed(taskId: string, atMs: number, { code, category, reason }: TaskFailure): string {
    const error = { errorCode: code, errorReason: reason, errorCategory: category };
    const message = this.#statusMessage("ERROR", { error });
    return this.#status(taskId, atMs, { state: "TASK_STATE_FAILED", message });
  }

  #status(taskId: string, atMs: number, status: Readonly<Record<string, unknown>>): string {
    const timestamp = new Date(atMs).toISOString();
    const statusUpdate = { taskId, contextId: this.#contextId, status: { ...status, timestamp } };
    return this.#event({ statusUpdate });
  }

  #statusMessage(event: string, data: unknown) {
    return {
      messageId: this.#random.uuid(),
      role: "ROLE_AGENT",
      parts: [dataPart(data)],
      metadata: { [EVENT_TYPE]: event },
    };
  }

  #message(event: string, data: unknown) {
    return {
      messageId: this.#random.uuid(),
      contextId: this.#contextId,
      role: "ROLE_AGENT",
      parts: [dataPart(data)],
      extensions: [A2A_EXTENSION],
      metadata: { [EVENT_TYPE]: event },
    };
  }

  #event(result: unknown): string {
    return JSON.stringify({ jsonrpc: "2.0", id: this.#random.hex(4), result });
  }
}

function dataPart(data: unknown) {
  return { data, mediaType: "application/json" };
}

/** A request that is not carried out, and why; A2A v1.0 wants the reason as a google.rpc.ErrorInfo too. */
export function rpcError(
  id: RpcId,
  code: number,
  refusal: { why: string; reason: string },
): string {
  const info = {
    "@type": "type.googleapis.com/google.rpc.ErrorInfo",
    reason: refusal.reason,
    domain: "a2a-protocol.org",
  };
  return JSON.stringify({
    jsonrpc: "2.0",
    id,
    error: { code, message: refusal.why, data: [info] },
  });
}
