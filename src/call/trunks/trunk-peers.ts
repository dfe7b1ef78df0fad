/** What we do towards every trunk without a call: register, ping, and know how it stands. */
import type { Clock } from "../../core/clock.ts";
import type { Logger } from "../../core/logger.ts";
import type { Random } from "../../core/random.ts";
import type { OutboundRequest, SipAnswer } from "../../ports/signaling-server.ts";
import type {
  PingStatus,
  RegistrationFailure,
  RegistrationStatus,
  TrunkDirectory,
  TrunkStatus,
} from "../../ports/trunk-directory.ts";
import type { Trunk } from "../trunk.ts";
import { Ping } from "./ping.ts";
import { Registration } from "./registration.ts";
import { registrationAddresses, trunkUri } from "./trunk-address.ts";

/** What the peers work with. */
export interface TrunkPeersOptions {
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly trunks: readonly Trunk[];
  readonly request: (request: OutboundRequest) => Promise<SipAnswer>;
}

interface Peer {
  readonly trunk: Trunk;
  readonly ping: Ping | undefined;
  readonly registration: Registration | undefined;
}

const IN_WORDS: Readonly<Record<RegistrationFailure, string>> = {
  noAnswer: "the registrar does not answer",
  credentialsRefused: "the registrar refuses user name or password",
  forbidden: "the registrar forbids it",
  userUnknown: "the registrar does not know the user",
  expiryRefused: "the registrar takes no time that we can ask for",
  unavailable: "the registrar is not available now",
  refused: "the registrar refuses",
  notSent: "the SIP server could not send the request",
};

/** `start` whenever the SIP server is there; `stop` for good. */
export class TrunkPeers implements TrunkDirectory {
  readonly #options: TrunkPeersOptions;
  readonly #peers: readonly Peer[];
  #stopped: Promise<void> | undefined;

  constructor(options: TrunkPeersOptions) {
    this.#options = options;
    this.#peers = options.trunks.map((trunk) => this.#peerOf(trunk));
  }

  /** Registers and pings at once, and from then on. */
  start(): void {
    if (this.#stopped === undefined) {
      for (const { ping, registration } of this.#peers) {
        ping?.start();
        registration?.start();
      }
    }
  }

  /** Takes our registrations back, so that no new calls come; idempotent, never rejects. */
  stop(): Promise<void> {
    this.#stopped ??= this.#stop();
    return this.#stopped;
  }

  listTrunks(): readonly TrunkStatus[] {
    return this.#peers.map(({ trunk, ping, registration }) => ({
      name: trunk.name,
      transport: trunk.transport,
      host: trunk.host,
      ping: ping?.toJSON(),
      registration: registration?.toJSON(),
    }));
  }

  /** Whether the trunk was asked and did not answer. */
  isDown(name: string): boolean {
    const peer = this.#peers.find(({ trunk }) => trunk.name === name);
    return peer?.ping?.toJSON().state === "down";
  }

  async #stop(): Promise<void> {
    for (const { ping } of this.#peers) {
      ping?.stop();
    }
    await Promise.all(this.#peers.map(({ registration }) => registration?.stop()));
  }

  #peerOf(trunk: Trunk): Peer {
    const { clock, random, request } = this.#options;
    const logger = this.#options.logger.child({ trunk: trunk.name });
    const common = { clock, random, request };
    const uri = trunkUri(trunk);
    const addresses = registrationAddresses(trunk);
    return {
      trunk,
      ping:
        trunk.ping === undefined || uri === undefined
          ? undefined
          : new Ping({
              ...common,
              uri,
              settings: trunk.ping,
              onChange: (status) => logPing(logger, status),
            }),
      registration:
        trunk.register === undefined || addresses === undefined
          ? undefined
          : new Registration({
              ...common,
              addresses,
              transport: trunk.transport,
              credentials: trunk.digest.outbound,
              settings: trunk.register,
              onChange: (status) => logRegistration(logger, status),
            }),
    };
  }
}

function logPing(logger: Logger, { state, status, missed, roundTripMs }: PingStatus): void {
  if (state === "up") {
    logger.info("trunk is up", { status, roundTripMs: Math.round(roundTripMs ?? 0) });
  } else {
    logger.warn("trunk is down: it does not answer OPTIONS", { status, missed });
  }
}

function logRegistration(logger: Logger, status: RegistrationStatus): void {
  if (status.failure === undefined) {
    const { expiresAtMs } = status;
    logger.info("registered with the trunk", {
      until: expiresAtMs === undefined ? undefined : new Date(expiresAtMs).toISOString(),
    });
  } else {
    logger.warn("not registered with the trunk, trying again", {
      reason: IN_WORDS[status.failure],
      status: status.status,
    });
  }
}
