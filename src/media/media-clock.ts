/** One ticker per host: calls every leg once per ptime, anchored to deadlines, with bounded catching up. */
import type { Clock, Timer } from "../core/clock.ts";
import { LatenessHistogram } from "./lateness.ts";

/** What is driven by the ticker. */
export interface Ticking {
  /** One ptime has passed. A throw removes it from the clock and is reported. */
  onTick(nowUs: number): void;
  /** So many ticks will never come, because the process was busy for too long. */
  onTicksSkipped(ticks: number): void;
}

/** Legs are spread over steps of this length, so that the load is even. */
export const STEP_MS = 5;
/** At most this many ticks of 20 ms are made up for at once; RTP peers have no use for older audio. */
export const CATCH_UP_TICKS = 5;
const CATCH_UP_STEPS = (CATCH_UP_TICKS * 20) / STEP_MS;
const STEP_US = STEP_MS * 1000;

interface Member {
  readonly ticking: Ticking;
  readonly group: PtimeGroup;
  removed: boolean;
}

/** All members of one ptime, by the step on which they tick. */
class PtimeGroup {
  readonly phases: Member[][];

  constructor(phaseCount: number) {
    this.phases = Array.from({ length: phaseCount }, () => []);
  }

  /** The members that tick on this step. */
  at(step: number): Member[] {
    return this.phases[step % this.phases.length] as Member[];
  }

  /** The emptiest phase, so that a host with few legs is as even as one with many. Phases are replaced, never changed. */
  join(member: Member): void {
    let emptiest = 0;
    for (let phase = 1; phase < this.phases.length; phase += 1) {
      if (this.#sizeOf(phase) < this.#sizeOf(emptiest)) {
        emptiest = phase;
      }
    }
    this.phases[emptiest] = [...(this.phases[emptiest] as Member[]), member];
  }

  leave(member: Member): void {
    for (let phase = 0; phase < this.phases.length; phase += 1) {
      const members = this.phases[phase] as Member[];
      if (members.includes(member)) {
        this.phases[phase] = members.filter((other) => other !== member);
      }
    }
  }

  #sizeOf(phase: number): number {
    return (this.phases[phase] as Member[]).length;
  }
}

/** What a media clock needs. */
export interface MediaClockOptions {
  readonly clock: Clock;
  /** Hears what a member's tick threw; the member is already removed. */
  readonly onTickError: (error: unknown) => void;
}

/** The ticker. It holds a timer only while it has members. */
export class MediaClock {
  readonly #clock: Clock;
  readonly #onTickError: (error: unknown) => void;
  readonly #groups = new Map<number, PtimeGroup>();
  readonly #lateness = new LatenessHistogram();
  #members = 0;
  #timer: Timer | undefined;
  #originUs = 0;
  /** The next step that was not run; step n is due at origin + n × 5 ms. */
  #nextStep = 0;
  #reanchored = 0;
  #skippedSteps = 0;
  #failures = 0;

  constructor(options: MediaClockOptions) {
    this.#clock = options.clock;
    this.#onTickError = options.onTickError;
  }

  /** Ticks `ticking` every `ptimeMs` (a multiple of 5), first within one ptime; the returned function ends it. */
  add(ticking: Ticking, ptimeMs: number): () => void {
    const member: Member = { ticking, group: this.#groupOf(ptimeMs), removed: false };
    member.group.join(member);
    this.#members += 1;
    if (this.#timer === undefined) {
      this.#originUs = this.#clock.nowUs();
      this.#nextStep = 1;
      this.#arm();
    }
    return () => this.#remove(member);
  }

  get lateness(): LatenessHistogram {
    return this.#lateness;
  }

  toJSON(): Readonly<Record<string, unknown>> {
    return {
      members: this.#members,
      reanchored: this.#reanchored,
      skippedMs: this.#skippedSteps * STEP_MS,
      failures: this.#failures,
      tickLateMs: this.#lateness.toJSON(),
    };
  }

  #groupOf(ptimeMs: number): PtimeGroup {
    const phaseCount = Math.max(1, Math.round(ptimeMs / STEP_MS));
    let group = this.#groups.get(phaseCount);
    if (group === undefined) {
      group = new PtimeGroup(phaseCount);
      this.#groups.set(phaseCount, group);
    }
    return group;
  }

  #remove(member: Member): void {
    if (member.removed) {
      return;
    }
    member.removed = true;
    member.group.leave(member);
    this.#members -= 1;
    if (this.#members === 0) {
      this.#timer?.cancel();
      this.#timer = undefined;
    }
  }

  #arm(): void {
    const dueUs = this.#originUs + this.#nextStep * STEP_US;
    this.#timer = this.#clock.at(dueUs, this.#onTimer);
  }

  readonly #onTimer = (): void => {
    const nowUs = this.#clock.nowUs();
    const lateUs = nowUs - (this.#originUs + this.#nextStep * STEP_US);
    if (lateUs >= 0) {
      this.#lateness.add(lateUs);
      const lastStep = this.#nextStep + Math.floor(lateUs / STEP_US);
      this.#skipTo(lastStep - CATCH_UP_STEPS + 1);
      while (this.#nextStep <= lastStep && this.#members > 0) {
        this.#runStep(this.#nextStep, nowUs);
        this.#nextStep += 1;
      }
    }
    if (this.#members > 0) {
      this.#arm();
    }
  };

  /** Gives up whole rounds of the grid, so that every member skips the same time and keeps its phase. */
  #skipTo(step: number): void {
    const behind = step - this.#nextStep;
    if (behind <= 0) {
      return;
    }
    this.#reanchored += 1;
    this.#skippedSteps += behind;
    for (const group of this.#groups.values()) {
      this.#skipGroup(group, behind);
    }
    this.#nextStep = step;
  }

  #skipGroup(group: PtimeGroup, steps: number): void {
    const phaseCount = group.phases.length;
    for (let phase = 0; phase < phaseCount; phase += 1) {
      const ticks = stepsOfPhase(this.#nextStep, steps, phase, phaseCount);
      if (ticks > 0) {
        for (const member of group.phases[phase] as Member[]) {
          member.ticking.onTicksSkipped(ticks);
        }
      }
    }
  }

  #runStep(step: number, nowUs: number): void {
    for (const group of this.#groups.values()) {
      const members = group.at(step);
      for (let i = 0; i < members.length; i += 1) {
        const member = members[i] as Member;
        if (!member.removed) {
          this.#runTick(member, nowUs);
        }
      }
    }
  }

  #runTick(member: Member, nowUs: number): void {
    try {
      member.ticking.onTick(nowUs);
    } catch (error) {
      this.#failures += 1;
      this.#remove(member);
      this.#onTickError(error);
    }
  }
}

/** How many of the `steps` steps from `first` fall on `phase`. */
function stepsOfPhase(first: number, steps: number, phase: number, phaseCount: number): number {
  const toFirstHit = (phase - (first % phaseCount) + phaseCount) % phaseCount;
  return toFirstHit >= steps ? 0 : 1 + Math.floor((steps - 1 - toFirstHit) / phaseCount);
}
