/** Reads `sip-config/trunks.yaml`: a list of trunks, or trunks and what is provisioned for them; secrets filled in. */
import { resolveReferences } from "../core/env-references.ts";
import type { ValuePath } from "../core/schema-outline.ts";
import { checkValue, configInvalid, pathText, problemLine } from "../core/schema-problems.ts";
import type { YamlTree } from "../core/yaml-document.ts";
import type { Config, ConfigSources } from "./config.ts";
import type { WrittenProvision } from "./provision-schema.ts";
import { trunksFileSchema, type WrittenTrunk } from "./trunk-schema.ts";
import { readYamlFile } from "./yaml-files.ts";

/** Where trunks come from. */
export type TrunkSources = Pick<ConfigSources, "environment" | "files">;

/** Used where nothing says otherwise, and then it may be absent. */
export const DEFAULT_TRUNKS_FILE = "sip-config/trunks.yaml";

/** The file, checked by itself. */
export interface TrunksFile {
  readonly trunks: readonly WrittenTrunk[];
  readonly provision: WrittenProvision | undefined;
  /** Whether a field of a trunk stands in the file, whatever its default is. */
  readonly isWritten: (index: number, field: string) => boolean;
  /** A problem of one trunk, or of the file where there is no index, with its place. */
  readonly problem: (path: ValuePath, text: string) => string;
}

/**
 * Reads `config.trunks`; `undefined`: there is no such file, and none is needed.
 *
 * @throws GatewayError CONFIG_INVALID with every problem; never with a secret.
 */
export function readTrunksFile(config: Config, sources: TrunkSources): TrunksFile | undefined {
  const { files } = sources;
  const file = config.trunks;
  if (file === DEFAULT_TRUNKS_FILE && !files.exists(file)) {
    return undefined;
  }
  const tree = readYamlFile(file, files);
  const value = checkTree(tree, sources);
  const isList = Array.isArray(value);
  const above: ValuePath = isList ? [] : ["trunks"];
  const raw: unknown = isList ? tree.value : (tree.value as { trunks?: unknown }).trunks;
  return {
    trunks: isList ? value : value.trunks,
    provision: isList ? undefined : value.provision,
    isWritten: (index, field) =>
      Object.hasOwn((raw as readonly object[] | undefined)?.[index] ?? {}, field),
    problem: (path, text) => {
      const whole = [...above, ...path];
      return problemLine(tree.locate(whole, "value"), whole, text);
    },
  };
}

function checkTree(tree: YamlTree, { environment, files }: TrunkSources) {
  const readFile = (path: string): string => files.read(path);
  const resolved = resolveReferences(tree.value ?? [], { environment, readFile });
  const hidden = new Set(resolved.replaced.map(pathText));
  const checked = checkValue(trunksFileSchema, resolved.value, {
    locate: tree.locate,
    isHidden: (path) => path.some((_segment, end) => hidden.has(pathText(path.slice(0, end + 1)))),
  });
  const failed = resolved.problems.map(({ path }) => `  ${pathText(path)}: `);
  const problems = [
    ...resolved.problems.map(({ path, text }) =>
      problemLine(tree.locate(path, "value"), path, text),
    ),
    ...(checked.kind === "good" ? [] : checked.problems).filter(
      (line) => !failed.some((part) => line.includes(part)),
    ),
  ];
  if (checked.kind === "bad" || problems.length > 0) {
    throw configInvalid(problems);
  }
  return checked.value;
}
