/** Builds the gateway out of its parts and takes it down again: the only file that names every adapter. */
import { DirectAnchor } from "../anchors/direct-anchor.ts";
import { UdpNetwork } from "../anchors/udp-network.ts";
import { PrometheusMetrics } from "../api/metrics.ts";
import { ApiServer } from "../api/server.ts";
import { NoticeBoard } from "../assist/notice-board.ts";
import { CallRegistry } from "../call/call-registry.ts";
import type { Clock } from "../core/clock.ts";
import type { Logger } from "../core/logger.ts";
import type { Random } from "../core/random.ts";
import { Scope } from "../core/scope.ts";
import { ClipReader } from "../media/clip-reader.ts";
import { InlineHost } from "../media/inline-host.ts";
import { PcmSwitchboard } from "../media/pcm-switchboard.ts";
import { SystemPrograms } from "../models/program-runner.ts";
import type { MediaAnchor } from "../ports/media-anchor.ts";
import type { RealtimeModel } from "../ports/realtime-model.ts";
import type { RecordingStore } from "../ports/recording-store.ts";
import { planCall } from "./call-planner.ts";
import { composeA2a } from "./compose-a2a.ts";
import { type AdvertisedAddresses, advertisedAddresses } from "./compose-addresses.ts";
import { composeAdmission } from "./compose-admission.ts";
import { composeAssist } from "./compose-assist.ts";
import { composeAssistSocket } from "./compose-assist-socket.ts";
import { composeBus } from "./compose-bus.ts";
import { composeCallContacts } from "./compose-call-contacts.ts";
import { composeContacts } from "./compose-contacts.ts";
import { composeDoor } from "./compose-door.ts";
import { composeKinesisVideo, listenFromStart } from "./compose-kinesis-video.ts";
import { APOLOGY_MODEL, composeModels, localVoice } from "./compose-models.ts";
import { composeOutbound } from "./compose-outbound.ts";
import { composeRecordings } from "./compose-recordings.ts";
import { composeSignaling, type SipListener } from "./compose-signaling.ts";
import { takeSnapshot } from "./compose-snapshot.ts";
import { composeStore } from "./compose-store.ts";
import { composeTrunkPeers, startingPeers } from "./compose-trunks.ts";
import { composeWebhook } from "./compose-webhook.ts";
import type { Config } from "./config.ts";
import type { CallScripts } from "./load-flows.ts";
import { PAGES_FOLDER } from "./shipped-files.ts";

/** What the gateway runs on. */
export interface GatewayParts {
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly config: Config;
  readonly scripts: CallScripts;
  readonly version: string;
}

/** A gateway that takes calls. */
export interface Gateway {
  readonly sip: SipListener;
  /** Base address of the HTTP API. */
  readonly apiUrl: string;
  readonly models: ReadonlyMap<string, RealtimeModel>;
  /** Reads certificates anew; calls in progress go on. */
  reload(): void;
  /** Takes no new calls; resolves when the last one ended or the configured time is over. */
  drain(): Promise<void>;
  /** Ends what is left and releases everything; idempotent. */
  close(): Promise<void>;
}

/** Resolves when calls can come in; rejects with a catalogue error, and then nothing stays open. */
export async function startGateway(parts: GatewayParts): Promise<Gateway> {
  const scope = new Scope("gateway", (name, error) => {
    parts.logger.error("part did not close cleanly", { part: name, error });
  });
  try {
    return await compose(parts, scope);
  } catch (error) {
    await scope.close();
    throw error;
  }
}

async function compose(parts: GatewayParts, scope: Scope): Promise<Gateway> {
  const { clock, random, logger, config, scripts } = parts;
  const metrics = new PrometheusMetrics({ model: Object.keys(config.models) });
  const notices = new NoticeBoard();
  const store = await composeStore(config, { clock, logger, metrics, notices });
  scope.defer("store", () => store.close());
  await store.open();
  const bus = await composeBus(config, parts);
  scope.defer("bus", () => bus.close());
  const programs = new SystemPrograms({ clock });
  scope.defer("programs", () => programs.close());
  const { flowsFolder } = scripts;
  const models = await composeModels(config, { clock, random, logger, programs, flowsFolder });
  const advertised = await advertisedAddresses(config, clock);
  const pcm = composeAnchors(parts, advertised.media);
  const recordings = await composeRecordings(config, { ...parts, metrics });
  scope.defer("recordings", () => recordings?.close());
  void recordings?.start();
  const host = composeHost(parts, models, pcm, recordings);
  scope.defer("media", () => host.close());
  const admission = composeAdmission(config, {
    clock,
    random,
    logger,
    metrics,
    trunks: scripts.trunks,
  });
  scope.defer("admission", () => admission.close());
  const { help, assistant } = await composeAssist(config, {
    ...parts,
    metrics,
    bus,
    scope,
    notices,
  });
  const contacts = await composeContacts(config, { ...parts, metrics, bus, store, scope, help });
  const webhook = composeWebhook(config, parts);
  const callParts = { ...parts, metrics, scope, webhook };
  const callContacts = await composeCallContacts(config, callParts);
  const planner = {
    clock,
    logger,
    metrics,
    webhook,
    contacts: callContacts.contacts,
    help,
    routes: scripts.routes,
    flows: scripts.flows,
    apologyModel: APOLOGY_MODEL,
    readyTimeoutMs: config.calls.readySeconds * 1000,
  };
  const registry = new CallRegistry({
    clock,
    random,
    logger,
    metrics,
    host,
    store,
    bus,
    recordings,
    srtp: config.media.srtp,
    limits: {
      mediaTimeout: config.media.onTimeout,
      retryAfterSeconds: config.calls.retryAfterSeconds,
      farewellMs: config.calls.farewellSeconds * 1000,
    },
    admission,
    plan: (call) => planCall(planner, call),
  });
  const advertise = advertised.sip;
  const gate = admission;
  const composed = composeSignaling(config, { clock, random, logger, advertise, gate });
  const { signaling } = composed;
  const peers = composeTrunkPeers(parts, signaling);
  const assist = composeAssistSocket(config, { ...parts, bus, metrics, directory: registry });
  const door = composeDoor(config, { random, registry, planner });
  const a2a = composeA2a(config, { ...parts, metrics, exchange: pcm, door });
  const video = composeKinesisVideo(config, { ...parts, metrics, exchange: pcm, door });
  scope.defer("assist socket", () => assist.hub.close());
  const api = new ApiServer({
    host: config.http.host,
    port: config.http.port,
    tokens: config.http.tokens,
    directory: registry,
    placer: composeOutbound(config, { ...parts, metrics, signaling, registry, peers, planner }),
    audioReader: new ClipReader(clock),
    store,
    trunks: peers,
    assistant,
    contacts,
    announcements: callContacts.register,
    logger,
    metrics,
    version: parts.version,
    pagesFolder: PAGES_FOLDER,
    clock,
    snapshot: () =>
      takeSnapshot({
        callsActive: () => registry.activeCalls,
        timersPending: () => clock.pending,
        host,
        signaling,
        store,
        bus,
        assist: assist.hub,
        recordings,
        trunks: peers,
      }),
    assist,
    doors: [a2a],
    video,
    notReady: () => (signaling.linkUp ? undefined : "the link to the SIP server is down"),
  });
  scope.defer("api", () => api.close());
  const apiUrl = await api.start();
  scope.defer("signaling", () => signaling.close());
  scope.defer("trunks", () => peers.stop());
  await signaling.start(startingPeers(registry, peers));
  scope.defer("calls", () => registry.drain(0));
  scope.defer("kinesis video", () => video.close());
  listenFromStart(config, video, logger);
  return {
    sip: composed.sip(),
    apiUrl,
    models,
    reload: () => composed.reload(),
    drain: async () => {
      signaling.drain();
      await Promise.all([peers.stop(), registry.drain(config.calls.drainSeconds * 1000)]);
    },
    close: () => scope.close(),
  };
}

function composeAnchors(
  { clock, random, logger, config: { sip, media } }: GatewayParts,
  addressTowards: AdvertisedAddresses["media"],
): PcmSwitchboard {
  const anchors = new DirectAnchor({
    clock,
    random,
    logger,
    network: new UdpNetwork(),
    bindAddress: sip.host,
    addressTowards,
    ports: media.ports,
    quarantineMs: media.quarantineSeconds * 1000,
  });
  return new PcmSwitchboard({ clock, random, logger, anchors });
}

function composeHost(
  { clock, random, logger, config: { media } }: GatewayParts,
  models: ReadonlyMap<string, RealtimeModel>,
  anchors: MediaAnchor,
  recordings: RecordingStore | undefined,
): InlineHost {
  return new InlineHost({
    clock,
    random,
    logger,
    anchors,
    models,
    voice: localVoice(models),
    recordings,
    mediaTimeoutMs: media.timeoutSeconds * 1000,
    uplinkBatchMs: media.uplinkBatchMs,
  });
}
