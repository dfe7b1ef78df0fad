/** What can be wrong with a machine and a configuration before the first call, and what to change. */
import type { Config } from "../app/config.ts";
import { isLoopback } from "../core/ip-address.ts";
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
const RECOGNISER_MODEL = "/usr/share/pocketsphinx/model/en-us/en-us/mdef";
const OPENAI_KEY = /^sk-[A-Za-z0-9_-]{16,}$/;

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

/** Every configured model. */
export async function modelChecks(config: Config, machine: Machine): Promise<readonly Check[]> {
  const checks: Check[] = [];
  for (const [name, model] of Object.entries(config.models)) {
    if (model.kind === "local") {
      checks.push(localModelCheck(name, model.speech, machine));
    } else if (model.kind === "openai") {
      checks.push(keyCheck(name, model.apiKey, new URL(model.url)));
      checks.push(await reachCheck(name, new URL(model.url), machine));
    }
  }
  return checks;
}

/** Whether call records can be written. */
export function storeCheck({ store }: Config, machine: Machine): Check {
  const path = store.kind === "sqlite" ? store.path : "";
  return machine.isWritable(path)
    ? { name: "store", level: "ok", finding: path }
    : {
        name: "store",
        level: "fail",
        finding: `${path} cannot be written`,
        advice: "set store.path to a place this user may write, or change the folder's owner",
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

function localModelCheck(name: string, speech: "auto" | "off", machine: Machine): Check {
  const check = { name: `model ${name}` };
  if (speech === "off") {
    return { ...check, level: "ok", finding: "shipped prompts and keys (speech: off)" };
  }
  const voice = ["flite", "espeak-ng"].find((program) => machine.hasProgram(program));
  const hears = machine.hasProgram("pocketsphinx_batch") && machine.isReadable(RECOGNISER_MODEL);
  const finding = `speaks ${voice === undefined ? "shipped prompts only" : `by ${voice}`}, ${
    hears ? "understands words by pocketsphinx" : "understands keys only"
  }`;
  return voice !== undefined && hears
    ? { ...check, level: "ok", finding }
    : {
        ...check,
        level: "warn",
        finding,
        advice: "apt-get install flite pocketsphinx pocketsphinx-en-us",
      };
}

function keyCheck(name: string, apiKey: string, url: URL): Check {
  const check = { name: `model ${name} key` };
  if (/\s/.test(apiKey)) {
    const advice = `set models.${name}.apiKey to the key alone`;
    return { ...check, level: "fail", finding: "holds spaces or line breaks", advice };
  }
  if (url.protocol === "ws:" && !isLoopback(url.hostname.replace(/^\[|\]$/g, ""))) {
    const finding = `the key would travel unencrypted to ${url.host}`;
    return { ...check, level: "warn", finding, advice: "use wss:// in its url" };
  }
  const isForeign = url.hostname === "api.openai.com" && !OPENAI_KEY.test(apiKey);
  return isForeign
    ? {
        ...check,
        level: "warn",
        finding: "does not look like a key of OpenAI (sk-…)",
        advice: `look at models.${name}.apiKey`,
      }
    : { ...check, level: "ok", finding: "there is one; only a call shows whether it is taken" };
}

async function reachCheck(name: string, url: URL, machine: Machine): Promise<Check> {
  const defaultPort = url.protocol === "wss:" ? 443 : 80;
  const port = url.port === "" ? defaultPort : Number(url.port);
  const code = await machine.connect(url.hostname.replace(/^\[|\]$/g, ""), port);
  const check = { name: `model ${name}` };
  return code === undefined
    ? { ...check, level: "ok", finding: `${url.hostname}:${port} answers` }
    : {
        ...check,
        level: "fail",
        finding: `${url.hostname}:${port} cannot be reached (${code})`,
        advice: `look at models.${name}.url, the network and its firewall; calls to this model are refused`,
      };
}
