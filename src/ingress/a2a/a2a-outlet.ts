/** What the caller hears, as Connect wants it: spoken answers in slices, each an artifact of a task, and their ends. */
import type { SampleRateHz } from "../../audio/frame.ts";
import type { Clock } from "../../core/clock.ts";
import type { Random } from "../../core/random.ts";
import type { A2aWriter, InterruptionType } from "./a2a-writer.ts";

/** Audio in one frame: less is faster, and costs a message. */
const SLICE_MS = 40;
const FRAME_MS = 20;
/** Silence within an answer is sent; so much of it ends the artifact. */
const PAUSE_MS = 1000;
/** A peer that takes nothing gets nothing more, beyond this. */
const MAX_BUFFERED_BYTES = 512 * 1024;

/** What an outlet works with. */
export interface A2aOutletOptions {
  readonly clock: Clock;
  readonly random: Random;
  readonly writer: A2aWriter;
  readonly rateHz: SampleRateHz;
  readonly send: (text: string) => void;
  readonly bufferedBytes: () => number;
  /** Audio that the peer did not take. */
  readonly onDropped: (ms: number) => void;
}

/** One at a time: an answer that is being spoken. */
interface Artifact {
  readonly id: string;
  begun: boolean;
  silentMs: number;
}

/** Of one session. */
export class A2aOutlet {
  readonly #options: A2aOutletOptions;
  readonly #slice: Int16Array;
  readonly #sliceBytes: Buffer;
  #filled = 0;
  #taskId: string | undefined;
  #artifact: Artifact | undefined;

  constructor(options: A2aOutletOptions) {
    this.#options = options;
    this.#slice = new Int16Array((options.rateHz / 1000) * SLICE_MS);
    this.#sliceBytes = Buffer.from(this.#slice.buffer);
  }

  /** The turn that is being spoken; `undefined`: none. */
  get taskId(): string | undefined {
    return this.#taskId;
  }

  /** The next frame of what the call says. */
  onAudio(samples: Int16Array, sampleCount: number, isSpeech: boolean): void {
    if (this.#artifact === undefined && !isSpeech) {
      return;
    }
    const { random } = this.#options;
    this.#taskId ??= `task-${random.hex(8)}`;
    this.#artifact ??= { id: `answer-${random.hex(8)}`, begun: false, silentMs: 0 };
    const artifact = this.#artifact;
    artifact.silentMs = isSpeech ? 0 : artifact.silentMs + FRAME_MS;
    if (artifact.silentMs >= PAUSE_MS) {
      this.#completeTask();
      return;
    }
    for (let i = 0; i < sampleCount; i += 1) {
      this.#slice[this.#filled] = samples[i] as number;
      this.#filled += 1;
      if (this.#filled === this.#slice.length) {
        this.#flush(artifact, false);
      }
    }
  }

  /** The caller took the floor: Connect is to forget what it holds. The task goes on until its turn ends. */
  interrupt(type: InterruptionType, reason: string): void {
    this.#filled = 0;
    this.#artifact = undefined;
    this.#options.send(this.#options.writer.interruption(type, reason));
  }

  /** The answer was spoken to its end, or cut: its task, which the caller of this completes. */
  endTurn(): string | undefined {
    const taskId = this.#taskId;
    this.#endArtifact();
    this.#taskId = undefined;
    return taskId;
  }

  /** Speech that is no turn of a model, such as an echo. */
  #completeTask(): void {
    const taskId = this.endTurn();
    const { writer, clock, send } = this.#options;
    if (taskId !== undefined) {
      send(writer.turnCompleted(taskId, clock.wallMs()));
    }
  }

  /** The last chunk holds what is left, or one frame of silence. */
  #endArtifact(): void {
    const artifact = this.#artifact;
    this.#artifact = undefined;
    if (artifact !== undefined && (artifact.begun || this.#filled > 0)) {
      if (this.#filled === 0) {
        this.#filled = this.#slice.length / (SLICE_MS / FRAME_MS);
        this.#slice.fill(0, 0, this.#filled);
      }
      this.#artifactChunk(artifact, true);
    }
    this.#filled = 0;
  }

  #flush(artifact: Artifact, lastChunk: boolean): void {
    const { bufferedBytes, onDropped } = this.#options;
    if (bufferedBytes() > MAX_BUFFERED_BYTES) {
      onDropped(SLICE_MS);
      this.#filled = 0;
      return;
    }
    this.#artifactChunk(artifact, lastChunk);
  }

  #artifactChunk(artifact: Artifact, lastChunk: boolean): void {
    const { writer, send } = this.#options;
    const raw = this.#sliceBytes.subarray(0, this.#filled * 2).toString("base64");
    this.#filled = 0;
    const taskId = this.#taskId ?? "";
    send(writer.audio({ taskId, artifactId: artifact.id, raw, append: artifact.begun, lastChunk }));
    artifact.begun = true;
  }
}
