/** The legs of a recording session: one for each audio stream, kept by label from one offer to the next. */
import { GatewayError } from "../../core/errors.ts";
import { type CallId, createLegId, type LegId } from "../../core/ids.ts";
import type { LegAddress, LegStream, MediaHost } from "../../ports/media-host.ts";
import type { StreamRole } from "../../ports/realtime-model.ts";
import type { Law } from "../../sdp/codecs.ts";
import { LocalSession } from "../../sdp/local-session.ts";
import type { NegotiatedAnswer, NegotiatedStream } from "../../sdp/offer-answer.ts";
import type { SessionDescription } from "../../sdp/session-description.ts";
import { takableLines } from "../../sdp/stream-choice.ts";
import type { SrtpCapability } from "../../sdp/stream-security.ts";
import type { RecordingRequest } from "../../siprec/recording-request.ts";
import type { RecordingPeople } from "./recording-people.ts";
import type { RecordingService } from "./recording-service.ts";

/** Pages draw ten values a second, and get them by twos. */
const LEVELS = { kind: "measureLevels", everyMs: 100, batch: 2 } as const;

/** What the legs need. */
export interface RecordingStreamsOptions {
  readonly callId: CallId;
  /** Identifies the session in `o=`; a positive integer. */
  readonly sessionId: number;
  readonly host: MediaHost;
  readonly laws?: readonly Law[] | undefined;
  readonly srtp: SrtpCapability;
  /** Where the client's SIP comes from. */
  readonly peer: string;
  readonly ears: Pick<RecordingService, "model" | "dialogue">;
  /** Models may need to know who is on a stream when they begin. */
  readonly people: Pick<RecordingPeople, "foresee" | "roleOf">;
}

/** One stream with its leg. */
export interface RecordingStream {
  /** Key of its m-line: the label where there is one. */
  readonly key: string;
  readonly legId: LegId;
  readonly address: LegAddress;
  /** Whether the client sends on it now. */
  sending: boolean;
  /** What its model was told last. */
  role: StreamRole;
}

/** To be told one offer at a time. */
export class RecordingStreams {
  readonly #options: RecordingStreamsOptions;
  readonly #session: LocalSession;
  readonly #streams = new Map<string, RecordingStream>();
  #opened = 0;
  #localSdp = "";

  constructor(options: RecordingStreamsOptions) {
    this.#options = options;
    this.#session = new LocalSession(options.sessionId, options.srtp);
  }

  /** Those that are recorded now. */
  get all(): readonly RecordingStream[] {
    return [...this.#streams.values()];
  }

  /** Our last description. */
  get localSdp(): string {
    return this.#localSdp;
  }

  byLeg(legId: LegId): RecordingStream | undefined {
    return this.all.find((stream) => stream.legId === legId);
  }

  /**
   * Our answer: every m-line in order, with its label. Rejects with SDP_* for an offer without a stream that can be taken,
   * MEDIA_* where there is no port; then all is as it was.
   */
  async answer(request: RecordingRequest): Promise<string> {
    const { sdp, sdpFault, media } = request;
    if (sdp === undefined) {
      throw new GatewayError(faultOf(sdpFault));
    }
    const { laws, srtp } = this.#options;
    const places = takableLines(sdp, { laws, policy: srtp.policy });
    const before = new Set(this.#streams.keys());
    this.#options.people.foresee(request);
    const keysOf = (indexes: readonly number[]): readonly string[] =>
      indexes.map((index) => media[index]?.key ?? `#${index + 1}`);
    let answered: NegotiatedAnswer;
    try {
      for (const key of keysOf(places)) {
        await this.#open(key);
      }
      answered = this.#negotiate(sdp, keysOf(places));
      if (answered.streams.length < places.length) {
        // Streams of the other IP version are not taken; the ports of the others stay theirs.
        answered = this.#negotiate(sdp, keysOf(placesOf(answered)));
      }
    } catch (error) {
      await this.#closeAll([...this.#streams.keys()].filter((key) => !before.has(key)));
      throw error;
    }
    const taken = keysOf(placesOf(answered));
    await this.#closeAll([...this.#streams.keys()].filter((key) => !taken.includes(key)));
    for (const [index, stream] of answered.streams.entries()) {
      await this.#apply(taken[index] ?? "", stream, before);
    }
    this.#localSdp = answered.sdp;
    return answered.sdp;
  }

  /** Opens the model of a stream anew. */
  async listenAgain(legId: LegId): Promise<void> {
    const stream = this.byLeg(legId);
    if (stream !== undefined) {
      await this.#attach(stream);
    }
  }

  /** Models whose stream has another role than they know are told. Never rejects. */
  async tellRoles(): Promise<void> {
    const { callId, host, people } = this.#options;
    for (const stream of this.all) {
      const { key, legId } = stream;
      const role = people.roleOf(key);
      if (role !== stream.role) {
        stream.role = role;
        // Only a leg that has just been closed cannot be told, and nobody listens to it.
        await host.execute({ kind: "tellRole", callId, legId, role }).catch(() => undefined);
      }
    }
  }

  /** Resolves when all ports are released. */
  close(): Promise<void> {
    return this.#closeAll([...this.#streams.keys()]);
  }

  #negotiate(sdp: SessionDescription, keys: readonly string[]): NegotiatedAnswer {
    const { laws } = this.#options;
    const addresses = keys.flatMap((key) => this.#streams.get(key)?.address ?? []);
    return this.#session.answer(sdp, {
      transports: addresses,
      telephoneEvent: false,
      direction: "recvonly",
      ...(laws === undefined ? {} : { laws }),
    });
  }

  async #open(key: string): Promise<void> {
    if (this.#streams.has(key)) {
      return;
    }
    const { callId, host, peer } = this.#options;
    this.#opened += 1;
    const legId = createLegId(callId, `stream${this.#opened}`);
    const address = await host.execute({ kind: "openLeg", callId, legId, peer });
    this.#streams.set(key, { key, legId, address, sending: false, role: "unknown" });
  }

  async #apply(
    key: string,
    negotiated: NegotiatedStream,
    before: ReadonlySet<string>,
  ): Promise<void> {
    const stream = this.#streams.get(key);
    if (stream === undefined) {
      return;
    }
    const { callId, host } = this.#options;
    const { legId } = stream;
    stream.sending = negotiated.direction === "recvonly";
    await host.execute({
      kind: "updateRemote",
      callId,
      legId,
      stream: this.#legStream(negotiated),
    });
    if (!before.has(key)) {
      await host.execute({ ...LEVELS, callId, legId });
      await this.#attach(stream);
    }
  }

  #legStream(negotiated: NegotiatedStream): LegStream {
    const { mediaIndex: _, label: __, remoteHold: ___, ...stream } = negotiated;
    return { ...stream, signallingAddress: this.#options.peer, held: false };
  }

  async #attach(stream: RecordingStream): Promise<void> {
    const { callId, host, ears, people } = this.#options;
    const { key, legId } = stream;
    stream.role = people.roleOf(key);
    await host.execute({
      kind: "attachModel",
      callId,
      legId,
      model: ears.model,
      mode: "listen",
      plan: {
        callId,
        instructions: "",
        voice: undefined,
        greeting: undefined,
        tools: [],
        dialogue: ears.dialogue,
        heard: { role: stream.role, streams: this.#streams.size },
      },
    });
  }

  async #closeAll(keys: readonly string[]): Promise<void> {
    const { callId, host } = this.#options;
    const closing = keys.map(async (key) => {
      const stream = this.#streams.get(key);
      if (stream !== undefined) {
        await host.execute({ kind: "closeLeg", callId, legId: stream.legId });
        this.#streams.delete(key);
      }
    });
    await Promise.all(closing);
  }
}

function faultOf(sdpFault: string | undefined) {
  const isTooMany = sdpFault?.startsWith("SDP_TOO_MANY_STREAMS") === true;
  return sdpFault === undefined
    ? "SDP_NO_AUDIO"
    : isTooMany
      ? "SDP_TOO_MANY_STREAMS"
      : "SDP_MALFORMED";
}

function placesOf({ streams }: NegotiatedAnswer): readonly number[] {
  return streams.map(({ mediaIndex }) => mediaIndex);
}
