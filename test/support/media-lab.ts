/** A host on virtual time with a fake network, one peer and one model: what media tests arrange. */
import { DirectAnchor } from "../../src/anchors/direct-anchor.ts";
import { asCallId, createLegId } from "../../src/core/ids.ts";
import { silentLogger } from "../../src/core/logger.ts";
import { InlineHost } from "../../src/media/inline-host.ts";
import type { LocalVoice } from "../../src/ports/local-voice.ts";
import type { LegFact, MediaFact } from "../../src/ports/media-facts.ts";
import type {
  AttachModel,
  BargeInMode,
  LegAddress,
  LegStream,
} from "../../src/ports/media-host.ts";
import type {
  AudioFormat,
  ModelCapabilities,
  ModelSessionPlan,
  RealtimeModel,
} from "../../src/ports/realtime-model.ts";
import { FakeModel } from "./fake-model.ts";
import { FakeNetwork } from "./fake-network.ts";
import { RtpPeer, type RtpPeerOptions } from "./rtp-peer.ts";
import { SeededRandom } from "./seeded-random.ts";
import { SrtpNetwork } from "./srtp-network.ts";
import { VirtualClock } from "./virtual-clock.ts";

/** What may differ from test to test. */
export interface MediaLabOptions {
  readonly seed?: number;
  readonly formats?: readonly AudioFormat[];
  readonly outputFormat?: AudioFormat;
  readonly readyAfterMs?: number | undefined;
  readonly capabilities?: Partial<ModelCapabilities>;
  /** In place of the {@link FakeModel} that the other options describe. */
  readonly model?: (clock: VirtualClock) => FakeModel;
  /** Further models, by their names. */
  readonly others?: readonly string[];
  readonly mediaTimeoutMs?: number;
  readonly uplinkBatchMs?: number;
  readonly voice?: LocalVoice;
  readonly peer?: Partial<RtpPeerOptions>;
  /** Another model, beside the fake one. */
  readonly other?: (clock: VirtualClock) => RealtimeModel;
  /** `off`: both may talk at once. */
  readonly bargeIn?: BargeInMode;
}

/** The arrangement; `close` it and assert that nothing is left. */
export class MediaLab {
  static readonly CALL = asCallId("call-1");
  static readonly LEG = createLegId(MediaLab.CALL, "a");
  readonly clock = new VirtualClock();
  readonly network: FakeNetwork;
  /** The peer's side of it. */
  readonly srtp: SrtpNetwork;
  readonly anchors: DirectAnchor;
  readonly host: InlineHost;
  readonly model: FakeModel;
  /** Ready after 300 ms. */
  readonly others = new Map<string, FakeModel>();
  readonly peer: RtpPeer;
  readonly facts: MediaFact[] = [];
  readonly bargeIn: BargeInMode | undefined;
  address: LegAddress = { address: "", port: 0, rtcpPort: 0 };

  constructor(options: MediaLabOptions = {}) {
    const { clock } = this;
    this.bargeIn = options.bargeIn;
    const random = new SeededRandom(options.seed ?? 7);
    this.network = new FakeNetwork(clock, options.seed ?? 7);
    this.anchors = new DirectAnchor({
      clock,
      random,
      logger: silentLogger,
      network: this.network,
      bindAddress: "198.51.100.1",
      ports: { min: 20_000, max: 20_099 },
    });
    this.model = options.model?.(clock) ?? createModel(clock, options);
    for (const name of options.others ?? []) {
      this.others.set(name, new FakeModel({ clock, name, readyAfterMs: 300 }));
    }
    const others = [
      ...this.others.values(),
      ...(options.other === undefined ? [] : [options.other(clock)]),
    ];
    this.host = new InlineHost({
      clock,
      random,
      logger: silentLogger,
      anchors: this.anchors,
      models: new Map([this.model, ...others].map((model) => [model.name, model])),
      voice: options.voice,
      mediaTimeoutMs: options.mediaTimeoutMs,
      uplinkBatchMs: options.uplinkBatchMs,
    });
    this.host.setDelegate({ onFact: (fact) => this.facts.push(fact) });
    this.srtp = new SrtpNetwork(this.network);
    this.peer = new RtpPeer({ network: this.srtp, clock, ...options.peer });
  }

  get plan(): ModelSessionPlan {
    return {
      callId: MediaLab.CALL,
      instructions: "",
      voice: undefined,
      greeting: undefined,
      tools: [],
      dialogue: undefined,
    };
  }

  /** Opens the leg, with the peer talking to it. */
  async openLeg(changes: Partial<LegStream> = {}): Promise<void> {
    await this.peer.open();
    this.address = await this.host.execute({ kind: "openLeg", ...this.ids });
    await this.update(changes);
    this.peer.connect(this.address.address, this.address.port);
  }

  /** The same, with the model attached. */
  async openCall(mode: "talk" | "listen" = "talk"): Promise<void> {
    await this.openLeg();
    await this.attachModel(mode);
    await this.clock.advanceMs(0);
  }

  async update(changes: Partial<LegStream>): Promise<void> {
    const stream = this.peer.stream(changes);
    await this.host.execute({ kind: "updateRemote", ...this.ids, stream });
  }

  async attachModel(
    mode: "talk" | "listen" = "talk",
    more: Partial<Pick<AttachModel, "continuity" | "plan">> = {},
  ): Promise<void> {
    const { model, plan, ids, bargeIn } = this;
    await this.host.execute({
      kind: "attachModel",
      ...ids,
      model: model.name,
      mode,
      plan,
      bargeIn,
      ...more,
    });
  }

  /** A further model. */
  other(name: string): FakeModel {
    const model = this.others.get(name);
    if (model === undefined) {
      throw new Error(`no model ${name}`);
    }
    return model;
  }

  get ids(): { callId: typeof MediaLab.CALL; legId: typeof MediaLab.LEG } {
    return { callId: MediaLab.CALL, legId: MediaLab.LEG };
  }

  factsOf<K extends LegFact["kind"]>(kind: K): Extract<MediaFact, { kind: K }>[] {
    return this.facts.filter((fact): fact is Extract<MediaFact, { kind: K }> => fact.kind === kind);
  }

  /** Ends everything; what is left shows in `clock.pending`, `network.openSockets` and `host.toJSON()`. */
  async close(): Promise<void> {
    await this.host.execute({ kind: "closeLeg", ...this.ids });
    await this.peer.close();
    await this.clock.advanceMs(200);
  }
}

function createModel(clock: VirtualClock, options: MediaLabOptions): FakeModel {
  return new FakeModel({
    clock,
    readyAfterMs: "readyAfterMs" in options ? options.readyAfterMs : 0,
    outputFormat: options.outputFormat,
    ...(options.formats === undefined ? {} : { formats: options.formats }),
    ...(options.capabilities === undefined ? {} : { capabilities: options.capabilities }),
  });
}
