/** Runs `trunkline sip-server`: says where to connect, waits for a signal, says what to do when a port is taken. */
import { type Endpoint, type RunningSipServer, startSipServer } from "../app/sip-server.ts";
import { terminationSignal } from "../app/termination.ts";
import type { Clock } from "../core/clock.ts";
import { GatewayError } from "../core/errors.ts";
import type { Random } from "../core/random.ts";
import type { ExitCode } from "./context.ts";
import { formatEndpoint } from "./endpoint.ts";
import type { Machine } from "./machine.ts";
import type { Output } from "./output.ts";
import { plainLogger } from "./plain-logger.ts";
import type { SipServerCommandOptions } from "./sip-server-command.ts";

/** What the command runs on. */
export interface SipServerRunContext {
  readonly clock: Clock;
  readonly random: Random;
  readonly output: Output;
  readonly machine: Machine;
}

/** 0: stopped by a signal; 1: an address could not be opened; 2: a certificate or its key is not usable. */
export async function runSipServer(
  options: SipServerCommandOptions,
  context: SipServerRunContext,
): Promise<ExitCode> {
  const { clock, random, output } = context;
  const logger = plainLogger((line) => output.note(line));
  let server: RunningSipServer;
  try {
    server = await startSipServer({ ...options, clock, random, logger });
  } catch (error) {
    return failedStart(error, options, context);
  }
  announce(options, server, output);
  const onHangUp = (): void => server.reloadCertificates();
  process.on("SIGHUP", onHangUp);
  await terminationSignal();
  process.off("SIGHUP", onHangUp);
  await server.close();
  return 0;
}

function failedStart(
  error: unknown,
  options: SipServerCommandOptions,
  { output, machine }: SipServerRunContext,
): ExitCode {
  if (error instanceof GatewayError && error.code === "SIP_BIND_FAILED") {
    output.fail(bindFailureText(error, options, machine));
    return 1;
  }
  if (error instanceof GatewayError && error.code === "SIP_TLS_INVALID") {
    output.fail(`--cert, --key: ${error.message}`);
    return 2;
  }
  throw error;
}

function announce(
  { json, ...options }: SipServerCommandOptions,
  server: RunningSipServer,
  output: Output,
): void {
  const sip = { ...options.sip, port: server.sipPort };
  const secure = server.tlsPort === 0 ? [] : [{ ...options.sip, port: server.tlsPort }];
  const admin = { ...options.admin, port: server.adminPort };
  if (json) {
    const listens = ["udp", "tcp"].map((protocol) => ({ protocol, ...sip }));
    listens.push(...secure.map((endpoint) => ({ protocol: "tls", ...endpoint })));
    output.data(JSON.stringify({ event: "listening", sip: listens, admin, pid: process.pid }));
    return;
  }
  const connect = `srf.connect({ host: "${admin.host}", port: ${admin.port}, secret: … })`;
  for (const line of [
    "The SIP server is ready.",
    `  SIP           ${formatEndpoint(sip)}  (UDP and TCP)`,
    ...secure.map((endpoint) => `  SIP over TLS  ${formatEndpoint(endpoint)}`),
    `  applications  ${formatEndpoint(admin)}  drachtio-srf: ${connect}`,
    "  stop          Ctrl-C",
  ]) {
    output.data(line);
  }
}

function bindFailureText(
  error: GatewayError,
  { sip, tls, admin }: SipServerCommandOptions,
  machine: Machine,
): string {
  const { host, port } = error.details;
  const secure = tls === undefined ? [] : [["--tls", { ...sip, port: tls.port }] as const];
  const candidates = [["--admin", admin] as const, ...secure];
  const isWanted = ([, one]: readonly [string, Endpoint]): boolean =>
    one.host === host && one.port === port;
  const [flag, wanted] = candidates.find(isWanted) ?? ["--sip", sip];
  const code = String((error.cause as { code?: unknown } | undefined)?.code ?? "unknown");
  const where = `${flag} ${formatEndpoint(wanted)}`;
  switch (code) {
    case "EADDRINUSE": {
      const holder = machine.holderOf("tcp", wanted.port) ?? machine.holderOf("udp", wanted.port);
      const who = holder ?? "another process";
      return `${where} is taken by ${who}: stop it, or choose another port with ${flag}`;
    }
    case "EADDRNOTAVAIL":
      return `${where}: this machine has no such address; choose one that it has, or 0.0.0.0 for all`;
    case "EACCES":
      return `${where}: this user may not open a port below 1024; choose a higher one`;
    default:
      return `${where} could not be opened (${code})`;
  }
}
