/** Who listens in on a leg without being heard: a recording, a meter. */
import type { LegFact } from "../ports/media-facts.ts";
import type { MeasureLevels, RecordLeg } from "../ports/media-host.ts";
import type {
  RecordingChannel,
  RecordingInputs,
  RecordingSource,
} from "../ports/recording-store.ts";
import { LevelMeter } from "./level-meter.ts";
import type { RtpLeg } from "./rtp-leg.ts";
import type { Taps } from "./taps.ts";

/** What they are made of. */
export interface LegCopiesOptions {
  readonly leg: Pick<RtpLeg, "ingressTaps" | "egressTaps">;
  /** `undefined`: nothing is recorded here. */
  readonly recordings: RecordingInputs | undefined;
  readonly report: (fact: LegFact) => void;
}

/** Copies for one leg; none until asked. */
export class LegCopies {
  readonly #options: LegCopiesOptions;
  #endings: (() => void)[] = [];
  #meter: LevelMeter | undefined;

  constructor(options: LegCopiesOptions) {
    this.#options = options;
  }

  execute(command: MeasureLevels | RecordLeg): void {
    if (command.kind === "measureLevels") {
      this.#measure(command);
    } else {
      this.#record(command);
    }
  }

  onTick(nowUs: number): void {
    this.#meter?.onTick(nowUs);
  }

  /** Idempotent. */
  close(): void {
    for (const end of this.#endings) {
      end();
    }
    this.#endings = [];
    this.#meter = undefined;
  }

  #measure({ everyMs, batch }: MeasureLevels): void {
    if (this.#meter === undefined) {
      const { leg, report } = this.#options;
      this.#meter = new LevelMeter({
        everyMs,
        batch,
        report: (levelsDbfs) => report({ kind: "levelsMeasured", levelsDbfs, everyMs }),
      });
      leg.ingressTaps.add(this.#meter);
    }
  }

  #record({ recordingId, heard, said }: RecordLeg): void {
    const { leg } = this.#options;
    for (const end of this.#endings) {
      end();
    }
    this.#endings = [];
    this.#copy(leg.ingressTaps, recordingId, heard);
    this.#copy(leg.egressTaps, recordingId, said);
  }

  #copy(taps: Taps, recordingId: string | undefined, channel: RecordingChannel | undefined): void {
    const source: RecordingSource | undefined =
      recordingId === undefined || channel === undefined
        ? undefined
        : this.#options.recordings?.openSource(recordingId, channel);
    if (source !== undefined) {
      const remove = taps.add(source);
      this.#endings.push(() => {
        remove();
        source.close();
      });
    }
  }
}
