/** One leg of a call: carries out its commands and reports its facts. */
import { GatewayError } from "../core/errors.ts";
import type { LegId } from "../core/ids.ts";
import type { Anchor } from "../ports/media-anchor.ts";
import type { LegFact, LegStats } from "../ports/media-facts.ts";
import type { AttachModel, LegAddress, MediaCommand, Mute, Say } from "../ports/media-host.ts";
import type { SrtpRefusal } from "../rtp/srtp-receiver.ts";
import { modelsFor } from "./attached-models.ts";
import { DigitMerger, type DigitWay } from "./digit-merger.ts";
import { Echo } from "./echo.ts";
import type { HostContext } from "./host-context.ts";
import { LegClips } from "./leg-clips.ts";
import { LegCopies } from "./leg-copies.ts";
import { ModelLink } from "./model-link.ts";
import { PlayoutDrain } from "./playout-drain.ts";
import { RtpLeg } from "./rtp-leg.ts";
import type { RtpLegDelegate } from "./rtp-leg-options.ts";
import { TurnLog } from "./turn-log.ts";

/** What a leg of a session is given. */
export interface SessionLegOptions {
  readonly context: HostContext;
  readonly legId: LegId;
  readonly anchor: Anchor;
  readonly report: (fact: LegFact) => void;
}

/** Commands that an open leg takes. */
export type OpenLegCommand = Exclude<MediaCommand, { kind: "openLeg" | "closeLeg" }>;

/** An open leg, with at most one model or echo on it. */
export class SessionLeg implements RtpLegDelegate {
  readonly legId: LegId;
  readonly address: LegAddress;
  readonly #context: HostContext;
  readonly #leg: RtpLeg;
  readonly #report: (fact: LegFact) => void;
  #link: ModelLink | undefined;
  readonly #clips: LegClips;
  readonly #turns: TurnLog;
  readonly #copies: LegCopies;
  #echo: Echo | undefined;
  readonly #digits = new DigitMerger();
  readonly #drain: PlayoutDrain;
  #closing: Promise<LegStats> | undefined;

  constructor(options: SessionLegOptions) {
    const { context, anchor } = options;
    this.legId = options.legId;
    const { localAddress: address, localPort: port, localRtcpPort: rtcpPort } = anchor;
    this.address = { address, port, rtcpPort };
    this.#context = context;
    this.#report = options.report;
    this.#leg = new RtpLeg({
      clock: context.clock,
      random: context.random,
      logger: context.logger.child({ legId: options.legId }),
      anchor,
      mediaClock: context.mediaClock,
      delegate: this,
      mediaTimeoutMs: context.mediaTimeoutMs,
      pool: context.pool,
    });
    this.#drain = new PlayoutDrain(context.clock, () => this.#playing);
    this.#turns = new TurnLog(context.clock);
    const { recordings } = context;
    this.#copies = new LegCopies({ leg: this.#leg, recordings, report: options.report });
    this.#clips = new LegClips({
      player: this.#leg.mouth.clips,
      turns: this.#turns,
      voice: context.voice,
      report: options.report,
    });
  }

  start(): void {
    this.#leg.start();
  }

  get stats(): LegStats {
    return this.#leg.stats();
  }

  /** Throws MODEL_UNKNOWN for a model that is not configured. Only `drainPlayout` takes time. */
  execute(command: OpenLegCommand): Promise<void> | undefined {
    switch (command.kind) {
      case "updateRemote":
        this.#leg.updateRemote(command.stream);
        return undefined;
      case "attachModel":
        this.#attachModel(command);
        return undefined;
      case "attachEcho":
        this.#detach();
        this.#echo = new Echo(this.#leg);
        this.#echo.open();
        return undefined;
      case "sendDigits":
        this.#sendDigits(command.digits);
        return undefined;
      case "say":
        return this.#say(command);
      case "inject":
        this.#clips.play(command.samples, "inject");
        return undefined;
      case "mute":
        this.#mute(command);
        return undefined;
      case "pressDigit":
        this.#takeDigit(command.digit, "info");
        return undefined;
      case "tellRole":
        this.#link?.tellRole(command.role);
        return undefined;
      case "toolResult":
        this.#link?.toolResult(command.toolCallId, command.outputJson);
        return undefined;
      case "measureLevels":
      case "record":
        this.#copies.execute(command);
        return undefined;
      case "drainPlayout":
        return this.#drain.wait(command.deadlineMs);
    }
  }

  onMediaStarted(): void {
    this.#report({ kind: "mediaStarted" });
  }

  onMediaTimedOut(silentMs: number): void {
    this.#report({ kind: "mediaTimedOut", silentMs });
  }

  onMediaResumed(): void {
    this.#report({ kind: "mediaResumed" });
  }

  onDigit(digit: string): void {
    this.#takeDigit(digit, "rtp");
  }

  onSrtpRefused(reason: SrtpRefusal): void {
    this.#context.totals.onSrtpRefused(reason);
  }

  onTick(nowUs: number): void {
    this.#link?.onTick(nowUs);
    this.#copies.onTick(nowUs);
    this.#drain.onTick();
  }

  /** Idempotent; resolves with the final stats when the ports are released. */
  close(): Promise<LegStats> {
    this.#closing ??= this.#release();
    return this.#closing;
  }

  toJSON(): Readonly<Record<string, unknown>> {
    return {
      describe: `${this.#leg.describe()}${this.#describeSink()}`,
      leg: this.#leg.toJSON(),
      model: this.#link?.toJSON(),
      echo: this.#echo !== undefined,
      ...this.#digits.toJSON(),
    };
  }

  get #playing(): boolean {
    return this.#echo === undefined ? this.#leg.mouth.busy : this.#leg.mouth.clips.busy;
  }

  #takeDigit(digit: string, way: DigitWay): void {
    if (this.#digits.take(digit, way, this.#context.clock.nowUs())) {
      this.#report({ kind: "digitReceived", digit });
      this.#link?.pushDigit(digit);
    }
  }

  #say({ text, by, as }: Say): Promise<void> | undefined {
    if (by === "voice") {
      return this.#clips.say(text, as ?? "say");
    }
    if (this.#link?.speaksText !== true) {
      throw new GatewayError("MODEL_CANNOT_SAY");
    }
    this.#link.say(text);
    return undefined;
  }

  #sendDigits(digits: string): void {
    if (!this.#leg.sendDigits(digits)) {
      throw new GatewayError("MEDIA_NO_DIGITS");
    }
  }

  #mute({ who, on }: Mute): void {
    if (who === "caller") {
      this.#leg.peerMuted = on;
    } else {
      this.#leg.mouth.muted = on;
    }
    this.#report({ kind: "muteChanged", who, on });
  }

  #describeSink(): string {
    const sink = this.#link ?? this.#echo;
    return sink === undefined ? "" : ` | Tap[${sink.describe()}]`;
  }

  #attachModel(command: AttachModel): void {
    const models = modelsFor(command, this.#context.models);
    this.#detach();
    this.#link = new ModelLink({
      clock: this.#context.clock,
      logger: this.#context.logger.child({ legId: this.legId }),
      leg: this.#leg,
      models,
      mode: command.mode,
      bargeIn: command.bargeIn,
      plan: command.plan,
      continuity: command.continuity,
      sayFiller: (text) => this.#clips.sayFiller(text, this.#context.logger),
      pool: this.#context.pool,
      turns: this.#turns,
      uplinkBatchMs: this.#context.uplinkBatchMs,
      report: this.#report,
    });
    this.#link.open();
  }

  #detach(): void {
    this.#link?.close();
    this.#echo?.close();
    this.#link = undefined;
    this.#echo = undefined;
    this.#leg.mouth.close();
  }

  async #release(): Promise<LegStats> {
    this.#detach();
    this.#clips.close();
    this.#copies.close();
    this.#drain.close();
    await this.#leg.close();
    return this.#leg.stats();
  }
}
