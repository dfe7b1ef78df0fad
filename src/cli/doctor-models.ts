/** What the doctor says of each model: whether it has what it needs, and whether its service can be reached. */
import { azureUrl } from "../app/compose-openai.ts";
import type { Config } from "../app/config.ts";
import type { NovaConfig } from "../app/config-nova.ts";
import { isLoopback } from "../core/ip-address.ts";
import type { ModelFailure } from "../ports/realtime-model.ts";
import type { Check } from "./doctor-checks.ts";
import type { Machine } from "./machine.ts";

const RECOGNISER_MODEL = "/usr/share/pocketsphinx/model/en-us/en-us/mdef";
const OPENAI_KEY = /^sk-[A-Za-z0-9_-]{16,}$/;

type ModelSettings = Config["models"][string];

/** Looks at one model of its kind. */
type ModelDoctor<Kind extends ModelSettings["kind"]> = (
  name: string,
  settings: Extract<ModelSettings, { kind: Kind }>,
  machine: Machine,
) => readonly Check[] | Promise<readonly Check[]>;

/** One row for each kind that can be configured. */
const DOCTORS: { readonly [Kind in ModelSettings["kind"]]: ModelDoctor<Kind> } = {
  local: (name, { speech }, machine) => [localModelCheck(name, speech, machine)],
  openai: async (name, { apiKey, url }, machine) => [
    keyCheck(name, apiKey, new URL(url)),
    await reachCheck(name, new URL(url), machine),
  ],
  gemini: async (name, { apiKey, url }, machine) => [
    keyCheck(name, apiKey, new URL(url)),
    await reachCheck(name, new URL(url), machine),
  ],
  azure: async (name, { apiKey, bearerToken, endpoint }, machine) => [
    keyCheck(name, apiKey ?? bearerToken ?? "", new URL(azureUrl(endpoint))),
    await reachCheck(name, new URL(azureUrl(endpoint)), machine),
  ],
  "nova-sonic": (name, settings) => novaKeyChecks(name, settings),
  "gpt-live": async (name, { apiKey, url }, machine) => [
    keyCheck(name, apiKey, new URL(url)),
    await reachCheck(name, new URL(url), machine),
  ],
};

/** Every configured model; one that has all it needs is asked for a session, which is the only proof. */
export async function modelChecks(config: Config, machine: Machine): Promise<readonly Check[]> {
  const checks: Check[] = [];
  for (const [name, settings] of Object.entries(config.models)) {
    const found = await checksOf(name, settings, machine);
    checks.push(...found);
    if (settings.kind !== "local" && found.every(({ level }) => level !== "fail")) {
      checks.push(sessionCheck(name, await machine.askModel(name, settings)));
    }
  }
  return checks;
}

/** The row of a kind takes the settings of that kind, which the compiler cannot follow through the table. */
function checksOf<Kind extends ModelSettings["kind"]>(
  name: string,
  settings: Extract<ModelSettings, { kind: Kind }>,
  machine: Machine,
): readonly Check[] | Promise<readonly Check[]> {
  return (DOCTORS[settings.kind] as ModelDoctor<Kind>)(name, settings, machine);
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
    : { ...check, level: "ok", finding: "there is one" };
}

/** Whether the service of a model can be reached by TCP. */
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

/** Whether the service gave a session; what a failure says names the setting to change. */
function sessionCheck(name: string, failure: ModelFailure | undefined): Check {
  const check = { name: `model ${name} session` };
  if (failure === undefined) {
    return { ...check, level: "ok", finding: "the service gave us one" };
  }
  const advice = `look at models.${name}; calls to this model fail until then`;
  return { ...check, level: "fail", finding: failure.reason, advice };
}

/** Keys that are written down do not renew themselves. */
function novaKeyChecks(name: string, settings: NovaConfig): readonly Check[] {
  const check = { name: `model ${name} credentials` };
  const { accessKeyId, endpoint, sessionToken } = settings;
  if (sessionToken !== undefined) {
    const advice = "leave the keys out, and give this machine a role or a profile";
    const finding = "temporary keys in the configuration: calls fail when they expire";
    return [{ ...check, level: "warn", finding, advice }];
  }
  const source =
    accessKeyId === undefined ? "of this machine, found by the AWS client" : "in the configuration";
  const isDummy = accessKeyId === undefined && endpoint?.startsWith("http://") === true;
  return [{ ...check, level: "ok", finding: isDummy ? "dummy ones, for a stand-in" : source }];
}
