/** What the doctor says of each model: whether it has what it needs, and whether its service can be reached. */
import { azureUrl } from "../app/compose-openai.ts";
import type { Config } from "../app/config.ts";
import { awsAccess } from "../app/config-aws.ts";
import type { NovaConfig } from "../app/config-nova.ts";
import type { ModelFailure } from "../ports/realtime-model.ts";
import type { Check } from "./doctor-checks.ts";
import { keyedServiceChecks } from "./doctor-services.ts";
import type { Machine } from "./machine.ts";

const RECOGNISER_MODEL = "/usr/share/pocketsphinx/model/en-us/en-us/mdef";

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
  openai: serviceChecks,
  azure: (name, settings, machine) => {
    const { apiKey, bearerToken, endpoint } = settings;
    const fields = {
      key: apiKey === undefined ? "bearerToken" : "apiKey",
      address: "endpoint",
      model: "deployment",
    };
    const key = apiKey ?? bearerToken ?? "";
    const url = new URL(azureUrl(endpoint));
    return keyedServiceChecks({ name, settings, key, url, fields }, machine);
  },
  gemini: serviceChecks,
  "gpt-live": serviceChecks,
  "openai-transcription": serviceChecks,
  transcribe: async (name, settings, machine) => [
    sessionCheck(name, await machine.askModel(name, settings)),
  ],
  "nova-sonic": async (name, settings, machine) => [
    ...novaKeyChecks(name, settings),
    sessionCheck(name, await machine.askModel(name, settings)),
  ],
};

/** A service that is named by its address. */
function serviceChecks(
  name: string,
  settings: Extract<
    ModelSettings,
    { kind: "openai" | "gemini" | "gpt-live" | "openai-transcription" }
  >,
  machine: Machine,
): Promise<readonly Check[]> {
  const fields = { key: "apiKey", address: "url", model: "model" };
  const { apiKey: key, url } = settings;
  return keyedServiceChecks({ name, settings, key, url: new URL(url), fields }, machine);
}

/** Every configured model. */
export async function modelChecks(config: Config, machine: Machine): Promise<readonly Check[]> {
  const aws = awsAccess(config.aws);
  const asks = {
    ...machine,
    askModel: (name: string, settings: ModelSettings) => machine.askModel(name, settings, aws),
  };
  const checks: Check[] = [];
  for (const [name, settings] of Object.entries(config.models)) {
    checks.push(...(await checksOf(name, settings, asks)));
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
