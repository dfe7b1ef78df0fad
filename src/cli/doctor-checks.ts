/** What can be wrong with a machine and a configuration before the first call, and what to change. */
import type { Config } from "../app/config.ts";
import type { Machine } from "./machine.ts";

/** `fail`: the gateway would not start, or calls would fail; `warn`: it works, but less well. */
export type CheckLevel = "ok" | "warn" | "fail";

/** One line of the doctor. */
export interface Check {
  readonly name: string;
  readonly level: CheckLevel;
  readonly finding: string;
  /** What to change. */
  readonly advice?: string;
}

const RECEIVE_BUFFER_BYTES = 4 * 1024 * 1024;
const MIN_NODE = [20, 19] as const;

/** The runtime and the kernel's limits: what needs no configuration. */
export function machineChecks(machine: Machine): readonly Check[] {
  return [nodeCheck(machine), receiveBufferCheck(machine)];
}

/** SIP, HTTP and media ports. */
export async function portChecks(config: Config, machine: Machine): Promise<readonly Check[]> {
  const { sip, http } = config;
  const sipChecks =
    sip.drachtio === "embedded"
      ? [
          await portCheck("sip udp", "udp", { ...sip, key: "sip.port" }, machine),
          await portCheck("sip tcp", "tcp", { ...sip, key: "sip.port" }, machine),
        ]
      : [await drachtioCheck(sip.drachtio, machine)];
  const httpCheck = await portCheck("http", "tcp", { ...http, key: "http.port" }, machine);
  return [...sipChecks, httpCheck, await mediaPortsCheck(config, machine)];
}

const POSTGRES_PORT = 5432;

/** Whether call records can be written; those that PostgreSQL cannot take wait in a file of this machine. */
export async function storeChecks({ store }: Config, machine: Machine): Promise<readonly Check[]> {
  if (store.kind === "sqlite") {
    return [writableCheck("store", store.path, "store.path", machine)];
  }
  const { hostname, port } = new URL(store.url);
  const portNumber = port === "" ? POSTGRES_PORT : Number(port);
  const where = `${hostname}:${portNumber}`;
  const code = await machine.connect(hostname.replace(/^\[|\]$/g, ""), portNumber);
  const reachable: Check =
    code === undefined
      ? { name: "store", level: "ok", finding: `${where} answers` }
      : {
          name: "store",
          level: "warn",
          finding: `PostgreSQL at ${where} cannot be reached (${code}): call records wait in ${store.spool}`,
          advice: "start PostgreSQL, or change store.url",
        };
  return [reachable, writableCheck("store spool", store.spool, "store.spool", machine)];
}

function writableCheck(name: string, path: string, field: string, machine: Machine): Check {
  return machine.isWritable(path)
    ? { name, level: "ok", finding: path }
    : {
        name,
        level: "fail",
        finding: `${path} cannot be written`,
        advice: `set ${field} to a place this user may write, or change the folder's owner`,
      };
}

function nodeCheck({ nodeVersion }: Machine): Check {
  const [major = 0, minor = 0] = nodeVersion.split(".").map(Number);
  const isNew = major > MIN_NODE[0] || (major === MIN_NODE[0] && minor >= MIN_NODE[1]);
  const check = { name: "node", finding: nodeVersion };
  return isNew
    ? { ...check, level: "ok" }
    : { ...check, level: "fail", advice: `install Node.js ${MIN_NODE.join(".")} or later` };
}

function receiveBufferCheck(machine: Machine): Check {
  const bytes = machine.receiveBufferLimitBytes();
  if (bytes === undefined) {
    const finding = "the limit of UDP receive buffers is not known on this system";
    return { name: "receive buffer", level: "ok", finding };
  }
  const finding = `net.core.rmem_max is ${bytes} bytes`;
  return bytes >= RECEIVE_BUFFER_BYTES
    ? { name: "receive buffer", level: "ok", finding }
    : {
        name: "receive buffer",
        level: "warn",
        finding: `${finding}: packets are lost while the process is busy`,
        advice: `sysctl -w net.core.rmem_max=${RECEIVE_BUFFER_BYTES}`,
      };
}

/** Whether a port can be opened. @param key the setting that names it. */
export async function portCheck(
  name: string,
  protocol: "udp" | "tcp",
  { host, port, key }: { readonly host: string; readonly port: number; readonly key: string },
  machine: Machine,
): Promise<Check> {
  const where = `${host}:${port}`;
  const code = await machine.bind(protocol, host, port);
  if (code === undefined) {
    return { name, level: "ok", finding: `${where} is free` };
  }
  if (code !== "EADDRINUSE") {
    return {
      name,
      level: "fail",
      finding: bindFailure(where, code),
      advice: bindAdvice(code, key),
    };
  }
  const holder = machine.holderOf(protocol, port);
  return {
    name,
    level: "fail",
    finding: `${where} is in use${holder === undefined ? "" : ` by ${holder}`}`,
    advice: `stop that program (all is well if it is this gateway), or change ${key}`,
  };
}

function bindFailure(where: string, code: string): string {
  switch (code) {
    case "EADDRNOTAVAIL":
      return `${where}: this machine has no such address`;
    case "EACCES":
      return `${where}: ports below 1024 need a privilege`;
    default:
      return `${where} cannot be opened (${code})`;
  }
}

function bindAdvice(code: string, key: string): string {
  return code === "EADDRNOTAVAIL"
    ? `set ${key.replace("port", "host")} to an address of this machine, or 0.0.0.0`
    : `change ${key}`;
}

async function drachtioCheck(
  { host, port }: { readonly host: string; readonly port: number },
  machine: Machine,
): Promise<Check> {
  const name = "drachtio";
  const code = await machine.connect(host, port);
  return code === undefined
    ? { name, level: "ok", finding: `${host}:${port} answers` }
    : {
        name,
        level: "fail",
        finding: `${host}:${port} cannot be reached (${code})`,
        advice: "start the drachtio-server, or set sip.drachtio to embedded",
      };
}

async function mediaPortsCheck({ media, sip, calls }: Config, machine: Machine): Promise<Check> {
  const { min, max } = media.ports;
  const name = "media ports";
  const pairs = Math.floor((max - min + 1) / 2);
  const used = machine.usedUdpPorts(min, max) ?? 0;
  const finding = `${min} to ${max}: room for ${pairs} calls${used === 0 ? "" : `, ${used} in use`}`;
  const code = used === 0 ? await machine.bind("udp", sip.host, min) : undefined;
  if (code !== undefined) {
    return {
      name,
      level: "fail",
      finding: bindFailure(`${sip.host}:${min}`, code),
      advice: "change media.ports",
    };
  }
  return pairs - used >= calls.max
    ? { name, level: "ok", finding }
    : {
        name,
        level: "warn",
        finding: `${finding}; calls.max is ${calls.max}`,
        advice: `widen media.ports, or lower calls.max to ${Math.max(1, pairs - used)}`,
      };
}
