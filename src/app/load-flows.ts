/** Reads the flows, the trunks and the routes, and checks that what they name exists. */
import { join } from "node:path";
import type { Flow } from "../call/flow.ts";
import {
  builtInRingMs,
  DEFAULT_FLOW,
  type Route,
  RouteTable,
  routesSchema,
} from "../call/route-table.ts";
import type { TrunkTable } from "../call/trunk-table.ts";
import type { ValuePath } from "../core/schema-outline.ts";
import { configInvalid, problemLine } from "../core/schema-problems.ts";
import { readYamlDocument, type YamlDocument } from "../core/yaml-document.ts";
import type { Config } from "./config.ts";
import { listenersOf } from "./config-models.ts";
import { readFailureText, type TextFiles } from "./files.ts";
import { type AssistScripts, loadAssist } from "./load-assist.ts";
import { loadTrunks } from "./load-trunks.ts";
import {
  FLOW_FILE,
  type FlowSurroundings,
  flowFileProblems,
  knownText,
  type NamedFlow,
  readFlow,
  silentModel,
  unknownModel,
  unreadable,
} from "./read-flow.ts";
import { existingPath } from "./shipped-files.ts";
import type { TrunkSources } from "./trunks-file.ts";

/** Everything that decides what happens in a call. */
export interface CallScripts {
  readonly flows: ReadonlyMap<string, Flow>;
  readonly routes: RouteTable;
  readonly trunks: TrunkTable;
  readonly assist: AssistScripts;
  /** How many routes the operator wrote. */
  readonly routeCount: number;
  /** Where they were read, for people. */
  readonly flowsFolder: string;
  readonly routesFile: string;
}

/** What a route may name. */
interface KnownNames {
  readonly flows: readonly string[];
  /** Flows of mode assist among them. */
  readonly listeningFlows: readonly string[];
  readonly models: readonly string[];
  /** Models that never speak. */
  readonly listeners: readonly string[];
  readonly trunks: readonly string[];
}

interface Read<T> {
  readonly value: T;
  readonly problems: readonly string[];
}

/**
 * Reads `config.flows`, `config.trunks` and `config.routes`; a relative path of flows or routes that is not in the working directory is looked for in the
 * package, so that an installed gateway has its flows.
 *
 * @throws GatewayError CONFIG_INVALID with every problem of every file.
 */
export function loadCallScripts(config: Config, sources: TrunkSources): CallScripts {
  const { files } = sources;
  const models = Object.keys(config.models);
  const listeners = listenersOf(config.models);
  const trunks = loadTrunks(config, sources);
  const flowsFolder = existingPath(config.flows, files);
  const routesFile = existingPath(config.routes, files);
  const { allowedHosts } = config.tools;
  const flows = readFlows(flowsFolder, { models, listeners, allowedHosts }, sources);
  const known = {
    flows: flows.value.map(({ name }) => name),
    listeningFlows: flows.value
      .filter(({ document }) => document.value?.mode === "assist")
      .map(({ name }) => name),
    models,
    listeners,
    trunks: trunks.trunks.map(({ name }) => name),
  };
  const routes = readRoutes(routesFile, known, files);
  const problems = [...flows.problems, ...routes.problems];
  if (problems.length > 0) {
    throw configInvalid(problems);
  }
  return {
    assist: loadAssist(config, files),
    flows: new Map(
      flows.value.flatMap(({ name, document: { value } }) =>
        value === undefined ? [] : [[name, value] as const],
      ),
    ),
    routes: new RouteTable(routes.value, new Set(models), new Set(listeners)),
    trunks,
    routeCount: routes.value.length,
    flowsFolder,
    routesFile,
  };
}

function readFlows(
  folder: string,
  surroundings: FlowSurroundings,
  sources: TrunkSources,
): Read<readonly NamedFlow[]> {
  const { files } = sources;
  let names: readonly string[];
  try {
    names = files.list(folder).filter((name) => FLOW_FILE.test(name));
  } catch (error) {
    return { value: [], problems: [`${folder}  the folder of flows ${readFailureText(error)}`] };
  }
  const flows = names.map((fileName) => readFlow(join(folder, fileName), sources));
  const problems = flows.flatMap((flow) => flowFileProblems(flow, surroundings));
  if (!flows.some(({ name }) => name === DEFAULT_FLOW)) {
    const missing = `expected ${DEFAULT_FLOW}.yaml, the flow of every call that no route names`;
    return { value: flows, problems: [...problems, `${folder}  ${missing}`] };
  }
  return { value: flows, problems };
}

function readRoutes(file: string, known: KnownNames, files: TextFiles): Read<readonly Route[]> {
  let document: YamlDocument<Route[]>;
  try {
    document = readYamlDocument(files.read(file), file, routesSchema);
  } catch (error) {
    document = unreadable(file, error);
  }
  const routes = document.value ?? [];
  const problems = routes.flatMap((route, index) => routeProblems(document, index, route, known));
  return { value: routes, problems: [...document.problems, ...problems] };
}

function routeProblems(
  document: YamlDocument<Route[]>,
  index: number,
  { match, flow, model }: Route,
  { flows, listeningFlows, models, listeners, trunks }: KnownNames,
): readonly string[] {
  const at = (path: ValuePath, text: string): string =>
    problemLine(document.locate([index, ...path], "value"), [index, ...path], text);
  const problems: string[] = [];
  if (builtInRingMs(flow) === undefined && !flows.includes(flow)) {
    problems.push(at(["flow"], `expected the name of a flow${knownText(flow, flows)}`));
  }
  if (match.trunk !== undefined && !trunks.includes(match.trunk)) {
    const found = knownText(match.trunk, trunks);
    problems.push(at(["match", "trunk"], `expected the name of a trunk${found}`));
  }
  if (model !== undefined) {
    problems.push(...unknownModel(document, [index, "model"], model, models));
    if (!listeningFlows.includes(flow)) {
      problems.push(...silentModel(document, [index, "model"], model, listeners));
    }
  }
  return problems;
}
