/** What the API is given by the composition. */
import type { Clock } from "../core/clock.ts";
import type { Logger } from "../core/logger.ts";
import type { AudioReader } from "../ports/audio-reader.ts";
import type { CallDirectory } from "../ports/call-directory.ts";
import type { CallPlacer } from "../ports/call-placer.ts";
import type { CallStore } from "../ports/call-store.ts";
import type { ChatAssistant } from "../ports/chat-assistant.ts";
import type { ContactRegister } from "../ports/contact-directory.ts";
import type { ContactListener } from "../ports/contact-listener.ts";
import type { ContactSources } from "../ports/contact-sources.ts";
import type { SocketDoor } from "../ports/socket-door.ts";
import type { TrunkDirectory } from "../ports/trunk-directory.ts";
import type { ApiToken } from "./access.ts";
import type { AssistHub } from "./assist/assist-hub.ts";
import type { PrometheusMetrics } from "./metrics.ts";
import type { GatewaySnapshot } from "./snapshot.ts";

/** What `WS /assist` works with. */
export interface AssistSocketOptions {
  readonly hub: AssistHub;
  /** Signs one-contact tokens; secret. */
  readonly tokenSecret: string;
  /** Origins beside our own whose pages may connect, in lower case. */
  readonly origins: readonly string[];
  /** The contact control panel that pages show unless told otherwise. */
  readonly ccp?: { readonly url: string; readonly region?: string | undefined } | undefined;
}

/** All that the routes work with. */
export interface ApiOptions {
  /** Address to bind; any but loopback needs `tokens`. */
  readonly host: string;
  /** 0 = any free port. */
  readonly port: number;
  readonly tokens: readonly ApiToken[];
  /** Names beside `host` and loopback that may stand in the Host header. */
  readonly allowedHosts?: readonly string[];
  readonly directory: CallDirectory;
  readonly placer: CallPlacer;
  readonly audioReader: AudioReader;
  readonly store: CallStore;
  readonly trunks: TrunkDirectory;
  readonly assistant: ChatAssistant;
  readonly contacts: ContactSources;
  readonly announcements: ContactRegister;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: PrometheusMetrics;
  /** Counters and states of all parts, for `/metrics`, and for `/health` when asked by whoever may read. */
  readonly snapshot: () => GatewaySnapshot;
  /** Why no call can be taken although nobody drains, for instance a lost SIP server; `undefined` = ready. */
  readonly notReady?: () => string | undefined;
  /** Closed with the application. */
  readonly assist: AssistSocketOptions;
  /** Where the pages were built to; they may be built later, or never. */
  readonly pagesFolder: string;
  /** Further WebSockets, each with a path of its own; closed with the application. Absent: none. */
  readonly doors?: readonly SocketDoor[];
  /** Listens to contacts by Kinesis Video; absent: nothing does. */
  readonly video?: ContactListener;
  readonly version: string;
}
