/** Who is recorded, by metadata and rules: a participant for each stream, and warnings counted once. */
import { GatewayError } from "../../core/errors.ts";
import type { Metrics } from "../../core/metrics.ts";
import type { AssistParticipant } from "../../ports/assist-events.ts";
import type { RoleCorrection } from "../../ports/call-directory.ts";
import type { StreamRole } from "../../ports/realtime-model.ts";
import type { HeaderReader } from "../../siprec/correlation.ts";
import type { Oddity } from "../../siprec/oddities.ts";
import type { RecordingRequest } from "../../siprec/recording-request.ts";
import { updateRecording } from "../../siprec/recording-session.ts";
import { NEW_RECORDING, type RecordingState, speakersOf } from "../../siprec/recording-state.ts";
import {
  decideRoles,
  type RoleDecision,
  type RoleRule,
  withCorrections,
} from "../../siprec/roles.ts";

/** What decides who is who. */
export interface RecordingPeopleOptions {
  readonly roles: readonly RoleRule[];
  readonly trunk: string | undefined;
  /** Of the invitation. */
  readonly header: HeaderReader;
  readonly metrics: Metrics;
}

/** Follows what the client says. */
export class RecordingPeople {
  readonly #options: RecordingPeopleOptions;
  readonly #oddities = new Map<Oddity["code"], number>();
  /** By the key of the stream: what a person said goes before all rules. */
  readonly #byHand = new Map<string, RoleDecision["role"]>();
  #state = NEW_RECORDING;
  #participants: readonly AssistParticipant[] = [];
  #foreseen: readonly AssistParticipant[] = [];

  constructor(options: RecordingPeopleOptions) {
    this.#options = options;
  }

  /** One for each stream that is recorded, in the order of the m-lines. */
  get participants(): readonly AssistParticipant[] {
    return this.#participants;
  }

  /** Somebody unknown for a stream that no offer names. */
  byKey(key: string): AssistParticipant {
    return (
      this.#participants.find(({ id }) => id === key) ?? {
        id: key,
        role: "unknown",
        because: "the stream is not known",
        name: undefined,
      }
    );
  }

  /** Who will be on a stream once the request last foreseen is agreed on. */
  roleOf(key: string): StreamRole {
    const { role = "unknown" } = this.#foreseen.find(({ id }) => id === key) ?? {};
    return role === "model" ? "unknown" : role;
  }

  /** Reads ahead: models are told who they hear before the answer is out. Counts nothing. */
  foresee({ media, metadata }: RecordingRequest): void {
    this.#foreseen = this.#decide(updateRecording(this.#state, { metadata, media }).state);
  }

  /** Whether the client wants the stream to be recorded now. */
  isKept(key: string): boolean {
    const line = this.#state.media.find((one) => one.key === key);
    return line?.recordState !== "paused" && line?.recordState !== "off";
  }

  /** Whether everybody who is recorded is said to know (`recordingaware`). */
  get allAware(): boolean {
    const people = [...this.#state.participants.values()];
    return people.length > 0 && people.every(({ recordingAware }) => recordingAware === true);
  }

  /** Takes the metadata of a request, and its m-lines where its SDP was agreed on. */
  take({ media, metadata, oddities }: RecordingRequest, isAgreed: boolean): void {
    const update = { metadata, media: isAgreed ? media : undefined };
    const { state, facts } = updateRecording(this.#state, update);
    this.#state = state;
    for (const found of oddities) {
      this.#count(found);
    }
    for (const fact of facts) {
      if (fact.kind === "warning") {
        this.#count(fact.oddity);
      }
    }
    this.#participants = this.#decide(this.#state);
    this.#foreseen = this.#participants;
  }

  /** Those whose role is another one then; throws CALL_PARTICIPANT_UNKNOWN. */
  correct({ participantId, role }: RoleCorrection): readonly AssistParticipant[] {
    const before = new Map(this.#participants.map((one) => [one.id, one.role]));
    if (!before.has(participantId)) {
      throw new GatewayError("CALL_PARTICIPANT_UNKNOWN", {
        reason: "see participants of /calls/ID",
      });
    }
    this.#byHand.set(participantId, role);
    this.#participants = this.#decide(this.#state);
    this.#foreseen = this.#participants;
    return this.#participants.filter((one) => before.get(one.id) !== one.role);
  }

  /** Codes alone: what is odd may hold what the client wrote. */
  toJSON(): Readonly<Record<string, unknown>> {
    return {
      metadata: this.#state.metadataSeen,
      roles: this.#participants.map(({ id, role, because }) => ({ id, role, because })),
      oddities: Object.fromEntries(this.#oddities),
    };
  }

  #decide(state: RecordingState): readonly AssistParticipant[] {
    const { roles, trunk, header } = this.#options;
    const { streams: ruled } = decideRoles(roles, state, { trunk, header });
    const streams = withCorrections(ruled, this.#byHand);
    return state.media
      .filter(({ recordable }) => recordable)
      .map((line) => {
        const { role, because } = streams.get(line.key) ?? { role: "unknown", because: "" };
        const names = speakersOf(state, line).flatMap((person) => person.names);
        const name = names.find((one) => one.name !== undefined)?.name ?? names[0]?.aor;
        return { id: line.key, role, because, name };
      });
  }

  #count({ code }: Oddity): void {
    this.#oddities.set(code, (this.#oddities.get(code) ?? 0) + 1);
    this.#options.metrics.increment("trunkline_siprec_oddities_total", { code });
  }
}
