/** A running gateway, asked over its HTTP API. */
import { z } from "zod";
import { loadConfig } from "../app/config.ts";
import { after } from "../core/clock.ts";
import { GatewayError } from "../core/errors.ts";
import { isIpAddress } from "../core/ip-address.ts";
import { type CommandContext, configSources } from "./context.ts";

/** Which gateway, and how it is told. */
export interface ApiAddress {
  /** Base address of the API; absent: TRUNKLINE_URL, or that of the configuration. */
  readonly url?: string | undefined;
  /** Bearer token; absent: TRUNKLINE_TOKEN, or one of the configuration. */
  readonly token?: string | undefined;
  readonly config?: string | undefined;
}

/** What is asked. */
export interface ApiRequest {
  readonly method: "GET" | "POST" | "DELETE";
  /** With the leading slash. */
  readonly path: string;
  readonly contentType?: string | undefined;
  readonly body?: string | Uint8Array | undefined;
  /** How long an answer may take; absent: 10 s. */
  readonly limitMs?: number | undefined;
}

/** Where the API is. */
export interface Api {
  readonly url: string;
  readonly token: string | undefined;
}

const ANSWER_LIMIT_MS = 10_000;
const WILDCARD = new Map([
  ["0.0.0.0", "127.0.0.1"],
  ["::", "[::1]"],
]);
const REFUSAL = z.object({ error: z.object({ message: z.string() }) });

/** As the command line, the environment or the configuration says; throws CONFIG_INVALID. */
export function apiOf(options: ApiAddress, context: CommandContext): Api {
  const url = options.url ?? setIn(context, "TRUNKLINE_URL");
  const token = options.token ?? setIn(context, "TRUNKLINE_TOKEN");
  if (url !== undefined) {
    return { url: checkedUrl(url), token };
  }
  const { http } = loadConfig(configSources(context, options.config)).config;
  const host = WILDCARD.get(http.host) ?? (http.host.includes(":") ? `[${http.host}]` : http.host);
  const known = http.tokens.find(({ role }) => role !== "read") ?? http.tokens[0];
  return { url: `http://${host}:${http.port}`, token: token ?? known?.token };
}

function setIn({ environment }: CommandContext, name: string): string | undefined {
  return environment[name] === "" ? undefined : environment[name];
}

function checkedUrl(url: string): string {
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  if (parsed?.protocol !== "http:" && parsed?.protocol !== "https:") {
    throw new GatewayError("CONFIG_INVALID", {
      expected: "--url as http://HOST:PORT",
      example: isIpAddress(url) ? `http://${url}:8080` : "http://127.0.0.1:8080",
    });
  }
  return url.replace(/\/+$/, "");
}

/** The answer's JSON, `undefined` where it has no body; rejects with words for the person at the terminal. */
export async function askGateway(
  options: ApiAddress,
  context: CommandContext,
  request: ApiRequest,
): Promise<unknown> {
  return await askApi(apiOf(options, context), context, request);
}

/** The same of a known address. */
export async function askApi(
  api: Api,
  context: Pick<CommandContext, "clock" | "fetch">,
  request: ApiRequest,
): Promise<unknown> {
  const abort = new AbortController();
  const limitMs = request.limitMs ?? ANSWER_LIMIT_MS;
  const limit = after(context.clock, limitMs, () => abort.abort());
  try {
    const response = await reach(context.fetch, api, request, abort.signal);
    const text = await response.text();
    if (!response.ok) {
      throw new Error(refusalText(response.status, text, api));
    }
    return text === "" ? undefined : parse(text, api);
  } finally {
    limit.cancel();
  }
}

async function reach(
  fetchIt: CommandContext["fetch"],
  api: Api,
  { method, path, contentType, body }: ApiRequest,
  signal: AbortSignal,
): Promise<Response> {
  const headers = {
    ...(api.token === undefined ? {} : { authorization: `Bearer ${api.token}` }),
    ...(contentType === undefined ? {} : { "content-type": contentType }),
  };
  const sent = body === undefined ? {} : { body: body as string | Uint8Array<ArrayBuffer> };
  try {
    return await fetchIt(`${api.url}${path}`, { method, headers, signal, ...sent });
  } catch (error) {
    const reason = signal.aborted ? "did not answer in time" : "cannot be reached";
    throw new Error(`the gateway at ${api.url} ${reason}; does it run? (--url, TRUNKLINE_URL)`, {
      cause: error,
    });
  }
}

function refusalText(status: number, text: string, api: Api): string {
  switch (status) {
    case 401:
      return `the gateway at ${api.url} wants a token (--token, TRUNKLINE_TOKEN)`;
    case 403:
      return "the token's role does not allow this";
    case 404:
      return "there is no such call (any more)";
    default:
      return messageIn(text) ?? `the gateway at ${api.url} answered ${status}`;
  }
}

function messageIn(text: string): string | undefined {
  try {
    return REFUSAL.parse(JSON.parse(text)).error.message;
  } catch {
    return undefined;
  }
}

function parse(text: string, api: Api): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new Error(`${api.url} does not answer with JSON; is it a gateway?`, { cause: error });
  }
}
