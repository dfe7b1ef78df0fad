/** Reads the trunks: secrets filled in, built-in networks written out, and no two trunks taken for each other. */
import type { Trunk } from "../call/trunk.ts";
import { credentialsKey, TrunkTable } from "../call/trunk-table.ts";
import { resolveReferences } from "../core/env-references.ts";
import { parseNetwork } from "../core/network.ts";
import type { ValuePath } from "../core/schema-outline.ts";
import { checkValue, configInvalid, pathText, problemLine } from "../core/schema-problems.ts";
import type { YamlTree } from "../core/yaml-document.ts";
import type { Config, ConfigSources } from "./config.ts";
import { trunksSchema } from "./trunk-schema.ts";
import { BUILT_IN_NETWORKS } from "./voice-connector-networks.ts";
import { readYamlFile } from "./yaml-files.ts";

/** Where trunks come from. */
export type TrunkSources = Pick<ConfigSources, "environment" | "files">;

/** Something about one trunk that does not go together with the rest. */
interface Clash {
  readonly path: ValuePath;
  readonly text: string;
}

/** Used where nothing says otherwise, and then it may be absent. */
export const DEFAULT_TRUNKS_FILE = "sip-config/trunks.yaml";

/**
 * Reads `config.trunks`; without the file there are no trunks.
 *
 * @throws GatewayError CONFIG_INVALID with every problem; never with a secret.
 */
export function loadTrunks(config: Config, sources: TrunkSources): TrunkTable {
  const { files } = sources;
  const file = config.trunks;
  if (file === DEFAULT_TRUNKS_FILE && !files.exists(file)) {
    return new TrunkTable([]);
  }
  const tree = readYamlFile(file, files);
  const trunks = checkTree(tree, sources).map(withNumericNetworks);
  const clashes = [...clashesAmong(trunks), ...unhideable(trunks, config)];
  if (clashes.length > 0) {
    throw configInvalid(
      clashes.map(({ path, text: what }) => problemLine(tree.locate(path, "value"), path, what)),
    );
  }
  return new TrunkTable(trunks);
}

function checkTree(tree: YamlTree, { environment, files }: TrunkSources): readonly Trunk[] {
  const readFile = (path: string): string => files.read(path);
  const resolved = resolveReferences(tree.value ?? [], { environment, readFile });
  const hidden = new Set(resolved.replaced.map(pathText));
  const checked = checkValue(trunksSchema, resolved.value, {
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

function withNumericNetworks(trunk: Trunk): Trunk {
  const networks = trunk.networks.flatMap((text) => BUILT_IN_NETWORKS.get(text) ?? [text]);
  return { ...trunk, networks };
}

/** Names, networks and user names that two trunks share; one network inside another is none: the smaller one wins. */
function clashesAmong(trunks: readonly Trunk[]): readonly Clash[] {
  const owners = new Map<string, string>();
  return trunks.flatMap((trunk, index) =>
    claimsOf(trunk).flatMap(({ key, field, what }) => {
      const owner = owners.get(key);
      owners.set(key, owner ?? trunk.name);
      const text = `${what} is also that of trunk "${owner}"`;
      return owner === undefined ? [] : [{ path: [index, field], text }];
    }),
  );
}

function claimsOf({ name, networks, digest }: Trunk) {
  const { inbound } = digest;
  const roams = inbound !== undefined && networks.length === 0;
  return [
    { key: `name ${name}`, field: "name", what: `the name "${name}"` },
    ...networks.map((text) => ({
      key: `network ${networkKey(text)}`,
      field: "networks",
      what: `the network ${text} (this is trunk "${name}")`,
    })),
    ...(roams
      ? [
          {
            key: `user ${credentialsKey(inbound.realm, inbound.username)}`,
            field: "digest",
            what: `the user name and realm (this is trunk "${name}")`,
          },
        ]
      : []),
  ];
}

function networkKey(text: string): string {
  const network = parseNetwork(text);
  return network === undefined ? text : `${network.bytes.join(".")}/${network.prefixBits}`;
}

/** Who is only known by a password must be asked for it, and whoever asks shows that he is there. */
function unhideable(trunks: readonly Trunk[], { sip }: Config): readonly Clash[] {
  return trunks.flatMap(({ name, networks, digest }, index) =>
    sip.hideFromStrangers && digest.inbound !== undefined && networks.length === 0
      ? [
          {
            path: [index, "digest"],
            text: `trunk "${name}" needs networks while sip.hideFromStrangers is true: a challenge would show the gateway to everybody`,
          },
        ]
      : [],
  );
}
