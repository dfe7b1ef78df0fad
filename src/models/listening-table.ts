/** Streams of one call that are heard together: gathers them, decides who is on which channel, and shares out what was understood. */
import { after, type Timer } from "../core/clock.ts";
import type { ModelFailure, ModelUsage } from "../ports/realtime-model.ts";
import { assignChannels } from "./channel-roles.ts";
import type { ListeningSeat } from "./listening-seat.ts";
import type { HeardSource, ListeningTableOptions } from "./listening-table-options.ts";
import type { HeardUtterance } from "./transcriber.ts";
import { Transcription, type TranscriptionDelegate } from "./transcription.ts";

/** The other stream of a call is waited for no longer; what is said meanwhile waits in the engine, which keeps 2 s. */
const GATHER_MS = 1000;
/** The same for who is who, where the service has to be told. */
const ROLES_MS = 1500;
/** Categories that are told once each. */
const MAX_CATEGORIES = 100;

/** Takes seats until `begun`. */
export class ListeningTable implements TranscriptionDelegate {
  readonly #options: ListeningTableOptions;
  readonly #seats: ListeningSeat[] = [];
  /** By channel, from the beginning on. */
  #channels: readonly (ListeningSeat | undefined)[] = [];
  readonly #categories = new Set<string>();
  readonly #timers: Timer[] = [];
  #source: HeardSource | undefined;
  #transcription: Transcription | undefined;
  #originWallMs = 0;
  #remark: string | undefined;
  #ready = false;
  #over = false;
  /** Who was told that the service falters, and is told that it is back. */
  #faltering: ListeningSeat | undefined;

  constructor(options: ListeningTableOptions) {
    this.#options = options;
    const { clock, places } = options;
    if (places > 1) {
      this.#timers.push(after(clock, GATHER_MS, () => this.#beginIfComplete("gathered")));
    }
    if (options.waitsForRoles) {
      this.#timers.push(after(clock, ROLES_MS, () => this.#begin()));
    }
  }

  /** Whether another stream may sit down. */
  get hasPlace(): boolean {
    return !this.#over && this.#transcription === undefined && !this.#full;
  }

  join(seat: ListeningSeat): void {
    this.#seats.push(seat);
    this.#beginIfComplete();
  }

  /** The role of a seat became known; once it has begun, a stream stays where it is. */
  onRole(): void {
    this.#beginIfComplete();
  }

  /** @param bytes PCM16 at 8 kHz, whole samples; borrowed. `false`: nobody listens yet. */
  write(seat: ListeningSeat, bytes: Uint8Array): boolean {
    if (!this.#ready) {
      return false;
    }
    this.#source?.write(this.#channels.indexOf(seat), bytes, this.#options.clock.nowUs());
    return true;
  }

  /** A stream ended; with the last one, all is over. */
  leave(seat: ListeningSeat): void {
    const index = this.#seats.indexOf(seat);
    if (index < 0) {
      return;
    }
    this.#seats.splice(index, 1);
    this.#source?.close(this.#channels.indexOf(seat));
    if (this.#seats.length === 0) {
      this.#close();
    }
  }

  /** Channel of a seat, once that is decided. */
  channelOf(seat: ListeningSeat): number | undefined {
    const channel = this.#channels.indexOf(seat);
    return channel < 0 ? undefined : channel;
  }

  toJSON(): Readonly<Record<string, unknown>> {
    return this.#transcription?.toJSON() ?? { state: "gathering", streams: this.#seats.length };
  }

  onReady(): void {
    this.#ready = true;
    for (const seat of [...this.#seats]) {
      seat.sink.onReady();
    }
    if (this.#remark !== undefined) {
      this.#seats[0]?.sink.onFinding({ kind: "remark", text: this.#remark, itemId: undefined });
    }
  }

  onUtterance(utterance: HeardUtterance): void {
    const { channel, id, text, final, startMs, endMs, sentiment, issues } = utterance;
    const seat = this.#channels[channel];
    if (seat === undefined || !this.#seats.includes(seat)) {
      return;
    }
    seat.sink.onTranscript("caller", text, id, final, {
      startedAtMs: this.#originWallMs + startMs,
      endedAtMs: this.#originWallMs + endMs,
      sentiment,
    });
    for (const issue of final ? (issues ?? []) : []) {
      seat.sink.onFinding({ kind: "issue", text: issue, itemId: id });
    }
  }

  onCategory(name: string): void {
    if (!this.#categories.has(name) && this.#categories.size < MAX_CATEGORIES) {
      this.#categories.add(name);
      this.#seats[0]?.sink.onFinding({ kind: "category", text: name, itemId: undefined });
    }
  }

  onUsage(usage: ModelUsage): void {
    this.#seats[0]?.sink.onUsage(usage);
  }

  onFaltered(failure: ModelFailure): void {
    this.#faltering = this.#seats[0];
    this.#faltering?.sink.onFaltered(failure);
  }

  onRecovered(): void {
    this.#faltering?.sink.onRecovered();
    this.#faltering = undefined;
  }

  onFailed(failure: ModelFailure): void {
    const seats = this.#seats.splice(0);
    this.#close();
    for (const seat of seats) {
      seat.sink.onFailed(failure);
    }
  }

  get #full(): boolean {
    return this.#seats.length >= this.#options.places;
  }

  /** `gathered`: nobody else is waited for. */
  #beginIfComplete(how?: "gathered"): void {
    const { places, waitsForRoles } = this.#options;
    const isGathered = this.#full || how === "gathered" || places === 1;
    const isKnown = !waitsForRoles || this.#seats.every(({ role }) => role !== "unknown");
    if (isGathered && isKnown) {
      this.#begin();
    }
  }

  #begin(): void {
    const { clock, connect, createSource, logger, maxSessionMs, needsRoles, random } =
      this.#options;
    if (this.#over || this.#transcription !== undefined || this.#seats.length === 0) {
      return;
    }
    this.#cancelTimers();
    const { channels, remark } = assignChannels(this.#seats, needsRoles);
    this.#channels = channels;
    this.#originWallMs = clock.wallMs();
    const open = channels.map((seat) => seat !== undefined);
    this.#source = createSource(open, clock.nowUs());
    this.#transcription = new Transcription({
      clock,
      random,
      logger,
      source: this.#source,
      channels: channels.length,
      connect: connect(channels.length === 2 ? 2 : 1),
      maxSessionMs,
      delegate: this,
    });
    this.#remark = remark;
    this.#transcription.start();
  }

  #close(): void {
    if (!this.#over) {
      this.#over = true;
      this.#cancelTimers();
      this.#transcription?.close();
      this.#options.onOver();
    }
  }

  #cancelTimers(): void {
    for (const timer of this.#timers.splice(0)) {
      timer.cancel();
    }
  }
}
