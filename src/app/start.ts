/** Runs the gateway as a process: configuration, banner, signals, exit code. */
import type { Clock } from "../core/clock.ts";
import { createLogger } from "../core/logger.ts";
import type { Random } from "../core/random.ts";
import { type Gateway, startGateway } from "./compose.ts";
import { type LoadedConfig, loadConfig } from "./config.ts";
import { processEnvironment } from "./environment.ts";
import { systemFiles } from "./files.ts";
import { loadCallScripts } from "./load-flows.ts";
import { onTermination, terminationSignal } from "./termination.ts";
import { packageVersion } from "./version.ts";

/** What the command line says. */
export interface StartRequest {
  readonly config?: string | undefined;
}

/** What the process runs on. */
export interface ProcessParts {
  readonly clock: Clock;
  readonly random: Random;
  /** One line for the person at the terminal. */
  readonly print: (line: string) => void;
}

/** Runs until TERM (drains) or INT (ends at once); rejects with CONFIG_INVALID or what could not be opened. */
export async function runGateway(
  request: StartRequest,
  { clock, random, print }: ProcessParts,
): Promise<0> {
  const sources = { environment: processEnvironment(), files: systemFiles };
  const loaded = loadConfig({ ...sources, file: request.config });
  const { config } = loaded;
  const scripts = loadCallScripts(config, sources);
  const logger = createLogger(config.log);
  const version = packageVersion();
  const startedUs = clock.nowUs();
  const gateway = await startGateway({
    clock,
    random,
    logger,
    config,
    scripts,
    version,
  });
  const readyMs = Math.round((clock.nowUs() - startedUs) / 1000);
  for (const line of banner(gateway, loaded, version, readyMs)) {
    print(line);
  }
  const onHangUp = (): void => {
    logger.info("reloading certificates");
    gateway.reload();
  };
  process.on("SIGHUP", onHangUp);
  const signal = await terminationSignal();
  logger.info("stopping", { signal });
  if (signal === "SIGTERM") {
    print(`draining: no new calls; calls in progress have ${config.calls.drainSeconds} s`);
    const forget = onTermination(() => void gateway.close());
    await gateway.drain();
    forget();
  }
  await gateway.close();
  process.off("SIGHUP", onHangUp);
  logger.info("stopped");
  return 0;
}

function banner(
  gateway: Gateway,
  { file, variables }: LoadedConfig,
  version: string,
  readyMs: number,
): string[] {
  const { sip, apiUrl: web, models } = gateway;
  const host = uriHost(sip.host);
  const port = sip.port === 5060 ? "" : `:${sip.port}`;
  const from = file === undefined ? "built-in defaults" : file;
  const overrides = variables.length === 0 ? "" : ` and ${variables.join(", ")}`;
  return [
    `Trunkline ${version} is ready after ${readyMs} ms, with ${from}${overrides}.`,
    `  call    sip:agent@${host}${port}  (UDP and TCP; also echo@, ring@)`,
    ...tlsLine(sip),
    `  look    ${web}/assist  ${web}/call-logs  ${web}/calls  ${web}/metrics  ${web}/docs`,
    ...[...models.values()].map(
      (model) => `  model   sip:${model.name}@${host}${port}  ${model.describe()}`,
    ),
    "  stop    Ctrl-C ends at once; SIGTERM lets calls finish",
  ];
}

function tlsLine({ host, tlsPort }: Gateway["sip"]): string[] {
  const port = tlsPort === 5061 ? "" : `:${tlsPort}`;
  return tlsPort === undefined ? [] : [`  secure  sips:agent@${uriHost(host)}${port}  (TLS)`];
}

function uriHost(address: string): string {
  return address.includes(":") ? `[${address}]` : address;
}
