/** Reads the trunks: secrets filled in, built-in networks written out, and no two trunks taken for each other. */
import type { Trunk } from "../call/trunk.ts";
import { credentialsKey, TrunkTable } from "../call/trunk-table.ts";
import { parseNetwork } from "../core/network.ts";
import type { ValuePath } from "../core/schema-outline.ts";
import { configInvalid } from "../core/schema-problems.ts";
import type { Config } from "./config.ts";
import { completeTrunks } from "./trunk-connector.ts";
import { readTrunksFile, type TrunkSources } from "./trunks-file.ts";
import { BUILT_IN_NETWORKS } from "./voice-connector-networks.ts";

/** Something about one trunk that does not go together with the rest. */
interface Clash {
  readonly path: ValuePath;
  readonly text: string;
}

/**
 * Reads `config.trunks`; without the file there are no trunks.
 *
 * @throws GatewayError CONFIG_INVALID with every problem; never with a secret.
 */
export function loadTrunks(config: Config, sources: TrunkSources): TrunkTable {
  const written = readTrunksFile(config, sources);
  if (written === undefined) {
    return new TrunkTable([]);
  }
  const completed = completeTrunks(written, { file: config.trunks, files: sources.files });
  const trunks = completed.trunks.map(withNumericNetworks);
  const clashes = [...clashesAmong(trunks), ...unhideable(trunks, config)];
  const problems = [
    ...completed.problems,
    ...clashes.map(({ path, text }) => written.problem(path, text)),
  ];
  if (problems.length > 0) {
    throw configInvalid(problems);
  }
  return new TrunkTable(trunks);
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
