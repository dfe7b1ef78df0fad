/** Contacts of one instance of Amazon Connect: their attributes read, and written in time. */
import {
  ConnectClient,
  GetContactAttributesCommand,
  UpdateContactAttributesCommand,
} from "@aws-sdk/client-connect";
import { type AwsAccess, awsClientOptions } from "../core/aws-access.ts";
import { type Clock, sleep } from "../core/clock.ts";
import type { ContactAnswer, ContactIdentity, ResultOutcome } from "../ports/contact-directory.ts";

/** Which instance, and where. */
export interface ConnectContactsOptions {
  readonly clock: Clock;
  readonly access: AwsAccess;
  readonly instanceId: string;
}

type Failure = Exclude<ResultOutcome, "written" | "trimmed">;

/** Before the second attempt to write; doubled for each further one. */
const FIRST_PAUSE_MS = 100;
/** Failures that another attempt may mend. */
const PASSING: readonly Failure[] = ["rateLimited", "failed"];

/** Neither method rejects. */
export class ConnectContacts {
  readonly #options: ConnectContactsOptions;
  readonly #client: ConnectClient;

  constructor(options: ConnectContactsOptions) {
    this.#options = options;
    // Attempts are counted here, within the time of the call.
    this.#client = new ConnectClient({ ...awsClientOptions(options.access), maxAttempts: 1 });
  }

  async find(identity: ContactIdentity, signal: AbortSignal): Promise<ContactAnswer> {
    if (this.#isForeign(identity)) {
      return { outcome: "otherInstance" };
    }
    const command = new GetContactAttributesCommand(this.#addressOf(identity));
    try {
      const { Attributes: attributes = {} } = await this.#client.send(command, {
        abortSignal: signal,
      });
      return { outcome: "found", contact: { identity, attributes } };
    } catch (error) {
      return { outcome: failureOf(error, signal) };
    }
  }

  async write(
    identity: ContactIdentity,
    attributes: Readonly<Record<string, string>>,
    signal: AbortSignal,
  ): Promise<ResultOutcome> {
    if (this.#isForeign(identity)) {
      return "otherInstance";
    }
    const input = { ...this.#addressOf(identity), Attributes: { ...attributes } };
    for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs *= 2) {
      try {
        const command = new UpdateContactAttributesCommand(input);
        await this.#client.send(command, { abortSignal: signal });
        return "written";
      } catch (error) {
        const failure = failureOf(error, signal);
        if (!PASSING.includes(failure) || !(await this.#paused(pauseMs, signal))) {
          return failure;
        }
      }
    }
  }

  /** Connections are released; what is being asked fails. */
  close(): void {
    this.#client.destroy();
  }

  async #paused(pauseMs: number, signal: AbortSignal): Promise<boolean> {
    try {
      await sleep(this.#options.clock, pauseMs, signal);
      return true;
    } catch {
      return false;
    }
  }

  #isForeign({ instanceId }: ContactIdentity): boolean {
    return instanceId !== undefined && instanceId !== this.#options.instanceId;
  }

  #addressOf({ contactId, initialContactId }: ContactIdentity) {
    return {
      InstanceId: this.#options.instanceId,
      InitialContactId: initialContactId ?? contactId,
    };
  }
}

function failureOf(error: unknown, signal: AbortSignal): Failure {
  if (signal.aborted) {
    return "timedOut";
  }
  const { name, $metadata } = error as {
    readonly name?: unknown;
    readonly $metadata?: { readonly httpStatusCode?: number };
  };
  const status = $metadata?.httpStatusCode;
  if (name === "ResourceNotFoundException") {
    return "unknown";
  }
  if (name === "ThrottlingException" || status === 429) {
    return "rateLimited";
  }
  const isRefused = name === "CredentialsProviderError" || (status ?? 500) < 500;
  return isRefused ? "refused" : "failed";
}
