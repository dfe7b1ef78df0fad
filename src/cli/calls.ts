/** `trunkline calls`: the calls of a running gateway, over its HTTP API. */
import { z } from "zod";
import { loadConfig } from "../app/config.ts";
import { after } from "../core/clock.ts";
import { GatewayError } from "../core/errors.ts";
import { isIpAddress } from "../core/ip-address.ts";
import { type CommandContext, configSources, type ExitCode } from "./context.ts";
import { table } from "./output.ts";

/** Which gateway, and how it is told. */
export interface CallsOptions {
  /** Base address of the API; absent: TRUNKLINE_URL, or that of the configuration. */
  readonly url?: string | undefined;
  /** Bearer token; absent: TRUNKLINE_TOKEN, or one of the configuration. */
  readonly token?: string | undefined;
  readonly config?: string | undefined;
  readonly json: boolean;
}

interface Api {
  readonly url: string;
  readonly token: string | undefined;
}

const ANSWER_LIMIT_MS = 10_000;
const WILDCARD = new Map([
  ["0.0.0.0", "127.0.0.1"],
  ["::", "[::1]"],
]);

const callSchema = z.object({
  callId: z.string(),
  state: z.string(),
  flow: z.string(),
  model: z.string().nullish(),
  start: z.iso.datetime(),
  phoneNumber: z.string(),
  calledNumber: z.string(),
});
const listSchema = z.union([
  z.array(callSchema),
  z.object({ calls: z.array(callSchema) }).transform(({ calls }) => calls),
]);

/** Lists the calls in progress, one a line. */
export async function listCalls(options: CallsOptions, context: CommandContext): Promise<ExitCode> {
  const body = await ask(options, context, "GET", "/calls");
  if (options.json) {
    context.output.json(body);
    return 0;
  }
  const calls = listSchema.safeParse(body);
  if (!calls.success) {
    throw new Error("the gateway's answer is not a list of calls; is it of another version?");
  }
  if (calls.data.length === 0) {
    context.output.note("no calls");
    return 0;
  }
  const nowMs = context.clock.wallMs();
  const rows = calls.data.map((call) => [
    call.callId,
    call.state,
    `${Math.max(0, Math.round((nowMs - Date.parse(call.start)) / 1000))} s`,
    `${call.phoneNumber || "-"} -> ${call.calledNumber || "-"}`,
    `${call.flow}${call.model === undefined || call.model === null ? "" : `/${call.model}`}`,
  ]);
  const header = ["CALL", "STATE", "SINCE", "FROM -> TO", "FLOW/MODEL"];
  table([header, ...rows]).forEach((line) => {
    context.output.data(line);
  });
  return 0;
}

/** Prints everything the API says of one call, as JSON. */
export async function showCall(
  id: string,
  options: CallsOptions,
  context: CommandContext,
): Promise<ExitCode> {
  context.output.json(await ask(options, context, "GET", `/calls/${encodeURIComponent(id)}`));
  return 0;
}

/** Ends one call. */
export async function hangUpCall(
  id: string,
  options: CallsOptions,
  context: CommandContext,
): Promise<ExitCode> {
  const body = await ask(options, context, "DELETE", `/calls/${encodeURIComponent(id)}`);
  if (options.json) {
    context.output.json(body ?? { callId: id });
  } else {
    context.output.note(`call ${id} is hung up`);
  }
  return 0;
}

function apiOf(options: CallsOptions, context: CommandContext): Api {
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

async function ask(
  options: CallsOptions,
  context: CommandContext,
  method: "GET" | "DELETE",
  path: string,
): Promise<unknown> {
  const api = apiOf(options, context);
  const abort = new AbortController();
  const limit = after(context.clock, ANSWER_LIMIT_MS, () => abort.abort());
  try {
    const response = await reach(context, api, `${api.url}${path}`, method, abort.signal);
    const text = await response.text();
    if (!response.ok) {
      throw new Error(refusalText(response.status, api));
    }
    return text === "" ? undefined : parse(text, api);
  } finally {
    limit.cancel();
  }
}

async function reach(
  context: CommandContext,
  api: Api,
  url: string,
  method: string,
  signal: AbortSignal,
): Promise<Response> {
  const headers = api.token === undefined ? {} : { authorization: `Bearer ${api.token}` };
  try {
    return await context.fetch(url, { method, headers, signal });
  } catch (error) {
    const reason = signal.aborted ? "did not answer in time" : "cannot be reached";
    throw new Error(`the gateway at ${api.url} ${reason}; does it run? (--url, TRUNKLINE_URL)`, {
      cause: error,
    });
  }
}

function refusalText(status: number, api: Api): string {
  switch (status) {
    case 401:
      return `the gateway at ${api.url} wants a token (--token, TRUNKLINE_TOKEN)`;
    case 403:
      return "the token's role does not allow this";
    case 404:
      return "there is no such call (any more)";
    default:
      return `the gateway at ${api.url} answered ${status}`;
  }
}

function parse(text: string, api: Api): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new Error(`${api.url} does not answer with JSON; is it a gateway?`, { cause: error });
  }
}
