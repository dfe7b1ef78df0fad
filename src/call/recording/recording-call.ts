/** One recording session: answers its client, hears each of its streams, tells what is said on them, never speaks. */
import { after, type Timer } from "../../core/clock.ts";
import { codeOf, GatewayError } from "../../core/errors.ts";
import type { Verdict } from "../../ports/call-store.ts";
import type { MediaFact } from "../../ports/media-facts.ts";
import type {
  DialogEnd,
  MessageBody,
  ReofferVerdict,
  SipDialog,
  SipDialogDelegate,
  SipHeaders,
} from "../../ports/signaling-server.ts";
import type { RecordingRequest } from "../../siprec/recording-request.ts";
import { limitStreams } from "../../siprec/stream-limit.ts";
import type { CallRecordBuilder } from "../call-record.ts";
import { type CallInput, type CallState, isAnswered, isLive, nextState } from "../call-state.ts";
import type { LiveCall } from "../live-call.ts";
import { refuseInvitation } from "../refusal-headers.ts";
import { dialogEnded, failedWith, invitationEnded, TIME_LIMIT } from "../verdicts.ts";
import { AssistChannel } from "./assist-channel.ts";
import { RecordingEars } from "./recording-ears.ts";
import { headersOf, readOffer, readUpdate } from "./recording-invitation.ts";
import { RecordingPeople } from "./recording-people.ts";
import type { RecordingCallOptions } from "./recording-service.ts";
import { RecordingStreams } from "./recording-streams.ts";

/** RFC 7866 section 6.1.2, Responding to an Offer: the recorder says that it is one. */
const RECORDER: SipHeaders = { Contact: "<sip:recorder@localhost>;+sip.srs" };

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
    const { record, host, laws, srtp, invitation, service, clock, bus, metrics } = options;
    const { callId, contactId, startedAtMs, trunk } = record.origin;
    this.#options = options;
    const header = headersOf(invitation);
    this.#people = new RecordingPeople({ roles: service.roles, trunk, header, metrics });
    this.#streams = new RecordingStreams({
      callId,
      sessionId: Math.floor(startedAtMs / 1000),
      host,
      laws,
      srtp,
      peer: invitation.source.address,
      ears: service,
      people: this.#people,
    });
    this.#channel = new AssistChannel({ bus, clock, callId, contactId, help: service.help });
    this.#ears = new RecordingEars({
      ...options,
      streams: this.#streams,
      people: this.#people,
      channel: this.#channel,
      end: (verdict) => this.end(verdict),
    });
  }

  get state(): CallState {
    return this.#state;
  }

  get record(): CallRecordBuilder {
    return this.#options.record;
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
    if (isLive(this.#state)) {
      this.#ears.onFact(fact);
    }
  }

  onEnded(cause: DialogEnd): void {
    this.end(dialogEnded(cause));
  }

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
    this.#ears.close();
    this.#advance("end");
    this.#limit?.cancel();
    this.#abort.abort(new GatewayError("SIP_INVITATION_ENDED"));
    void this.#release(verdict, mayReject);
  }

  toJSON(): Readonly<Record<string, unknown>> {
    const { record, host } = this.#options;
    return {
      ...record.detail(this.#state),
      omittedEntries: record.omitted,
      recording: this.#people.toJSON(),
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
    this.record.setParticipants(this.#people.participants);
    this.#tellState(this.#streams.all.some(({ sending }) => sending) ? "live" : "held");
    void this.#streams.tellRoles();
  }

  #tellState(state: "live" | "held" | "ended"): void {
    this.#channel.publish({ kind: "state", state, participants: this.#people.participants });
  }

  #fail(error: unknown): void {
    if (!isLive(this.#state)) {
      return;
    }
    if (!(error instanceof GatewayError)) {
      this.#options.logger.error("recording session failed on a fault of ours", { error });
    }
    this.#failure = error;
    this.end(failedWith(error));
  }

  async #release(verdict: Verdict, mayReject: boolean): Promise<void> {
    const { record, clock, logger, invitation, retryAfterSeconds, onReleased } = this.#options;
    try {
      if (mayReject) {
        const error = this.#failure;
        const known = error instanceof GatewayError ? error.sipStatus : 500;
        const status = error === undefined ? 480 : known;
        await refuseInvitation(invitation, { status, error, retryAfterSeconds });
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
    onReleased(record.finish(clock.wallMs(), verdict));
  }

  #advance(input: CallInput): void {
    this.#state = nextState(this.#state, input);
  }
}
