/** One call of one leg, in either direction: from invitation through answer and conversation to its record. */
import { after, type Timer } from "../core/clock.ts";
import { GatewayError } from "../core/errors.ts";
import { createLegId, type LegId } from "../core/ids.ts";
import type { Verdict } from "../ports/call-store.ts";
import type { MediaFact } from "../ports/media-facts.ts";
import type {
  DialogEnd,
  ReofferVerdict,
  SipDialog,
  SipDialogDelegate,
} from "../ports/signaling-server.ts";
import type { CallRecordBuilder } from "./call-record.ts";
import type { CallLine, LegCommandOf } from "./call-service.ts";
import { type CallInput, type CallState, isAnswered, isLive, nextState } from "./call-state.ts";
import { CallTransfer, type TransferRequest } from "./call-transfer.ts";
import type { TransferOutcome } from "./hand-over.ts";
import { LegNegotiation } from "./leg-negotiation.ts";
import { LegOpening } from "./leg-opening.ts";
import { LegUpdates } from "./leg-updates.ts";
import { CALLER_LEG, type PhoneCallOptions } from "./phone-call-options.ts";
import { refuseInvitation } from "./refusal-headers.ts";
import { releaseCall } from "./release-call.ts";
import { dialogEnded, failedWith, invitationEnded, mediaTimedOut, TIME_LIMIT } from "./verdicts.ts";

/** Owns the dialog and the leg; whoever ends it, it ends once and leaves one record. */
export class PhoneCall implements SipDialogDelegate, CallLine {
  readonly #options: PhoneCallOptions;
  readonly #legId: LegId;
  readonly #negotiation: LegNegotiation;
  readonly #opening: LegOpening;
  readonly #updates: LegUpdates;
  readonly #abort = new AbortController();
  readonly #transfer: CallTransfer;
  #state: CallState = "setup";
  #dialog: SipDialog | undefined;
  #limit: Timer | undefined;
  #refusalStatus = 480;
  #failure: unknown;
  #setup: Promise<void> | undefined;

  constructor(options: PhoneCallOptions) {
    this.#options = options;
    this.#legId = createLegId(options.record.origin.callId, CALLER_LEG);
    const sessionId = Math.floor(options.record.origin.startedAtMs / 1000);
    this.#negotiation = new LegNegotiation(sessionId, {
      laws: options.laws,
      signallingAddress: options.invitation.source.address,
      srtp: options.srtp,
    });
    this.#transfer = new CallTransfer(options.clock, this.#abort.signal);
    const leg = { negotiation: this.#negotiation, execute: this.execute };
    this.#opening = new LegOpening({ ...leg, invitation: options.invitation });
    this.#updates = new LegUpdates({ ...leg, logger: options.logger });
  }

  get state(): CallState {
    return this.#state;
  }

  get record(): CallRecordBuilder {
    return this.#options.record;
  }

  get recorder(): PhoneCallOptions["recorder"] {
    return this.#options.recorder;
  }

  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  /** Takes the invitation to its answer or its refusal; never rejects. */
  start(): Promise<void> {
    const { signal } = this.#options.invitation;
    signal.addEventListener("abort", () => this.end(invitationEnded(signal)), { once: true });
    this.#setup = this.#setUp().catch((error: unknown) => this.#fail(error));
    return this.#setup;
  }

  async #setUp(): Promise<void> {
    const { invitation, service, clock } = this.#options;
    const invitedAtUs = clock.nowUs();
    const sdp = await this.#opening.open();
    if (invitation.offer !== undefined) {
      await service.prepare(this);
      await this.#opening.listen();
    }
    this.#advance("answer");
    this.#dialog = await invitation.answer({ sdp });
    this.#options.onAnswered((clock.nowUs() - invitedAtUs) / 1000);
    if (isLive(this.#state)) {
      await this.#converse(this.#dialog);
    }
  }

  async #converse(dialog: SipDialog): Promise<void> {
    const { invitation, service, record, clock, maxCallMs } = this.#options;
    record.answered(clock.wallMs());
    this.#advance("answered");
    this.#limit = after(clock, maxCallMs, () => this.farewell(TIME_LIMIT));
    dialog.setDelegate(this);
    if (invitation.offer === undefined) {
      this.#negotiation.readAnswer(dialog.remoteSdp);
    }
    await this.execute({ kind: "updateRemote", stream: this.#negotiation.stream });
    if (invitation.offer === undefined) {
      await service.prepare(this);
    }
  }

  ring(): void {
    if (!isAnswered(this.#state)) {
      this.#advance("ring");
      this.#options.invitation.progress(180);
    }
  }

  async openEarly(): Promise<void> {
    if (this.#options.invitation.offer === undefined || isAnswered(this.#state)) {
      this.ring();
      return;
    }
    this.#advance("ring");
    await this.#opening.openEarly();
  }

  readonly execute = ((command: LegCommandOf) => {
    const { callId } = this.#options.record.origin;
    return this.#options.host.execute({ ...command, callId, legId: this.#legId });
  }) as CallLine["execute"];

  onFact(fact: MediaFact): void {
    this.#options.record.add(fact);
    if (!isLive(this.#state)) {
      return;
    }
    if (fact.kind !== "mediaTimedOut") {
      this.#options.service.onFact(fact);
    } else if (isAnswered(this.#state)) {
      this.#onMediaTimedOut(fact.silentMs);
    }
  }

  onEnded(cause: DialogEnd): void {
    const { direction } = this.#options.record.origin;
    this.end(dialogEnded(cause, direction, this.#transfer.accepted));
  }

  onReoffer(sdp: string | undefined): Promise<ReofferVerdict> {
    return isLive(this.#state)
      ? this.#updates.reoffer(sdp)
      : Promise.resolve({ kind: "refuse", status: 481 });
  }

  onReanswer(sdp: string): void {
    if (isLive(this.#state)) {
      this.#updates.reanswer(sdp);
    }
  }

  onReferStatus(status: number | undefined, isFinal: boolean): void {
    this.#transfer.onReferStatus(status, isFinal);
  }

  transfer(request: TransferRequest): Promise<TransferOutcome> {
    return this.#transfer.start(this.#dialog, request);
  }

  onInfo(contentType: string, body: string): void {
    this.#updates.info(contentType, body);
  }

  farewell(verdict: Verdict): void {
    if (!isAnswered(this.#state)) {
      this.end(verdict);
    }
    if (this.#state !== "talking") {
      return;
    }
    this.#advance("farewell");
    const { farewellMs, logger } = this.#options;
    this.execute({ kind: "drainPlayout", deadlineMs: farewellMs })
      .catch((error: unknown) => logger.debug("command came too late", { error }))
      .finally(() => this.end(verdict));
  }

  end(verdict: Verdict): void {
    if (!isLive(this.#state)) {
      return;
    }
    const mayReject = this.#state === "setup" || this.#state === "ringing";
    this.#advance("end");
    this.#limit?.cancel();
    this.#abort.abort(new GatewayError("SIP_INVITATION_ENDED"));
    void this.#release(verdict, mayReject);
  }

  toJSON(): Readonly<Record<string, unknown>> {
    const { record, host } = this.#options;
    const { omitted, origin } = record;
    return {
      ...record.detail(this.#state),
      omittedEntries: omitted,
      media: host.dump(origin.callId),
    };
  }

  #onMediaTimedOut(silentMs: number): void {
    const { mediaTimeout, onMediaTimedOut } = this.#options;
    onMediaTimedOut(silentMs);
    if (mediaTimeout === "end") {
      this.end(mediaTimedOut(silentMs));
    }
  }

  #fail(error: unknown): void {
    if (!isLive(this.#state)) {
      return;
    }
    if (!(error instanceof GatewayError)) {
      this.#options.logger.error("call failed on a fault of ours", { error });
    }
    this.#failure = error;
    this.#refusalStatus = error instanceof GatewayError ? error.sipStatus : 500;
    this.end(failedWith(error));
  }

  async #release(verdict: Verdict, mayReject: boolean): Promise<void> {
    const { record, clock, logger, service, onReleased } = this.#options;
    const { invitation, retryAfterSeconds } = this.#options;
    try {
      if (mayReject) {
        const refusal = { status: this.#refusalStatus, error: this.#failure, retryAfterSeconds };
        await refuseInvitation(invitation, refusal);
      }
      await this.#setup;
      const closeLeg = (): Promise<unknown> => this.execute({ kind: "closeLeg" });
      await releaseCall({ dialog: this.#dialog, service, verdict, closeLeg });
    } catch (error) {
      logger.warn("call did not end cleanly", { error });
    }
    this.#advance("released");
    onReleased(record.finish(clock.wallMs(), verdict));
  }

  #advance(input: CallInput): void {
    this.#state = nextState(this.#state, input);
  }
}
