/** A whole gateway on virtual time: SIP, sockets and models are fakes of the ports, everything between is the real thing. */
import { DirectAnchor } from "../../src/anchors/direct-anchor.ts";
import { briefingOf, type ContactSettings } from "../../src/app/call-briefing.ts";
import { Admission } from "../../src/call/admission.ts";
import { type AgentPlan, AgentService } from "../../src/call/agent-service.ts";
import type { PlannedService } from "../../src/call/call-plan.ts";
import { CallRegistry } from "../../src/call/call-registry.ts";
import { DoorCalls } from "../../src/call/door/door-calls.ts";
import { EchoService } from "../../src/call/echo-service.ts";
import { DEFAULT_FAREWELL, type Flow } from "../../src/call/flow.ts";
import type { LastWordsPlan } from "../../src/call/last-words.ts";
import {
  readInvitation,
  recordingRequestOf,
} from "../../src/call/recording/recording-invitation.ts";
import { type AgentHelp, listeningDialogue } from "../../src/call/recording/recording-service.ts";
import type { RecordingPolicy } from "../../src/call/recording-policy.ts";
import type { Trunk } from "../../src/call/trunk.ts";
import { TrunkTable } from "../../src/call/trunk-table.ts";
import type { CallId } from "../../src/core/ids.ts";
import { silentLogger } from "../../src/core/logger.ts";
import {
  type MetricLabels,
  type MetricName,
  type Metrics,
  noMetrics,
} from "../../src/core/metrics.ts";
import type { Random } from "../../src/core/random.ts";
import type { SrtpPolicy } from "../../src/core/srtp-suites.ts";
import { InlineHost } from "../../src/media/inline-host.ts";
import { PcmSwitchboard } from "../../src/media/pcm-switchboard.ts";
import type { Bus, BusMessage } from "../../src/ports/bus.ts";
import type { CallRecord, CallStore } from "../../src/ports/call-store.ts";
import type { MediaFact } from "../../src/ports/media-facts.ts";
import type { MediaHost } from "../../src/ports/media-host.ts";
import type { RealtimeModel } from "../../src/ports/realtime-model.ts";
import type { Invitation } from "../../src/ports/signaling-server.ts";
import type { FileRecordingStore } from "../../src/recordings/file-recording-store.ts";
import { offer as writeOffer } from "../../src/sdp/offer-answer.ts";
import type { RecordingRequest } from "../../src/siprec/recording-request.ts";
import type { RoleRule } from "../../src/siprec/roles.ts";
import { FakeModel } from "./fake-model.ts";
import { FakeNetwork, type NetworkConditions } from "./fake-network.ts";
import { type FakeCaller, type FakeInvite, FakeSignaling } from "./fake-signaling.ts";
import { FakeVoice } from "./fake-voice.ts";
import { FakeWebhook } from "./fake-webhook.ts";
import { MemoryDisk } from "./memory-disk.ts";
import { recordingLab } from "./recording-lab.ts";
import { RtpPeer } from "./rtp-peer.ts";
import { SeededRandom } from "./seeded-random.ts";
import { SrtpNetwork } from "./srtp-network.ts";
import { Timeline } from "./timeline.ts";
import { VirtualClock } from "./virtual-clock.ts";

/** What differs from scenario to scenario. */
export interface ScenarioOptions {
  readonly seed?: number;
  /** Answers calls to `agent`; default: a {@link FakeModel} that is ready after 50 ms. */
  readonly model?: (clock: VirtualClock) => RealtimeModel;
  /** Says the last words when the agent is lost; default: the same {@link FakeModel}. */
  readonly apology?: (clock: VirtualClock) => RealtimeModel;
  readonly maxCalls?: number;
  readonly trunks?: readonly Trunk[];
  readonly maxCallMs?: number;
  readonly network?: NetworkConditions;
  readonly mediaTimeoutMs?: number;
  readonly mediaTimeout?: "end" | "report";
  readonly rtpPorts?: { readonly min: number; readonly max: number };
  readonly srtp?: SrtpPolicy;
  /** What differs from a flow that may hang up and press keys. */
  readonly plan?: Partial<AgentPlan>;
  /** Of Amazon Connect, and what the flow wants of them. */
  readonly contacts?: ContactSettings & { readonly flow: Flow };
  /** Of recording sessions. */
  readonly roles?: readonly RoleRule[];
  readonly help?: AgentHelp;
  /** The gateway has a voice of its own. */
  readonly hasVoice?: boolean;
  /** Calls are recorded, on a disk in memory. */
  readonly recording?: RecordingPolicy;
  /** What differs from an apology. */
  readonly lastWords?: Partial<LastWordsPlan>;
}

/** What decides who takes a call. */
interface Called {
  readonly calledUser: string;
  readonly request?: RecordingRequest | undefined;
  /** Of a call that talks. */
  readonly invitation?: Invitation;
}

function talking(invitation: Invitation): Called {
  return { calledUser: invitation.calledUser, invitation };
}

/** Counts what was counted. */
export class CountingMetrics implements Metrics {
  readonly counts = new Map<string, number>();

  increment(name: MetricName, labels: MetricLabels = {}, count = 1): void {
    const key = [name, ...Object.values(labels)].join(" ");
    this.counts.set(key, (this.counts.get(key) ?? 0) + count);
  }

  observe = noMetrics.observe;
}

/** The arrangement. */
export class Scenario {
  readonly clock = new VirtualClock();
  readonly timeline = new Timeline(this.clock);
  readonly signaling = new FakeSignaling();
  readonly records: CallRecord[] = [];
  readonly metrics = new CountingMetrics();
  /** All that was said on the bus. */
  readonly published: { readonly topic: string; readonly message: BusMessage }[] = [];
  readonly network: FakeNetwork;
  readonly host: InlineHost;
  /** Lines of PCM in place of RTP. */
  readonly pcm: PcmSwitchboard;
  /** Lets in who does not come by SIP; a visitor with roles is listened to. */
  readonly door: DoorCalls;
  readonly admission: Admission;
  readonly registry: CallRegistry;
  /** The apology's model, and the agent's unless another was given. */
  readonly model: FakeModel;
  storeFails = false;
  /** The side of the network of each phone. */
  readonly srtpOf = new Map<RtpPeer, SrtpNetwork>();
  /** The gateway's own, where it has one. */
  readonly voice = new FakeVoice();
  /** Does the work of tools that are services elsewhere. */
  readonly webhook = new FakeWebhook();
  /** Where calls are recorded, where they are. */
  readonly disk = new MemoryDisk(this.clock);
  readonly recordings: FileRecordingStore;
  readonly #peers: RtpPeer[] = [];
  readonly #options: ScenarioOptions;

  constructor(options: ScenarioOptions = {}) {
    this.#options = options;
    const { clock } = this;
    const seed = options.seed ?? 7;
    const random = new SeededRandom(seed);
    this.network = new FakeNetwork(clock, seed);
    this.network.conditions = options.network ?? {};
    this.model = new FakeModel({ clock, readyAfterMs: 50 });
    const agent = options.model?.(clock) ?? this.model;
    const logger = silentLogger;
    const anchors = new DirectAnchor({
      clock,
      random,
      logger,
      network: this.network,
      bindAddress: "198.51.100.1",
      ports: options.rtpPorts ?? { min: 20_000, max: 20_399 },
    });
    this.pcm = new PcmSwitchboard({ clock, random, logger, anchors });
    this.recordings = recordingLab({ clock, disk: this.disk }).store;
    this.host = new InlineHost({
      clock,
      recordings: this.recordings,
      random,
      logger,
      anchors: this.pcm,
      models: new Map([
        ["agent", agent],
        ["apology", options.apology?.(clock) ?? this.model],
      ]),
      mediaTimeoutMs: options.mediaTimeoutMs,
      voice: options.hasVoice === true ? this.voice : undefined,
    });
    this.admission = new Admission({
      clock,
      random,
      logger,
      metrics: this.metrics,
      trunks: new TrunkTable(options.trunks ?? []),
      policy: {
        trustLoopback: true,
        hideFromStrangers: false,
        strangers: { perSecond: 1, burst: 2 },
        maxCalls: options.maxCalls ?? 10,
        retryAfterSeconds: 5,
      },
      gated: false,
    });
    this.registry = new CallRegistry({
      clock,
      random,
      logger,
      metrics: this.metrics,
      host: this.#listening(this.host),
      store: this.#store(),
      bus: {
        publish: (topic: string, message: BusMessage) => this.published.push({ topic, message }),
      } as unknown as Bus,
      recordings: this.recordings,
      srtp: options.srtp ?? "optional",
      limits: {
        retryAfterSeconds: 5,
        farewellMs: 5000,
        mediaTimeout: options.mediaTimeout ?? "end",
      },
      admission: this.admission,
      plan: ({ invitation, callId }) => ({
        flow: invitation.calledUser,
        service: this.#service(
          { ...talking(invitation), request: recordingRequestOf(invitation) },
          callId,
        ),
        maxCallMs: options.maxCallMs ?? 600_000,
        recording: options.recording,
      }),
    });
    this.door = this.#doorCalls(random);
  }

  #doorCalls(random: Random): DoorCalls {
    const { maxCallMs = 600_000, maxCalls = 10, roles: rules = [], help } = this.#options;
    return new DoorCalls({
      random,
      calls: this.registry,
      maxCalls,
      plan: ({ flow, roles }, callId, invitation) => {
        const request = readInvitation(invitation);
        const known = Object.entries(roles ?? {}).map(([label, role]) => ({ role, label }));
        const listener: PlannedService = {
          mode: "assist",
          model: "agent",
          maxStreams: 16,
          dialogue: listeningDialogue([]),
          roles: [...known, ...rules],
          help,
          request,
        };
        const talker = (): PlannedService => this.#service(talking(invitation), callId);
        return { flow, service: roles === undefined ? talker() : listener, maxCallMs };
      },
    });
  }

  async start(): Promise<void> {
    await this.signaling.start(this.registry);
  }

  /** A phone that listens on its own RTP port. */
  async phone(port = 4000): Promise<RtpPeer> {
    const network = new SrtpNetwork(this.network);
    const peer = new RtpPeer({ network, clock: this.clock, port });
    this.srtpOf.set(peer, network);
    await peer.open();
    this.#peers.push(peer);
    return peer;
  }

  /** Calls, and starts to send audio as soon as the answer says where to. */
  call(peer: RtpPeer, invite: Partial<FakeInvite> = {}): FakeCaller {
    const offer = "offer" in invite ? invite.offer : offerOf(peer);
    let caller: FakeCaller | undefined;
    caller = this.signaling.call({
      ...invite,
      offer,
      onStatus: (status) => {
        this.timeline.note("sip", String(status));
        if (status === 200) {
          queueMicrotask(() => connect(peer, caller));
        }
      },
    });
    return caller;
  }

  /** Waits for an answer of the gateway while time goes on. */
  async signalWhile<T>(answer: Promise<T>): Promise<T> {
    const settled = answer.catch(() => undefined);
    await this.clock.advanceMs(20);
    await settled;
    return await answer;
  }

  /** Everything closed: asserts nothing, says what is left. */
  async close(): Promise<readonly string[]> {
    const drained = this.registry.drain(100);
    await this.clock.advanceMs(200);
    await drained;
    await this.signaling.close();
    await this.host.close();
    await this.recordings.close();
    this.admission.close();
    await Promise.all(this.#peers.map((peer) => peer.close()));
    // What is still under way on the network arrives nowhere.
    await this.clock.advanceMs(100);
    const timers = this.clock.pending === 0 ? [] : [`${this.clock.pending} timers`];
    const calls = this.registry.activeCalls === 0 ? [] : [`${this.registry.activeCalls} calls`];
    return [...timers, ...calls, ...this.network.openSockets];
  }

  #service({ calledUser, request, invitation }: Called, callId: CallId): PlannedService {
    if (request !== undefined) {
      const roles = this.#options.roles ?? [];
      const dialogue = listeningDialogue([]);
      const { help } = this.#options;
      const listener = { model: "agent", maxStreams: 16, dialogue };
      return { mode: "assist", ...listener, roles, help, request };
    }
    const ring = /^(ring|early)-(\d+)$/.exec(calledUser);
    if (ring !== null || calledUser === "echo") {
      return new EchoService(this.clock, Number(ring?.[2] ?? 0), ring?.[1] === "early");
    }
    return new AgentService({
      callId,
      briefing: this.#briefing(callId, invitation),
      plan: {
        model: "agent",
        instructions: "",
        voice: undefined,
        greeting: undefined,
        tools: ["hang_up", "send_dtmf"],
        attributes: [],
        dialogue: undefined,
        ...this.#options.plan,
      },
      lastWords: {
        model: "apology",
        text: DEFAULT_FAREWELL,
        whenUnreachable: "apologise",
        transfers: {},
        ...this.#options.lastWords,
      },
      clock: this.clock,
      logger: silentLogger,
      metrics: this.metrics,
      webhook: this.webhook,
      readyTimeoutMs: 8000,
    });
  }

  #briefing(callId: CallId, invitation: Invitation | undefined) {
    const { contacts } = this.#options;
    if (contacts === undefined || invitation === undefined) {
      return undefined;
    }
    const { callingUser: callingNumber, calledUser: calledNumber } = invitation;
    const parties = { callingNumber, calledNumber, attributes: {} };
    const call = { callId, direction: "inbound", invitation, trunk: undefined, parties } as const;
    const parts = { clock: this.clock, logger: silentLogger, metrics: this.metrics, contacts };
    return briefingOf(parts, { flow: contacts.flow, call, attributes: {}, before: "" });
  }

  #store(): CallStore {
    return {
      saveCall: (record: CallRecord) => {
        this.records.push(record);
        this.timeline.record(record);
        return this.storeFails ? Promise.reject(new Error("disk full")) : Promise.resolve();
      },
    } as unknown as CallStore;
  }

  /** The host, with every fact written into the timeline before the registry hears it. */
  #listening(host: InlineHost): MediaHost {
    return {
      setDelegate: (delegate) =>
        host.setDelegate({
          onFact: (fact: MediaFact) => {
            this.timeline.fact(fact);
            delegate.onFact(fact);
          },
        }),
      execute: (command) => host.execute(command),
      dump: (callId) => host.dump(callId),
      toJSON: () => host.toJSON(),
      close: () => host.close(),
    };
  }
}

/** The SDP offer of a phone. */
export function offerOf(peer: RtpPeer): string {
  return writeOffer({
    sessionId: "1",
    sessionVersion: 1,
    transports: [{ address: peer.address, port: peer.port, rtcpPort: peer.port + 1 }],
  });
}

function connect(peer: RtpPeer, caller: FakeCaller | undefined): void {
  const port = /^m=audio (\d+)/m.exec(caller?.answerSdp ?? "")?.[1];
  const address = /^c=IN IP4 (\S+)/m.exec(caller?.answerSdp ?? "")?.[1];
  if (port !== undefined && address !== undefined) {
    peer.connect(address, Number(port));
  }
}
