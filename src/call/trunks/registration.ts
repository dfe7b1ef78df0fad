/** Our registration with one trunk: made, refreshed before it expires, tried again after failures, taken back at the end. */
import { after, type Clock, type Timer } from "../../core/clock.ts";
import { GatewayError } from "../../core/errors.ts";
import type { Random } from "../../core/random.ts";
import type { OutboundRequest, SipAnswer, SipCredentials } from "../../ports/signaling-server.ts";
import type {
  RegistrationFailure,
  RegistrationState,
  RegistrationStatus,
} from "../../ports/trunk-directory.ts";
import { outcomeOf, type RetryPause, refreshAfterMs, retryAfterMs } from "./registration-rules.ts";
import type { RegistrationAddresses } from "./trunk-address.ts";

/** What a registration works with. */
export interface RegistrationOptions {
  readonly clock: Clock;
  readonly random: Random;
  readonly addresses: RegistrationAddresses;
  readonly transport: "udp" | "tcp" | "tls";
  readonly credentials: SipCredentials | undefined;
  readonly settings: RetryPause & { readonly expiresSeconds: number };
  readonly request: (request: OutboundRequest) => Promise<SipAnswer>;
  /** Hears every change between registered and not, and the first failure of a series. */
  readonly onChange: (status: RegistrationStatus) => void;
}

/** RFC 3261 gives a request 32 s; a registrar that takes so long is as good as none. */
const ANSWER_MS = 10_000;
/** Nobody waits longer for the end of a registration: the registrar forgets it by itself. */
const FAREWELL_MS = 2000;
/** CSeq counts each attempt of a request that is challenged. */
const NUMBERS_OF_A_REQUEST = 10;
/** A registrar that wants more each time is not followed for ever. */
const MAX_BRIEF = 3;
const MARK_BYTES = 6;
const CALL_ID_BYTES = 12;

/** `start` again at any time to try at once; `stop` for good. */
export class Registration {
  readonly #options: RegistrationOptions;
  readonly #callId: string;
  readonly #mark: string;
  #state: RegistrationState = "idle";
  #failure: RegistrationFailure | undefined;
  #status: number | undefined;
  #failures = 0;
  #sequence = 1;
  #expiresSeconds: number;
  #expiresAtMs: number | undefined;
  #nextAttemptAtMs: number | undefined;
  #timer: Timer | undefined;
  #asking: Promise<void> | undefined;
  #stopped: Promise<void> | undefined;

  constructor(options: RegistrationOptions) {
    this.#options = options;
    this.#callId = options.random.hex(CALL_ID_BYTES);
    this.#mark = `line=${options.random.hex(MARK_BYTES)}`;
    this.#expiresSeconds = options.settings.expiresSeconds;
  }

  /** Registers now, unless we are registered or just asking. */
  start(): void {
    if (this.#stopped === undefined && this.#asking === undefined && !this.#isRegistered()) {
      this.#ask();
    }
  }

  /** Takes the registration back, as far as there is one; idempotent, never rejects. */
  stop(): Promise<void> {
    this.#stopped ??= this.#takeBack();
    return this.#stopped;
  }

  toJSON(): RegistrationStatus {
    return {
      state: this.#state,
      failure: this.#failure,
      status: this.#status,
      failures: this.#failures,
      expiresAtMs: this.#isRegistered() ? this.#expiresAtMs : undefined,
      nextAttemptAtMs: this.#nextAttemptAtMs,
    };
  }

  #isRegistered(): boolean {
    return this.#state === "registered";
  }

  #ask(): void {
    this.#timer?.cancel();
    this.#nextAttemptAtMs = undefined;
    if (!this.#isRegistered()) {
      this.#state = "registering";
    }
    this.#asking = this.#register().finally(() => {
      this.#asking = undefined;
    });
  }

  async #register(): Promise<void> {
    for (let attempt = 0; attempt < MAX_BRIEF; attempt += 1) {
      const expiresSeconds = this.#expiresSeconds;
      let answer: SipAnswer;
      try {
        answer = await this.#send(expiresSeconds, ANSWER_MS);
      } catch (error) {
        this.#fail(isTimeout(error) ? "noAnswer" : "notSent", undefined);
        return;
      }
      if (this.#stopped !== undefined) {
        return;
      }
      const outcome = outcomeOf(answer, { expiresSeconds, mark: this.#mark });
      if (outcome.kind === "granted") {
        this.#granted(outcome.expiresSeconds, answer.status);
        return;
      }
      if (outcome.kind === "failed") {
        this.#fail(outcome.failure, answer.status, answer.header("Retry-After"));
        return;
      }
      this.#expiresSeconds = outcome.minExpiresSeconds;
    }
    this.#fail("expiryRefused", 423);
  }

  #granted(expiresSeconds: number, status: number): void {
    const { clock, random } = this.#options;
    const wasRegistered = this.#isRegistered();
    this.#state = "registered";
    this.#failure = undefined;
    this.#status = status;
    this.#failures = 0;
    this.#expiresAtMs = clock.wallMs() + expiresSeconds * 1000;
    this.#askAfter(refreshAfterMs(expiresSeconds, random));
    if (!wasRegistered) {
      this.#options.onChange(this.toJSON());
    }
  }

  #fail(failure: RegistrationFailure, status: number | undefined, retryAfter?: string): void {
    if (this.#stopped !== undefined) {
      return;
    }
    const { random, settings } = this.#options;
    const isNews = this.#isRegistered() || this.#failures === 0;
    this.#state = "failed";
    this.#failure = failure;
    this.#status = status;
    this.#failures += 1;
    this.#askAfter(retryAfterMs(this.#failures, settings, random, retryAfter));
    if (isNews) {
      this.#options.onChange(this.toJSON());
    }
  }

  #askAfter(delayMs: number): void {
    const { clock } = this.#options;
    this.#nextAttemptAtMs = clock.wallMs() + delayMs;
    this.#timer = after(clock, delayMs, () => this.#ask());
  }

  /** Also of one that was not answered yet: the registrar takes our requests in their order. */
  async #takeBack(): Promise<void> {
    this.#timer?.cancel();
    this.#nextAttemptAtMs = undefined;
    if (this.#isRegistered() || this.#asking !== undefined) {
      await this.#send(0, FAREWELL_MS).catch(() => undefined);
    }
    this.#state = "idle";
  }

  async #send(expiresSeconds: number, timeoutMs: number): Promise<SipAnswer> {
    const { addresses, transport, credentials, request } = this.#options;
    const { registrarUri, addressOfRecord, user } = addresses;
    const sequence = this.#sequence;
    this.#sequence += NUMBERS_OF_A_REQUEST;
    return await request({
      method: "REGISTER",
      uri: registrarUri,
      headers: {
        From: `<${addressOfRecord}>`,
        To: `<${addressOfRecord}>`,
        Contact: `<sip:${user}@localhost;transport=${transport};${this.#mark}>`,
        Expires: String(expiresSeconds),
      },
      callId: this.#callId,
      sequence,
      credentials,
      timeoutMs,
    });
  }
}

function isTimeout(error: unknown): boolean {
  return error instanceof GatewayError && error.details["timeoutMs"] !== undefined;
}
