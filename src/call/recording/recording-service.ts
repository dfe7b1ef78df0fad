/** What a flow of mode assist does with a recording session: who hears its streams, and who is who. */
import type { ConversationAidOptions } from "../../assist/conversation-aid.ts";
import type { Metrics } from "../../core/metrics.ts";
import type { Bus } from "../../ports/bus.ts";
import type { Dialogue } from "../../ports/dialogue.ts";
import type { RecordingRequest } from "../../siprec/recording-request.ts";
import type { RoleRule } from "../../siprec/roles.ts";
import type { PhoneCallOptions } from "../phone-call-options.ts";

/** The plan of one recording session. */
export interface RecordingService {
  readonly mode: "assist";
  /** Name of the model that listens to each stream. */
  readonly model: string;
  /** Streams beyond are not recorded. */
  readonly maxStreams: number;
  /** What it listens for, where it needs to be told. */
  readonly dialogue: Dialogue;
  readonly roles: readonly RoleRule[];
  /** Helps the agent; `undefined`: they are only told what is said. */
  readonly help: AgentHelp | undefined;
  /** What the invitation held. */
  readonly request: RecordingRequest;
}

/** What agents are helped with; the same for all calls. */
export type AgentHelp = Pick<ConversationAidOptions, "desk" | "playbook">;

/** What a recording session is made of. */
export interface RecordingCallOptions extends Omit<PhoneCallOptions, "service" | "farewellMs"> {
  readonly service: RecordingService;
  readonly bus: Bus;
  readonly metrics: Metrics;
}

/** Listens for ever and never says or ends anything; a model that recognises phrases listens for these. */
export function listeningDialogue(phrases: readonly string[]): Dialogue {
  const words = Object.fromEntries(phrases.map((phrase) => [phrase, "listen"]));
  return { start: "listen", steps: { listen: { words, otherwise: "listen" } } };
}
