/** A node of the gateway as far as the assist socket goes: a bus, and the API on a real port. */
import type { AssistHubLimits } from "../../../src/api/assist/assist-hub.ts";
import type { ApiOptions } from "../../../src/api/options.ts";
import { ApiServer } from "../../../src/api/server.ts";
import { PAGES_FOLDER } from "../../../src/app/shipped-files.ts";
import { InProcessBus } from "../../../src/bus/in-process-bus.ts";
import { RedisLink } from "../../../src/bus/redis-link.ts";
import { SharedBus } from "../../../src/bus/shared-bus.ts";
import { SystemClock } from "../../../src/core/clock.ts";
import { systemRandom } from "../../../src/core/random.ts";
import type { Bus } from "../../../src/ports/bus.ts";
import { apiParts } from "../../support/api-lab.ts";
import { assistLab } from "../../support/assist-lab.ts";
import { RecordingLogger } from "../../support/recording-metrics.ts";
import { eventually } from "./waiting.ts";

/** Signs the tokens of all nodes of the tests. */
export const TOKEN_SECRET = "the secret that all nodes of the tests share";

/** What a test may want otherwise. */
export interface NodeOptions {
  /** Without it the bus is within the process. */
  readonly redisUrl?: string;
  readonly tokens?: ApiOptions["tokens"];
  readonly origins?: readonly string[];
  readonly limits?: Partial<AssistHubLimits>;
}

/** A running node. Whoever starts it closes it. */
export async function startAssistNode({
  redisUrl,
  tokens = [],
  origins = [],
  limits,
}: NodeOptions) {
  const clock = new SystemClock();
  const logger = new RecordingLogger();
  const bus = redisUrl === undefined ? memoryBus(logger) : await redisBus(redisUrl, logger);
  const parts = apiParts({ clock, logger, tokens });
  const { metrics } = parts.options;
  const { directory } = parts;
  const { hub } = assistLab({
    directory,
    maxChars: 50_000_000,
    maxTotalChars: 50_000_000,
    ...limits,
    clock,
    bus,
    metrics,
  });
  const assist = { hub, tokenSecret: TOKEN_SECRET, origins };
  const server = new ApiServer({ ...parts.options, assist, pagesFolder: PAGES_FOLDER });
  const base = await server.start();
  return {
    base,
    bus,
    directory,
    hub,
    logger,
    metric: async (line: string): Promise<boolean> => (await metrics.render()).includes(line),
    close: async () => {
      await server.close();
      await bus.close();
    },
  };
}

/** A running node. */
export type AssistNode = Awaited<ReturnType<typeof startAssistNode>>;

function memoryBus(logger: RecordingLogger): Bus {
  return new InProcessBus({ logger, maxQueued: 10_000 });
}

/** Resolves when it reaches Redis. */
export async function redisBus(
  url: string,
  logger: RecordingLogger,
  channel = "trunkline-test",
): Promise<SharedBus> {
  const bus = new SharedBus({
    link: new RedisLink({ url, channel, logger }),
    clock: new SystemClock(),
    logger,
    node: systemRandom.hex(8),
    maxQueued: 10_000,
    maxWaiting: 1000,
    maxWaitingChars: 10_000_000,
    resumeMs: 1500,
  });
  bus.start();
  await eventually("the bus", () => bus.toJSON()["up"] === true);
  return bus;
}
