/** A directory of contacts that takes the time that the test gives it, and says when it was written to. */
import { type Clock, sleep } from "../../src/core/clock.ts";
import type {
  ContactAnswer,
  ContactClue,
  ContactDirectory,
  ContactIdentity,
  ResultOutcome,
} from "../../src/ports/contact-directory.ts";

/** Something that was asked of it. */
export interface ContactWrite {
  readonly identity: ContactIdentity;
  readonly attributes: Readonly<Record<string, string>>;
}

/** Answers after `findMs` and `writeMs`, unless the signal aborts first. */
export class FakeContacts implements ContactDirectory {
  readonly clues: ContactClue[] = [];
  readonly writes: ContactWrite[] = [];
  answer: (clue: ContactClue) => ContactAnswer = () => ({ outcome: "unknown" });
  outcome: ResultOutcome = "written";
  findMs = 20;
  writeMs = 20;
  /** Called when a write is done. */
  onWritten: () => void = () => undefined;
  readonly #clock: Clock;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  async find(clue: ContactClue, signal: AbortSignal): Promise<ContactAnswer> {
    this.clues.push(clue);
    return (await this.#waited(this.findMs, signal)) ? this.answer(clue) : { outcome: "timedOut" };
  }

  async write(
    identity: ContactIdentity,
    attributes: Readonly<Record<string, string>>,
    signal: AbortSignal,
  ): Promise<ResultOutcome> {
    if (!(await this.#waited(this.writeMs, signal))) {
      return "timedOut";
    }
    this.writes.push({ identity, attributes });
    this.onWritten();
    return this.outcome;
  }

  async #waited(ms: number, signal: AbortSignal): Promise<boolean> {
    try {
      await sleep(this.#clock, ms, signal);
      return true;
    } catch {
      return false;
    }
  }
}
