/** What the doctor asks of the machine: ports, programs, limits. */

import { createSocket } from "node:dgram";
import {
  accessSync,
  constants,
  existsSync,
  readdirSync,
  readFileSync,
  readlinkSync,
} from "node:fs";
import { connect, createServer } from "node:net";
import { dirname, join, resolve } from "node:path";
import { type AssistFindings, probeAssist } from "../app/assist-probe.ts";
import { type AwsFindings, type AwsQuestion, probeAws } from "../app/aws-probe.ts";
import { advertisedAddresses } from "../app/compose-addresses.ts";
import type { Config } from "../app/config.ts";
import { awsAccess, awsSchema } from "../app/config-aws.ts";
import type { ModelConfig } from "../app/config-models.ts";
import { probeModel } from "../app/model-probe.ts";
import { probeTrunk, type Trunk, type TrunkFindings } from "../app/trunk-probe.ts";
import type { UserAgentTls } from "../app/user-agent.ts";
import type { AwsAccess } from "../core/aws-access.ts";
import { after, type Clock } from "../core/clock.ts";
import { OwnAddresses } from "../core/own-addresses.ts";
import { type Random, systemRandom } from "../core/random.ts";
import type { ModelFailure } from "../ports/realtime-model.ts";
import {
  type LocalPorts,
  localPorts,
  openFilesLimit,
  type ResolvedHost,
  resolveHost,
} from "./machine-limits.ts";

/** Answers never throw: `undefined` means yes or nothing known, text is the system's error code. */
export interface Machine {
  readonly nodeVersion: string;
  /** Tries to bind; `undefined`: it is free. */
  bind(protocol: "udp" | "tcp", host: string, port: number): Promise<string | undefined>;
  /** Tries to connect by TCP; `undefined`: something listens. */
  connect(host: string, port: number): Promise<string | undefined>;
  /** Who holds a local port, for example `node (pid 12)`. */
  holderOf(protocol: "udp" | "tcp", port: number): string | undefined;
  /** How many UDP ports of a range are bound; `undefined`: this system does not tell. */
  usedUdpPorts(min: number, max: number): number | undefined;
  /** The largest receive buffer a socket may have. */
  receiveBufferLimitBytes(): number | undefined;
  /** Asks a trunk whether it is there; `undefined`: it only calls us. */
  askTrunk(trunk: Trunk, tls: UserAgentTls): Promise<TrunkFindings | undefined>;
  /** Asks a model for a session; `undefined`: it would take a call. @param aws of the configuration. */
  askModel(name: string, settings: ModelConfig, aws?: AwsAccess): Promise<ModelFailure | undefined>;
  /** Asks each service that agents are helped with, once. */
  askAssist(config: Config): Promise<AssistFindings>;
  /** Asks an account of AWS; reads only. */
  askAws(question: AwsQuestion): Promise<AwsFindings>;
  /** What the DNS says; `undefined`: no answer. */
  resolve(host: string): Promise<ResolvedHost | undefined>;
  /** What SIP and SDP would name as ours towards a peer; nothing is sent. */
  addressesTowards(config: Config, peer: string): Promise<OwnNames>;
  /** Ports that sockets get which ask for none; `undefined`: this system does not tell. */
  localPorts(): LocalPorts | undefined;
  /** How many files a process may have open; `undefined`: no limit is known. */
  openFilesLimit(): number | undefined;
  hasProgram(name: string): boolean;
  isReadable(path: string): boolean;
  /** Whether a file can be written, folders still to be made included. */
  isWritable(path: string): boolean;
}

/** Addresses of ours that a peer is told. */
export interface OwnNames {
  readonly sip: string;
  readonly media: string;
}

const PROGRAM_FOLDERS = ["/usr/local/bin", "/usr/bin", "/bin", "/opt/homebrew/bin"];
const CONNECT_LIMIT_MS = 3000;

/** The machine this process runs on. */
export function systemMachine(clock: Clock, random: Random = systemRandom): Machine {
  return {
    nodeVersion: process.versions.node,
    bind: (protocol, host, port) =>
      protocol === "udp" ? bindUdp(host, port) : bindTcp(host, port),
    connect: (host, port) => connectTcp(clock, host, port),
    askTrunk: (trunk, tls) => probeTrunk(trunk, { clock, random, tls }),
    askModel: (name, settings, aws = awsAccess(awsSchema.parse({}))) =>
      probeModel(name, settings, { clock, random, aws }),
    askAssist: (config) => probeAssist(config, clock),
    askAws: (question) => probeAws(question, { clock, random }),
    resolve: resolveHost,
    addressesTowards: async (config, peer) => {
      const { sip, media } = await advertisedAddresses(config, clock);
      const own = new OwnAddresses(clock, config.sip.host, sip);
      return { sip: own.towards(peer), media: media(peer) };
    },
    localPorts,
    openFilesLimit,
    holderOf,
    usedUdpPorts,
    receiveBufferLimitBytes: () => numberIn("/proc/sys/net/core/rmem_max"),
    hasProgram: (name) =>
      PROGRAM_FOLDERS.some((folder) => hasAccess(join(folder, name), constants.X_OK)),
    isReadable: (path) => hasAccess(path, constants.R_OK),
    isWritable,
  };
}

function bindUdp(host: string, port: number): Promise<string | undefined> {
  return new Promise((done) => {
    const socket = createSocket(host.includes(":") ? "udp6" : "udp4");
    socket.once("error", (error) => socket.close(() => done(codeText(error))));
    socket.bind({ address: host, port, exclusive: true }, () =>
      socket.close(() => done(undefined)),
    );
  });
}

function bindTcp(host: string, port: number): Promise<string | undefined> {
  return new Promise((done) => {
    const server = createServer();
    server.once("error", (error) => done(codeText(error)));
    server.listen({ host, port, exclusive: true }, () => server.close(() => done(undefined)));
  });
}

function connectTcp(clock: Clock, host: string, port: number): Promise<string | undefined> {
  return new Promise((done) => {
    const socket = connect({ host, port });
    const settle = (code: string | undefined): void => {
      limit.cancel();
      socket.destroy();
      done(code);
    };
    const limit = after(clock, CONNECT_LIMIT_MS, () => settle("ETIMEDOUT"));
    socket.once("connect", () => settle(undefined));
    socket.once("error", (error) => settle(codeText(error)));
  });
}

function codeText(error: Error): string {
  return String((error as { code?: unknown }).code ?? error.message);
}

function hasAccess(path: string, mode: number): boolean {
  try {
    accessSync(path, mode);
    return true;
  } catch {
    return false;
  }
}

function isWritable(path: string): boolean {
  let existing = resolve(path);
  while (!existsSync(existing) && dirname(existing) !== existing) {
    existing = dirname(existing);
  }
  return hasAccess(existing, constants.W_OK);
}

function numberIn(path: string): number | undefined {
  const text = textIn(path);
  return text === undefined ? undefined : Number(text);
}

function textIn(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
}

interface BoundPort {
  readonly port: number;
  readonly inode: string;
}

/** The kernel's table: `sl local_address rem_address st … inode`, ports in hexadecimal. */
function boundPorts(protocol: "udp" | "tcp"): readonly BoundPort[] | undefined {
  const tables = [textIn(`/proc/net/${protocol}`), textIn(`/proc/net/${protocol}6`)];
  if (tables.every((text) => text === undefined)) {
    return undefined;
  }
  const LISTENING = "0A";
  return tables
    .flatMap((text) => (text ?? "").split("\n").slice(1))
    .map((line) => line.trim().split(/\s+/))
    .filter((columns) => columns.length > 9 && (protocol === "udp" || columns[3] === LISTENING))
    .map((columns) => ({
      port: Number.parseInt(columns[1]?.split(":")[1] ?? "", 16),
      inode: columns[9] ?? "",
    }));
}

function usedUdpPorts(min: number, max: number): number | undefined {
  const ports = boundPorts("udp");
  return ports === undefined
    ? undefined
    : new Set(ports.map(({ port }) => port).filter((port) => port >= min && port <= max)).size;
}

function holderOf(protocol: "udp" | "tcp", port: number): string | undefined {
  const inodes = new Set(
    boundPorts(protocol)
      ?.filter((bound) => bound.port === port)
      .map(({ inode }) => `socket:[${inode}]`),
  );
  const pid = inodes.size === 0 ? undefined : processWith(inodes);
  const name = pid === undefined ? undefined : textIn(`/proc/${pid}/comm`)?.trim();
  return name === undefined ? undefined : `${name} (pid ${pid})`;
}

/** The first process that we may look into and that has one of these sockets open. */
function processWith(sockets: ReadonlySet<string>): string | undefined {
  const pids = entriesOf("/proc").filter((name) => /^\d+$/.test(name));
  return pids.find((pid) =>
    entriesOf(`/proc/${pid}/fd`).some((fd) => sockets.has(linkOf(`/proc/${pid}/fd/${fd}`))),
  );
}

function entriesOf(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

function linkOf(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return "";
  }
}
