/** Calls of a service's API at its rate: spaced out, repeated with back-off and jitter, refusals told in our words. */
import { type Clock, sleep } from "../core/clock.ts";
import { GatewayError } from "../core/errors.ts";
import { maskNumbers } from "../core/logger.ts";
import type { Random } from "../core/random.ts";

/** What it needs, and how fast it is. */
export interface PacedCallsOptions {
  readonly clock: Clock;
  readonly random: Random;
  /** Between the starts of two calls. */
  readonly spacingMs: number;
  /** Never shown, even where the service repeats them. */
  readonly secrets: readonly string[];
  /** Told before each wait that follows a refusal. */
  readonly onWait?: ((operation: string, waitMs: number) => void) | undefined;
  /** Nothing is asked, and nothing repeated, once it is aborted. */
  readonly until?: AbortSignal | undefined;
}

/** How a call may be repeated. */
export interface Repetition {
  /**
   * The call may have been carried out although its answer was lost, and must not be twice: asked before it is
   * repeated; anything but `undefined` is taken for the answer.
   */
  readonly alreadyDone?: (() => Promise<unknown>) | undefined;
  /** What was made a moment ago may not be known everywhere yet: 404 is repeated as well. */
  readonly isFresh?: boolean | undefined;
}

const MAX_ATTEMPTS = 8;
const FRESH_ATTEMPTS = 5;
const FIRST_WAIT_MS = 500;
const MAX_WAIT_MS = 20_000;

/** What went wrong, by the class that decides what is done about it. */
type Trouble = "throttled" | "unknown" | "missing" | "refused";

interface ServiceError {
  readonly name?: string;
  readonly message?: string;
  /** Of the system, where the network failed. */
  readonly code?: string;
  readonly $metadata?: { readonly httpStatusCode?: number };
}

/** One call after the other. */
export class PacedCalls {
  readonly #options: PacedCallsOptions;
  #nextUs = 0;

  constructor(options: PacedCallsOptions) {
    this.#options = options;
  }

  /** @throws GatewayError PROVISION_REFUSED, PROVISION_UNREACHABLE. */
  async call<T>(operation: string, send: () => Promise<T>, how: Repetition = {}): Promise<T> {
    for (let attempt = 1; ; attempt += 1) {
      await this.#takeTurn();
      this.#refuseWhenOver(operation);
      try {
        return await send();
      } catch (error) {
        const trouble = troubleOf(error);
        const isOver = this.#options.until?.aborted === true;
        if (isOver || !mayRepeat(trouble, attempt, how)) {
          throw this.#ours(operation, trouble, error);
        }
        await this.#wait(operation, attempt);
        const done = trouble === "unknown" ? await how.alreadyDone?.() : undefined;
        if (done !== undefined) {
          return done as T;
        }
      }
    }
  }

  #refuseWhenOver(operation: string): void {
    if (this.#options.until?.aborted === true) {
      throw new GatewayError("PROVISION_UNREACHABLE", { operation, reason: "it took too long" });
    }
  }

  async #takeTurn(): Promise<void> {
    const { clock, spacingMs } = this.#options;
    const nowUs = clock.nowUs();
    const turnUs = Math.max(nowUs, this.#nextUs);
    this.#nextUs = turnUs + spacingMs * 1000;
    if (turnUs > nowUs) {
      await sleep(clock, (turnUs - nowUs) / 1000);
    }
  }

  /** Half of it certain, half by chance, so that two who were refused together do not come back together. */
  async #wait(operation: string, attempt: number): Promise<void> {
    const { clock, random, onWait } = this.#options;
    const fullMs = Math.min(MAX_WAIT_MS, FIRST_WAIT_MS * 2 ** (attempt - 1));
    const waitMs = Math.round(fullMs / 2 + (fullMs / 2) * (random.uint32() / 2 ** 32));
    onWait?.(operation, waitMs);
    await sleep(clock, waitMs);
  }

  #ours(operation: string, trouble: Trouble, error: unknown): GatewayError {
    if (error instanceof GatewayError) {
      return error;
    }
    const status = statusOf(error) ?? "none";
    const { name, message, code } = error as ServiceError;
    if (trouble === "unknown" && status === "none") {
      return new GatewayError("PROVISION_UNREACHABLE", { operation, reason: code ?? name });
    }
    const reason = `${name ?? "error"}: ${this.#withoutSecrets(message ?? "")}`;
    return new GatewayError("PROVISION_REFUSED", { operation, status, reason });
  }

  /** The service may repeat what it was sent. */
  #withoutSecrets(text: string): string {
    const hidden = this.#options.secrets.reduce(
      (rest, secret) => (secret === "" ? rest : rest.replaceAll(secret, "[secret]")),
      text,
    );
    return maskNumbers(hidden).slice(0, 300);
  }
}

function mayRepeat(trouble: Trouble, attempt: number, { isFresh }: Repetition): boolean {
  if (trouble === "missing") {
    return isFresh === true && attempt < FRESH_ATTEMPTS;
  }
  return trouble !== "refused" && attempt < MAX_ATTEMPTS;
}

/** Whether an error says that there is no such thing. */
export function isMissing(error: unknown): boolean {
  return error instanceof GatewayError
    ? error.details["status"] === 404
    : troubleOf(error) === "missing";
}

function troubleOf(error: unknown): Trouble {
  if (error instanceof GatewayError || isWithoutKeys(error)) {
    return "refused";
  }
  const status = statusOf(error);
  if (status === 429 || /throttl/i.test((error as ServiceError).name ?? "")) {
    return "throttled";
  }
  if (status === undefined || status >= 500) {
    return "unknown";
  }
  return status === 404 ? "missing" : "refused";
}

/** Nobody was asked: this machine has no keys of AWS. */
function isWithoutKeys(error: unknown): boolean {
  return /^Credentials?ProviderError$|^TokenProviderError$/.test(
    (error as ServiceError).name ?? "",
  );
}

function statusOf(error: unknown): number | undefined {
  return (error as ServiceError).$metadata?.httpStatusCode;
}
