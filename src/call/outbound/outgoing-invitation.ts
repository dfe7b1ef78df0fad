/** A call of ours in the shape of an invitation whose caller sent no offer: the answer to it is our INVITE. */
import { after, type Clock } from "../../core/clock.ts";
import { codeOf, GatewayError } from "../../core/errors.ts";
import type {
  Invitation,
  InvitationAnswer,
  SignalingServer,
  SipDialog,
  SipSource,
} from "../../ports/signaling-server.ts";
import type { Dialling } from "./dialling.ts";

/** What the invitation works with. */
export interface OutgoingInvitationOptions {
  readonly clock: Clock;
  readonly signaling: Pick<SignalingServer, "invite">;
  readonly dialling: Dialling;
  readonly sipCallId: string;
  /** How long it may ring. */
  readonly ringMs: number;
}

/** `answer` calls; it rejects with CALL_NOT_ANSWERED, SIP_REQUEST_FAILED, SIP_INVITATION_ENDED, SIP_SERVER_LOST. */
export class OutgoingInvitation implements Invitation {
  readonly sipCallId: string;
  readonly source: SipSource = { address: "", port: 0, transport: "udp" };
  readonly uri: string;
  readonly calledUser: string;
  readonly callingUser: string;
  readonly assertedUser = "";
  readonly offer = undefined;
  /** Nobody but us can give it up. */
  readonly signal = new AbortController().signal;
  readonly #options: OutgoingInvitationOptions;
  readonly #giveUp = new AbortController();

  constructor(options: OutgoingInvitationOptions) {
    const { dialling, sipCallId } = options;
    this.#options = options;
    this.sipCallId = sipCallId;
    this.uri = dialling.uri;
    this.calledUser = dialling.calledNumber;
    this.callingUser = dialling.callingNumber;
  }

  /** Gives up when the call ends, in whatever way. */
  endWith(ending: AbortSignal): void {
    if (ending.aborted) {
      this.#giveUp.abort();
    }
    ending.addEventListener("abort", () => this.#giveUp.abort(), { once: true });
  }

  header(): undefined {
    return undefined;
  }

  progress(): void {
    // Nobody waits for it: the other side is the one that rings.
  }

  async answer({ sdp }: InvitationAnswer): Promise<SipDialog> {
    const { clock, signaling, dialling, sipCallId, ringMs } = this.#options;
    const { uri, callingNumber, headers, credentials } = dialling;
    let isLate = false;
    const limit = after(clock, ringMs, () => {
      isLate = true;
      this.#giveUp.abort();
    });
    try {
      return await signaling.invite({
        uri,
        callingUser: callingNumber,
        sdp,
        headers: { ...headers, "Call-ID": sipCallId },
        credentials,
        signal: this.#giveUp.signal,
      });
    } catch (error) {
      if (isLate && codeOf(error) === "SIP_INVITATION_ENDED") {
        const reason = `no answer within ${Math.round(ringMs / 1000)} s`;
        throw new GatewayError("CALL_NOT_ANSWERED", { reason }, { cause: error });
      }
      throw error;
    } finally {
      limit.cancel();
    }
  }

  reject(): Promise<void> {
    return Promise.resolve();
  }
}
