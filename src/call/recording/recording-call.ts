/** One recording session: answers its client, hears each of its streams, tells what is said on them, never speaks. */
import { after, type Timer } from "../../core/clock.ts";
import { codeOf, GatewayError } from "../../core/errors.ts";
import type { AssistParticipant } from "../../ports/assist-events.ts";
import type { RoleCorrection } from "../../ports/call-directory.ts";
import type { Verdict } from "../../ports/call-store.ts";
import type { MediaFact } from "../../ports/media-facts.ts";
import type {
  DialogEnd,
  MessageBody,
  ReofferVerdict,
  SipDialog,
  SipDialogDelegate,
} from "../../ports/signaling-server.ts";
import type { RecordingRequest } from "../../siprec/recording-request.ts";
import { limitStreams } from "../../siprec/stream-limit.ts";
import type { CallRecordBuilder } from "../call-record.ts";
import { type CallInput, type CallState, isAnswered, isLive, nextState } from "../call-state.ts";
import type { LiveCall } from "../live-call.ts";
import { dialogEnded, failedWith, invitationEnded, TIME_LIMIT } from "../verdicts.ts";
import type { AssistChannel } from "./assist-channel.ts";
import { recordStreams } from "./recorded-streams.ts";
import type { RecordingEars } from "./recording-ears.ts";
import { RECORDER, readOffer, readUpdate, refuseRecording } from "./recording-invitation.ts";
import { recordingParts } from "./recording-parts.ts";
import type { RecordingPeople } from "./recording-people.ts";
import type { RecordingCallOptions } from "./recording-service.ts";
import type { RecordingStreams } from "./recording-streams.ts";

/** Owns the dialog and one leg for each stream. */
export class RecordingCall implements SipDialogDelegate, LiveCall {
  readonly #options: RecordingCallOptions;
  readonly #streams: RecordingStreams;
  readonly #people: RecordingPeople;
  readonly #channel: AssistChannel;
  readonly #ears: RecordingEars;
  readonly #abort = new AbortController();
  #state: CallState = "setup";
  #dialog: SipDialog | undefined;
  #limit: Timer | undefined;
  #failure: unknown;
  #setup: Promise<void> | undefined;
  /** Settles when the last request of the client was carried out. */
  #updates: Promise<unknown> = Promise.resolve();

  constructor(options: RecordingCallOptions) {
    this.#options = options;
    const parts = recordingParts(options, (verdict) => this.end(verdict));
    this.#people = parts.people;
    this.#streams = parts.streams;
    this.#channel = parts.channel;
    this.#ears = parts.ears;
  }

  get state(): CallState {
    return this.#state;
  }

  get record(): CallRecordBuilder {
    return this.#options.record;
  }

  get recorder(): RecordingCallOptions["recorder"] {
    return this.#options.recorder;
  }

  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  start(): Promise<void> {
    const { signal } = this.#options.invitation;
    signal.addEventListener("abort", () => this.end(invitationEnded(signal)), { once: true });
    this.#setup = this.#setUp().catch((error: unknown) => this.#fail(error));
    return this.#setup;
  }

  /** Nobody hears what an operator would say here. */
  readonly execute: LiveCall["execute"] = () =>
    Promise.reject(new GatewayError("CALL_NOT_TALKING", { reason: "a recording session" }));

  onFact(fact: MediaFact): void {
    if (fact.kind !== "transcriptAdded") {
      this.record.add(fact);
    }
    this.#ears.onFact(fact);
  }

  correctRole(correction: RoleCorrection): readonly AssistParticipant[] {
    for (const { id, role } of this.#people.correct(correction)) {
      this.record.setRole(id, role);
    }
    this.#tellWho();
    return this.#people.participants;
  }

  readonly onEnded = (cause: DialogEnd): void => this.end(dialogEnded(cause));

  onReoffer(sdp: string | undefined): Promise<ReofferVerdict> {
    return this.#inTurn(() =>
      // RFC 3264 section 8: who asks us to offer is offered what stands.
      sdp === undefined ? Promise.resolve(this.#accepted()) : this.#update(readOffer(sdp)),
    );
  }

  onBody(body: MessageBody): Promise<ReofferVerdict> {
    return this.#inTurn(() => this.#update(readUpdate(body)));
  }

  onInfo(contentType: string, text: string): void {
    const request = readUpdate({ contentType, text });
    if (request.metadata !== undefined && isLive(this.#state)) {
      this.#take(request, false);
    }
  }

  end(verdict: Verdict): void {
    if (!isLive(this.#state)) {
      return;
    }
    const mayReject = this.#state === "setup";
    this.#advance("end");
    this.#limit?.cancel();
    this.#abort.abort(new GatewayError("SIP_INVITATION_ENDED"));
    void this.#release(verdict, mayReject, this.#options.clock.wallMs());
  }

  toJSON(): Readonly<Record<string, unknown>> {
    const { record, host } = this.#options;
    return {
      ...record.detail(this.#state),
      omittedEntries: record.omitted,
      session: this.#people.toJSON(),
      media: host.dump(record.origin.callId),
    };
  }

  async #setUp(): Promise<void> {
    const { invitation, service, clock, record, maxCallMs } = this.#options;
    const request = limitStreams(service.request, service.maxStreams);
    const invitedAtUs = clock.nowUs();
    const sdp = await this.#streams.answer(request);
    if (!isLive(this.#state)) {
      return;
    }
    this.#advance("answer");
    this.#dialog = await invitation.answer({ sdp, headers: RECORDER });
    this.#options.onAnswered((clock.nowUs() - invitedAtUs) / 1000);
    if (!isLive(this.#state)) {
      return;
    }
    record.answered(clock.wallMs());
    this.#advance("answered");
    this.#limit = after(clock, maxCallMs, () => this.end(TIME_LIMIT));
    this.#take(request, true);
    this.#dialog.setDelegate(this);
  }

  /** One request of the client at a time. */
  #inTurn(act: () => Promise<ReofferVerdict>): Promise<ReofferVerdict> {
    const turn = this.#updates.then(() =>
      isAnswered(this.#state) ? act() : ({ kind: "refuse", status: 481 } as const),
    );
    this.#updates = turn.catch(() => undefined);
    return turn;
  }

  async #update(whole: RecordingRequest): Promise<ReofferVerdict> {
    const request = limitStreams(whole, this.#options.service.maxStreams);
    if (request.sdp === undefined && request.sdpFault === undefined) {
      this.#take(request, false);
      return { kind: "noted", headers: RECORDER };
    }
    try {
      await this.#streams.answer(request);
    } catch (error) {
      // The metadata of a refused offer is as good as any other.
      this.#take(request, false);
      this.#options.logger.warn("offer of the recording client not taken", {
        code: codeOf(error),
      });
      throw error;
    }
    this.#take(request, true);
    return this.#accepted();
  }

  #accepted(): ReofferVerdict {
    return { kind: "accept", sdp: this.#streams.localSdp, headers: RECORDER };
  }

  #take(request: RecordingRequest, isAgreed: boolean): void {
    this.#people.take(request, isAgreed);
    this.#tellWho();
  }

  #tellWho(): void {
    this.#tellState(this.#streams.all.some(({ sending }) => sending) ? "live" : "held");
    void this.#streams.tellRoles();
  }

  #tellState(state: "live" | "held" | "ended"): void {
    const { participants } = this.#people;
    this.record.setParticipants(participants);
    this.#channel.publish({ kind: "state", state, participants });
    recordStreams(this.recorder, this.#streams, this.#people);
  }

  #fail(error: unknown): void {
    if (isLive(this.#state)) {
      if (!(error instanceof GatewayError)) {
        this.#options.logger.error("recording session failed on a fault of ours", { error });
      }
      this.#failure = error;
      this.end(failedWith(error));
    }
  }

  async #release(verdict: Verdict, mayReject: boolean, endedAtMs: number): Promise<void> {
    const { record, logger, invitation, retryAfterSeconds, onReleased } = this.#options;
    try {
      // The streams go on in silence, by which models end what was said last.
      if (verdict.endedBy === "caller") {
        await this.#ears.lastWords();
      }
      this.#ears.close();
      if (mayReject) {
        await refuseRecording(invitation, this.#failure, retryAfterSeconds);
      }
      await this.#setup;
      await this.#updates;
      await Promise.all([this.#dialog?.bye(), this.#streams.close()]);
    } catch (error) {
      logger.warn("recording session did not end cleanly", { error });
    }
    if (record.answeredAtMs !== undefined) {
      this.#tellState("ended");
    }
    this.#advance("released");
    onReleased(record.finish(endedAtMs, verdict));
  }

  #advance(input: CallInput): void {
    this.#state = nextState(this.#state, input);
  }
}
