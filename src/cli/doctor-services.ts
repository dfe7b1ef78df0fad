/** What the doctor says of a model whose service wants a key over a WebSocket: its key, its address, and a session. */
import type { ModelConfig } from "../app/config-models.ts";
import { isLoopback } from "../core/ip-address.ts";
import type { ModelFailure } from "../ports/realtime-model.ts";
import type { Check } from "./doctor-checks.ts";
import type { Machine } from "./machine.ts";

const OPENAI_KEY = /^sk-[A-Za-z0-9_-]{16,}$/;

/** A configured service, and what its settings are called. */
export interface KeyedService {
  readonly name: string;
  readonly settings: ModelConfig;
  /** Secret. */
  readonly key: string;
  readonly url: URL;
  readonly fields: { readonly key: string; readonly address: string; readonly model: string };
}

/** The key, then whether the service gives a session; it is asked only where that makes sense. Costs nothing. */
export async function keyedServiceChecks(
  service: KeyedService,
  machine: Machine,
): Promise<readonly Check[]> {
  const key = keyCheck(service);
  const unreachable = await unreachableCheck(service, machine);
  if (unreachable !== undefined || key.level === "fail") {
    return unreachable === undefined ? [key] : [key, unreachable];
  }
  return [key, sessionCheck(service, await machine.askModel(service.name, service.settings))];
}

function keyCheck({ fields, key, name, url }: KeyedService): Check {
  const check = { name: `model ${name} key` };
  if (/\s/.test(key)) {
    const advice = `set models.${name}.${fields.key} to the key alone`;
    return { ...check, level: "fail", finding: "holds spaces or line breaks", advice };
  }
  if (url.protocol === "ws:" && !isLoopback(bareHost(url))) {
    const finding = `the key would travel unencrypted to ${url.host}`;
    const advice = `use wss:// in models.${name}.${fields.address}`;
    return { ...check, level: "warn", finding, advice };
  }
  const isForeign = url.hostname === "api.openai.com" && !OPENAI_KEY.test(key);
  return isForeign
    ? {
        ...check,
        level: "warn",
        finding: "does not look like a key of OpenAI (sk-…)",
        advice: `look at models.${name}.${fields.key}`,
      }
    : { ...check, level: "ok", finding: "there is one" };
}

/** `undefined`: something listens there. */
async function unreachableCheck(
  service: KeyedService,
  machine: Machine,
): Promise<Check | undefined> {
  const { fields, name, url } = service;
  const defaultPort = url.protocol === "wss:" ? 443 : 80;
  const port = url.port === "" ? defaultPort : Number(url.port);
  const code = await machine.connect(bareHost(url), port);
  return code === undefined
    ? undefined
    : {
        name: `model ${name}`,
        level: "fail",
        finding: `${url.hostname}:${port} cannot be reached (${code})`,
        advice: `look at models.${name}.${fields.address}, the network and its firewall; calls to this model are refused`,
      };
}

function sessionCheck(service: KeyedService, failure: ModelFailure | undefined): Check {
  const check = { name: `model ${service.name} session` };
  return failure === undefined
    ? { ...check, level: "ok", finding: `${service.url.host} gave us a session` }
    : { ...check, level: "fail", finding: failure.reason, advice: adviceFor(service, failure) };
}

function adviceFor({ fields, name }: KeyedService, { code }: ModelFailure): string {
  const field = (key: keyof typeof fields): string => `models.${name}.${fields[key]}`;
  switch (code) {
    case "MODEL_REJECTED":
      return `look at ${field("key")}, then at ${field("model")} and ${field("address")}`;
    case "MODEL_RATE_LIMITED":
      return "wait a while, or raise the limit of the account";
    default:
      return `look at ${field("address")}, and at the state of the service`;
  }
}

function bareHost({ hostname }: URL): string {
  return hostname.replace(/^\[|\]$/g, "");
}
