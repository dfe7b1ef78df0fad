/** Writes down what happened in a scenario, one line a fact, with virtual milliseconds: the text of a golden file. */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { expect } from "vitest";
import type { CallRecord } from "../../src/ports/call-store.ts";
import type { MediaFact } from "../../src/ports/media-facts.ts";
import type { VirtualClock } from "./virtual-clock.ts";

/** Lines of `milliseconds  who  what`. */
export class Timeline {
  readonly #clock: VirtualClock;
  readonly #lines: string[] = [];

  constructor(clock: VirtualClock) {
    this.#clock = clock;
  }

  get text(): string {
    return `${this.#lines.join("\n")}\n`;
  }

  note(who: string, what: string): void {
    const atMs = Math.round(this.#clock.nowUs() / 1000);
    this.#lines.push(`${String(atMs).padStart(7)}  ${who.padEnd(7)}  ${what}`);
  }

  fact(fact: MediaFact): void {
    this.note("media", describeFact(fact));
  }

  record(record: CallRecord): void {
    const { verdict, transcript, turns, interruptions, tools = [], stats } = record;
    this.note("record", `${verdict.outcome}, ended by ${verdict.endedBy}: ${verdict.reason}`);
    for (const { speaker, text } of transcript) {
      this.note("record", `${speaker}: ${text}`);
    }
    for (const turn of turns) {
      this.note("record", describeTurn(turn));
    }
    for (const { name, ms, outcome } of tools) {
      this.note("record", `tool ${name}: ${outcome} after ${ms} ms`);
    }
    for (const { playedMs, unheardMs } of interruptions) {
      this.note("record", `interrupted after ${playedMs} ms, ${unheardMs} ms unheard`);
    }
    if (stats !== undefined) {
      this.note("record", `lost ${stats.packetsLost}, late ${stats.packetsLate}`);
    }
  }
}

function describeFact(fact: MediaFact): string {
  switch (fact.kind) {
    case "mediaTimedOut":
      return `mediaTimedOut after ${fact.silentMs} ms`;
    case "digitReceived":
      return `digitReceived ${fact.digit}`;
    case "modelReady":
      return `modelReady ${fact.model}`;
    case "bargedIn":
      return `bargedIn on ${fact.itemId}: played ${fact.playedMs} ms, unheard ${fact.unheardMs} ms, ${cause(fact.sinceVoiceMs, fact.by)}`;
    case "bargeInDismissed":
      return `bargeInDismissed on ${fact.itemId}: ${fact.as}, paused ${fact.pausedMs} ms`;
    case "turnPlayed":
      return describeTurn(fact.turn);
    case "transcriptAdded":
      return `transcriptAdded ${fact.speaker}${fact.final ? "" : " (so far)"}: ${fact.text}`;
    case "toolCalled":
      return `toolCalled ${fact.name} ${fact.argumentsJson}`;
    case "modelFailed":
      return `modelFailed ${fact.code}: ${fact.reason}`;
    default:
      return fact.kind;
  }
}

function cause(sinceVoiceMs: number | undefined, by: string | undefined): string {
  return sinceVoiceMs === undefined ? "by a key" : `${sinceVoiceMs} ms after first voice, by ${by}`;
}

function describeTurn(turn: CallRecord["turns"][number]): string {
  const { itemId, lastCallerVoiceAtMs, firstPacketAtMs, playedMs, unheardMs } = turn;
  const response =
    lastCallerVoiceAtMs === undefined
      ? "unasked"
      : `${Math.round(firstPacketAtMs - lastCallerVoiceAtMs)} ms after the caller`;
  const cut = turn.interrupted ? `, interrupted with ${unheardMs} ms unheard` : "";
  return `turn ${itemId}: ${response}, played ${playedMs} ms${cut}`;
}

/** Compares with `golden/NAME.txt`; `UPDATE_GOLDEN=1` writes it instead, for a person to review. */
export function expectGolden(timeline: Timeline, name: string): void {
  const path = new URL(`../scenario/golden/${name}.txt`, import.meta.url).pathname;
  if (process.env["UPDATE_GOLDEN"] === "1" || !existsSync(path)) {
    if (process.env["CI"] === "true") {
      throw new Error(`${path} is missing`);
    }
    writeFileSync(path, timeline.text);
  }
  expect(timeline.text).toBe(readFileSync(path, "utf8"));
}
