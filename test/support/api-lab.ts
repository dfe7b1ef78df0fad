/** The API over a directory, a store and a clock that a test holds in its hand. */
import { createApp } from "../../src/api/app.ts";
import { PrometheusMetrics } from "../../src/api/metrics.ts";
import type { ApiOptions } from "../../src/api/options.ts";
import { ContactBook } from "../../src/connect/contact-book.ts";
import { asCallId } from "../../src/core/ids.ts";
import { ClipReader } from "../../src/media/clip-reader.ts";
import type { ChatAssistant } from "../../src/ports/chat-assistant.ts";
import { assistLab } from "./assist-lab.ts";
import { FakeDirectory } from "./fake-directory.ts";
import { MemoryStore } from "./memory-store.ts";
import { RecordingLogger } from "./recording-metrics.ts";
import { SeededRandom } from "./seeded-random.ts";
import { VirtualClock } from "./virtual-clock.ts";

/** An assistant that knows nothing. */
export function fakeAssistant(changes: Partial<ChatAssistant> = {}): ChatAssistant {
  return {
    corsOrigins: [],
    rate: { perSecond: 5, burst: 20 },
    answer: async () => ({ text: undefined, sources: [], by: "local", notice: undefined }),
    notify: async () => "malformed",
    ...changes,
  };
}

/** All parts, and `options` to change before `createApp`. */
export function apiParts(changes: Partial<ApiOptions> = {}) {
  const directory = new FakeDirectory();
  const store = new MemoryStore();
  const clock = new VirtualClock();
  const logger = new RecordingLogger();
  const metrics = new PrometheusMetrics();
  const options: ApiOptions = {
    host: "127.0.0.1",
    port: 0,
    tokens: [],
    directory,
    store,
    audioReader: new ClipReader(clock),
    placer: { place: () => asCallId("placed") },
    trunks: { listTrunks: () => [] },
    assistant: fakeAssistant(),
    contacts: { follow: async () => undefined, unfollow: async () => false, list: () => [] },
    announcements: new ContactBook({
      clock,
      metrics,
      random: new SeededRandom(7),
      maxContacts: 100,
      ttlSeconds: 60,
      codeDigits: 8,
    }),
    clock,
    logger,
    metrics,
    snapshot: () => {
      const counts = { callsActive: directory.calls.size, timersPending: clock.pending };
      return counts;
    },
    assist: {
      hub: assistLab({ clock: new VirtualClock() }).hub,
      tokenSecret: "secret of the tests",
      origins: [],
    },
    pagesFolder: "/nowhere",
    version: "1.2.3",
    ...changes,
  };
  return { directory, store, clock, logger, metrics, options };
}

/** The application, asked without a socket. */
export async function apiLab(changes: Partial<ApiOptions> = {}) {
  const parts = apiParts(changes);
  const app = await createApp(parts.options);
  await app.ready();
  return { ...parts, app };
}
