/** Reads what Amazon Connect shall have, and the templates of its flows; says what in them is wrong before anybody is asked. */
import { dirname, join } from "node:path";
import { configInvalid, problemLine } from "../core/schema-problems.ts";
import { readYamlDocument } from "../core/yaml-document.ts";
import {
  type ConnectWish,
  connectWishSchema,
  type WishedFlow,
} from "../provisioning/connect-wish.ts";
import { type FlowFinding, findingLine } from "../provisioning/flow-language/finding.ts";
import { lintFlow } from "../provisioning/flow-language/flow-linter.ts";
import { renderFlow } from "../provisioning/flow-template.ts";
import { anyValues, exampleValues } from "../provisioning/flow-values.ts";
import { readFailureText, type TextFiles } from "./files.ts";
import { existingPath } from "./shipped-files.ts";

/** Where the wish is, unless somebody says otherwise. */
export const CONNECT_FILE = "flows/connect/connect.yaml";

/** The wish, with its templates. */
export interface LoadedConnectWish {
  readonly file: string;
  readonly wish: ConnectWish;
  readonly flows: readonly WishedFlow[];
}

/** @throws GatewayError CONFIG_INVALID with every problem of the file and of names in it. */
export function loadConnectWish(path: string, files: TextFiles): LoadedConnectWish {
  const file = existingPath(path, files);
  const document = readYamlDocument(readText(file, files), file, connectWishSchema);
  const { value: wish, locate } = document;
  if (wish === undefined) {
    throw configInvalid(document.problems);
  }
  const problems: string[] = [];
  const at = (path: readonly PropertyKey[], text: string): void => {
    problems.push(problemLine(locate(path, "value"), path, text));
  };
  const known = Object.keys(wish.flows);
  const named = [
    ...Object.entries(wish.numbers).map(([number, flow]) => ({ path: ["numbers", number], flow })),
    ...Object.entries(wish.queues).flatMap(([queue, { outbound }]) =>
      outbound?.flow === undefined
        ? []
        : [{ path: ["queues", queue, "outbound", "flow"], flow: outbound.flow }],
    ),
  ];
  for (const { path: place, flow } of named) {
    if (!known.includes(flow)) {
      at(place, `expected one of flows, found "${flow}"; there are: ${known.join(", ")}`);
    }
  }
  const flows = Object.entries(wish.flows).flatMap(([key, flow]): readonly WishedFlow[] => {
    const template = join(dirname(file), flow.file);
    let text: string;
    try {
      text = files.read(template);
    } catch (error) {
      at(["flows", key, "file"], `${template} ${readFailureText(error)}`);
      return [];
    }
    const { name, description } = metadataOf(text);
    const { type } = flow;
    return [
      { key, file: template, name: flow.name ?? name ?? key, type, description, template: text },
    ];
  });
  if (problems.length > 0) {
    throw configInvalid(problems);
  }
  return { file, wish, flows };
}

/** What is wrong with the flows of a wish, with made-up values for what only an instance knows. */
export function lintWish(
  { wish, flows }: LoadedConnectWish,
  region: string,
): readonly FlowFinding[] {
  const resolve = exampleValues(wish, region);
  return flows.flatMap(({ file, type, template }) =>
    lintFlow(renderFlow(template, resolve, wish.connectorBlock), { file, type, region }),
  );
}

/** What is wrong with one file: a template of the wish or another one beside it, or a flow as it was exported. */
export function lintFile(
  file: string,
  files: TextFiles,
  { loaded, region }: { readonly loaded: LoadedConnectWish | undefined; readonly region: string },
): readonly FlowFinding[] {
  const text = readText(file, files);
  if (loaded === undefined || dirname(file) !== dirname(loaded.file)) {
    return lintFlow(text, { file });
  }
  const { wish, flows } = loaded;
  const type = flows.find((flow) => flow.file === file)?.type;
  const isListed = type !== undefined;
  const resolve = isListed ? exampleValues(wish, region) : anyValues(wish, region);
  return lintFlow(renderFlow(text, resolve, wish.connectorBlock), { file, type, region });
}

/** Lines for people. */
export function findingLines(findings: readonly FlowFinding[]): readonly string[] {
  return findings.map(findingLine);
}

function readText(file: string, files: TextFiles): string {
  try {
    return files.read(file);
  } catch (error) {
    throw configInvalid([`${file}  the file ${readFailureText(error)}`]);
  }
}

function metadataOf(template: string): { readonly name?: string; readonly description?: string } {
  try {
    const { Metadata: metadata } = JSON.parse(template) as {
      readonly Metadata?: { readonly name?: unknown; readonly description?: unknown };
    };
    const { name, description } = metadata ?? {};
    return {
      ...(typeof name === "string" ? { name } : {}),
      ...(typeof description === "string" ? { description } : {}),
    };
  } catch {
    return {};
  }
}
